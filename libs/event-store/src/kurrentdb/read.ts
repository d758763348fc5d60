/** Reading one stream: forwards by a short subscription, backwards through the client's bulk reader. */
import type { KurrentDBClient, ResolvedEvent } from '@kurrent/kurrentdb-client';
import { AccessDeniedError, EventStoreUnavailableError, StreamDeletedError } from '../errors.ts';
import type { RecordedEvent, StreamName } from '../event-store.ts';
import type { Numbering } from '../numbering.ts';
import { classify } from './failures.ts';
import { Feed } from './feed.ts';
import { toRecorded } from './records.ts';
import { Deadline, backOffMs, pause, within, type Places } from './waiting.ts';

const FIRST_BACK_OFF_MS = 50;
const MOST_BACK_OFF_MS = 500;

export interface ReadCall {
  stream: StreamName;
  /** First revision, inclusive. */
  from: bigint | undefined;
  maxCount: number;
  /** For each wait for the server; the reader's own time does not count. */
  timeoutMs: number;
  numbering: Numbering;
}

/**
 * A subscription from the start until it has caught up: 1 ms, where a read through the client's native
 * bridge costs 43 ms (its socket delays small packets). A lost connection is resumed after the last
 * event handed out, within the time.
 */
export async function* readForwards(
  client: KurrentDBClient,
  places: Places,
  call: ReadCall,
): AsyncGenerator<RecordedEvent, void, undefined> {
  let after = (call.from ?? 0n) - 1n;
  let left = call.maxCount;
  let deadline = new Deadline(call.timeoutMs);
  for (let attempt = 0; left > 0; attempt += 1) {
    const giveBack = await places.take(deadline);
    const feed = new Feed(
      client.subscribeToStream(call.stream, { fromRevision: after < 0n ? 'start' : after }),
    );
    try {
      for (;;) {
        const event = await nextOf(feed, after, call, deadline);
        if (!event) return;
        after = event.revision;
        left -= 1;
        yield event;
        if (left === 0) return;
        deadline = new Deadline(call.timeoutMs);
        attempt = 0;
      }
    } catch (error) {
      const failure = classify(error);
      if (failure.kind !== 'unavailable') throw refusal(error, call.stream);
      const waitMs = backOffMs(attempt, FIRST_BACK_OFF_MS, MOST_BACK_OFF_MS);
      if (waitMs >= deadline.leftMs()) throw unanswered(call, error);
      await pause(waitMs);
    } finally {
      feed.close();
      giveBack();
    }
  }
}

/** The next event, or undefined once everything that stood in the stream has been read. */
async function nextOf(
  feed: Feed,
  after: bigint,
  call: ReadCall,
  deadline: Deadline,
): Promise<RecordedEvent | undefined> {
  for (;;) {
    const end = feed.caughtUp;
    // `caughtUp` runs ahead of the reader: what was sent before it may still wait in the buffer.
    if (end && (feed.empty || (end.revision !== undefined && after >= end.revision))) return undefined;
    const resolved = feed.take();
    const event = resolved && toRecorded(resolved, call.numbering);
    if (event) return event;
    if (feed.ended) throw unanswered(call);
    if (!resolved && (await feed.changed(deadline.leftMs())) === 'late') throw unanswered(call);
  }
}

/** The newest first. Slower than forwards: through the bridge, which alone can read backwards. */
export async function* readBackwards(
  client: KurrentDBClient,
  call: ReadCall,
): AsyncGenerator<RecordedEvent, void, undefined> {
  const events = client.readStream(call.stream, {
    direction: 'backwards',
    fromRevision: call.from ?? 'end',
    maxCount: call.maxCount,
  });
  for await (const event of bounded(events, call.timeoutMs, () => unanswered(call), call.stream)) {
    const recorded = toRecorded(event, call.numbering);
    if (recorded) yield recorded;
  }
}

/** Pulls the bulk reader against a timer. Of a stream that is not there it yields nothing. */
export async function* bounded<T extends ResolvedEvent>(
  events: AsyncIterable<T>,
  timeoutMs: number,
  late: () => Error,
  stream: StreamName,
): AsyncGenerator<T, void, undefined> {
  const iterator = events[Symbol.asyncIterator]();
  try {
    for (;;) {
      const next = await within(iterator.next(), timeoutMs, late);
      if (next.done) return;
      yield next.value;
    }
  } catch (error) {
    const failure = classify(error);
    if (failure.kind === 'stream-not-found') return;
    if (failure.kind !== 'unavailable') throw refusal(error, stream);
    throw error instanceof EventStoreUnavailableError
      ? error
      : new EventStoreUnavailableError(late().message, { inDoubt: false, cause: error });
  } finally {
    // Not awaited: a reader that hangs would hold us up here too.
    iterator.return?.(undefined).then(undefined, () => undefined);
  }
}

function refusal(error: unknown, stream: StreamName): unknown {
  const failure = classify(error);
  if (failure.kind === 'stream-deleted') return new StreamDeletedError(stream);
  if (failure.kind === 'access-denied') {
    return new AccessDeniedError(`The credentials do not allow reading ${stream}.`);
  }
  return error;
}

function unanswered({ stream, timeoutMs }: ReadCall, cause?: unknown): EventStoreUnavailableError {
  return new EventStoreUnavailableError(`No answer to a read of ${stream} within ${timeoutMs} ms.`, {
    inDoubt: false,
    cause,
  });
}
