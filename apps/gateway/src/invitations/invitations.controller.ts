/** Invitations: an organization asks somebody to become a member, and they accept. */
import { isId, parseInvitationToken, ProblemError, tokenDigest } from '@mcpstack/contracts';
import { Body, Controller, Delete, Get, HttpCode, Param, Post, Query, Req, Res } from '@nestjs/common';
import { ApiParam, ApiTags } from '@nestjs/swagger';
import { type FastifyReply, type FastifyRequest } from 'fastify';
import { Access, TokenPrefix } from '../auth/access.ts';
import { Accepts } from '../http/accepts.ts';
import { ApiRead, ApiWrite, Operation } from '../http/api-docs.ts';
import { Commands } from '../http/commands.ts';
import { PAGE_FIELDS, pageOf, PageQuery } from '../http/pages.ts';
import { fieldProblem } from '../http/problem-response.ts';
import { setWriteHeaders } from '../http/write-headers.ts';
import { memberAnswer, MemberAnswer } from '../members/members.ts';
import { Reads } from '../reads.ts';
import {
  AcceptBody,
  CreatedInvitationAnswer,
  InvitationAnswer,
  invitationAnswer,
  InvitationList,
  InviteBody,
} from './invitations.ts';

@ApiTags('invitations')
@ApiParam({ name: 'orgId', type: String })
@Controller('api/v1/organizations/:orgId/invitations')
export class InvitationsController {
  constructor(
    private readonly commands: Commands,
    private readonly reads: Reads,
  ) {}

  @Get()
  @Access({ to: 'organization', permission: 'members:read' })
  @Accepts({ query: PAGE_FIELDS })
  @Operation('listInvitations', 'List the invitations')
  @ApiRead('A page of the invitations, newest first, old ones too.', InvitationList)
  async list(@Param('orgId') orgId: string, @Query() query: PageQuery): Promise<InvitationList> {
    const { items, nextCursor } = await this.reads.invitations(orgId, pageOf(query));
    const profiles = await this.reads.profiles(items.map(({ profileId }) => profileId));
    return {
      data: items.map((invitation, at) => invitationAnswer(invitation, profiles[at])),
      ...(nextCursor !== undefined && { nextCursor }),
    };
  }

  @Post()
  @HttpCode(201)
  @Access({ to: 'organization', permission: 'members:write' })
  @Accepts({ body: true })
  @Operation('inviteMember', 'Invite somebody')
  @ApiWrite(201, 'The invitation, with its token.', CreatedInvitationAnswer)
  async invite(
    @Param('orgId') organizationId: string,
    @Body() { email, role, expiresAt }: InviteBody,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<CreatedInvitationAnswer> {
    const input = { organizationId, email, role, ...(expiresAt !== undefined && { expiresAt }) };
    const invited = await this.commands.send('inviteMember', request, input);
    const { invitation, token, secretAlreadyShown, position } = invited;
    const location = `/api/v1/organizations/${organizationId}/invitations/${invitation.id}`;
    setWriteHeaders(reply, { position, location });
    return {
      ...invitationAnswer(invitation, { userId: invitation.profileId, email }),
      ...(token !== undefined && { token }),
      ...(secretAlreadyShown && { secretAlreadyShown }),
    };
  }

  @Get(':invitationId')
  @Access({ to: 'organization', permission: 'members:read' })
  @ApiParam({ name: 'invitationId', type: String })
  @Operation('getInvitation', 'Get an invitation')
  @ApiRead('The invitation.', InvitationAnswer)
  async get(
    @Param('orgId') orgId: string,
    @Param('invitationId') invitationId: string,
  ): Promise<InvitationAnswer> {
    refuseUnknown(invitationId);
    const invitation = await this.reads.invitation(orgId, invitationId);
    if (!invitation) throw noInvitation();
    const [profile] = await this.reads.profiles([invitation.profileId]);
    return invitationAnswer(invitation, profile);
  }

  @Delete(':invitationId')
  @HttpCode(204)
  @Access({ to: 'organization', permission: 'members:write' })
  @ApiParam({ name: 'invitationId', type: String })
  @Operation('revokeInvitation', 'Revoke an invitation')
  @ApiWrite(204, 'It cannot be accepted any more.')
  async revoke(
    @Param('orgId') organizationId: string,
    @Param('invitationId') invitationId: string,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<void> {
    refuseUnknown(invitationId);
    const input = { organizationId, invitationId };
    setWriteHeaders(reply, await this.commands.send('revokeInvitation', request, input));
  }
}

@ApiTags('invitations')
@Controller('api/v1/invitations')
export class AcceptInvitationController {
  constructor(
    private readonly commands: Commands,
    private readonly prefix: TokenPrefix,
  ) {}

  @Post('accept')
  @HttpCode(200)
  @Access({ to: 'people' })
  @Accepts({ body: true })
  @Operation('acceptInvitation', 'Accept an invitation', {
    description: 'Whoever shows the token becomes the member, whatever address it was sent to.',
  })
  @ApiWrite(200, 'What the caller is there now.', MemberAnswer)
  async accept(
    @Body() { token }: AcceptBody,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<MemberAnswer> {
    const place = parseInvitationToken(token, this.prefix.value);
    if (!place) throw fieldProblem('token', 'is no invitation token');
    // Only its digest goes on: the token itself is as good as a password until it is used.
    const input = { ...place, digest: tokenDigest(token) };
    const { member, position } = await this.commands.send('acceptInvitation', request, input);
    setWriteHeaders(reply, { position });
    return memberAnswer(member);
  }
}

/** What is not even spelled as an invitation's id is unknown, without asking anybody. */
function refuseUnknown(invitationId: string): void {
  if (!isId('invitation', invitationId)) throw noInvitation();
}

function noInvitation(): ProblemError {
  return new ProblemError('not-found', 'There is no such invitation in this organization.');
}
