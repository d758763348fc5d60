/** Webhooks of an organization: where its audit events are sent to. */
import {
  deriveId,
  isId,
  ProblemError,
  uuidFrom,
  type CreateWebhookOutput,
  type Positioned,
  type Webhook,
} from '@mcpstack/contracts';
import { MAX_PAGE_SIZE } from '@mcpstack/read-models';
import { Body, Controller, Delete, Get, HttpCode, Param, Patch, Post, Query, Req, Res } from '@nestjs/common';
import { ApiParam, ApiTags } from '@nestjs/swagger';
import { type FastifyReply, type FastifyRequest } from 'fastify';
import { Access } from '../auth/access.ts';
import { Accepts } from '../http/accepts.ts';
import { ApiRead, ApiWrite, Operation } from '../http/api-docs.ts';
import { Commands } from '../http/commands.ts';
import { ifMatchOf, setEtag } from '../http/etag.ts';
import { refuseEmpty } from '../http/fields.ts';
import { listOf, PAGE_FIELDS, pageOf, PageQuery } from '../http/pages.ts';
import { setWriteHeaders } from '../http/write-headers.ts';
import { Reads } from '../reads.ts';
import { webhookAnswer, withSecret } from './answers.ts';
import { noWebhook, WebhookAsks } from './webhook-asks.ts';
import {
  CreatedWebhookAnswer,
  CreateWebhookBody,
  overlapOf,
  RotateWebhookSecretBody,
  UpdateWebhookBody,
  WebhookAnswer,
  WebhookList,
} from './webhooks.ts';

/** Each is told of every event: an organization has at most so many. */
export const MOST_WEBHOOKS = 50;

@ApiTags('webhooks')
@ApiParam({ name: 'orgId', type: String })
@Controller('api/v1/organizations/:orgId/webhooks')
export class WebhooksController {
  constructor(
    private readonly commands: Commands,
    private readonly reads: Reads,
    private readonly asks: WebhookAsks,
  ) {}

  @Get()
  @Access({ to: 'organization', permission: 'webhooks:read' })
  @Accepts({ query: PAGE_FIELDS })
  @Operation('listWebhooks', 'List the webhooks')
  @ApiRead('A page of the webhooks, newest first.', WebhookList)
  async list(@Param('orgId') orgId: string, @Query() query: PageQuery): Promise<WebhookList> {
    return listOf(await this.reads.webhooks(orgId, pageOf(query)), (webhook) => webhookAnswer(webhook));
  }

