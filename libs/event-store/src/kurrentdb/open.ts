/** The event log on KurrentDB (EventStoreDB). What the server answers, and why: docs/adr/0001. */
import { randomUUID } from 'node:crypto';
import type { KurrentDBClient } from '@kurrent/kurrentdb-client';
import { checkAppend } from '../append-limits.ts';
import {
  AccessDeniedError,
  ConflictError,
  EventStoreUnavailableError,
  LogIncompleteError,
} from '../errors.ts';
import {
  DEFAULT_TIMEOUT_MS,
  type AppendResult,
  type CallOptions,
  type EventStore,
  type ExpectedRevision,
  type NewEvent,
  type ReadOptions,
  type RecordedEvent,
  type StreamName,
  type SubscribeOptions,
} from '../event-store.ts';
import { Numbering, OWN_NUMBERS, type Origin } from '../numbering.ts';
import type { OpenOptions } from '../open.ts';
import { notEmpty, type RestorableLog } from '../restorable.ts';
import { categoryOf } from '../stream-name.ts';
import { append, type AppendCall } from './append.ts';
import { connect } from './client.ts';
import { filterOf } from './filter.ts';
import { BEGAN, isPlain, NAMED, NoLogError, originIn, SEALED } from './identity.ts';
import { IDENTITY_STREAM, toRecorded } from './records.ts';
import { bounded, readBackwards, readForwards, type ReadCall } from './read.ts';
import { subscribe } from './subscribe.ts';
import { truncate, type TruncateCalls } from './truncate.ts';
import { parseKurrentDbUrl } from './url.ts';
import { collect, Deadline, Places, within } from './waiting.ts';

/** A connection carries about 98 calls at once; more would wait in silence, appends too. */
const MOST_READS = 64;
const MOST_SUBSCRIPTIONS = 24;
/** The bridge's reads go over connections of their own; bounded all the same. */
const MOST_BULK_READS = 32;
/** Places of erased events of one stream, filled before an event that never came. */
const MOST_FILLED = 10_000;
const CLOSE_MS = 1_000;

/** @throws EventStoreUrlError, and EventStoreUnavailableError when no server answers in time. */
export async function openKurrentDbLog(url: string, options: OpenOptions): Promise<EventStore> {
  const { shown, ...parsed } = parseKurrentDbUrl(url, options);
  const log = new KurrentDbLog(connect(parsed, options.login), shown, options.readOnly);
  try {
    await log.logId();
    if (log.isIncomplete && !options.whileRestored) throw new LogIncompleteError(shown);
  } catch (error) {
    // Read-only credentials on a log that has no name yet: whoever may write will name it.
    if (error instanceof AccessDeniedError && (await log.mayRead())) return log;
    await log.close();
    if (!(error instanceof EventStoreUnavailableError) || isPlain(error)) throw error;
    throw new EventStoreUnavailableError(
      `No event log answers at ${shown}: start KurrentDB there, or set EVENT_STORE_URL to where it runs (add ?tls=false if it runs without TLS).`,
      { inDoubt: false, cause: error.cause },
    );
  }
  return log;
}

class KurrentDbLog implements RestorableLog {
  readonly #client: KurrentDBClient;
  readonly #shown: string;
  readonly #readOnly: boolean;
  readonly #reads = new Places(MOST_READS, 'reads of streams');
  readonly #bulkReads = new Places(MOST_BULK_READS, 'backwards reads');
  readonly #closing = new AbortController();
  #subscriptions = 0;
  #numbering = OWN_NUMBERS;

  constructor(client: KurrentDBClient, shown: string, readOnly = false) {
    this.#client = client;
    this.#shown = shown;
    this.#readOnly = readOnly;
  }

  async append(
    stream: StreamName,
    expected: ExpectedRevision,
    events: readonly NewEvent[],
    { timeoutMs = DEFAULT_TIMEOUT_MS }: CallOptions = {},
  ): Promise<AppendResult> {
    this.#checkOpen();
    categoryOf(stream);
    checkAppend(events);
    const deadline = new Deadline(timeoutMs);
    if (events.length === 0) return this.#check(stream, expected, timeoutMs);
    return this.#write({ stream, expected, events, deadline });
  }

