/** Webhook: events and state. These names and shapes are a storage format (G10): never edit, add. */
import type { Actor, WebhookDisableReason } from '@mcpstack/contracts';
import { z } from 'zod';
import { eventCodec, firstVersion } from '../codec.ts';
import type { DomainEvent } from '../decider.ts';
import { id, name, text, time } from '../schemas.ts';

/** Which secret: what it is made from stands in no event. `keyVersion`: of the master key. */
const secret = { version: z.int().min(1), keyVersion: z.int().min(1) };

const webhookCreated = z.strictObject({
  webhookId: id('whk'),
  organizationId: id('org'),
  name: name.exactOptional(),
  url: text,
  /** Absent: all, also those to come. */
  eventTypes: z.array(text).exactOptional(),
  secret: z.strictObject(secret),
});
const webhookRenamed = z.strictObject({ name });
const webhookUrlChanged = z.strictObject({ url: text });
const webhookEventTypesChanged = z.strictObject({ eventTypes: z.array(text).exactOptional() });
const webhookSecretRotated = z.strictObject({ ...secret, previousValidUntil: time });
const webhookDisabled = z.strictObject({ reason: text, since: time.exactOptional() });
const webhookEnabled = z.strictObject({});
const webhookRemoved = z.strictObject({});

type Of<Type extends string, Schema extends z.ZodType> = DomainEvent<Type, z.infer<Schema>>;
export type WebhookCreated = Of<'WebhookCreated', typeof webhookCreated>;
export type WebhookRenamed = Of<'WebhookRenamed', typeof webhookRenamed>;
export type WebhookUrlChanged = Of<'WebhookUrlChanged', typeof webhookUrlChanged>;
export type WebhookEventTypesChanged = Of<'WebhookEventTypesChanged', typeof webhookEventTypesChanged>;
export type WebhookSecretRotated = Of<'WebhookSecretRotated', typeof webhookSecretRotated>;
export type WebhookDisabled = Of<'WebhookDisabled', typeof webhookDisabled>;
export type WebhookEnabled = Of<'WebhookEnabled', typeof webhookEnabled>;
export type WebhookRemoved = Of<'WebhookRemoved', typeof webhookRemoved>;
export type WebhookEvent =
  | WebhookCreated
  | WebhookRenamed
  | WebhookUrlChanged
  | WebhookEventTypesChanged
  | WebhookSecretRotated
  | WebhookDisabled
  | WebhookEnabled
  | WebhookRemoved;

export const webhookCodec = eventCodec<WebhookEvent>({
  WebhookCreated: firstVersion(webhookCreated),
  WebhookRenamed: firstVersion(webhookRenamed),
  WebhookUrlChanged: firstVersion(webhookUrlChanged),
  WebhookEventTypesChanged: firstVersion(webhookEventTypesChanged),
  WebhookSecretRotated: firstVersion(webhookSecretRotated),
  WebhookDisabled: firstVersion(webhookDisabled),
  WebhookEnabled: firstVersion(webhookEnabled),
  WebhookRemoved: firstVersion(webhookRemoved),
});

/** What a secret is made from beside the webhook's id; and until when an older one signs too. */
export interface WebhookSecretPart {
  version: number;
  keyVersion: number;
  createdAt: string;
  validUntil?: string;
}

export interface KnownWebhook {
  status: 'active' | 'disabled' | 'removed';
  id: string;
  organizationId: string;
  name?: string;
  url: string;
  eventTypes?: readonly string[];
  /** The one before, if any, and the current one. */
  secrets: readonly WebhookSecretPart[];
  /** Since when it is active, or was at last. */
  enabledAt: string;
  disabledAt?: string;
  disabledReason?: WebhookDisableReason;
  /** With a reason other than `requested`. */
  failingSince?: string;
  createdAt: string;
  createdBy: Actor;
}
export type WebhookState = { status: 'none' } | KnownWebhook;

export const noWebhook: WebhookState = { status: 'none' };

export function evolveWebhook(state: WebhookState, event: WebhookEvent): WebhookState {
  const { at } = event;
  if (event.type === 'WebhookCreated') {
    const { webhookId, secret: made, ...rest } = event.data;
    const secrets = [{ ...made, createdAt: at }];
    return {
      ...{ status: 'active', id: webhookId, ...rest, secrets, enabledAt: at },
      ...{ createdAt: at, createdBy: event.actor },
    };
  }
  if (state.status === 'none') return state;
  switch (event.type) {
    case 'WebhookRenamed':
      return { ...state, name: event.data.name };
    case 'WebhookUrlChanged':
      return { ...state, url: event.data.url };
    case 'WebhookEventTypesChanged': {
      const { eventTypes: _, ...rest } = state;
      return { ...rest, ...event.data };
    }
    case 'WebhookSecretRotated': {
      const { previousValidUntil, ...made } = event.data;
      const before = { ...state.secrets.at(-1)!, validUntil: previousValidUntil };
      return { ...state, secrets: [before, { ...made, createdAt: at }] };
    }
    case 'WebhookDisabled': {
      const { reason, since } = event.data;
      const disabledReason = reason as WebhookDisableReason;
      return {
        ...{ ...state, status: 'disabled', disabledAt: at, disabledReason },
        ...(since !== undefined && { failingSince: since }),
      };
    }
    case 'WebhookEnabled': {
      const { disabledAt: _at, disabledReason: _reason, failingSince: _since, ...rest } = state;
      return { ...rest, status: 'active', enabledAt: at };
    }
    case 'WebhookRemoved':
      return { ...state, status: 'removed' };
    default:
      return event satisfies never;
  }
}
