/** Publishable keys of an organization: list, create, read, change, revoke. */
import { Body, Controller, Delete, Get, HttpCode, Param, Patch, Post, Query, Req, Res } from '@nestjs/common';
import { ApiParam, ApiTags } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { refuseEmpty } from '../api-keys/bodies.ts';
import { Access } from '../auth/access.ts';
import { callerOf, CurrentCaller, type Caller } from '../auth/caller.ts';
import { isInScope, refuseOutOfScope } from '../auth/scope.ts';
import { Accepts } from '../http/accepts.ts';
import { ApiRead, ApiWrite, Operation } from '../http/api-docs.ts';
import { Commands } from '../http/commands.ts';
import { ifMatchOf, setEtag } from '../http/etag.ts';
import { ListOf, PAGE_FIELDS, pageOf, type List } from '../http/pages.ts';
import { setWriteHeaders } from '../http/write-headers.ts';
import { Reads } from '../reads.ts';
import {
  CreatePublicKeyBody,
  ListPublicKeysQuery,
  originsOf,
  PublicKeyAnswer,
  publicKeyAnswer,
  UpdatePublicKeyBody,
} from './public-keys.ts';
import { VisibleKeys } from './visible-keys.ts';

export class PublicKeyList extends ListOf(PublicKeyAnswer) {}

@ApiTags('public-keys')
@ApiParam({ name: 'orgId', type: String })
@Controller('api/v1/organizations/:orgId/public-keys')
export class PublicKeysController {
  constructor(
    private readonly commands: Commands,
    private readonly reads: Reads,
    private readonly visible: VisibleKeys,
  ) {}

  @Get()
  @Access({ to: 'organization', permission: 'api-keys:read' })
  @Accepts({ query: [...PAGE_FIELDS, 'agentId'] })
  @Operation('listPublicKeys', 'Lists publishable keys, newest first, revoked ones too.')
  @ApiRead('A page of the keys, with their values.', PublicKeyList)
  async list(
    @Param('orgId') orgId: string,
    @Query() query: ListPublicKeysQuery,
    @CurrentCaller() caller: Caller,
  ): Promise<List<PublicKeyAnswer>> {
    const { agentId } = query;
    const page = await this.reads.publicKeys(orgId, {
      ...pageOf(query),
      ...(agentId !== undefined && { agentId }),
    });
    const items = page.items.filter((key) => isInScope(caller, 'agents', key.agentId));
    const { nextCursor } = page;
    return { data: await this.visible.answers(items), ...(nextCursor !== undefined && { nextCursor }) };
  }

  @Post()
  @HttpCode(201)
  @Access({ to: 'organization', permission: 'api-keys:write' })
  @Accepts({ body: true })
  @Operation('createPublicKey', 'Creates a publishable key for one agent and exact origins.')
  @ApiWrite(201, 'The key. Its value stays readable.', PublicKeyAnswer, { etag: true })
  async create(
    @Param('orgId') organizationId: string,
    @Body() body: CreatePublicKeyBody,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<PublicKeyAnswer> {
    const { name, agentId, development, expiresAt } = body;
    refuseOutOfScope(callerOf(request), 'agents', agentId);
    const input = {
      organizationId,
      name,
      agentId,
      origins: originsOf(body.origins),
      ...(development !== undefined && { development }),
      ...(expiresAt !== undefined && { expiresAt }),
    };
    const { publicKey, position } = await this.commands.send('createPublicKey', request, input);
    const location = `/api/v1/organizations/${organizationId}/public-keys/${publicKey.id}`;
    setWriteHeaders(reply, { position, revision: publicKey.revision, location });
    return publicKeyAnswer(publicKey);
  }

  @Get(':keyId')
  @Access({ to: 'organization', permission: 'api-keys:read' })
  @ApiParam({ name: 'keyId', type: String })
  @Operation('getPublicKey', 'Reads a publishable key.')
  @ApiRead('The key, with its value.', PublicKeyAnswer, { etag: true })
  async get(
    @Param('orgId') orgId: string,
    @Param('keyId') keyId: string,
    @CurrentCaller() caller: Caller,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<PublicKeyAnswer> {
    const key = await this.visible.get(caller, orgId, keyId);
    setEtag(reply, key.revision);
    return this.visible.answer(key);
  }

  @Patch(':keyId')
  @Access({ to: 'organization', permission: 'api-keys:write' })
  @Accepts({ body: true })
  @ApiParam({ name: 'keyId', type: String })
  @Operation('updatePublicKey', 'Renames a publishable key, or takes origins from it.')
  @ApiWrite(200, 'The key as it is now; a removal is final.', PublicKeyAnswer, { etag: true, ifMatch: true })
  async update(
    @Param('orgId') organizationId: string,
    @Param('keyId') keyId: string,
    @Body() body: UpdatePublicKeyBody,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<PublicKeyAnswer> {
    await this.visible.require(callerOf(request), organizationId, keyId);
    refuseEmpty(body);
    const { name, origins } = body;
    const input = {
      organizationId,
      keyId,
      ...(name !== undefined && { name }),
      ...(origins && { origins }),
      ...ifMatchOf(request),
    };
    const { publicKey, position } = await this.commands.send('updatePublicKey', request, input);
    setWriteHeaders(reply, { position, revision: publicKey.revision });
    return this.visible.answer(publicKey);
  }

  @Delete(':keyId')
  @HttpCode(204)
  @Access({ to: 'organization', permission: 'api-keys:write' })
  @ApiParam({ name: 'keyId', type: String })
  @Operation('revokePublicKey', 'Revokes a publishable key, everywhere and for good.')
  @ApiWrite(204, 'No check that begins later finds the key valid.')
  async revoke(
    @Param('orgId') organizationId: string,
    @Param('keyId') keyId: string,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<void> {
    await this.visible.require(callerOf(request), organizationId, keyId);
    const input = { organizationId, keyId, kind: 'publishable' as const };
    setWriteHeaders(reply, await this.commands.send('revokeKey', request, input));
  }
}
