/** Servers of an organization: what a service key's scope can name. */
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
import { refuseEmpty } from '../http/fields.ts';
import { listOf, PAGE_FIELDS, pageOf, PageQuery } from '../http/pages.ts';
import { setWriteHeaders } from '../http/write-headers.ts';
import { Reads } from '../reads.ts';
import { CreateServerBody, ServerAnswer, serverAnswer, ServerList, UpdateServerBody } from './servers.ts';

@ApiTags('servers')
@ApiParam({ name: 'orgId', type: String })
@Controller('api/v1/organizations/:orgId/servers')
export class ServersController {
  constructor(
    private readonly commands: Commands,
    private readonly reads: Reads,
  ) {}

  @Get()
  @Access({ to: 'organization', permission: 'servers:read' })
  @Accepts({ query: PAGE_FIELDS })
  @Operation('listServers', 'List the servers')
  @ApiRead('A page of the servers, newest first; of a scoped key, those in its scope.', ServerList)
  async list(
    @CurrentCaller() caller: Caller,
    @Param('orgId') orgId: string,
    @Query() query: PageQuery,
  ): Promise<ServerList> {
    const { items, ...rest } = await this.reads.servers(orgId, pageOf(query));
    const visible = items.filter(({ id }) => isInScope(caller, 'servers', id));
    return listOf({ ...rest, items: visible }, serverAnswer);
  }

  @Post()
  @HttpCode(201)
  @Access({ to: 'organization', permission: 'servers:write' })
  @Accepts({ body: true })
  @Operation('createServer', 'Create a server')
  @ApiWrite(201, 'The server.', ServerAnswer, { etag: true })
  async create(
    @Param('orgId') organizationId: string,
    @Body() { name, url }: CreateServerBody,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<ServerAnswer> {
    const input = { organizationId, name, ...(url !== undefined && { url }) };
    const { server, position } = await this.commands.send('createServer', request, input);
    const location = `/api/v1/organizations/${organizationId}/servers/${server.id}`;
    setWriteHeaders(reply, { position, location, revision: server.revision });
    return serverAnswer(server);
  }

  @Get(':serverId')
  @Access({ to: 'organization', permission: 'servers:read' })
  @ApiParam({ name: 'serverId', type: String })
  @Operation('getServer', 'Get a server')
  @ApiRead('The server.', ServerAnswer, { etag: true })
  async get(
    @Param('orgId') orgId: string,
    @Param('serverId') serverId: string,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<ServerAnswer> {
    refuseUnknown(serverId);
    const server = await this.reads.server(orgId, serverId);
    if (!server) throw notThere('servers');
    setEtag(reply, server.revision);
    return serverAnswer(server);
  }

  @Patch(':serverId')
  @Access({ to: 'organization', permission: 'servers:write' })
  @Accepts({ body: true })
  @ApiParam({ name: 'serverId', type: String })
  @Operation('updateServer', 'Change a server')
  @ApiWrite(200, 'The server.', ServerAnswer, { etag: true, ifMatch: true })
  async update(
    @Param('orgId') organizationId: string,
    @Param('serverId') serverId: string,
    @Body() body: UpdateServerBody,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<ServerAnswer> {
    refuseUnknown(serverId);
    refuseEmpty(body);
    const { name, url } = body;
    const change = { ...(name !== undefined && { name }), ...(url !== undefined && { url }) };
    const input = { organizationId, serverId, ...change, ...ifMatchOf(request) };
    const { server, position } = await this.commands.send('updateServer', request, input);
    setWriteHeaders(reply, { position, revision: server.revision });
    return serverAnswer(server);
  }

  @Delete(':serverId')
  @HttpCode(204)
  @Access({ to: 'organization', permission: 'servers:write' })
  @ApiParam({ name: 'serverId', type: String })
  @Operation('removeServer', 'Remove a server')
  @ApiWrite(204, 'Removed.')
  async remove(
    @Param('orgId') organizationId: string,
    @Param('serverId') serverId: string,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<void> {
    refuseUnknown(serverId);
    setWriteHeaders(reply, await this.commands.send('removeServer', request, { organizationId, serverId }));
  }
}

/** What is not even spelled as a server's id is unknown, without asking anybody. */
function refuseUnknown(serverId: string): void {
  if (!isId('server', serverId)) throw notThere('servers');
}
