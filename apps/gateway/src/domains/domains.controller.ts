/** Domains of an agent: the names under which its publishable keys may allow origins, once they are proven. */
import { isId, ProblemError, type AgentDomain } from '@mcpstack/contracts';
import { Body, Controller, Delete, Get, HttpCode, Param, Post, Req, Res } from '@nestjs/common';
import { ApiParam, ApiTags } from '@nestjs/swagger';
import { type FastifyReply, type FastifyRequest } from 'fastify';
import { Access } from '../auth/access.ts';
import { notThere } from '../auth/scope.ts';
import { Accepts } from '../http/accepts.ts';
import { ApiRead, ApiWrite, Operation } from '../http/api-docs.ts';
import { Commands } from '../http/commands.ts';
import { unavailable } from '../http/problem-response.ts';
import { setWriteHeaders } from '../http/write-headers.ts';
import { Reads } from '../reads.ts';
import { DomainCheck } from './domain-check.ts';
import {
  AddDomainBody,
  CheckedDomainAnswer,
  DomainAnswer,
  domainAnswer,
  DomainList,
  foundAnswer,
} from './domains.ts';

@ApiTags('domains')
@ApiParam({ name: 'orgId', type: String })
@ApiParam({ name: 'agentId', type: String })
@Controller('api/v1/organizations/:orgId/agents/:agentId/domains')
export class DomainsController {
  constructor(
    private readonly commands: Commands,
    private readonly reads: Reads,
    private readonly checks: DomainCheck,
  ) {}

  @Get()
  @Access({ to: 'organization', permission: 'domains:read' })
  @Operation('listDomains', 'List the domains of an agent')
  @ApiRead('All of them; an agent has at most 50.', DomainList)
  async list(@Param('orgId') orgId: string, @Param('agentId') agentId: string): Promise<DomainList> {
    return { data: (await this.domainsOf(orgId, agentId)).map(domainAnswer) };
  }

  @Post()
  @HttpCode(201)
  @Access({ to: 'organization', permission: 'domains:write' })
  @Accepts({ body: true })
  @Operation('addDomain', 'Add a domain to an agent')
  @ApiWrite(201, 'The domain, and what to publish so that it is proven.', DomainAnswer)
  async add(
    @Param('orgId') organizationId: string,
    @Param('agentId') agentId: string,
    @Body() body: AddDomainBody,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<DomainAnswer> {
    refuseUnknownAgent(agentId);
    const input = { organizationId, agentId, domain: body.domain };
    const { domain, position } = await this.commands.send('addDomain', request, input);
    const location = `/api/v1/organizations/${organizationId}/agents/${agentId}/domains/${domain.id}`;
    setWriteHeaders(reply, { position, location });
    return domainAnswer(domain);
  }

  @Get(':domainId')
  @Access({ to: 'organization', permission: 'domains:read' })
  @ApiParam({ name: 'domainId', type: String })
  @Operation('getDomain', 'Get a domain')
  @ApiRead('The domain.', DomainAnswer)
  async get(
    @Param('orgId') orgId: string,
    @Param('agentId') agentId: string,
    @Param('domainId') domainId: string,
  ): Promise<DomainAnswer> {
    const domain = (await this.domainsOf(orgId, agentId)).find(({ id }) => id === domainId);
    if (!domain) throw noDomain();
    return domainAnswer(domain);
  }

  /** Answers when it is final: origins under it are allowed no more (G3). */
  @Delete(':domainId')
  @HttpCode(204)
  @Access({ to: 'organization', permission: 'domains:write' })
  @ApiParam({ name: 'domainId', type: String })
  @Operation('removeDomain', 'Remove a domain')
  @ApiWrite(204, 'Removed; origins under it are allowed no more.')
  async remove(
    @Param('orgId') organizationId: string,
    @Param('agentId') agentId: string,
    @Param('domainId') domainId: string,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<void> {
    refuseUnknown(agentId, domainId);
    const input = { organizationId, agentId, domainId };
    setWriteHeaders(reply, await this.commands.send('removeDomain', request, input));
  }

  @Post(':domainId/check')
  @HttpCode(200)
  @Access({ to: 'organization', permission: 'domains:write' })
  @ApiParam({ name: 'domainId', type: String })
  @Operation('checkDomain', 'Look for the proof of a domain now', {
    description: 'It is looked for once a day by itself. An answer may take 15 seconds.',
  })
  @ApiWrite(200, 'The domain, and what was found.', CheckedDomainAnswer, { idempotencyKey: false })
  async check(
    @Param('orgId') organizationId: string,
    @Param('agentId') agentId: string,
    @Param('domainId') domainId: string,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<CheckedDomainAnswer> {
    refuseUnknown(agentId, domainId);
    const asked = { organizationId, agentId, domainId, requestId: request.id };
    const { domain, found, position, problem } = await this.checks.look(asked);
    if (problem === 'not-found') throw noDomain();
    if (problem !== undefined || !domain || !found)
      throw unavailable('The domain cannot be checked now. Repeat the request in a moment.');
    if (position !== undefined) setWriteHeaders(reply, { position });
    return { ...domainAnswer(domain), found: foundAnswer(found) };
  }

  private async domainsOf(organizationId: string, agentId: string): Promise<readonly AgentDomain[]> {
    refuseUnknownAgent(agentId);
    const agent = await this.reads.agent(organizationId, agentId);
    if (!agent) throw notThere('agents');
    return agent.domains;
  }
}

function refuseUnknownAgent(agentId: string): void {
  if (!isId('agent', agentId)) throw notThere('agents');
}

function refuseUnknown(agentId: string, domainId: string): void {
  refuseUnknownAgent(agentId);
  if (!isId('domain', domainId)) throw noDomain();
}

function noDomain(): ProblemError {
  return new ProblemError('not-found', 'There is no such domain on this agent.');
}
