/** What happens to a webhook in its life: disabled, enabled, tried, told again; and what became of its messages. */
import { permissionsOf, ProblemError } from '@mcpstack/contracts';
import { Body, Controller, Get, HttpCode, Param, Post, Req, Res } from '@nestjs/common';
import { ApiParam, ApiTags } from '@nestjs/swagger';
import { type FastifyReply, type FastifyRequest } from 'fastify';
import { Access } from '../auth/access.ts';
import { CurrentCaller, type Caller } from '../auth/caller.ts';
import { Accepts } from '../http/accepts.ts';
import { ApiRead, ApiWrite, Operation } from '../http/api-docs.ts';
import { Commands } from '../http/commands.ts';
import { attemptAnswer, progressAnswer } from './answers.ts';
import { WebhookAttemptAnswer, WebhookDeliveriesAnswer, WebhookProgressAnswer } from './deliveries.ts';
import { WebhookAsks } from './webhook-asks.ts';
import { changed, refuseUnknown } from './webhooks.controller.ts';
import { fromOf, ReplayWebhookBody, WebhookAnswer } from './webhooks.ts';

@ApiTags('webhooks')
@ApiParam({ name: 'orgId', type: String })
@ApiParam({ name: 'webhookId', type: String })
@Controller('api/v1/organizations/:orgId/webhooks/:webhookId')
export class WebhookLifeController {
  constructor(
    private readonly commands: Commands,
    private readonly asks: WebhookAsks,
  ) {}

  @Post('disable')
  @HttpCode(200)
  @Access({ to: 'organization', permission: 'webhooks:write' })
  @Operation('disableWebhook', 'Stop telling a webhook, until it is enabled')
  @ApiWrite(200, 'The webhook.', WebhookAnswer, { etag: true })
  async disable(
    @Param('orgId') organizationId: string,
    @Param('webhookId') webhookId: string,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<WebhookAnswer> {
    refuseUnknown(webhookId);
    const input = { organizationId, webhookId, reason: 'requested' as const };
    return changed(await this.commands.send('disableWebhook', request, input), reply);
  }

  @Post('enable')
  @HttpCode(200)
  @Access({ to: 'organization', permission: 'webhooks:write' })
  @Operation('enableWebhook', 'Go on telling a webhook, from where it stopped', {
    description: 'Takes `audit:read` as well.',
  })
  @ApiWrite(200, 'The webhook.', WebhookAnswer, { etag: true })
  async enable(
    @Param('orgId') organizationId: string,
    @Param('webhookId') webhookId: string,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<WebhookAnswer> {
    refuseUnknown(webhookId);
    const input = { organizationId, webhookId };
    return changed(await this.commands.send('enableWebhook', request, input), reply);
  }

  @Post('test')
  @HttpCode(200)
  @Access({ to: 'organization', permission: 'webhooks:write' })
  @Operation('testWebhook', 'Send a message of type Ping now', {
    description:
      'Also to one that is disabled. An answer may take 15 seconds; of each organization two may be under way.',
  })
  @ApiWrite(200, 'What became of it.', WebhookAttemptAnswer, { idempotencyKey: false })
  async test(
    @Param('orgId') organizationId: string,
    @Param('webhookId') webhookId: string,
    @Req() { id: requestId }: FastifyRequest,
  ): Promise<WebhookAttemptAnswer> {
    refuseUnknown(webhookId);
    return attemptAnswer(await this.asks.test({ organizationId, webhookId, requestId }));
  }

  @Post('replay')
  @HttpCode(200)
  @Access({ to: 'organization', permission: 'webhooks:write' })
  @Accepts({ body: true })
  @Operation('replayWebhook', 'Tell a webhook again, from a position or a time', {
    description:
      'Goes back only, and skips nothing. The same message has the same `webhook-id`. What is no longer kept is told as a gap. Takes `audit:read` as well.',
  })
  @ApiWrite(200, 'How far it is now.', WebhookProgressAnswer, { idempotencyKey: false })
  async replay(
    @Param('orgId') organizationId: string,
    @Param('webhookId') webhookId: string,
    @Body() body: ReplayWebhookBody,
    @CurrentCaller() caller: Caller,
    @Req() { id: requestId }: FastifyRequest,
  ): Promise<WebhookProgressAnswer> {
    refuseUnknown(webhookId);
    requireToTell(caller);
    const from = fromOf(body);
    return progressAnswer(await this.asks.replay({ organizationId, webhookId, requestId, from }));
  }

  @Get('deliveries')
  @Access({ to: 'organization', permission: 'webhooks:read' })
  @Operation('listWebhookDeliveries', 'What became of the latest messages of a webhook')
  @ApiRead('How far it is, and the latest attempts.', WebhookDeliveriesAnswer)
  async deliveries(
    @Param('orgId') organizationId: string,
    @Param('webhookId') webhookId: string,
    @Req() { id: requestId }: FastifyRequest,
  ): Promise<WebhookDeliveriesAnswer> {
    refuseUnknown(webhookId);
    const found = await this.asks.deliveries({ organizationId, webhookId, requestId });
    return { progress: progressAnswer(found.progress), data: found.attempts.map(attemptAnswer) };
  }
}

/** Whoever has events sent once more needs what it takes to say where they are sent, as issuance demands it elsewhere. */
function requireToTell(caller: Caller): void {
  const permissions = caller.type === 'key' ? caller.permissions : permissionsOf(caller.role!);
  if (permissions.includes('audit:read')) return;
  throw new ProblemError('forbidden', 'This needs the permission audit:read.', { permission: 'audit:read' });
}
