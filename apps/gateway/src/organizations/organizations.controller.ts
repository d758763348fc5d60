/** Organizations: those of the caller, making one, and what its owners set. */
import { ProblemError, type Organization, type Role } from '@mcpstack/contracts';
import { Body, Controller, Get, HttpCode, Param, Patch, Post, Put, Req, Res } from '@nestjs/common';
import { ApiParam, ApiTags } from '@nestjs/swagger';
import { type FastifyReply, type FastifyRequest } from 'fastify';
import { Access } from '../auth/access.ts';
import { CurrentCaller, type Caller } from '../auth/caller.ts';
import { Accepts } from '../http/accepts.ts';
import { ApiRead, ApiWrite, Operation } from '../http/api-docs.ts';
import { Commands } from '../http/commands.ts';
import { ifMatchOf, setEtag } from '../http/etag.ts';
import { setWriteHeaders } from '../http/write-headers.ts';
import { Reads } from '../reads.ts';
import {
  OrganizationAnswer,
  organizationAnswer,
  OrganizationBody,
  OrganizationList,
  PolicyAnswer,
  PolicyBody,
  policyOf,
} from './organizations.ts';

const WRITE = { to: 'organization', permission: 'organization:write' } as const;

@ApiTags('organizations')
@Controller('api/v1/organizations')
export class OrganizationsController {
  constructor(
    private readonly commands: Commands,
    private readonly reads: Reads,
  ) {}

  @Get()
  @Access({ to: 'anyone' })
  @Operation('listOrganizations', 'List your organizations')
  @ApiRead('Those of the caller; of a key, its own.', OrganizationList)
  async list(@CurrentCaller() caller: Caller): Promise<OrganizationList> {
    if (caller.type === 'user') {
      const organizations = await this.reads.organizationsOf(caller.userId);
      return { data: organizations.map((one) => organizationAnswer(one, one.role)) };
    }
    const organization = await this.read(caller.organizationId);
    return { data: [organizationAnswer(organization, caller.role)] };
  }

  @Post()
  @HttpCode(201)
  @Access({ to: 'people' })
  @Accepts({ body: true })
  @Operation('createOrganization', 'Create an organization')
  @ApiWrite(201, 'The organization; the caller is its owner.', OrganizationAnswer, { etag: true })
  async create(
    @CurrentCaller() caller: Caller,
    @Body() { name }: OrganizationBody,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<OrganizationAnswer> {
    if (caller.type !== 'user') throw new ProblemError('forbidden', 'Only a person may do this, not a key.');
    const input = { name, ownerId: caller.userId };
    const { organization, position } = await this.commands.send('createOrganization', request, input);
    const location = `/api/v1/organizations/${organization.id}`;
    setWriteHeaders(reply, { position, location, revision: organization.revision });
    return organizationAnswer(organization, 'owner');
  }

  @Get(':orgId')
  @Access({ to: 'organization', permission: 'organization:read' })
  @ApiParam({ name: 'orgId', type: String })
  @Operation('getOrganization', 'Get an organization')
  @ApiRead('The organization.', OrganizationAnswer, { etag: true })
  async get(
    @CurrentCaller() caller: Caller,
    @Param('orgId') orgId: string,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<OrganizationAnswer> {
    const organization = await this.read(orgId);
    setEtag(reply, organization.revision);
    return organizationAnswer(organization, roleOf(caller));
  }

  @Patch(':orgId')
  @Access(WRITE)
  @Accepts({ body: true })
  @ApiParam({ name: 'orgId', type: String })
  @Operation('renameOrganization', 'Rename an organization')
  @ApiWrite(200, 'The organization.', OrganizationAnswer, { etag: true, ifMatch: true })
  async rename(
    @CurrentCaller() caller: Caller,
    @Param('orgId') organizationId: string,
    @Body() { name }: OrganizationBody,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<OrganizationAnswer> {
    const input = { organizationId, name, ...ifMatchOf(request) };
    return answer(await this.commands.send('renameOrganization', request, input), caller, reply);
  }

  @Get(':orgId/policy')
  @Access({ to: 'organization', permission: 'organization:read' })
  @ApiParam({ name: 'orgId', type: String })
  @Operation('getPolicy', 'Get what an organization demands of its keys')
  @ApiRead('The policy; its ETag is that of the organization.', PolicyAnswer, { etag: true })
  async policy(
    @Param('orgId') orgId: string,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<PolicyAnswer> {
    const { policy, revision } = await this.read(orgId);
    setEtag(reply, revision);
    return policyOf(policy);
  }

  @Put(':orgId/policy')
  @Access(WRITE)
  @Accepts({ body: true })
  @ApiParam({ name: 'orgId', type: String })
  @Operation('replacePolicy', 'Set what an organization demands of its keys', {
    description: 'Takes the whole policy, and holds for keys that are made from now on.',
  })
  @ApiWrite(200, 'The policy.', PolicyAnswer, { etag: true, ifMatch: true })
  async changePolicy(
    @Param('orgId') organizationId: string,
    @Body() body: PolicyBody,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<PolicyAnswer> {
    const input = { organizationId, policy: policyOf(body), ...ifMatchOf(request) };
    const { organization, position } = await this.commands.send('changePolicy', request, input);
    setWriteHeaders(reply, { position, revision: organization.revision });
    return policyOf(organization.policy);
  }

  /** Answers when it is final: a check that begins later never finds a key of it valid (G3). */
  @Post(':orgId/suspend')
  @HttpCode(200)
  @Access(WRITE)
  @ApiParam({ name: 'orgId', type: String })
  @Operation('suspendOrganization', 'Suspend an organization and all its keys')
  @ApiWrite(200, 'The organization.', OrganizationAnswer, { etag: true })
  async suspend(
    @CurrentCaller() caller: Caller,
    @Param('orgId') organizationId: string,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<OrganizationAnswer> {
    const input = { organizationId };
    return answer(await this.commands.send('suspendOrganization', request, input), caller, reply);
  }

  @Post(':orgId/resume')
  @HttpCode(200)
  @Access(WRITE)
  @ApiParam({ name: 'orgId', type: String })
  @Operation('resumeOrganization', 'Resume a suspended organization')
  @ApiWrite(200, 'The organization.', OrganizationAnswer, { etag: true })
  async resume(
    @CurrentCaller() caller: Caller,
    @Param('orgId') organizationId: string,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<OrganizationAnswer> {
    const input = { organizationId };
    return answer(await this.commands.send('resumeOrganization', request, input), caller, reply);
  }

  private async read(organizationId: string): Promise<Organization> {
    const organization = await this.reads.organization(organizationId);
    if (!organization) throw new ProblemError('not-found', 'There is no such organization.');
    return organization;
  }
}

/** The guard has found it for people; a key has one role. */
function roleOf(caller: Caller): Role {
  if (caller.role === undefined) throw new Error('this route names no organization');
  return caller.role;
}

function answer(
  { organization, position }: { organization: Organization; position: string },
  caller: Caller,
  reply: FastifyReply,
): OrganizationAnswer {
  setWriteHeaders(reply, { position, revision: organization.revision });
  return organizationAnswer(organization, roleOf(caller));
}
