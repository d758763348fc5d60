/** Writes events as the services do, for the specs of what an auditor reads. */
import { randomUUID } from 'node:crypto';
import { type Actor } from '@mcpstack/contracts';
import { codecFor, streamName, type Category } from '@mcpstack/domain';
import { type EventStore, type NewEvent } from '@mcpstack/event-store';

export const SETUP: Actor = { type: 'system', id: 'setup' };
const MOST_AT_ONCE = 200;

export interface Happening {
  type: string;
  data: object;
  at: string;
  /** The set-up if absent. */
  actor?: Actor;
  requestId?: string;
}

export class LogWriter {
  readonly #revisions = new Map<string, bigint>();

  constructor(readonly store: EventStore) {}

  /** One after the other, at the end of the aggregate's stream. Returns the position of the last. */
  async put(category: Category, id: string, ...all: readonly Happening[]): Promise<bigint> {
    const stream = streamName(category, id);
    let position = -1n;
    for (let at = 0; at < all.length; at += MOST_AT_ONCE) {
      const events = all.slice(at, at + MOST_AT_ONCE).map((one) => stored(category, one));
      position = await this.putStored(stream, events);
    }
    return position;
  }

  /** Events as they are, such as one that nobody knows. */
  async putStored(stream: string, events: readonly NewEvent[]): Promise<bigint> {
    const at = this.#revisions.get(stream);
    const { revision, position } = await this.store.append(stream, at ?? 'no_stream', events);
    this.#revisions.set(stream, revision);
    return position;
  }
}

/** As the codec writes it. */
export function stored(
  category: Category,
  { type, data, at, actor = SETUP, requestId }: Happening,
): NewEvent {
  const encoded = codecFor(category).encode({ type, data, at, actor });
  const metadata = {
    $correlationId: requestId ?? `req-${type}`,
    $causationId: randomUUID(),
    actor,
    at,
    schemaVersion: encoded.schemaVersion,
    requestDigest: '0'.repeat(64),
  };
  return { id: randomUUID(), type, data: encoded.data, metadata };
}
