/** Members of an organization: who they are, what they may do, and leaving. */
import { isId, ProblemError, type CommandContracts } from '@mcpstack/contracts';
import { Body, Controller, Delete, Get, HttpCode, Param, Patch, Post, Query, Req, Res } from '@nestjs/common';
import { ApiParam, ApiTags } from '@nestjs/swagger';
import { type FastifyReply, type FastifyRequest } from 'fastify';
import { Access } from '../auth/access.ts';
import { Accepts } from '../http/accepts.ts';
import { ApiRead, ApiWrite, Operation } from '../http/api-docs.ts';
import { Commands } from '../http/commands.ts';
import { PAGE_FIELDS, pageOf, PageQuery } from '../http/pages.ts';
import { setWriteHeaders } from '../http/write-headers.ts';
import { Reads } from '../reads.ts';
import { ChangedMemberAnswer, ChangeMemberBody, memberAnswer, MemberAnswer, MemberList } from './members.ts';

const WRITE = { to: 'organization', permission: 'members:write' } as const;

@ApiTags('members')
@ApiParam({ name: 'orgId', type: String })
@Controller('api/v1/organizations/:orgId/members')
export class MembersController {
  constructor(
    private readonly commands: Commands,
    private readonly reads: Reads,
  ) {}

  @Get()
  @Access({ to: 'organization', permission: 'members:read' })
  @Accepts({ query: PAGE_FIELDS })
  @Operation('listMembers', 'List the members')
  @ApiRead('A page of the members, in the order in which they joined.', MemberList)
  async list(@Param('orgId') orgId: string, @Query() query: PageQuery): Promise<MemberList> {
    const { items, nextCursor } = await this.reads.members(orgId, pageOf(query));
    const profiles = await this.reads.profiles(items.map(({ userId }) => userId));
    return {
      data: items.map((member, at) => memberAnswer(member, profiles[at])),
      ...(nextCursor !== undefined && { nextCursor }),
    };
  }

  @Get(':userId')
  @Access({ to: 'organization', permission: 'members:read' })
  @ApiParam({ name: 'userId', type: String })
  @Operation('getMember', 'Get a member')
  @ApiRead('The member.', MemberAnswer)
  async get(@Param('orgId') orgId: string, @Param('userId') userId: string): Promise<MemberAnswer> {
    refuseUnknown(userId);
    // Both reads for everybody: whether a stranger has a profile is not to be told from the time.
    const [member, [profile]] = await Promise.all([
      this.reads.member(orgId, userId),
      this.reads.profiles([userId]),
    ]);
    if (!member) throw noMember();
    return memberAnswer(member, profile);
  }

  /** Taking rights away is final when this answers, also for keys that the member made (G3, G8). */
  @Patch(':userId')
  @Access(WRITE)
  @Accepts({ body: true })
  @ApiParam({ name: 'userId', type: String })
  @Operation('changeMemberRole', 'Change the role of a member')
  @ApiWrite(200, 'The member.', ChangedMemberAnswer)
  async changeRole(
    @Param('orgId') organizationId: string,
    @Param('userId') userId: string,
    @Body() { role }: ChangeMemberBody,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<ChangedMemberAnswer> {
    refuseUnknown(userId);
    const input = { organizationId, userId, role };
    return answer(await this.commands.send('changeMemberRole', request, input), reply);
  }

  @Delete(':userId')
  @HttpCode(204)
  @Access({ ...WRITE, self: 'userId' })
  @ApiParam({ name: 'userId', type: String })
  @Operation('removeMember', 'Remove a member, or leave', {
    description: 'Members may remove themselves; the last owner may not.',
  })
  @ApiWrite(204, 'They are no member any more.')
  async remove(
    @Param('orgId') organizationId: string,
    @Param('userId') userId: string,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<void> {
    refuseUnknown(userId);
    setWriteHeaders(reply, await this.commands.send('removeMember', request, { organizationId, userId }));
  }

  @Post(':userId/suspend')
  @HttpCode(200)
  @Access(WRITE)
  @ApiParam({ name: 'userId', type: String })
  @Operation('suspendMember', 'Suspend a member')
  @ApiWrite(200, 'The member.', ChangedMemberAnswer)
  async suspend(
    @Param('orgId') organizationId: string,
    @Param('userId') userId: string,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<ChangedMemberAnswer> {
    refuseUnknown(userId);
    const input = { organizationId, userId };
    return answer(await this.commands.send('suspendMember', request, input), reply);
  }

  @Post(':userId/resume')
  @HttpCode(200)
  @Access(WRITE)
  @ApiParam({ name: 'userId', type: String })
  @Operation('resumeMember', 'Resume a suspended member')
  @ApiWrite(200, 'The member.', ChangedMemberAnswer)
  async resume(
    @Param('orgId') organizationId: string,
    @Param('userId') userId: string,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<ChangedMemberAnswer> {
    refuseUnknown(userId);
    const input = { organizationId, userId };
    return answer(await this.commands.send('resumeMember', request, input), reply);
  }
}

function answer(
  { member, revokedKeyIds, position }: CommandContracts['changeMemberRole']['output'],
  reply: FastifyReply,
): ChangedMemberAnswer {
  setWriteHeaders(reply, { position });
  return { ...memberAnswer(member), revokedKeyIds: [...revokedKeyIds] };
}

/** What is not even spelled as a user's id is unknown, without asking anybody. */
function refuseUnknown(userId: string): void {
  if (!isId('user', userId)) throw noMember();
}

function noMember(): ProblemError {
  return new ProblemError('not-found', 'There is no such member in this organization.');
}
