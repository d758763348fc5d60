/** What the stand-in for issuance answers to commands on webhooks. */
import { randomBytes } from 'node:crypto';
import { deriveId, WEBHOOK_SUBJECTS, type Actor, type Webhook } from '@mcpstack/contracts';
import type { NatsConnection } from '@nats-io/transport-node';
import type { Answers } from './stand-in-answers.ts';

const AT = '2026-01-01T00:00:00.000Z';
const at = { position: '44' };

export function webhook(
  organizationId: string,
  id: string,
  createdBy: Actor,
  { eventTypes, ...change }: Partial<Omit<Webhook, 'eventTypes'>> & { eventTypes?: readonly string[] } = {},
): Webhook {
  return {
    id,
    organizationId,
    url: 'https://siem.example.com/in',
    ...(eventTypes && eventTypes[0] !== '*' && ({ eventTypes } as Pick<Webhook, 'eventTypes'>)),
    state: 'active',
    secrets: [{ version: 1, createdAt: AT }],
    createdAt: AT,
    createdBy,
    revision: '7',
    ...change,
  };
}

type WebhookCommand = Extract<keyof Answers, `${string}Webhook${string}`>;

/** @param secrets where each secret that is answered is noted. */
export function webhookAnswers(secrets: string[]): Pick<Answers, WebhookCommand> {
  const newWebhookSecret = (): { secret: string } => {
    const secret = `whsec_${randomBytes(32).toString('base64')}`;
    secrets.push(secret);
    return { secret };
  };
  return {
    createWebhook: ({ organizationId, ...terms }, { commandId, actor }) => ({
      webhook: webhook(organizationId, deriveId('webhook', commandId), actor, terms),
      ...newWebhookSecret(),
      ...at,
    }),
    updateWebhook: ({ organizationId, webhookId, ifRevision: _, ...change }, { actor }) => ({
      webhook: webhook(organizationId, webhookId, actor, change),
      ...at,
    }),
    rotateWebhookSecret: ({ organizationId, webhookId }, { actor }) => ({
      webhook: webhook(organizationId, webhookId, actor),
      ...newWebhookSecret(),
      ...at,
    }),
    disableWebhook: ({ organizationId, webhookId, reason }, { actor }) => ({
      webhook: webhook(organizationId, webhookId, actor, {
        state: 'disabled',
        disabledAt: AT,
        disabledReason: reason,
      }),
      ...at,
    }),
    enableWebhook: ({ organizationId, webhookId }, { actor }) => ({
      webhook: webhook(organizationId, webhookId, actor),
      ...at,
    }),
    removeWebhook: () => at,
  };
}

/** Answers what the webhooks service is asked. */
export class StandInWebhooks {
  readonly asked: { name: string; request: Record<string, unknown> }[] = [];
  /** By the name of the question; `silent` answers nothing. */
  replies: Record<string, object | 'silent'> = {};

  constructor(connection: NatsConnection) {
    for (const [name, subject] of Object.entries(WEBHOOK_SUBJECTS))
      connection.subscribe(subject, {
        callback: (_error, message) => {
          this.asked.push({ name, request: message.json<Record<string, unknown>>() });
          const reply = this.replies[name] ?? {};
          if (reply !== 'silent') message.respond(JSON.stringify(reply));
        },
      });
  }
}
