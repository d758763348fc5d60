/** Webhooks and what became of their messages, field by field. */
import {
  ALL_EVENT_TYPES,
  type CreateWebhookOutput,
  type Webhook,
  type WebhookAttempt,
  type WebhookProgress,
} from '@mcpstack/contracts';
import { actorAnswer } from '../http/actor-answer.ts';
import type { WebhookAttemptAnswer, WebhookProgressAnswer } from './deliveries.ts';
import type { CreatedWebhookAnswer, WebhookAnswer } from './webhooks.ts';

export function webhookAnswer(webhook: Webhook, nowMs = Date.now()): WebhookAnswer {
  const { id, organizationId, name, url, eventTypes, state, createdAt, createdBy, revision } = webhook;
  const { disabledAt, disabledReason, failingSince } = webhook;
  const signing = webhook.secrets.filter(
    ({ validUntil }) => validUntil === undefined || Date.parse(validUntil) > nowMs,
  );
  return {
    ...{ id, organizationId, ...(name !== undefined && { name }), url },
    eventTypes: eventTypes ? [...eventTypes] : [ALL_EVENT_TYPES],
    state: state === 'active' ? 'active' : 'disabled',
    ...(disabledAt !== undefined && { disabledAt }),
    ...(disabledReason !== undefined && { disabledReason }),
    ...(failingSince !== undefined && { failingSince }),
    secrets: signing.map(({ version, createdAt: madeAt, validUntil }) => ({
      version,
      createdAt: madeAt,
      ...(validUntil !== undefined && { validUntil }),
    })),
    ...{ createdAt, createdBy: actorAnswer(createdBy), revision },
  };
}

export function withSecret({
  webhook,
  secret,
  secretAlreadyShown,
}: CreateWebhookOutput): CreatedWebhookAnswer {
  return {
    ...webhookAnswer(webhook),
    ...(secret !== undefined && { secret }),
    ...(secretAlreadyShown && { secretAlreadyShown }),
  };
}

export function attemptAnswer(one: WebhookAttempt): WebhookAttemptAnswer {
  const { at, messageId, type, subject, position, attempt, ok, status, reason, durationMs } = one;
  return {
    ...{ at, messageId, type },
    ...(subject && { subject: { kind: subject.kind, id: subject.id } }),
    ...(position !== undefined && { position }),
    ...{ attempt, ok, ...(status !== undefined && { status }), ...(reason !== undefined && { reason }) },
    durationMs,
  };
}

export function progressAnswer(progress: WebhookProgress): WebhookProgressAnswer {
  const { position, waiting, failingSince, nextAttemptAt, gap, replayed } = progress;
  return {
    ...{ position, waiting },
    ...(failingSince !== undefined && { failingSince }),
    ...(nextAttemptAt !== undefined && { nextAttemptAt }),
    ...(gap && { gap: { after: gap.after, before: gap.before, at: gap.at } }),
    ...(replayed && {
      replayed: { after: replayed.after, at: replayed.at, requestId: replayed.requestId },
    }),
  };
}
