/** A log into which another one is brought, event by event. */
import { EventStoreUrlError } from './errors.ts';
import type { CallOptions, EventStore, NewEvent, RecordedEvent } from './event-store.ts';
import type { Origin } from './numbering.ts';
import { openEventStore, type OpenOptions } from './open.ts';

/**
 * From `begin` to `seal` it may be read, and nothing but `bring` may write: every other opening is refused, so that no
 * service takes a part for the whole.
 */
export interface RestorableLog extends EventStore {
  /** Undefined for a log that was begun here. */
  origin(): Origin | undefined;
  /** @throws EventStoreUrlError for a log that holds events. */
  begin(origin: Pick<Origin, 'originId' | 'base'>, options?: CallOptions): Promise<void>;
  /**
   * Appends an event at the revision that it has, with the position that it has. May be repeated.
   * @throws ConflictError when another one stands there.
   */
  bring(event: RecordedEvent, options?: CallOptions): Promise<void>;
  /** Fills the place of events that were erased from the beginning of a stream; to be truncated before `seal`. */
  fill(stream: string, after: bigint, events: readonly NewEvent[]): Promise<void>;
  /** From now on it is a log as any other. @param last position of the last event. */
  seal(last: bigint, options?: CallOptions): Promise<void>;
}

/** @throws as openEventStore. */
export async function openRestorableLog(url: string, options: OpenOptions = {}): Promise<RestorableLog> {
  return (await openEventStore(url, { ...options, whileRestored: true })) as RestorableLog;
}

export function notEmpty(): EventStoreUrlError {
  return new EventStoreUrlError(
    'The log there is not empty, and holds no part of this one: take an empty database (JetStream: no stream mcpstack_log, or an empty one).',
  );
}
