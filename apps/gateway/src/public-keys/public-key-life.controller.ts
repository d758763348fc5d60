/** What happens to a publishable key in its life: suspended, resumed, allowed elsewhere for a while, used. */
import { Body, Controller, Get, HttpCode, Param, Post, Req, Res } from '@nestjs/common';
import { ApiParam, ApiTags } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { KeyUsageAnswer, usageAnswer } from '../api-keys/answers.ts';
import { Access } from '../auth/access.ts';
import { callerOf, CurrentCaller, type Caller } from '../auth/caller.ts';
import { Accepts } from '../http/accepts.ts';
import { ApiRead, ApiWrite, Operation } from '../http/api-docs.ts';
import { Commands } from '../http/commands.ts';
import { setWriteHeaders } from '../http/write-headers.ts';
import { Reads } from '../reads.ts';
import { PublicKeyAnswer, TemporaryOriginBody } from './public-keys.ts';
import { VisibleKeys } from './visible-keys.ts';

@ApiTags('public-keys')
@ApiParam({ name: 'orgId', type: String })
@ApiParam({ name: 'keyId', type: String })
@Controller('api/v1/organizations/:orgId/public-keys/:keyId')
export class PublicKeyLifeController {
  constructor(
    private readonly commands: Commands,
    private readonly reads: Reads,
    private readonly visible: VisibleKeys,
  ) {}

  @Post('suspend')
  @HttpCode(200)
  @Access({ to: 'organization', permission: 'api-keys:write' })
  @Operation('suspendPublicKey', 'Suspends a publishable key until it is resumed.')
  @ApiWrite(200, 'The key; no check that begins later finds it valid.', PublicKeyAnswer, { etag: true })
  suspend(
    @Param('orgId') organizationId: string,
    @Param('keyId') keyId: string,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<PublicKeyAnswer> {
    return this.change('suspendKey', { organizationId, keyId }, request, reply);
  }

  @Post('resume')
  @HttpCode(200)
  @Access({ to: 'organization', permission: 'api-keys:write' })
  @Operation('resumePublicKey', 'Resumes a suspended publishable key.')
  @ApiWrite(200, 'The key.', PublicKeyAnswer, { etag: true })
  resume(
    @Param('orgId') organizationId: string,
    @Param('keyId') keyId: string,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<PublicKeyAnswer> {
    return this.change('resumeKey', { organizationId, keyId }, request, reply);
  }

  @Post('temporary-origins')
  @HttpCode(200)
  @Access({ to: 'organization', permission: 'api-keys:write' })
  @Accepts({ body: true })
  @Operation('addTemporaryOrigin', 'Allows a publishable key at one more origin, for at most 7 days.')
  @ApiWrite(200, 'The key.', PublicKeyAnswer, { etag: true })
  async addOrigin(
    @Param('orgId') organizationId: string,
    @Param('keyId') keyId: string,
    @Body() { origin, expiresAt }: TemporaryOriginBody,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<PublicKeyAnswer> {
    await this.visible.require(callerOf(request), organizationId, keyId);
    const input = { organizationId, keyId, origin, expiresAt };
    const { publicKey, position } = await this.commands.send('addTemporaryOrigin', request, input);
    setWriteHeaders(reply, { position, revision: publicKey.revision });
    return this.visible.answer(publicKey);
  }

  @Get('usage')
  @Access({ to: 'organization', permission: 'api-keys:read' })
  @Operation('getPublicKeyUsage', 'How often a publishable key was found valid.')
  @ApiRead('Its uses, in all and in the newest windows.', KeyUsageAnswer)
  async usage(
    @Param('orgId') orgId: string,
    @Param('keyId') keyId: string,
    @CurrentCaller() caller: Caller,
  ): Promise<KeyUsageAnswer> {
    await this.visible.get(caller, orgId, keyId);
    return usageAnswer(keyId, await this.reads.keyUsage(orgId, keyId));
  }

  /** The command answers a position alone; the key is read as of then. */
  private async change(
    name: 'suspendKey' | 'resumeKey',
    target: { organizationId: string; keyId: string },
    request: FastifyRequest,
    reply: FastifyReply,
  ): Promise<PublicKeyAnswer> {
    const { organizationId, keyId } = target;
    const caller = callerOf(request);
    await this.visible.require(caller, organizationId, keyId);
    const { position } = await this.commands.send(name, request, { ...target, kind: 'publishable' });
    await this.reads.reach(position);
    const key = await this.visible.get(caller, organizationId, keyId);
    setWriteHeaders(reply, { position, revision: key.revision });
    return this.visible.answer(key);
  }
}
