/** One attempt at one message, whatever it is about: signed, sent, and what is noted of it. */
import type { WebhookAttempt } from '@mcpstack/contracts';
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

/** Nothing of what the receiver answered is kept but its status. */
export async function attempt(
  { post, keys, nowMs = Date.now }: AttemptDeps,
  webhook: WatchedWebhook,
  message: Message,
  signal?: AbortSignal,
): Promise<{ answer: Answer; noted: WebhookAttempt }> {
  const beganMs = nowMs();
  const began = performance.now();
  const parts = { headers: headersOf(message, webhook, keys, beganMs), body: message.body };
  const answer = await post(webhook.url, parts, signal);
  const { ok, status, reason } = answer;
  const noted: WebhookAttempt = {
    ...{ at: isoOf(beganMs), messageId: message.id, type: message.type, attempt: 1, ok },
    ...{ ...(status !== undefined && { status }), ...(reason !== undefined && { reason }) },
    durationMs: Math.round(performance.now() - began),
  };
  return { answer, noted };
}

export function isoOf(ms: number): string {
  return new Date(ms).toISOString();
}
