/** What a database says of itself, in a stream of its own: which log it is, and whether it goes on from another one. */
import { EventStoreUnavailableError, LogCorruptError, LogIncompleteError } from '../errors.ts';
import type { RecordedEvent } from '../event-store.ts';
import type { Origin } from '../numbering.ts';

/** These names are a storage format. The id of the first one is the log's. */
export const NAMED = 'LogNamed';
export const BEGAN = 'LogRestoreBegan';
export const SEALED = 'LogRestored';

/** @param told the events of the stream. @throws LogCorruptError for what this software did not write. */
export function originIn([, began, sealed]: readonly RecordedEvent[]): Origin | undefined {
  if (!began) return undefined;
  const { originId, base } = began.data;
  if (began.type !== BEGAN || typeof originId !== 'string') throw foreign();
  const origin = { originId, base: numberIn(base) };
  if (!sealed) return origin;
  if (sealed.type !== SEALED) throw foreign();
  return { ...origin, sealed: { end: sealed.position, last: numberIn(sealed.data['last']) } };
}

function numberIn(value: unknown): bigint {
  if (typeof value !== 'string' || !/^(-1|\d{1,16})$/.test(value)) throw foreign();
  return BigInt(value);
}

function foreign(): LogCorruptError {
  return new LogCorruptError('What the log says of where it comes from was not written by this software.');
}

/** The server answers, and holds nothing of ours. */
export class NoLogError extends EventStoreUnavailableError {
  constructor(shown: string) {
    super(`The server at ${shown} holds no event log.`, { inDoubt: false });
  }
}

/** It says all itself. */
export const isPlain = (error: unknown): boolean =>
  error instanceof NoLogError || error instanceof LogIncompleteError;
