/** One attempt at one message, whatever it is about: signed, sent, and what is noted of it. */
import type { AuditEvent, WebhookAttempt, WebhookDisableReason } from '@mcpstack/contracts';
import type { WatchedWebhook } from '@mcpstack/read-models';
import type { WebhookKeys } from '@mcpstack/service-kit';
import { headersOf, type Message } from './message.ts';
import type { Answer } from './send.ts';

export type Post = (
  url: string,
  parts: { headers: Record<string, string>; body: string },
  signal?: AbortSignal,
) => Promise<Answer>;

export interface AttemptDeps {
  post: Post;
  keys: Pick<WebhookKeys, 'sign'>;
  nowMs?: () => number;
}

/** The status with which a receiver says that it wants no more. */
export const GONE = 410;
/** Statuses with which a receiver asks for a pause: too many requests, or away. */
export const BUSY = new Set([429, 503]);

const UNSIGNED = 'its secret cannot be made: whoever runs the service has to look at WEBHOOK_KEY_FILE';

/** Nothing of what the receiver answered is kept but its status. `fault`: of ours, why nothing was sent. */
export async function attempt(
  { post, keys, nowMs = Date.now }: AttemptDeps,
  webhook: WatchedWebhook,
  message: Message,
  signal?: AbortSignal,
): Promise<{ answer: Answer; noted: WebhookAttempt; fault?: unknown }> {
  const beganMs = nowMs();
  const began = performance.now();
  let headers: Record<string, string> | undefined;
  let fault: unknown;
  try {
    headers = headersOf(message, webhook, keys, beganMs);
  } catch (error) {
    fault = error;
  }
  const answer = headers
    ? await post(webhook.url, { headers, body: message.body }, signal)
    : { ok: false, reason: UNSIGNED };
  const { ok, status, reason }: Answer = answer;
  const noted: WebhookAttempt = {
    ...{ at: isoOf(beganMs), messageId: message.id, type: message.type, attempt: 1, ok },
    ...{ ...(status !== undefined && { status }), ...(reason !== undefined && { reason }) },
    durationMs: Math.round(performance.now() - began),
  };
  return { answer, noted, ...(fault !== undefined && { fault }) };
}

export function isoOf(ms: number): string {
  return new Date(ms).toISOString();
}

/** `refused`: with an error; `unsent`: for a fault of ours. */
export type AttemptOutcome = 'delivered' | 'refused' | 'unanswered' | 'unsent';

/** Who is told of what is tried, to count it, and to put it into traces. */
export interface Told {
  /** Of an event, unless it is a ping. */
  onAttempt: (outcome: AttemptOutcome, noted: WebhookAttempt, webhookId: string, event?: AuditEvent) => void;
  /** Issuance is asked to disable a webhook. */
  onDisable: (reason: WebhookDisableReason) => void;
}

export function outcomeOf({ ok, status }: Answer, fault: unknown): AttemptOutcome {
  if (ok) return 'delivered';
  if (fault !== undefined) return 'unsent';
  return status === undefined ? 'unanswered' : 'refused';
}
