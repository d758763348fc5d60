/** Between the client's events and the port's. */
import { jsonEvent, type EventData, type ResolvedEvent } from '@kurrent/kurrentdb-client';
import type { NewEvent, RecordedEvent } from '../event-store.ts';

/**
 * KurrentDB tells no client which database it is, so ours carries its name itself: one event with a
 * random id, written once. A backup takes it along (it is the same log), an emptied database gets another.
 */
export const IDENTITY_STREAM = 'log-identity';

export function toEventData(event: NewEvent): EventData {
  return jsonEvent({ id: event.id, type: event.type, data: event.data, metadata: event.metadata });
}

/** Undefined for what carries no event (a link whose target is gone). */
export function toRecorded(resolved: ResolvedEvent): RecordedEvent | undefined {
  const { event } = resolved;
  if (!event?.position) return undefined;
  return {
    stream: event.streamId,
    id: event.id,
    type: event.type,
    // Somebody else's event may be bytes or text: the codec of the reader refuses it, not the log.
    data: event.data as Record<string, unknown>,
    metadata: (event.metadata ?? {}) as Record<string, unknown>,
    revision: event.revision,
    position: event.position.commit,
  };
}
