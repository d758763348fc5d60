/**
 * The chain of a stream (G9): each event carries the digest of the one before it, so that none can be changed, left
 * out or put between without all later ones telling. What was written before there were chains stays as it is: the
 * first new event carries the digest of the last old one.
 */
import { randomBytes } from 'node:crypto';
import { eventDigest, type DigestedEvent } from './event-digest.ts';
import type { NewEvent, StreamName } from './event-store.ts';
import { categoryOf } from './stream-name.ts';

/** Where a chain stands: its last event. */
export interface ChainEnd {
  revision: bigint;
  /** Of the last event, hexadecimal. */
  digest: string;
}

/** Streams that hold what people may have erased. The digests of their events stay for ever. */
const PERSONAL = 'user';
const SALT_BYTES = 16;

/** The end of a chain whose last event is this one. */
export function chainEnd(event: DigestedEvent): ChainEnd {
  return { revision: event.revision, digest: eventDigest(event).toString('hex') };
}

/**
 * The events as they are to be appended after `end` (absent: as the first of their stream), each with the digest of
 * the one before it.
 */
export function chained(
  stream: StreamName,
  end: ChainEnd | undefined,
  events: readonly NewEvent[],
): NewEvent[] {
  let at = end;
  return events.map((event, index) => {
    const metadata = at ? { ...event.metadata, previousDigest: at.digest } : event.metadata;
    const next = { ...event, metadata };
    const revision = (at?.revision ?? -1n) + 1n;
    if (index < events.length - 1) at = chainEnd({ ...next, stream, revision });
    return next;
  });
}

/** What an event of this stream is salted with, or nothing where no person's data stands. */
export function newSalt(stream: StreamName): { salt?: string } {
  if (categoryOf(stream) !== PERSONAL) return {};
  return { salt: randomBytes(SALT_BYTES).toString('base64') };
}
