/** Agents of an organization: what publishable keys and scopes name. */
import { isId } from '@mcpstack/contracts';
import { Body, Controller, Delete, Get, HttpCode, Param, Patch, Post, Query, Req, Res } from '@nestjs/common';
import { ApiParam, ApiTags } from '@nestjs/swagger';
import { type FastifyReply, type FastifyRequest } from 'fastify';
import { Access } from '../auth/access.ts';
import { CurrentCaller, type Caller } from '../auth/caller.ts';
import { isInScope, notThere } from '../auth/scope.ts';
import { Accepts } from '../http/accepts.ts';
import { ApiRead, ApiWrite, Operation } from '../http/api-docs.ts';
import { Commands } from '../http/commands.ts';
import { ifMatchOf, setEtag } from '../http/etag.ts';
import { listOf, PAGE_FIELDS, pageOf, PageQuery } from '../http/pages.ts';
import { setWriteHeaders } from '../http/write-headers.ts';
import { Reads } from '../reads.ts';
import { AgentAnswer, agentAnswer, AgentBody, AgentList } from './agents.ts';

@ApiTags('agents')
@ApiParam({ name: 'orgId', type: String })
@Controller('api/v1/organizations/:orgId/agents')
export class AgentsController {
  constructor(
    private readonly commands: Commands,
    private readonly reads: Reads,
  ) {}

  @Get()
  @Access({ to: 'organization', permission: 'agents:read' })
  @Accepts({ query: PAGE_FIELDS })
  @Operation('listAgents', 'List the agents')
  @ApiRead('A page of the agents, newest first; of a scoped key, those in its scope.', AgentList)
  async list(
    @CurrentCaller() caller: Caller,
    @Param('orgId') orgId: string,
    @Query() query: PageQuery,
  ): Promise<AgentList> {
    const { items, ...rest } = await this.reads.agents(orgId, pageOf(query));
    const visible = items.filter(({ id }) => isInScope(caller, 'agents', id));
    return listOf({ ...rest, items: visible }, agentAnswer);
  }

  @Post()
  @HttpCode(201)
  @Access({ to: 'organization', permission: 'agents:write' })
  @Accepts({ body: true })
  @Operation('createAgent', 'Create an agent')
  @ApiWrite(201, 'The agent.', AgentAnswer, { etag: true })
  async create(
    @Param('orgId') organizationId: string,
    @Body() { name }: AgentBody,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<AgentAnswer> {
    const input = { organizationId, name };
    const { agent, position } = await this.commands.send('createAgent', request, input);
    const location = `/api/v1/organizations/${organizationId}/agents/${agent.id}`;
    setWriteHeaders(reply, { position, location, revision: agent.revision });
    return agentAnswer(agent);
  }

  @Get(':agentId')
  @Access({ to: 'organization', permission: 'agents:read' })
  @ApiParam({ name: 'agentId', type: String })
  @Operation('getAgent', 'Get an agent')
  @ApiRead('The agent.', AgentAnswer, { etag: true })
  async get(
    @Param('orgId') orgId: string,
    @Param('agentId') agentId: string,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<AgentAnswer> {
    refuseUnknown(agentId);
    const agent = await this.reads.agent(orgId, agentId);
    if (!agent) throw notThere('agents');
    setEtag(reply, agent.revision);
    return agentAnswer(agent);
  }

  @Patch(':agentId')
  @Access({ to: 'organization', permission: 'agents:write' })
  @Accepts({ body: true })
  @ApiParam({ name: 'agentId', type: String })
  @Operation('renameAgent', 'Rename an agent')
  @ApiWrite(200, 'The agent.', AgentAnswer, { etag: true, ifMatch: true })
  async rename(
    @Param('orgId') organizationId: string,
    @Param('agentId') agentId: string,
    @Body() { name }: AgentBody,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<AgentAnswer> {
    refuseUnknown(agentId);
    const input = { organizationId, agentId, name, ...ifMatchOf(request) };
    const { agent, position } = await this.commands.send('renameAgent', request, input);
    setWriteHeaders(reply, { position, revision: agent.revision });
    return agentAnswer(agent);
  }

  /** Answers when it is final: its publishable keys end with it (G3). */
  @Delete(':agentId')
  @HttpCode(204)
  @Access({ to: 'organization', permission: 'agents:write' })
  @ApiParam({ name: 'agentId', type: String })
  @Operation('removeAgent', 'Remove an agent and its publishable keys')
  @ApiWrite(204, 'Removed.')
  async remove(
    @Param('orgId') organizationId: string,
    @Param('agentId') agentId: string,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<void> {
    refuseUnknown(agentId);
    setWriteHeaders(reply, await this.commands.send('removeAgent', request, { organizationId, agentId }));
  }
}

/** What is not even spelled as an agent's id is unknown, without asking anybody. */
function refuseUnknown(agentId: string): void {
  if (!isId('agent', agentId)) throw notThere('agents');
}
