/** Webhooks, from their events. */
import type { WebhookEvent } from '@mcpstack/domain';
import type { AuditedWebhook } from './state.ts';
import { requireBegun, requireFirst, type Step } from './step.ts';

export function foldWebhook(step: Step<WebhookEvent>): void {
  const { state, event, id, position, shared } = step;
  const before = state.webhooks.get(id);
  if (event.type === 'WebhookCreated') {
    const { webhookId, organizationId, name, url, eventTypes, secret } = event.data;
    requireFirst(before, step, webhookId);
    state.webhooks.set(webhookId, {
      id: webhookId,
      organizationId: shared.text(organizationId),
      ...(name !== undefined && { name }),
      url,
      ...(eventTypes && { eventTypes }),
      state: 'active',
      secrets: [{ ...secret, createdAt: event.at }],
      enabledAt: event.at,
      createdAt: event.at,
      createdBy: shared.actor(event.actor),
      position,
      revision: 0,
    });
    return;
  }
  change(requireBegun(before, step), event);
}

function change(webhook: AuditedWebhook, event: Exclude<WebhookEvent, { type: 'WebhookCreated' }>): void {
  switch (event.type) {
    case 'WebhookRenamed':
      webhook.name = event.data.name;
      return;
    case 'WebhookUrlChanged':
      webhook.url = event.data.url;
      return;
    case 'WebhookEventTypesChanged':
      if (event.data.eventTypes) webhook.eventTypes = event.data.eventTypes;
      else delete webhook.eventTypes;
      return;
    case 'WebhookSecretRotated': {
      const { version, keyVersion, previousValidUntil } = event.data;
      const last = { ...webhook.secrets.at(-1)!, validUntil: previousValidUntil };
      webhook.secrets = [last, { version, keyVersion, createdAt: event.at }];
      return;
    }
    case 'WebhookDisabled':
      webhook.state = 'disabled';
      webhook.disabledAt = event.at;
      webhook.disabledReason = event.data.reason;
      if (event.data.since !== undefined) webhook.failingSince = event.data.since;
      return;
    case 'WebhookEnabled':
      webhook.state = 'active';
      webhook.enabledAt = event.at;
      delete webhook.disabledAt;
      delete webhook.disabledReason;
      delete webhook.failingSince;
      return;
    case 'WebhookRemoved':
      webhook.state = 'removed';
      webhook.wasRemoved = true;
      return;
    default:
      return event satisfies never;
  }
}
