/** The log as an auditor reads it: once, in its own order, up to where it ended when the reading began. */
import {
  eventsUpTo,
  openEventStore,
  type EventStore,
  type LogCorruptError,
  type ReadOptions,
  type RecordedEvent,
} from '@mcpstack/event-store';
import { asAuditError } from './errors.ts';
import { type LogPlace } from './log-place.ts';
import { type Progress } from './progress.ts';

export interface ReadLogOptions {
  /** Exclusive; from the start if absent. */
  after?: bigint;
  /** Inclusive; the log's end at this moment if absent. What is appended meanwhile is not read. */
  until?: bigint;
  categories?: readonly string[];
  /** What progress calls it; silent if absent. */
  label?: string;
  /** Told of each place that nothing of ours wrote, and the reading goes on; absent: it ends there. */
  onCorrupt?: (error: LogCorruptError) => void;
}

export interface AuditedLog {
  readonly store: EventStore;
  /** Names this log: another one has another id. One that was moved to another database keeps it. */
  readonly id: string;
  /** Names the database that holds it: read models belong to one. */
  readonly databaseId: string;
  /** Position of the last event (of these categories), or -1n. */
  head(categories?: readonly string[]): Promise<bigint>;
  events(options?: ReadLogOptions): AsyncIterable<RecordedEvent>;
  /** One stream; none when there is no such stream. */
  stream(name: string, options?: ReadOptions): AsyncIterable<RecordedEvent>;
  close(): Promise<void>;
}

/** @throws AuditError when there is no log, or it may not be read. */
export async function openLog({ url, ...login }: LogPlace, progress: Progress): Promise<AuditedLog> {
  try {
    const store = await openEventStore(url, { name: 'mcpstack-audit', readOnly: true, ...login });
    const databaseId = await store.logId();
    const id = await store.originId();
    return {
      store,
      id,
      databaseId,
      head: (categories) => failing(() => store.head(categories ? { categories } : {})),
      events: (options) => read(store, progress, options ?? {}),
      stream: (name, options) => readStream(store, name, options),
      close: () => store.close(),
    };
  } catch (error) {
    throw asAuditError(error);
  }
}

async function* read(
  store: EventStore,
  progress: Progress,
  { after, until, categories, label, onCorrupt }: ReadLogOptions,
): AsyncGenerator<RecordedEvent, void, undefined> {
  const from = after ?? -1n;
  const end = until ?? (await failing(() => store.head(categories ? { categories } : {})));
  if (end <= from) return;
  const stop = new AbortController();
  const steps = label === undefined ? undefined : progress.start(label);
  const all = Number(end - from);
  try {
    const events = eventsUpTo(store, end, {
      signal: stop.signal,
      ...(after !== undefined && { after }),
      ...(categories && { categories }),
      ...(onCorrupt && {
        onCorrupt: (error) => {
          onCorrupt(error);
          // Of an end that is no event nothing comes.
          if (error.position! >= end) stop.abort();
        },
      }),
    });
    for await (const event of events) {
      steps?.step(() => Number(event.position - from) / all);
      yield event;
    }
  } catch (error) {
    throw asAuditError(error);
  } finally {
    steps?.end();
  }
}

async function* readStream(
  store: EventStore,
  name: string,
  options?: ReadOptions,
): AsyncGenerator<RecordedEvent, void, undefined> {
  try {
    yield* store.readStream(name, options);
  } catch (error) {
    throw asAuditError(error);
  }
}

async function failing<T>(act: () => Promise<T>): Promise<T> {
  try {
    return await act();
  } catch (error) {
    throw asAuditError(error);
  }
}
