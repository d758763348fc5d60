/** What the client's errors mean. The client has several shapes for one cause: all of them meet here. */
import { EventStoreUnavailableError } from '../errors.ts';

export type Failure =
  /** The stream stands elsewhere. */
  | { kind: 'conflict'; actual: bigint | 'no_stream' }
  | { kind: 'stream-deleted' }
  | { kind: 'stream-not-found' }
  | { kind: 'access-denied' }
  | { kind: 'too-large' }
  /** The position to go on after is in no log that this server knows. */
  | { kind: 'invalid-position' }
  /** No answer. `sent`: the server may have acted all the same. */
  | { kind: 'unavailable'; sent: boolean }
  /** Our own mistake, or something new: not to be retried. */
  | { kind: 'other' };

interface ClientError {
  type?: unknown;
  code?: unknown;
  message?: unknown;
  actualState?: unknown;
}

const ABORTED = 10;
const INTERNAL = 13;
const UNAVAILABLE = 14;
const IN_DOUBT_TYPES = new Set(['unavailable', 'cancelled', 'deadline-exceeded', 'timeout', 'not-leader']);
/** What the client says before it has a connection: nothing has left this process then. */
const NEVER_SENT = /No connection established|Name resolution failed|Failed to discover/;
/** A server that is shutting down or timed out inside; the client calls both "unknown". */
const IN_DOUBT_TEXT = /Server Is Not Ready|Operation timed out/;

export function classify(error: unknown): Failure {
  if (error instanceof EventStoreUnavailableError) return { kind: 'unavailable', sent: error.inDoubt };
  const { type, code, message, actualState } = (error ?? {}) as ClientError;
  const text = typeof message === 'string' ? message : '';
  switch (type) {
    case 'wrong-expected-version':
      return { kind: 'conflict', actual: typeof actualState === 'bigint' ? actualState : 'no_stream' };
    case 'stream-deleted':
    case 'stream-tombstoned':
      return { kind: 'stream-deleted' };
    case 'stream-not-found':
      return { kind: 'stream-not-found' };
    case 'access-denied':
      return { kind: 'access-denied' };
    case 'maximum-append-size-exceeded':
    case 'append-record-size-exceeded':
    case 'transaction-max-size-exceeded':
      return { kind: 'too-large' };
    default:
  }
  if (/invalid position/i.test(text)) return { kind: 'invalid-position' };
  const inDoubt =
    IN_DOUBT_TYPES.has(String(type)) ||
    code === ABORTED ||
    code === INTERNAL ||
    code === UNAVAILABLE ||
    IN_DOUBT_TEXT.test(text) ||
    NEVER_SENT.test(text);
  return inDoubt ? { kind: 'unavailable', sent: !NEVER_SENT.test(text) } : { kind: 'other' };
}
