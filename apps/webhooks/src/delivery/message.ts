/** A message after the Standard Webhooks specification: what is sent, and how it is signed. */
import type { AuditEvent } from '@mcpstack/contracts';
import type { WatchedWebhook } from '@mcpstack/read-models';
import type { WebhookKeys } from '@mcpstack/service-kit';

export interface Message {
  /** The same in every attempt. */
  id: string;
  type: string;
  body: string;
}

/** `data` is the event as the API shows it. */
export function messageOf(event: AuditEvent): Message {
  const { id, type, at } = event;
  return { id, type, body: JSON.stringify({ type, timestamp: at, data: event }) };
}

export const PING = 'Ping';

export function pingOf(
  { id: webhookId, organizationId }: Pick<WatchedWebhook, 'id' | 'organizationId'>,
  id: string,
  nowMs: number,
): Message {
  const timestamp = new Date(nowMs).toISOString();
  return {
    id,
    type: PING,
    body: JSON.stringify({ type: PING, timestamp, data: { webhookId, organizationId } }),
  };
}

/** Signed with every secret that is in force: during a rotation with both, newest first. */
export function headersOf(
  { id, body }: Message,
  webhook: Pick<WatchedWebhook, 'id' | 'secrets'>,
  keys: Pick<WebhookKeys, 'sign'>,
  nowMs: number,
): Record<string, string> {
  const timestampS = Math.floor(nowMs / 1_000);
  const inForce = webhook.secrets.filter(
    ({ validUntil }) => validUntil === undefined || Date.parse(validUntil) > nowMs,
  );
  const signatures = inForce
    .toReversed()
    .map((secret) => keys.sign({ webhookId: webhook.id, ...secret }, { id, timestampS, body }));
  return {
    'Content-Type': 'application/json',
    'User-Agent': 'mcpstack-webhooks/1',
    'webhook-id': id,
    'webhook-timestamp': `${timestampS}`,
    'webhook-signature': signatures.join(' '),
  };
}
