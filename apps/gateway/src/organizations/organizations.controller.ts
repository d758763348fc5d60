/** Organizations: those of the caller, and making one. */
import { ProblemError, ROLES, type Role } from '@mcpstack/contracts';
import { Body, Controller, Get, HttpCode, Param, Post, Req, Res } from '@nestjs/common';
import { ApiParam, ApiProperty, ApiTags } from '@nestjs/swagger';
import { type FastifyReply, type FastifyRequest } from 'fastify';
import { Access } from '../auth/access.ts';
import { CurrentCaller, type Caller } from '../auth/caller.ts';
import { Accepts } from '../http/accepts.ts';
import { ApiRead, ApiWrite } from '../http/api-docs.ts';
import { Commands } from '../http/commands.ts';
import { IsName } from '../http/is-name.ts';
import { POSITION_HEADER } from '../http/position.ts';
import { Reads } from '../reads.ts';

export class CreateOrganizationBody {
  @ApiProperty({ example: 'Acme', minLength: 1, maxLength: 100 })
  @IsName()
  name!: string;
}

export class OrganizationAnswer {
  @ApiProperty({ example: 'org_4fZ0q2m1c8bVdJw5rT7yXa' })
  id!: string;

  @ApiProperty()
  name!: string;

  @ApiProperty({ format: 'date-time' })
  createdAt!: string;

  @ApiProperty({ enum: ROLES, description: 'What the caller is there.' })
  role!: Role;
}

export class OrganizationList {
  @ApiProperty({ type: [OrganizationAnswer] })
  data!: OrganizationAnswer[];
}

@ApiTags('organizations')
@Controller('api/v1/organizations')
export class OrganizationsController {
  constructor(
    private readonly commands: Commands,
    private readonly reads: Reads,
  ) {}

  @Get()
  @Access({ to: 'anyone' })
  @ApiRead('Those of the caller; of a key, its own.', OrganizationList)
  async list(@CurrentCaller() caller: Caller): Promise<OrganizationList> {
    if (caller.type === 'user') {
      const organizations = await this.reads.organizationsOf(caller.userId);
      return { data: organizations.map((one) => answer(one, one.role)) };
    }
    return { data: [await this.read(caller.organizationId, caller.role)] };
  }

  @Post()
  @HttpCode(201)
  @Access({ to: 'people' })
  @Accepts({ body: true })
  @ApiWrite(201, 'The organization; the caller is its owner.', OrganizationAnswer)
  async create(
    @CurrentCaller() caller: Caller,
    @Body() { name }: CreateOrganizationBody,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<OrganizationAnswer> {
    if (caller.type !== 'user') throw new ProblemError('forbidden', 'Only a person may do this, not a key.');
    const input = { name, ownerId: caller.userId };
    const { organization, position } = await this.commands.send('createOrganization', request, input);
    void reply.headers({
      [POSITION_HEADER]: position,
      Location: `/api/v1/organizations/${organization.id}`,
    });
    return answer(organization, 'owner');
  }

  @Get(':orgId')
  @Access({ to: 'organization', permission: 'organization:read' })
  @ApiParam({ name: 'orgId', type: String })
  @ApiRead('The organization.', OrganizationAnswer)
  async get(@CurrentCaller() caller: Caller, @Param('orgId') orgId: string): Promise<OrganizationAnswer> {
    const role = caller.type === 'key' ? caller.role : await this.reads.roleOf(orgId, caller.userId);
    if (!role) throw new ProblemError('not-found', 'There is no such organization.');
    return this.read(orgId, role);
  }

  private async read(organizationId: string, role: Role): Promise<OrganizationAnswer> {
    const organization = await this.reads.organization(organizationId);
    if (!organization) throw new ProblemError('not-found', 'There is no such organization.');
    return answer(organization, role);
  }
}

function answer(
  { id, name, createdAt }: { id: string; name: string; createdAt: string },
  role: Role,
): OrganizationAnswer {
  return { id, name, createdAt, role };
}
