/** What one append may hold, measured in one way for both adapters. */
import { AppendTooLargeError } from './errors.ts';
import { MAX_APPEND_BYTES, MAX_EVENTS_PER_APPEND, type NewEvent } from './event-store.ts';

/** The events as one JSON text: what an append is measured by. */
export function appendBody(events: readonly NewEvent[]): string {
  return JSON.stringify(events.map(({ id, type, data, metadata }) => ({ id, type, data, metadata })));
}

/**
 * Refuses an append that is over the limits, before anything is sent.
 * @returns the events as one JSON text.
 * @throws AppendTooLargeError over MAX_EVENTS_PER_APPEND events or MAX_APPEND_BYTES bytes.
 */
export function checkAppend(events: readonly NewEvent[]): string {
  if (events.length > MAX_EVENTS_PER_APPEND) {
    throw new AppendTooLargeError(
      `One append holds at most ${MAX_EVENTS_PER_APPEND} events, not ${events.length}.`,
    );
  }
  const body = appendBody(events);
  const bytes = Buffer.byteLength(body);
  if (bytes > MAX_APPEND_BYTES) {
    throw new AppendTooLargeError(`One append holds at most ${MAX_APPEND_BYTES} bytes, not ${bytes}.`);
  }
  return body;
}
