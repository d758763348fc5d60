/** Webhooks as the API must answer them, told from their events alone. */
import type { Fields, Step } from './replay.ts';

export function ofWebhook({ webhooks }: { webhooks: Map<string, Fields> }, id: string): Record<string, Step> {
  const webhook = () => webhooks.get(id)!;
  const ended = ['disabledAt', 'disabledReason', 'failingSince'];
  return {
    WebhookCreated: ({ webhookId, secret, eventTypes = ['*'], ...data }, { at, actor }) =>
      void webhooks.set(id, {
        ...{ id: webhookId, ...data, eventTypes, state: 'active', createdAt: at, createdBy: actor },
        secrets: [{ version: (secret as Fields)['version'], createdAt: at }],
      }),
    WebhookRenamed: ({ name }) => void (webhook()['name'] = name),
    WebhookUrlChanged: ({ url }) => void (webhook()['url'] = url),
    WebhookEventTypesChanged: ({ eventTypes = ['*'] }) => void (webhook()['eventTypes'] = eventTypes),
    WebhookSecretRotated: ({ version, previousValidUntil: validUntil }, { at }) => {
      const before = { ...(webhook()['secrets'] as Fields[]).at(-1)!, validUntil };
      webhook()['secrets'] = [before, { version, createdAt: at }];
    },
    WebhookDisabled: ({ reason, since }, { at }) =>
      void Object.assign(webhook(), {
        ...{ state: 'disabled', disabledAt: at, disabledReason: reason },
        ...(since !== undefined && { failingSince: since }),
      }),
    WebhookEnabled: () => {
      for (const field of ended) delete webhook()[field];
      webhook()['state'] = 'active';
    },
    WebhookRemoved: () => void webhooks.delete(id),
  };
}

/** An older secret that signs no more is not shown. */
export function endOldSecrets(webhook: Fields, nowMs: number): void {
  webhook['secrets'] = (webhook['secrets'] as { validUntil?: string }[]).filter(
    ({ validUntil }) => validUntil === undefined || Date.parse(validUntil) > nowMs,
  );
}
