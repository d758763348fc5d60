/** Follows the whole log, or some categories of it, for ever. */
import { setTimeout as sleep } from 'node:timers/promises';
import { EventStoreUnavailableError, LogCorruptError } from '../errors.ts';
import { DEFAULT_TIMEOUT_MS, type RecordedEvent, type SubscribeOptions } from '../event-store.ts';
import { categoryOf, checkCategory } from '../stream-name.ts';
import { Deadline } from './deadline.ts';
import type { LogStream } from './log-stream.ts';
import { sequenceOf } from './message.ts';
import { Pointers } from './pointers.ts';
import { Pull, PullInterrupted } from './pull.ts';

/** Two heartbeats may be missed. Older servers do not say that a consumer is gone: only this finds it out. */
const SILENCE_MS = 2_500;
const FIRST_WAIT_MS = 50;
const LONGEST_WAIT_MS = 2_000;

export async function* subscribe(log: LogStream, options: SubscribeOptions): AsyncGenerator<RecordedEvent> {
  const { signal, onState, onCorrupt, categories } = options;
  const wanted = categories && new Set(categories);
  let last = options.after ?? -1n;
  let told = last;
  /** The last message that was handed out: where a lost connection is resumed. */
  let seen = 0;
  let waitMs = FIRST_WAIT_MS;
  const pointers = onCorrupt && new Pointers();
  // A name that can be no category is the caller's error, not an interruption.
  for (const category of categories ?? []) checkCategory(category);
  while (!signal.aborted) {
    let pull: Pull | undefined;
    try {
      const subjects = serverSideFilter(log, categories);
      const from = told > last ? told : last;
      const native = log.numbering.nativeAfter(from);
      const fromSequence = Math.max(native === undefined ? 1 : sequenceOf(native), seen);
      const pullOptions = { fromSequence, subjects, silenceMs: SILENCE_MS, signal };
      pull = await unlessAborted(Pull.open(log, pullOptions, new Deadline(DEFAULT_TIMEOUT_MS)), signal);
      if (!pull) return;
      onState?.('live');
      for (;;) {
        let events: RecordedEvent[] = [];
        try {
          const append = await pull.next();
          if (!append) break;
          waitMs = FIRST_WAIT_MS;
          seen = append.sequence;
          if (wanted && !wanted.has(categoryOf(append.stream))) continue;
          events = append.events();
          pointers?.check(append);
        } catch (cause) {
          if (!onCorrupt || !(cause instanceof LogCorruptError) || cause.position === undefined) throw cause;
          // After an interruption the last message comes again.
          if (cause.position > told) onCorrupt(cause);
          told = cause.position;
          if (signal.aborted) return;
        }
        for (const event of events) {
          if (event.position <= last) continue;
          last = event.position;
          yield event;
          if (signal.aborted) return;
        }
      }
    } catch (cause) {
      if (signal.aborted) return;
      if (!(cause instanceof PullInterrupted || cause instanceof EventStoreUnavailableError)) throw cause;
      if (log.connection.closed) {
        throw new EventStoreUnavailableError('The event log was closed.', { inDoubt: false, cause });
      }
      onState?.('interrupted', cause);
      await sleep(waitMs, undefined, { signal }).catch(() => undefined);
      waitMs = Math.min(waitMs * 2, LONGEST_WAIT_MS);
    } finally {
      pull?.close();
    }
  }
}

/** The pull, or undefined as soon as the signal aborts: then nobody waits for a server that is away. */
async function unlessAborted(opening: Promise<Pull>, signal: AbortSignal): Promise<Pull | undefined> {
  let abort = () => {};
  const aborted = new Promise<undefined>((resolve) => (abort = () => resolve(undefined)));
  signal.addEventListener('abort', abort);
  const first = await Promise.race([opening, aborted]).finally(() =>
    signal.removeEventListener('abort', abort),
  );
  if (!first) opening.then((pull) => pull.close()).catch(() => undefined);
  return first;
}

/** Servers before 2.10 take one filter; for several categories all comes, and is filtered here. */
function serverSideFilter(log: LogStream, categories: readonly string[] | undefined): string[] {
  const subjects = (categories ?? []).map((category) => log.subjectOfCategory(category));
  const [major = 0, minor = 0] = (log.connection.nats.info?.version ?? '').split('.').map(Number);
  const takesSeveral = major > 2 || (major === 2 && minor >= 10);
  return subjects.length <= 1 || takesSeveral ? subjects : [];
}
