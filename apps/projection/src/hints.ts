/** Tells whoever keeps answers what has changed. No safety rests on it: a hint may be lost (G3). */
import { CHANGED_SUBJECT, type ChangeHint } from '@mcpstack/contracts';
import type { NatsConnection } from '@nats-io/transport-node';

/** What an answer about a key is made of. */
const CATEGORIES = new Set(['key', 'organization', 'agent']);

/** Publishes the ids that these streams are about, if an answer may depend on one of them. Never throws. */
export function publishHint(nats: Pick<NatsConnection, 'publish'>, streams: ReadonlySet<string>): void {
  const ids = [...streams].flatMap((stream) => {
    const dash = stream.indexOf('-');
    return CATEGORIES.has(stream.slice(0, dash)) ? [stream.slice(dash + 1)] : [];
  });
  if (ids.length === 0) return;
  try {
    nats.publish(CHANGED_SUBJECT, JSON.stringify({ ids } satisfies ChangeHint));
  } catch {
    // The connection is over; the answers that somebody keeps end by themselves.
  }
}