  async truncate(
    stream: StreamName,
    before: bigint,
    { timeoutMs = DEFAULT_TIMEOUT_MS }: CallOptions = {},
  ): Promise<void> {
    this.#checkOpen();
    categoryOf(stream);
    const first = async (source: AsyncIterable<RecordedEvent>) => (await collect(source))[0];
    const calls: TruncateCalls = {
      newest: (name, until) =>
        first(this.#backwards({ stream: name, from: undefined, maxCount: 1, timeoutMs: until.leftMs() })),
      firstFrom: (name, from, until) =>
        first(this.#forwards({ stream: name, from, maxCount: 1, timeoutMs: until.leftMs() })),
      append: (name, expected, event, deadline) =>
        this.#write({ stream: name, expected, events: [event], deadline }),
    };
    await truncate(calls, stream, before, new Deadline(timeoutMs));
  }

  async *readStream(
    stream: StreamName,
    { direction = 'forwards', from, maxCount = Infinity, timeoutMs = DEFAULT_TIMEOUT_MS }: ReadOptions = {},
  ): AsyncGenerator<RecordedEvent, void, undefined> {
    this.#checkOpen();
    categoryOf(stream);
    // The server answers a count of nothing, and a revision below 0, with an error that looks like an outage.
    if (maxCount <= 0 || (from !== undefined && from < 0n && direction === 'backwards')) return;
    const call = { stream, from, maxCount, timeoutMs };
    yield* direction === 'forwards' ? this.#forwards(call) : this.#backwards(call);
  }

  async *subscribe(options: SubscribeOptions): AsyncGenerator<RecordedEvent, void, undefined> {
    this.#checkOpen();
    if (this.#subscriptions >= MOST_SUBSCRIPTIONS) {
      throw new RangeError(`One log carries at most ${MOST_SUBSCRIPTIONS} subscriptions.`);
    }
    this.#subscriptions += 1;
    const signal = AbortSignal.any([options.signal, this.#closing.signal]);
    try {
      yield* subscribe(this.#client, filterOf(options.categories), this.#numbering, { ...options, signal });
      if (!options.signal.aborted) this.#checkOpen();
    } finally {
      this.#subscriptions -= 1;
    }
  }

  async head({
    categories,
    timeoutMs = DEFAULT_TIMEOUT_MS,
  }: CallOptions & { categories?: readonly string[] } = {}): Promise<bigint> {
    this.#checkOpen();
    const newest = this.#client.readAll({
      direction: 'backwards',
      fromPosition: 'end',
      // The log's own name is no event of anybody's: if it is the newest, the one before counts.
      maxCount: this.isIncomplete ? MOST_FILLED : 2,
      filter: filterOf(categories),
    });
    const late = () =>
      new EventStoreUnavailableError(`No answer about the log's end within ${timeoutMs} ms.`, {
        inDoubt: false,
      });
    for await (const resolved of bounded(newest, timeoutMs, late, '$all')) {
      const event = toRecorded(resolved, this.#numbering);
      if (event && event.stream !== IDENTITY_STREAM) return event.position;
    }
    return -1n;
  }

  /** Read anew each time: the database behind a running process may have been replaced. */
  async logId({ timeoutMs = DEFAULT_TIMEOUT_MS }: CallOptions = {}): Promise<string> {
    this.#checkOpen();
    const deadline = new Deadline(timeoutMs);
    const standing = () => this.#identity(Math.max(1, deadline.leftMs()));
    const found = await standing();
    if (found !== undefined) return found;
    if (this.#readOnly) throw new NoLogError(this.#shown);
    const id = randomUUID();
    try {
      await this.append(IDENTITY_STREAM, 'no_stream', [{ id, type: NAMED, data: {}, metadata: {} }], {
        timeoutMs: Math.max(1, deadline.leftMs()),
      });
      return id;
    } catch (error) {
      // Somebody else was first: theirs stands.
      const theirs = error instanceof ConflictError ? await standing() : undefined;
      if (theirs === undefined) throw error;
      return theirs;
    }
  }

  /** Undefined for a log that was begun here. */
  origin(): Origin | undefined {
    return this.#numbering.origin;
  }

  get isIncomplete(): boolean {
    const origin = this.origin();
    return origin !== undefined && !origin.sealed;
  }

  async originId(options?: CallOptions): Promise<string> {
    const own = await this.logId(options);
    return this.origin()?.originId ?? own;
  }

  async begin({ originId, base }: Pick<Origin, 'originId' | 'base'>, options?: CallOptions): Promise<void> {
    if (this.origin() || (await this.head(options)) >= 0n) throw notEmpty();
    await this.#tell(0n, BEGAN, { originId, base: String(base) }, options);
  }

  async bring(event: RecordedEvent, { timeoutMs = DEFAULT_TIMEOUT_MS }: CallOptions = {}): Promise<void> {
    const { stream, revision, position } = event;
    const expected = revision === 0n ? 'no_stream' : revision - 1n;
    await this.#write({ stream, expected, events: [event], deadline: new Deadline(timeoutMs), position });
  }

  async fill(stream: StreamName, after: bigint, events: readonly NewEvent[]): Promise<void> {
    await this.append(stream, after < 0n ? 'no_stream' : after, events);
  }

  async seal(last: bigint, options?: CallOptions): Promise<void> {
    await this.#tell(1n, SEALED, { last: String(last) }, options);
  }

  async #tell(after: bigint, type: string, data: Record<string, unknown>, options?: CallOptions) {
    await this.append(IDENTITY_STREAM, after, [{ id: randomUUID(), type, data, metadata: {} }], options);
    await this.logId(options);
  }

  async mayRead(): Promise<boolean> {
    return this.#identity(DEFAULT_TIMEOUT_MS).then(
      () => true,
      () => false,
    );
  }

  async close(): Promise<void> {
    if (this.#closing.signal.aborted) return;
    this.#closing.abort();
    // A connection that hangs must not hold the shutdown up.
    const given = new EventStoreUnavailableError('The client did not end.', { inDoubt: false });
    await within(this.#client.dispose(), CLOSE_MS, () => given).catch(() => undefined);
  }

  #forwards(call: Omit<ReadCall, 'numbering'>): AsyncGenerator<RecordedEvent, void, undefined> {
    return readForwards(this.#client, this.#reads, { ...call, numbering: this.#numbersOf(call.stream) });
  }

  async *#backwards(call: Omit<ReadCall, 'numbering'>): AsyncGenerator<RecordedEvent, void, undefined> {
    const giveBack = await this.#bulkReads.take(new Deadline(call.timeoutMs));
    try {
      const maxCount = Math.min(call.maxCount, Number.MAX_SAFE_INTEGER);
      yield* readBackwards(this.#client, { ...call, maxCount, numbering: this.#numbersOf(call.stream) });
    } finally {
      giveBack();
    }
  }

  /** What the server keeps of a stream is of this database alone. */
  #numbersOf(stream: StreamName): Numbering {
    return stream.startsWith('$$') ? OWN_NUMBERS : this.#numbering;
  }

  #write(request: Omit<AppendCall, 'numbering'>): Promise<AppendResult> {
    const call = { ...request, numbering: this.#numbering };
    const after = (stream: StreamName, revision: bigint, maxCount: number, until: Deadline) =>
      collect(this.#forwards({ stream, from: revision + 1n, maxCount, timeoutMs: until.leftMs() }));
    return append(this.#client, after, call);
  }

  async #identity(timeoutMs: number): Promise<string | undefined> {
    const call = { stream: IDENTITY_STREAM, from: undefined, maxCount: Infinity, timeoutMs };
    const told = await collect(readForwards(this.#client, this.#reads, { ...call, numbering: OWN_NUMBERS }));
    this.#numbering = new Numbering(originIn(told));
    return told[0]?.id;
  }

  /**
   * The server has a check of its own, an append of nothing; but that takes a position in the log, and
   * of a stream that is not there it says "revision 0".
   */
  async #check(stream: StreamName, expected: ExpectedRevision, timeoutMs: number): Promise<AppendResult> {
    let last: AppendResult = { revision: -1n, position: -1n };
    for await (const event of this.#forwards({ stream, from: undefined, maxCount: Infinity, timeoutMs })) {
      last = { revision: event.revision, position: event.position };
    }
    const actual = last.revision < 0n ? 'no_stream' : last.revision;
    if (actual !== expected) throw new ConflictError(stream, expected, actual);
    return last;
  }

  #checkOpen(): void {
    if (this.#closing.signal.aborted) {
      throw new EventStoreUnavailableError(`The log at ${this.#shown} is closed.`, { inDoubt: false });
    }
  }
}
