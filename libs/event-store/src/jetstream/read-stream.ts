/** Reads one stream: a short one by its own pointers, a long one through a filtered consumer. */
import { EventStoreUnavailableError } from '../errors.ts';
import { DEFAULT_TIMEOUT_MS, type ReadOptions, type RecordedEvent, type StreamName } from '../event-store.ts';
import { Deadline } from './deadline.ts';
import type { LogStream } from './log-stream.ts';
import { isMeant, lastRevision, misled, type StoredAppend } from './message.ts';
import { Pull, PullInterrupted } from './pull.ts';
import { Reader } from './reader.ts';

/** Up to so many appends are read by their sequences; a consumer costs more than that to set up. */
const SHORT = 64;

export async function* readStream(
  log: LogStream,
  stream: StreamName,
  options: ReadOptions,
): AsyncGenerator<RecordedEvent> {
  const { direction = 'forwards', from, maxCount = Infinity } = options;
  const timeoutMs = options.timeoutMs ?? DEFAULT_TIMEOUT_MS;
  const reader = new Reader(log, new Deadline(timeoutMs));
  const tip = await reader.last(stream);
  if (!tip || maxCount <= 0) return;
  const end = lastRevision(tip);
  let left = maxCount;

  if (direction === 'backwards') {
    const start = from === undefined ? end : Math.min(Number(from), end);
    for await (const append of backwards(reader, tip, start, { maxCount, timeoutMs })) {
      for (const event of append.events().reverse()) {
        if (Number(event.revision) > start) continue;
        yield event;
        if ((left -= 1) <= 0) return;
      }
    }
    return;
  }
  const start = Number(from ?? 0n);
  if (start > end) return;
  for await (const append of forwards(reader, tip, start, { maxCount, timeoutMs })) {
    for (const event of append.events()) {
      if (Number(event.revision) < start) continue;
      yield event;
      if ((left -= 1) <= 0) return;
    }
  }
}

export interface Bounds {
  maxCount: number;
  timeoutMs: number;
}

async function* forwards(
  reader: Reader,
  tip: StoredAppend,
  start: number,
  bounds: Bounds,
): AsyncGenerator<StoredAppend> {
  let lowest = start === 0 ? undefined : await reader.seek(tip, start);
  // Of a long stream little may be left.
  if (!lowest && tip.ordinal >= SHORT) lowest = await reader.beginning(tip);
  if (tip.ordinal - (lowest?.ordinal ?? 0) < SHORT) {
    yield* await reader.collect(tip, lowest?.ordinal ?? 0);
    return;
  }
  yield* pulled(reader, tip, (lowest ?? tip.skips.at(-1)!).sequence, bounds);
}

/** The stream's appends from a sequence up to its tip. The time that the reader takes is not counted. */
async function* pulled(
  { log }: Reader,
  tip: StoredAppend,
  fromSequence: number,
  { maxCount, timeoutMs }: Bounds,
): AsyncGenerator<StoredAppend> {
  let last: StoredAppend | undefined;
  const subjects = [log.subjectOf(tip.stream)];
  let next = fromSequence;
  for (let deadline = new Deadline(timeoutMs); next <= tip.sequence;) {
    const options = { fromSequence: next, subjects, batch: Math.min(256, maxCount), silenceMs: timeoutMs };
    const pull = await Pull.open(log, options, deadline);
    try {
      while (next <= tip.sequence) {
        const append = (await pull.next())!;
        if (last && !follows(append, last)) await refuseGap(append, new Reader(log, new Deadline(timeoutMs)));
        last = append;
        next = append.sequence + 1;
        yield append;
        deadline = new Deadline(timeoutMs);
      }
    } catch (cause) {
      if (!(cause instanceof PullInterrupted)) throw cause;
      if (deadline.passed || log.connection.closed) {
        throw new EventStoreUnavailableError(
          `The event log at ${log.connection.where} stopped answering in the middle of ${tip.stream}.`,
          { inDoubt: false, cause },
        );
      }
    } finally {
      pull.close();
    }
  }
}

function follows(append: StoredAppend, last: StoredAppend): boolean {
  const [skip] = append.skips;
  return skip !== undefined && isMeant(append, skip, last);
}

/** Where something is missing, all before it was truncated while this read ran; else the stream is not as it was written. */
async function refuseGap(append: StoredAppend, reader: Reader): Promise<void> {
  const [skip] = append.skips;
  if (!skip || (await reader.before(append, skip))) throw misled(append);
}

/** The appends down from the one that holds `start`, as far as they stand. */
export async function* backwards(
  reader: Reader,
  tip: StoredAppend,
  start: number,
  { maxCount, timeoutMs }: Bounds,
): AsyncGenerator<StoredAppend> {
  let top = await reader.seek(tip, start);
  let chunk = reader;
  for (let left = maxCount; top && left > 0; left -= SHORT) {
    // Each append holds at least one event, so that no more of them than events can be needed.
    const lowest = Math.max(0, top.ordinal - Math.min(SHORT, left) + 1);
    const appends = await chunk.collect(top, lowest);
    yield* appends.reverse();
    const bottom: StoredAppend = appends.at(-1)!;
    chunk = new Reader(reader.log, new Deadline(timeoutMs));
    top = bottom.skips[0] && (await chunk.before(bottom, bottom.skips[0]));
  }
}
