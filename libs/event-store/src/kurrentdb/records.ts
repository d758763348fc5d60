/** Between the client's events and the port's. */
import { jsonEvent, type EventData, type ResolvedEvent } from '@kurrent/kurrentdb-client';
import type { NewEvent, RecordedEvent } from '../event-store.ts';
import type { Numbering } from '../numbering.ts';

/**
 * KurrentDB tells no client which database it is, so ours carries its name itself: one event with a
 * random id, written once. A backup takes it along (it is the same log), an emptied database gets another.
 */
export const IDENTITY_STREAM = 'log-identity';

/** Beside the metadata of an event that was brought from another log: the position that it has. A storage format. */
const POSITION = 'mcpstackPosition';

/** @param position kept with it; absent: it gets the one that the server gives. */
export function toEventData({ id, type, data, metadata }: NewEvent, position?: bigint): EventData {
  const kept = position === undefined ? metadata : { ...metadata, [POSITION]: String(position) };
  return jsonEvent({ id, type, data, metadata: kept });
}

/** Undefined for what carries no event (a link whose target is gone, a filled place). */
export function toRecorded(resolved: ResolvedEvent, numbering: Numbering): RecordedEvent | undefined {
  const { event } = resolved;
  if (!event?.position) return undefined;
  let metadata = (event.metadata ?? {}) as Record<string, unknown>;
  let stored: unknown;
  if (numbering.isBrought(event.position.commit)) ({ [POSITION]: stored, ...metadata } = metadata);
  const position = numbering.positionOf(event.position.commit, stored);
  if (position === undefined) return undefined;
  return {
    stream: event.streamId,
    id: event.id,
    type: event.type,
    // Somebody else's event may be bytes or text: the codec of the reader refuses it, not the log.
    data: event.data as Record<string, unknown>,
    metadata,
    revision: event.revision,
    position,
  };
}
