/** Service keys of an organization: list, create, read, rename, revoke. */
import { isId, ProblemError } from '@mcpstack/contracts';
import { Body, Controller, Delete, Get, HttpCode, Param, Patch, Post, Query, Req, Res } from '@nestjs/common';
import { ApiParam, ApiTags } from '@nestjs/swagger';
import { type FastifyReply, type FastifyRequest } from 'fastify';
import { Access } from '../auth/access.ts';
import { Accepts } from '../http/accepts.ts';
import { ApiRead, ApiWrite } from '../http/api-docs.ts';
import { Commands } from '../http/commands.ts';
import { POSITION_HEADER } from '../http/position.ts';
import { Reads } from '../reads.ts';
import {
  ApiKeyAnswer,
  ApiKeyList,
  CreatedKeyAnswer,
  CreateKeyBody,
  keyAnswer,
  PageQuery,
  RenameKeyBody,
} from './api-keys.ts';

@ApiTags('api-keys')
@ApiParam({ name: 'orgId', type: String })
@Controller('api/v1/organizations/:orgId/api-keys')
export class ApiKeysController {
  constructor(
    private readonly commands: Commands,
    private readonly reads: Reads,
  ) {}

  @Get()
  @Access({ to: 'organization', permission: 'api-keys:read' })
  @Accepts({ query: ['limit', 'cursor'] })
  @ApiRead('A page of the keys, newest first, revoked ones too.', ApiKeyList)
  async list(@Param('orgId') orgId: string, @Query() query: PageQuery): Promise<ApiKeyList> {
    const page = await this.reads.keys(orgId, {
      ...(query.limit !== undefined && { limit: Number(query.limit) }),
      ...(query.cursor !== undefined && { cursor: query.cursor }),
    });
    return {
      data: page.items.map(keyAnswer),
      ...(page.nextCursor !== undefined && { nextCursor: page.nextCursor }),
    };
  }

  @Post()
  @HttpCode(201)
  @Access({ to: 'organization', permission: 'api-keys:write' })
  @Accepts({ body: true })
  @ApiWrite(201, 'The key, with its secret.', CreatedKeyAnswer)
  async create(
    @Param('orgId') organizationId: string,
    @Body() { name, role, permissions }: CreateKeyBody,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<CreatedKeyAnswer> {
    const input = { organizationId, name, role, ...(permissions && { permissions }) };
    const created = await this.commands.send('createKey', request, input);
    const { key, secret, secretAlreadyShown, position } = created;
    void reply.headers({
      [POSITION_HEADER]: position,
      Location: `/api/v1/organizations/${organizationId}/api-keys/${key.id}`,
    });
    return {
      ...keyAnswer(key),
      ...(secret !== undefined && { secret }),
      ...(secretAlreadyShown && { secretAlreadyShown }),
    };
  }

  @Get(':keyId')
  @Access({ to: 'organization', permission: 'api-keys:read' })
  @ApiParam({ name: 'keyId', type: String })
  @ApiRead('The key.', ApiKeyAnswer)
  async get(@Param('orgId') orgId: string, @Param('keyId') keyId: string): Promise<ApiKeyAnswer> {
    refuseUnknown(keyId);
    const key = await this.reads.key(orgId, keyId);
    if (!key) throw noKey();
    return keyAnswer(key);
  }

  @Patch(':keyId')
  @Access({ to: 'organization', permission: 'api-keys:write' })
  @Accepts({ body: true })
  @ApiParam({ name: 'keyId', type: String })
  @ApiWrite(200, 'The key with its new name.', ApiKeyAnswer)
  async rename(
    @Param('orgId') organizationId: string,
    @Param('keyId') keyId: string,
    @Body() { name }: RenameKeyBody,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<ApiKeyAnswer> {
    refuseUnknown(keyId);
    const input = { organizationId, keyId, name };
    const { key, position } = await this.commands.send('renameKey', request, input);
    void reply.header(POSITION_HEADER, position);
    return keyAnswer(key);
  }

  /** Answers when the revocation is final: a check that begins later never finds the key valid (G3). */
  @Delete(':keyId')
  @HttpCode(204)
  @Access({ to: 'organization', permission: 'api-keys:write' })
  @ApiParam({ name: 'keyId', type: String })
  @ApiWrite(204, 'Revoked, everywhere and for good.')
  async revoke(
    @Param('orgId') organizationId: string,
    @Param('keyId') keyId: string,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<void> {
    refuseUnknown(keyId);
    const { position } = await this.commands.send('revokeKey', request, { organizationId, keyId });
    void reply.header(POSITION_HEADER, position);
  }
}

/** What is not even spelled as a key id is unknown, without asking anybody. */
function refuseUnknown(keyId: string): void {
  if (!isId('key', keyId)) throw noKey();
}

function noKey(): ProblemError {
  return new ProblemError('not-found', 'There is no such key in this organization.');
}
