/** Folds one stream: from its start, or on from what was folded before. */
import type { Decider, DomainEvent, EventCodec } from '@mcpstack/domain';
import { LRUCache } from 'lru-cache';
import { LogCorruptError } from './errors.ts';
import { DEFAULT_TIMEOUT_MS, type EventStore, type RecordedEvent, type StreamName } from './event-store.ts';

export interface LoadOptions<State, Event extends DomainEvent> {
  store: EventStore;
  stream: StreamName;
  codec: EventCodec<Event>;
  decider: Pick<Decider<State, never, Event>, 'initial' | 'evolve' | 'evolveAll'>;
  /** Milliseconds for the whole call; DEFAULT_TIMEOUT_MS if absent. */
  timeoutMs?: number;
  /** What was folded before, so that only newer events are read. For streams that are never deleted. */
  known?: KnownFolds<State>;
  /** The stream's beginning may have been erased. Of any other stream, one that is missing is an error. */
  truncatable?: true;
}

export interface LoadedStream<State> {
  state: State;
  /** Of the stream's last event; -1n when there is none. */
  revision: bigint;
  position: bigint;
}

/** A fold, and what a later one needs to go on from it. */
export interface Fold<State> extends LoadedStream<State> {
  /** What the stream ends with; what is appended is chained to it. */
  last: RecordedEvent | undefined;
  /** The events of one command, where they were asked for. */
  own: readonly RecordedEvent[];
  /** The commands that wrote the stream. */
  commandIds: ReadonlySet<string>;
}

/** A fold of 1,000 events takes some hundred kilobytes. */
const MOST_KNOWN = 200;
/** Of all folds together. */
const MOST_KNOWN_EVENTS = 100_000;
/** So many decoded events are in memory at once. */
const EVENTS_AT_ONCE = 1_000;

/**
 * Streams as they were last folded. What is loaded with it is as fresh as a read of the whole stream: the log is
 * asked each time, from the last known event on, and that event must still stand there; a log that was replaced
 * is read from its start.
 */
export class KnownFolds<State> {
  readonly #folds: LRUCache<StreamName, Fold<State>>;

  constructor(mostKnown = MOST_KNOWN, mostEvents = MOST_KNOWN_EVENTS) {
    this.#folds = new LRUCache({
      max: mostKnown,
      maxSize: mostEvents,
      // One that is longer than all may be together is known all the same, alone.
      sizeCalculation: ({ revision }) => Math.min(Number(revision) + 1, mostEvents),
    });
  }

  /** The events of a command that wrote the stream are needed themselves, so for it nothing is known. */
  find(stream: StreamName, commandId?: string): Fold<State> | undefined {
    const fold = this.#folds.get(stream);
    return commandId !== undefined && fold?.commandIds.has(commandId) ? undefined : fold;
  }

  keep(stream: StreamName, fold: Fold<State>): void {
    this.#folds.set(stream, { ...fold, own: [] });
  }
}

/**
 * The state of one stream, folded from all of its events. Made for short streams, or with `known`.
 * @throws LogCorruptError when one is missing, but for the beginning of a stream that is `truncatable`.
 */
export async function loadStream<State, Event extends DomainEvent>(
  options: LoadOptions<State, Event>,
): Promise<LoadedStream<State>> {
  const { state, revision, position } = await fold(options, options.timeoutMs ?? DEFAULT_TIMEOUT_MS);
  return { state, revision, position };
}

/** @param commandId the command whose own events are wanted. */
export async function fold<State, Event extends DomainEvent>(
  options: LoadOptions<State, Event>,
  timeoutMs: number,
  commandId?: string,
): Promise<Fold<State>> {
  const known = options.known?.find(options.stream, commandId);
  const on = known && (await goOn(options, known, { timeoutMs, commandId }));
  const whole = on ?? (await goOn(options, nothing(options), { timeoutMs, commandId }))!;
  if (whole.revision >= 0n) options.known?.keep(options.stream, whole);
  return whole;
}

function nothing<State, Event extends DomainEvent>({ decider }: LoadOptions<State, Event>): Fold<State> {
  return {
    state: decider.initial,
    revision: -1n,
    position: -1n,
    last: undefined,
    own: [],
    commandIds: new Set(),
  };
}

/** `undefined` when the event that `before` ends with does not stand there any more. */
export async function goOn<State, Event extends DomainEvent>(
  { store, stream, codec, decider, truncatable }: LoadOptions<State, Event>,
  before: Fold<State>,
  { timeoutMs, commandId }: { timeoutMs: number; commandId: string | undefined },
): Promise<Fold<State> | undefined> {
  const from = before.revision < 0n ? 0n : before.revision;
  let isProven = before.revision < 0n;
  let { state, revision, position, last } = before;
  const own = [...before.own];
  let waiting: Event[] = [];
  const apply = () => {
    state = decider.evolveAll?.(state, waiting) ?? waiting.reduce(decider.evolve, state);
    waiting = [];
  };
  const commandIds = new Set<string>();
  for await (const event of store.readStream(stream, { timeoutMs, from })) {
    if (!isProven) {
      if (event.id !== last?.id || event.position !== position) return undefined;
      isProven = true;
      continue;
    }
    if (event.revision !== revision + 1n) {
      if (!truncatable || event.revision <= revision) throw notNext(event, revision);
      // What came before is erased, also where that happened while this read: the state begins here.
      [state, waiting] = [decider.initial, []];
    }
    waiting.push(codec.decode(event));
    if (waiting.length >= EVENTS_AT_ONCE) apply();
    ({ revision, position } = event);
    last = event;
    const cause = event.metadata.$causationId;
    if (typeof cause === 'string') commandIds.add(cause);
    if (commandId !== undefined && cause === commandId) own.push(event);
  }
  if (!isProven) return undefined;
  if (waiting.length > 0) apply();
  const all = commandIds.size === 0 ? before.commandIds : new Set([...before.commandIds, ...commandIds]);
  return { state, revision, position, last, own, commandIds: all };
}

function notNext({ stream, revision }: RecordedEvent, last: bigint): LogCorruptError {
  const where =
    last < 0n
      ? `The beginning of ${stream} is missing: it begins at revision ${revision}.`
      : `Revision ${revision} of ${stream} comes after ${last}: something is missing, or stands there twice.`;
  return new LogCorruptError(where);
}
