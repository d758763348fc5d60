/** Service keys of an organization: list, create, read, change, revoke. */
import { deriveId } from '@mcpstack/contracts';
import { Body, Controller, Delete, Get, HttpCode, Param, Patch, Post, Query, Req, Res } from '@nestjs/common';
import { ApiParam, ApiTags } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Access } from '../auth/access.ts';
import { Accepts } from '../http/accepts.ts';
import { ApiRead, ApiWrite, Operation } from '../http/api-docs.ts';
import { Commands } from '../http/commands.ts';
import { ifMatchOf, setEtag } from '../http/etag.ts';
import { ListOf, PAGE_FIELDS, pageOf, type List } from '../http/pages.ts';
import { setWriteHeaders } from '../http/write-headers.ts';
import { Reads } from '../reads.ts';
import { ApiKeyAnswer, CreatedKeyAnswer, keyAnswers, oneKeyAnswer, withSecret } from './answers.ts';
import {
  CreateKeyBody,
  FILTER_FIELDS,
  filterOf,
  ListKeysQuery,
  noKey,
  refuseEmpty,
  refuseUnknown,
  UpdateKeyBody,
} from './bodies.ts';
import { FreeDigests } from './free-digests.ts';
import { termsOf } from './key-terms.ts';

export class ApiKeyList extends ListOf(ApiKeyAnswer) {}

@ApiTags('api-keys')
@ApiParam({ name: 'orgId', type: String })
@Controller('api/v1/organizations/:orgId/api-keys')
export class ApiKeysController {
  constructor(
    private readonly commands: Commands,
    private readonly reads: Reads,
    private readonly digests: FreeDigests,
  ) {}

  @Get()
  @Access({ to: 'organization', permission: 'api-keys:read' })
  @Accepts({ query: [...PAGE_FIELDS, ...FILTER_FIELDS] })
  @Operation('listApiKeys', 'Lists service keys, newest first, revoked ones too.', {
    description: 'With a filter a page may hold fewer keys than `limit` although another page follows.',
  })
  @ApiRead('A page of the keys.', ApiKeyList)
  async list(@Param('orgId') orgId: string, @Query() query: ListKeysQuery): Promise<List<ApiKeyAnswer>> {
    const filter = filterOf(query);
    const { items, nextCursor } = await this.reads.keys(orgId, { ...pageOf(query), filter });
    const answers = await keyAnswers(this.reads, items);
    return {
      // A key whose time is over is expired, although the event that says so may not be written yet.
      data: answers.filter(({ state }) => filter.state === undefined || state === filter.state),
      ...(nextCursor !== undefined && { nextCursor }),
    };
  }

  @Post()
  @HttpCode(201)
  @Access({ to: 'organization', permission: 'api-keys:write' })
  @Accepts({ body: true })
  @Operation('createApiKey', 'Creates a service key.', {
    description: 'The secret is in this answer and nowhere else. A key can do no more than its maker.',
  })
  @ApiWrite(201, 'The key, with its secret.', CreatedKeyAnswer, { etag: true })
  async create(
    @Param('orgId') organizationId: string,
    @Body() body: CreateKeyBody,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<CreatedKeyAnswer> {
    const { name, role, tags, environment, digest } = body;
    const commandId = this.commands.idOf(request);
    if (digest !== undefined) await this.digests.refuseUsedByOther(digest, deriveId('key', commandId));
    const input = {
      organizationId,
      name,
      role,
      ...termsOf(body),
      ...(tags && { tags }),
      ...(environment !== undefined && { environment }),
      ...(digest !== undefined && { digest }),
    };
    const created = await this.commands.send('createKey', request, input, { commandId });
    const { position, key } = created;
    const location = `/api/v1/organizations/${organizationId}/api-keys/${key.id}`;
    setWriteHeaders(reply, { position, revision: key.revision, location });
    return withSecret(created);
  }

  @Get(':keyId')
  @Access({ to: 'organization', permission: 'api-keys:read' })
  @ApiParam({ name: 'keyId', type: String })
  @Operation('getApiKey', 'Reads a service key.')
  @ApiRead('The key.', ApiKeyAnswer, { etag: true })
  async get(
    @Param('orgId') orgId: string,
    @Param('keyId') keyId: string,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<ApiKeyAnswer> {
    refuseUnknown(keyId);
    const key = await this.reads.key(orgId, keyId);
    if (!key) throw noKey();
    setEtag(reply, key.revision);
    return oneKeyAnswer(this.reads, key);
  }

  @Patch(':keyId')
  @Access({ to: 'organization', permission: 'api-keys:write' })
  @Accepts({ body: true })
  @ApiParam({ name: 'keyId', type: String })
  @Operation('updateApiKey', 'Renames, tags or narrows a service key.', {
    description: 'Each of the terms may only become narrower; what is to be wider needs a new key.',
  })
  @ApiWrite(200, 'The key as it is now; a narrowing is final.', ApiKeyAnswer, { etag: true, ifMatch: true })
  async update(
    @Param('orgId') organizationId: string,
    @Param('keyId') keyId: string,
    @Body() body: UpdateKeyBody,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<ApiKeyAnswer> {
    refuseUnknown(keyId);
    refuseEmpty(body);
    const { name, role, tags } = body;
    const input = {
      organizationId,
      keyId,
      ...termsOf(body),
      ...(name !== undefined && { name }),
      ...(role !== undefined && { role }),
      ...(tags && { tags }),
      ...ifMatchOf(request),
    };
    const { key, position } = await this.commands.send('updateKey', request, input);
    setWriteHeaders(reply, { position, revision: key.revision });
    return oneKeyAnswer(this.reads, key);
  }

  /** Answers when the revocation is final: a check that begins later never finds the key valid (G3). */
  @Delete(':keyId')
  @HttpCode(204)
  // Whoever holds a key may end it: also one that may do little else.
  @Access({ to: 'organization', permission: 'api-keys:write', self: 'keyId' })
  @ApiParam({ name: 'keyId', type: String })
  @Operation('revokeApiKey', 'Revokes a service key, everywhere and for good.', {
    description: 'A key may always revoke itself.',
  })
  @ApiWrite(204, 'No check that begins later finds the key valid.')
  async revoke(
    @Param('orgId') organizationId: string,
    @Param('keyId') keyId: string,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<void> {
    refuseUnknown(keyId);
    const input = { organizationId, keyId, kind: 'service' as const };
    setWriteHeaders(reply, await this.commands.send('revokeKey', request, input));
  }
}
