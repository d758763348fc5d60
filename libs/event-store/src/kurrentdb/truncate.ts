/**
 * Truncates a stream on KurrentDB: `$tb` in the stream's metadata hides what is below it from reads at once, and a
 * scavenge removes it. The document is replaced as a whole, so it is read first and written only where it still stands.
 */
import { randomUUID } from 'node:crypto';
import {
  ConflictError,
  EventStoreUnavailableError,
  StreamDeletedError,
  TruncationRefusedError,
} from '../errors.ts';
import type { AppendResult, NewEvent, RecordedEvent, StreamName } from '../event-store.ts';
import { backOffMs, pause, type Deadline } from './waiting.ts';

/** How the log is read and written here, metadata streams included. */
export interface TruncateCalls {
  /** The newest event of a stream. */
  newest(stream: StreamName, deadline: Deadline): Promise<RecordedEvent | undefined>;
  /** The first event of a stream that stands at `revision` or after it. */
  firstFrom(stream: StreamName, revision: bigint, deadline: Deadline): Promise<RecordedEvent | undefined>;
  append(
    stream: StreamName,
    expected: 'no_stream' | bigint,
    event: NewEvent,
    deadline: Deadline,
  ): Promise<AppendResult>;
}

const MOST_TRIES = 50;
const FIRST_BACK_OFF_MS = 5;
const MOST_BACK_OFF_MS = 500;

export async function truncate(
  calls: TruncateCalls,
  stream: StreamName,
  before: bigint,
  deadline: Deadline,
): Promise<void> {
  if (before < 0n) throw pastTheLast(stream, before);
  for (let tries = 0; ; tries += 1) {
    try {
      return await attemptOnce(calls, stream, before, deadline);
    } catch (error) {
      const waitMs = backOffMs(tries, FIRST_BACK_OFF_MS, MOST_BACK_OFF_MS);
      if (!mayTryAgain(error) || tries === MOST_TRIES || waitMs >= deadline.leftMs()) throw error;
      await pause(waitMs);
    }
  }
}

async function attemptOnce(
  calls: TruncateCalls,
  stream: StreamName,
  before: bigint,
  deadline: Deadline,
): Promise<void> {
  const metadataStream = `$$${stream}`;
  const standing = await calls.newest(metadataStream, deadline);
  const document = standing?.data ?? {};
  if (truncatedBefore(document) >= before) return;
  const first = await calls.firstFrom(stream, before, deadline);
  if (!first) throw pastTheLast(stream, before);
  const data = { ...document, $tb: Number(before) };
  const event = { id: randomUUID(), type: '$metadata', data, metadata: {} };
  await calls.append(metadataStream, standing?.revision ?? 'no_stream', event, deadline);
}

function pastTheLast(stream: StreamName, before: bigint): TruncationRefusedError {
  return new TruncationRefusedError(stream, before, 'the last event has to stay');
}

/**
 * Somebody else replaced the document, and what they wrote is kept too. (A retry of ours that they overtook is answered
 * as if the stream were deleted: of a metadata stream only the newest event is seen.) Or there was no answer.
 */
function mayTryAgain(error: unknown): boolean {
  return (
    error instanceof ConflictError ||
    error instanceof StreamDeletedError ||
    error instanceof EventStoreUnavailableError
  );
}

/** A soft deletion is a number beyond all revisions, which JSON does not hold exactly. */
function truncatedBefore({ $tb }: Record<string, unknown>): bigint {
  return typeof $tb === 'number' && $tb > 0 ? BigInt($tb) : 0n;
}
