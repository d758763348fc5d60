/**
 * The log, and whether it is still the one that was read: its name does not tell, as an older copy of its files that was
 * put back has the same, and gives the same positions to other events.
 */
import {
  EventStoreUnavailableError,
  LogCorruptError,
  StreamDeletedError,
  type EventStore,
  type RecordedEvent,
} from '@mcpstack/event-store';
import { PROJECTED_CATEGORIES, type LastEvent } from '@mcpstack/read-models';
import { pause, type Log } from '@mcpstack/service-kit';
import { batches } from './batches.ts';
import type { Status } from './status.ts';

const BATCH_SIZE = 256;
/** Between two tries to find out whether the log is the same. Milliseconds. */
const AGAIN_MS = 250;

/** How far the log was read, and what stood there where that is known. */
export interface Place {
  position: bigint;
  last: LastEvent | undefined;
}

export interface SameLogDeps {
  store: EventStore;
  status: Status;
  log: Log;
  /** Told that what was read stands there no more, or that this cannot be found out. */
  onOther: (error: Error) => void;
}

/**
 * Whether this very event stands where it stood. Not, either, where its stream was erased past it meanwhile: what came
 * after it cannot be told then.
 *
 * @throws EventStoreUnavailableError
 */
export async function holds(store: EventStore, last: LastEvent): Promise<boolean> {
  try {
    for await (const { id, position } of store.readStream(last.stream, { from: last.revision, maxCount: 1 }))
      return id === last.id && position === last.position;
    return false;
  } catch (error) {
    if (error instanceof StreamDeletedError || error instanceof LogCorruptError) return false;
    throw error;
  }
}

/** What follows a place, in batches. After each interruption nothing is yielded until the log is known to be the same. */
export async function* sameLog(
  deps: SameLogDeps,
  signal: AbortSignal,
  after?: Place,
): AsyncGenerator<RecordedEvent[]> {
  const { store, status, log } = deps;
  let read = after?.last;
  let wasInterrupted = false;
  let known: Promise<void> = Promise.resolve();
  const source = store.subscribe({
    categories: PROJECTED_CATEGORIES,
    signal,
    ...(after && after.position >= 0n && { after: after.position }),
    onState: (state, cause) => {
      status.logIs(state);
      if (state === 'interrupted') log.warn('the log is interrupted', { state, err: cause });
      // Nothing was handed out since: what was read last is of the log as it was before.
      else if (wasInterrupted && read) known = tellIfOther(deps, read, signal);
      wasInterrupted = state === 'interrupted';
    },
  });
  for await (const batch of batches(source, BATCH_SIZE, (event) => (read = event))) {
    await known;
    yield batch;
  }
}

async function tellIfOther(
  { store, log, onOther }: SameLogDeps,
  last: LastEvent,
  signal: AbortSignal,
): Promise<void> {
  while (!signal.aborted) {
    try {
      const isHeld = await Promise.race([holds(store, last), aborted(signal)]);
      if (isHeld === false) onOther(new Error(`the log lacks what stood at ${last.position}`));
      return;
    } catch (error) {
      if (!(error instanceof EventStoreUnavailableError)) return onOther(error as Error);
      log.warn('whether the log is the same cannot be told yet', { err: error });
      await pause(AGAIN_MS, signal);
    }
  }
}

export function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
