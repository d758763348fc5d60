/** What events are read from: a log, or the files of a backup. */
import {
  eventsUpTo,
  EventStoreUnavailableError,
  type EventStore,
  type RecordedEvent,
} from '@mcpstack/event-store';
import { ERASABLE_CATEGORY, type Erased } from './erased.ts';

/** The head of one category is looked for from the end of the log. */
const HEAD_TIMEOUT_MS = 60_000;

export interface Source {
  /** As messages call it; never an address, which may hold a password. */
  readonly name: string;
  /** The log that it is, or is a part of. */
  readonly originId: string;
  /** Position of the last event, or -1n. */
  head(): Promise<bigint>;
  /** In order, from after a position up to another (inclusive). What was erased may be among them. */
  events(after: bigint, until: bigint): AsyncIterable<RecordedEvent>;
  /** Learns of all erasures up to now. */
  learnErased(erased: Erased): Promise<void>;
}

export async function sourceOf(store: EventStore, name: string): Promise<Source> {
  return {
    name,
    originId: await store.originId(),
    head: () => store.head({ timeoutMs: HEAD_TIMEOUT_MS }),
    events: (after, until) => eventsOf(store, after, until),
    learnErased: async (erased) => {
      for await (const event of recordsOf(store)) erased.learn(event);
    },
  };
}

async function* eventsOf(
  store: EventStore,
  after: bigint,
  until: bigint,
  categories?: readonly string[],
): AsyncGenerator<RecordedEvent> {
  const stop = new AbortController();
  let lost: unknown;
  yield* eventsUpTo(store, until, {
    ...{ after, signal: stop.signal, ...(categories && { categories }) },
    // A log that went away is told, not waited for: whoever runs this may start it again.
    onState: (state, cause) => {
      if (state !== 'interrupted') return;
      lost = cause ?? new Error('interrupted');
      stop.abort();
    },
  });
  if (lost !== undefined)
    throw new EventStoreUnavailableError('The connection to the log was lost.', {
      inDoubt: false,
      cause: lost,
    });
}

/** Events of persons, among which the records of erasures are, up to now. */
export async function* recordsOf(store: EventStore): AsyncGenerator<RecordedEvent> {
  const categories = [ERASABLE_CATEGORY];
  yield* eventsOf(store, -1n, await store.head({ categories, timeoutMs: HEAD_TIMEOUT_MS }), categories);
}

/** Without what was erased. */
export async function* standing(
  source: Source,
  erased: Erased,
  after: bigint,
  until: bigint,
): AsyncGenerator<RecordedEvent, undefined, undefined> {
  for await (const event of source.events(after, until)) if (!erased.has(event)) yield event;
  return undefined;
}

/** All that an event is. JSON keeps the order of members, so that this is the same where the stored bytes are. */
export function textOf({ stream, revision, position, id, type, data, metadata }: RecordedEvent): string {
  return JSON.stringify({
    ...{ stream, revision: `${revision}`, position: `${position}`, id, type, data, metadata },
  });
}
