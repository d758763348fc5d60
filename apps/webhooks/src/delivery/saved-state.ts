/** What is kept of a webhook across restarts, as its entry in the bucket holds it. */
import type { WebhookAttempt, WebhookProgress } from '@mcpstack/contracts';
import { z } from 'zod';

/** So many of the latest attempts are kept. */
export const KEPT_ATTEMPTS = 50;

const position = z.string().regex(/^\d{1,20}$/);
const attempt = z.looseObject({ at: z.string(), messageId: z.string(), type: z.string() });

const Saved = z.object({
  /** Everything up to here is delivered, or is none that the webhook wants. */
  cursor: position,
  /** Beyond it: delivered already. */
  delivered: z.array(position),
  /** Beyond it: failed so often, and due again then (milliseconds since 1970). */
  failed: z.array(z.tuple([position, z.number(), z.number()])),
  /** Since when there is nothing but failure, how often in a row, and until when nothing is tried. */
  failingSinceMs: z.number().optional(),
  failures: z.number(),
  pausedUntilMs: z.number().optional(),
  gap: z.object({ after: position, before: position, at: z.string() }).optional(),
  replayed: z.object({ after: position, at: z.string(), requestId: z.string() }).optional(),
  /** Newest last. */
  attempts: z.array(attempt),
});

export interface SavedState extends Omit<z.infer<typeof Saved>, 'gap' | 'replayed' | 'attempts'> {
  gap?: NonNullable<WebhookProgress['gap']>;
  replayed?: NonNullable<WebhookProgress['replayed']>;
  attempts: WebhookAttempt[];
}

export function freshState(cursor: string): SavedState {
  return { cursor, delivered: [], failed: [], failures: 0, attempts: [] };
}

export function encodeState(state: SavedState): string {
  return JSON.stringify(state);
}

/** @throws when it is none: to begin anew in silence would skip events. */
export function decodeState(text: string): SavedState {
  return Saved.parse(JSON.parse(text)) as unknown as SavedState;
}
