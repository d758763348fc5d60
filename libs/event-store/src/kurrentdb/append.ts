/**
 * One append, retried within its time. The ids and the revision stay the same, so a retry of what was
 * written after all gets the original answer from the server, across its restarts too.
 */
import type { KurrentDBClient } from '@kurrent/kurrentdb-client';
import {
  AccessDeniedError,
  AppendTooLargeError,
  ConflictError,
  EventStoreUnavailableError,
  StreamDeletedError,
} from '../errors.ts';
import type { AppendResult, ExpectedRevision, NewEvent, RecordedEvent, StreamName } from '../event-store.ts';
import type { Numbering } from '../numbering.ts';
import { classify } from './failures.ts';
import { toEventData } from './records.ts';
import { backOffMs, pause, within, type Deadline } from './waiting.ts';

/** What stands in the stream after `revision`, in order. */
export type ReadAfter = (
  stream: StreamName,
  revision: bigint,
  maxCount: number,
  deadline: Deadline,
) => Promise<RecordedEvent[]>;

export interface AppendCall {
  stream: StreamName;
  expected: ExpectedRevision;
  events: readonly NewEvent[];
  deadline: Deadline;
  numbering: Numbering;
  /** Of one event that is brought from another log. */
  position?: bigint;
}

const FIRST_BACK_OFF_MS = 50;
const MOST_BACK_OFF_MS = 1_000;

export async function append(
  client: KurrentDBClient,
  readAfter: ReadAfter,
  call: AppendCall,
): Promise<AppendResult> {
  const { deadline } = call;
  let inDoubt = false;
  for (let attempt = 0; ; attempt += 1) {
    try {
      const written = (await attemptOnce(client, call)) ?? (await refuseGone(readAfter, call));
      const { revision, native } = written;
      const position = call.numbering.positionOf(native, String(call.position));
      if (position !== undefined) return { revision, position };
      // A retry of what was written to the log that this one goes on from.
      return (await standingAnswer(readAfter, call)) ?? { revision, position: -1n };
    } catch (error) {
      const failure = classify(error);
      if (failure.kind !== 'unavailable') throw refusal(error, call);
      inDoubt ||= failure.sent;
      const waitMs = backOffMs(attempt, FIRST_BACK_OFF_MS, MOST_BACK_OFF_MS);
      if (waitMs >= deadline.leftMs()) throw unanswered(call, inDoubt, error);
      await pause(waitMs);
      // A retry that overtakes its original is held by the server for seconds: look first.
      const standing = inDoubt ? await standingAnswer(readAfter, call) : undefined;
      if (standing) return standing;
      if (deadline.passed()) throw unanswered(call, inDoubt, error);
    }
  }
}

/** Undefined when it was written once, and deleted or truncated since: nothing of it can be read. */
async function attemptOnce(
  client: KurrentDBClient,
  call: AppendCall,
): Promise<{ revision: bigint; native: bigint } | undefined> {
  const { stream, expected, events, deadline } = call;
  const leftMs = deadline.leftMs();
  const work = client.appendToStream(
    stream,
    events.map((event) => toEventData(event, call.position)),
    {
      streamState: expected,
      deadline: Math.max(1, Math.floor(leftMs)),
    },
  );
  const result = await within(work, leftMs, () => unanswered(call, true));
  if (!result.success || !result.position) return undefined;
  return { revision: result.nextExpectedRevision, native: result.position.commit };
}

/** @throws ConflictError when the stream goes on without it, else StreamDeletedError. */
async function refuseGone(readAfter: ReadAfter, { stream, expected, deadline }: AppendCall): Promise<never> {
  const last = (await readAfter(stream, -1n, Infinity, deadline)).at(-1);
  throw last ? new ConflictError(stream, expected, last.revision) : new StreamDeletedError(stream);
}

/** The original answer, when exactly our events stand where the append wanted them. */
async function standingAnswer(readAfter: ReadAfter, call: AppendCall): Promise<AppendResult | undefined> {
  const { stream, expected, events, deadline } = call;
  const from = expected === 'no_stream' ? -1n : expected;
  try {
    const there = await readAfter(stream, from, events.length, deadline);
    const last = there.at(-1);
    const ours =
      there.length === events.length &&
      there.every((event, at) => event.id === events[at]?.id && event.revision === from + BigInt(at) + 1n);
    return ours && last ? { revision: last.revision, position: last.position } : undefined;
  } catch {
    // Still no answer: the append is tried again, and says itself what is wrong.
    return undefined;
  }
}

function refusal(error: unknown, { stream, expected }: AppendCall): unknown {
  const failure = classify(error);
  switch (failure.kind) {
    case 'conflict':
      return new ConflictError(stream, expected, failure.actual);
    case 'stream-deleted':
      return error instanceof StreamDeletedError ? error : new StreamDeletedError(stream);
    case 'access-denied':
      return new AccessDeniedError(`The credentials do not allow appending to ${stream}.`);
    case 'too-large':
      return new AppendTooLargeError(`The server refuses an append of this size to ${stream}.`);
    default:
      return error;
  }
}

function unanswered({ stream, deadline }: AppendCall, inDoubt: boolean, cause?: unknown): Error {
  const what = inDoubt ? 'it may have been written' : 'it was not written';
  return new EventStoreUnavailableError(
    `No answer to an append to ${stream} within ${deadline.timeoutMs} ms; ${what}.`,
    { inDoubt, cause },
  );
}
