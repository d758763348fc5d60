/** An event of the log as the domain reads it; of one that it cannot read, where it stands. */
import {
  categoryOf,
  codecFor,
  InvalidEventError,
  UnknownEventError,
  type DomainEvent,
} from '@mcpstack/domain';
import { type RecordedEvent } from '@mcpstack/event-store';

/** @throws UnknownEventError and InvalidEventError, which name the place: an event is never skipped. */
export function decode(stored: RecordedEvent): DomainEvent {
  try {
    return codecFor(categoryOf(stored.stream)).decode(stored);
  } catch (error) {
    const { stream, revision, position } = stored;
    const place = `${stream}@${revision}, at position ${position}`;
    if (error instanceof UnknownEventError) throw new UnknownEventError(`${error.message} (${place})`);
    if (error instanceof InvalidEventError) throw new InvalidEventError(`${error.message} (${place})`);
    throw error;
  }
}