  @Post()
  @HttpCode(201)
  @Access({ to: 'organization', permission: 'webhooks:write' })
  @Accepts({ body: true })
  @Operation('createWebhook', 'Create a webhook', {
    description:
      'It is told of what happens from now on. Takes `audit:read` as well: whoever says where events go could read them there.',
  })
  @ApiWrite(201, 'The webhook, with its secret.', CreatedWebhookAnswer, { etag: true })
  async create(
    @Param('orgId') organizationId: string,
    @Body() { name, url, eventTypes }: CreateWebhookBody,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<CreatedWebhookAnswer> {
    const commandId = this.commands.idOf(request);
    await this.refuseOneMore(organizationId, deriveId('webhook', commandId));
    await this.asks.refuseBadUrl(url);
    const more = { ...(name !== undefined && { name }), ...(eventTypes && { eventTypes }) };
    const input = { organizationId, url, ...more };
    const created = await this.commands.send('createWebhook', request, input, { commandId });
    const { webhook, position } = created;
    await this.takeBackOneTooMany(request, created, commandId);
    const location = `/api/v1/organizations/${organizationId}/webhooks/${webhook.id}`;
    setWriteHeaders(reply, { position, location, revision: webhook.revision });
    return withSecret(created);
  }

  @Get(':webhookId')
  @Access({ to: 'organization', permission: 'webhooks:read' })
  @ApiParam({ name: 'webhookId', type: String })
  @Operation('getWebhook', 'Get a webhook')
  @ApiRead('The webhook.', WebhookAnswer, { etag: true })
  async get(
    @Param('orgId') orgId: string,
    @Param('webhookId') webhookId: string,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<WebhookAnswer> {
    refuseUnknown(webhookId);
    const webhook = await this.reads.webhook(orgId, webhookId);
    if (!webhook) throw noWebhook();
    setEtag(reply, webhook.revision);
    return webhookAnswer(webhook);
  }

  @Patch(':webhookId')
  @Access({ to: 'organization', permission: 'webhooks:write' })
  @Accepts({ body: true })
  @ApiParam({ name: 'webhookId', type: String })
  @Operation('updateWebhook', 'Change a webhook', { description: 'Takes `audit:read` as well.' })
  @ApiWrite(200, 'The webhook.', WebhookAnswer, { etag: true, ifMatch: true })
  async update(
    @Param('orgId') organizationId: string,
    @Param('webhookId') webhookId: string,
    @Body() body: UpdateWebhookBody,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<WebhookAnswer> {
    refuseUnknown(webhookId);
    refuseEmpty(body);
    const { name, url, eventTypes } = body;
    if (url !== undefined) await this.asks.refuseBadUrl(url);
    const change = {
      ...(name !== undefined && { name }),
      ...(url !== undefined && { url }),
      ...(eventTypes && { eventTypes }),
    };
    const input = { organizationId, webhookId, ...change, ...ifMatchOf(request) };
    return changed(await this.commands.send('updateWebhook', request, input), reply);
  }

  @Delete(':webhookId')
  @HttpCode(204)
  @Access({ to: 'organization', permission: 'webhooks:write' })
  @ApiParam({ name: 'webhookId', type: String })
  @Operation('removeWebhook', 'Remove a webhook')
  @ApiWrite(204, 'Removed.')
  async remove(
    @Param('orgId') organizationId: string,
    @Param('webhookId') webhookId: string,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<void> {
    refuseUnknown(webhookId);
    setWriteHeaders(reply, await this.commands.send('removeWebhook', request, { organizationId, webhookId }));
  }

  @Post(':webhookId/rotate-secret')
  @HttpCode(201)
  @Access({ to: 'organization', permission: 'webhooks:write' })
  @Accepts({ body: 'optional' })
  @ApiParam({ name: 'webhookId', type: String })
  @Operation('rotateWebhookSecret', 'Give a webhook a new secret', {
    description:
      'Messages are also signed with the present one for a day unless `previous` says otherwise. Takes `audit:read` as well.',
  })
  @ApiWrite(201, 'The webhook, with its new secret.', CreatedWebhookAnswer, { etag: true })
  async rotate(
    @Param('orgId') organizationId: string,
    @Param('webhookId') webhookId: string,
    @Body() body: RotateWebhookSecretBody,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<CreatedWebhookAnswer> {
    refuseUnknown(webhookId);
    const input = { organizationId, webhookId, previous: overlapOf(body) };
    const rotated = await this.commands.send('rotateWebhookSecret', request, input);
    const location = `/api/v1/organizations/${organizationId}/webhooks/${webhookId}`;
    const { position, webhook } = rotated;
    setWriteHeaders(reply, { position, location, revision: webhook.revision });
    return withSecret(rotated);
  }

  /** A retry of a create is not one more. */
  private async refuseOneMore(organizationId: string, webhookId: string): Promise<void> {
    const { items } = await this.reads.webhooks(organizationId, { limit: MOST_WEBHOOKS });
    if (items.length >= MOST_WEBHOOKS && !items.some(({ id }) => id === webhookId)) throw tooMany();
  }

  /**
   * Several that are made at the same time do not see each other beforehand. Once made they do, in the order of the log:
   * whichever has fifty before it is removed again, and its secret shown to nobody.
   */
  private async takeBackOneTooMany(
    request: FastifyRequest,
    { webhook, position }: CreateWebhookOutput,
    commandId: string,
  ): Promise<void> {
    const { id: webhookId, organizationId, state } = webhook;
    if (state === 'removed')
      throw new ProblemError('conflict', 'The webhook that this request made is removed: make another one.');
    await this.reads.reach(position);
    if ((await this.madeBefore(organizationId, webhookId)) < MOST_WEBHOOKS) return;
    const remove = { commandId: uuidFrom(`one-too-many:${commandId}`) };
    await this.commands.send('removeWebhook', request, { organizationId, webhookId }, remove);
    throw tooMany();
  }

  private async madeBefore(organizationId: string, webhookId: string): Promise<number> {
    let older = 0;
    let isFound = false;
    let cursor: string | undefined;
    do {
      const page = { limit: MAX_PAGE_SIZE, ...(cursor !== undefined && { cursor }) };
      const { items, nextCursor } = await this.reads.webhooks(organizationId, page);
      // Newest first.
      for (const { id } of items) {
        if (isFound) older += 1;
        isFound ||= id === webhookId;
      }
      cursor = nextCursor;
    } while (cursor !== undefined);
    return older;
  }
}

function tooMany(): ProblemError {
  return new ProblemError(
    'conflict',
    `An organization has at most ${MOST_WEBHOOKS} webhooks: remove one first.`,
  );
}

/** The answer to a change of a webhook, with its headers. */
export function changed(
  { webhook, position }: Positioned & { webhook: Webhook },
  reply: FastifyReply,
): WebhookAnswer {
  setWriteHeaders(reply, { position, revision: webhook.revision });
  return webhookAnswer(webhook);
}

/** What is not even spelled as a webhook's id is unknown, without asking anybody. */
export function refuseUnknown(webhookId: string): void {
  if (!isId('webhook', webhookId)) throw noWebhook();
}
