/** Webhooks: where an organization's audit events are sent to, and what became of the messages. */
import type { AuditEventType, AuditSubjectKind } from './audit-events.ts';
import type { Actor } from './resources.ts';

/**
 * `requested`: somebody asked. `failing`: for days nothing but failure. `gone`: the receiver answered 410, which says
 * that it wants no more.
 */
export const WEBHOOK_DISABLE_REASONS = ['requested', 'failing', 'gone'] as const;
export type WebhookDisableReason = (typeof WEBHOOK_DISABLE_REASONS)[number];

/** In the place of a list of types: all of them, also those to come. */
export const ALL_EVENT_TYPES = '*';

export interface Webhook {
  id: string;
  organizationId: string;
  name?: string;
  url: string;
  /** Absent means all, also those to come. */
  eventTypes?: readonly AuditEventType[];
  state: 'active' | 'disabled' | 'removed';
  disabledAt?: string;
  disabledReason?: WebhookDisableReason;
  /** Of one that is disabled for failing: since when. */
  failingSince?: string;
  /** Those that messages are signed with, oldest first; the last one is current. */
  secrets: readonly WebhookSecret[];
  createdAt: string;
  createdBy: Actor;
  revision: string;
}
export interface WebhookSecret {
  /** 1, 2, 3, … */
  version: number;
  createdAt: string;
  /** Until when messages are also signed with an older one. */
  validUntil?: string;
}

/** One attempt to deliver one message. Nothing of what the receiver answered but its status. */
export interface WebhookAttempt {
  /** ISO 8601. */
  at: string;
  /** The `webhook-id` of the message: the event's id, the same in every attempt. */
  messageId: string;
  /** The type of the event; `Ping` of a test. */
  type: string;
  subject?: { kind: AuditSubjectKind; id: string };
  /** Of the event in the log; absent of a test. */
  position?: string;
  /** 1, 2, 3, … of this event. */
  attempt: number;
  ok: boolean;
  /** The HTTP status, where there was an answer. */
  status?: number;
  /** Why it failed, in words. */
  reason?: string;
  durationMs: number;
}

/** How far a webhook has been told. */
export interface WebhookProgress {
  /** Every event up to this position was delivered, or is none that the webhook wants. Decimal. */
  position: string;
  /** Events that wait, of those that have been looked at: at most the window's 256. */
  waiting: number;
  /** Since when there was nothing but failure. */
  failingSince?: string;
  /** When it is tried again. */
  nextAttemptAt?: string;
  /** Events between these positions were no longer kept when their turn came: they were not delivered. */
  gap?: { after: string; before: string; at: string };
  /** When somebody last had it told again, by which request, and from where on. */
  replayed?: { after: string; at: string; requestId: string };
}

/** Why the webhooks service does not do what it was asked. */
export type WebhookAskProblem = 'not-found' | 'not-active' | 'bad-position' | 'busy' | 'unavailable';

interface WebhookAsk {
  organizationId: string;
  webhookId: string;
  requestId: string;
}
/** Asked over `WEBHOOK_SUBJECTS.checkUrl`. */
export interface CheckWebhookUrlRequest {
  url: string;
}
/** `problem` goes on after the field's name. */
export interface CheckWebhookUrlReply {
  problem?: string;
}
/** Sends a message of type `Ping` now; also to one that is disabled. */
export type TestWebhookRequest = WebhookAsk;
export interface TestWebhookReply {
  attempt?: WebhookAttempt;
  problem?: WebhookAskProblem;
}
/**
 * Goes back: on from after this position, or from the first event at or after this time, whatever was delivered before.
 * A position beyond what was delivered is `bad-position`: nothing is skipped.
 */
export interface ReplayWebhookRequest extends WebhookAsk {
  from: { position: string } | { time: string };
}
export interface ReplayWebhookReply {
  progress?: WebhookProgress;
  problem?: WebhookAskProblem;
}
export type WebhookDeliveriesRequest = WebhookAsk;
export interface WebhookDeliveriesReply {
  progress?: WebhookProgress;
  /** The latest ones, newest first; at most 50. */
  attempts?: readonly WebhookAttempt[];
  problem?: WebhookAskProblem;
}
