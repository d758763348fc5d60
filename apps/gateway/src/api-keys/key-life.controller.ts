/** What happens to a service key in its life: rotated, suspended, resumed, used; and ended by itself. */
import { ProblemError } from '@mcpstack/contracts';
import { Body, Controller, Get, HttpCode, Param, Post, Req, Res } from '@nestjs/common';
import { ApiParam, ApiTags } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Access } from '../auth/access.ts';
import { callerOf } from '../auth/caller.ts';
import { Accepts } from '../http/accepts.ts';
import { ApiRead, ApiWrite, Operation } from '../http/api-docs.ts';
import { Commands } from '../http/commands.ts';
import { setWriteHeaders } from '../http/write-headers.ts';
import { Reads } from '../reads.ts';
import {
  ApiKeyAnswer,
  CreatedKeyAnswer,
  KeyUsageAnswer,
  oneKeyAnswer,
  usageAnswer,
  withSecret,
} from './answers.ts';
import { noKey, previousOf, refuseUnknown, RotateKeyBody } from './bodies.ts';
import { FreeDigests } from './free-digests.ts';

@ApiTags('api-keys')
@ApiParam({ name: 'orgId', type: String })
@ApiParam({ name: 'keyId', type: String })
@Controller('api/v1/organizations/:orgId/api-keys/:keyId')
export class KeyLifeController {
  constructor(
    private readonly commands: Commands,
    private readonly reads: Reads,
    private readonly digests: FreeDigests,
  ) {}

  @Post('rotate')
  @HttpCode(201)
  @Access({ to: 'organization', permission: 'api-keys:write' })
  @Accepts({ body: 'optional' })
  @Operation('rotateApiKey', 'Gives a service key a new secret.', {
    description:
      'The present one works on for a day unless `previous` says otherwise; older ones end at once.',
  })
  @ApiWrite(201, 'The key, with its new secret.', CreatedKeyAnswer, { etag: true })
  async rotate(
    @Param('orgId') organizationId: string,
    @Param('keyId') keyId: string,
    @Body() body: RotateKeyBody,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<CreatedKeyAnswer> {
    refuseUnknown(keyId);
    const { digest } = body;
    const previous = previousOf(body);
    if (digest !== undefined) await this.digests.refuseUsedByOther(digest, keyId);
    const input = { organizationId, keyId, previous, ...(digest !== undefined && { digest }) };
    const rotated = await this.commands.send('rotateKey', request, input);
    const { position, key } = rotated;
    const location = `/api/v1/organizations/${organizationId}/api-keys/${keyId}`;
    setWriteHeaders(reply, { position, revision: key.revision, location });
    return withSecret(rotated);
  }

  @Post('suspend')
  @HttpCode(200)
  @Access({ to: 'organization', permission: 'api-keys:write' })
  @Operation('suspendApiKey', 'Suspends a service key until it is resumed.')
  @ApiWrite(200, 'The key; no check that begins later finds it valid.', ApiKeyAnswer, { etag: true })
  suspend(
    @Param('orgId') organizationId: string,
    @Param('keyId') keyId: string,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<ApiKeyAnswer> {
    return this.change('suspendKey', { organizationId, keyId }, request, reply);
  }

  @Post('resume')
  @HttpCode(200)
  @Access({ to: 'organization', permission: 'api-keys:write' })
  @Operation('resumeApiKey', 'Resumes a suspended service key.')
  @ApiWrite(200, 'The key.', ApiKeyAnswer, { etag: true })
  resume(
    @Param('orgId') organizationId: string,
    @Param('keyId') keyId: string,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<ApiKeyAnswer> {
    return this.change('resumeKey', { organizationId, keyId }, request, reply);
  }

  @Get('usage')
  @Access({ to: 'organization', permission: 'api-keys:read' })
  @Operation('getApiKeyUsage', 'How often a service key was found valid.')
  @ApiRead('Its uses, in all and in the newest windows.', KeyUsageAnswer)
  async usage(@Param('orgId') orgId: string, @Param('keyId') keyId: string): Promise<KeyUsageAnswer> {
    refuseUnknown(keyId);
    const key = await this.reads.key(orgId, keyId);
    if (!key) throw noKey();
    return usageAnswer(keyId, await this.reads.keyUsage(orgId, keyId));
  }

  /** The command answers a position alone; the key is read as of then. */
  private async change(
    name: 'suspendKey' | 'resumeKey',
    target: { organizationId: string; keyId: string },
    request: FastifyRequest,
    reply: FastifyReply,
  ): Promise<ApiKeyAnswer> {
    refuseUnknown(target.keyId);
    const { position } = await this.commands.send(name, request, { ...target, kind: 'service' });
    await this.reads.reach(position);
    const key = await this.reads.key(target.organizationId, target.keyId);
    if (!key) throw noKey();
    setWriteHeaders(reply, { position, revision: key.revision });
    return oneKeyAnswer(this.reads, key);
  }
}

@ApiTags('auth')
@Controller('api/v1/me/revoke')
export class SelfRevokeController {
  constructor(private readonly commands: Commands) {}

  /** For whoever finds a key and nothing else: no permission, no organization, no id to know. */
  @Post()
  @HttpCode(204)
  @Access({ to: 'keys' })
  @Operation('revokeOwnKey', 'The calling service key ends itself.')
  @ApiWrite(204, 'No check that begins later finds the key valid.')
  async revoke(
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<void> {
    const caller = callerOf(request);
    if (caller.type !== 'key') throw new ProblemError('forbidden', 'Only a service key may do this.');
    const { organizationId, keyId } = caller;
    const input = { organizationId, keyId, kind: 'service' as const };
    setWriteHeaders(reply, await this.commands.send('revokeKey', request, input));
  }
}
