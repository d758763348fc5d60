/**
 * The event log as the rest of the system sees it. Two adapters keep one contract (test/contract.ts):
 * KurrentDB (`esdb://`, `kurrentdb://`) and JetStream (`nats://`).
 */

import type { LogCorruptError } from './errors.ts';

/** `<category>-<id>`: the category is the part before the first dash. */
export type StreamName = string;

/** Where a stream must stand for an append: nowhere yet, or with this last revision. */
export type ExpectedRevision = 'no_stream' | bigint;

export interface NewEvent {
  /** UUID. Derive it from the command, so that a retry writes the same id. */
  id: string;
  type: string;
  data: Record<string, unknown>;
  metadata: Record<string, unknown>;
}

export interface RecordedEvent extends NewEvent {
  stream: StreamName;
  /** 0, 1, 2, … within the stream, without a gap; of a stream that was truncated, on from its first event. */
  revision: bigint;
  /** Place in the whole log: strictly increasing in the order of the log; below 2^53. */
  position: bigint;
}

export interface AppendResult {
  /** Revision of the last event of the append. */
  revision: bigint;
  /** Position of the last event of the append. */
  position: bigint;
}

export interface CallOptions {
  /**
   * The call rejects with EventStoreUnavailableError after this long, whatever the server does. While a
   * reader is busy with what it was handed, no time runs.
   */
  timeoutMs?: number;
}

export interface ReadOptions extends CallOptions {
  direction?: 'forwards' | 'backwards';
  /** First revision to read, inclusive; by default the first (forwards) or the last (backwards). */
  from?: bigint;
  maxCount?: number;
}

export interface SubscribeOptions {
  /** Exclusive: the position of the last event that was handled. Absent: from the start. */
  after?: bigint;
  /** Only streams of these categories, filtered by the server where it can. Absent: every category of ours. */
  categories?: readonly string[];
  /** Ends the iteration, without an error. */
  signal: AbortSignal;
  /** Told when the connection is lost and when events flow again; for health and logs. */
  onState?: (state: 'live' | 'interrupted', cause?: unknown) => void;
  /**
   * Told of each place of the log that no adapter of ours wrote, and the iteration goes on after it: for whoever looks
   * for such places. It is looked for what only reads of one stream meet, too. Absent: the iteration throws.
   */
  onCorrupt?: (error: LogCorruptError) => void;
}

/** At most this many events in one append. */
export const MAX_EVENTS_PER_APPEND = 256;
/** At most this many bytes in one append, all events together, as stored. */
export const MAX_APPEND_BYTES = 1024 * 1024;
/** What every call waits for unless told otherwise. */
export const DEFAULT_TIMEOUT_MS = 5_000;

export interface EventStore {
  /**
   * Appends all events or none, durably, at exactly this revision.
   *
   * Idempotent without limit of time: events with these ids already standing at this revision are the
   * same append, and the answer is the original one. Bodies are not compared here: the first write
   * stands (`handleCommand` compares). Ids are compared at that place only; one that stands elsewhere is
   * written again. An empty append checks the revision, writes nothing, and answers with the stream's
   * last revision and position (-1n and -1n when there is no stream). What was truncated cannot be compared:
   * an append that would land there is a conflict, also where it stood there once.
   *
   * @throws ConflictError when the stream stands elsewhere; nothing was written.
   * @throws AppendTooLargeError over MAX_APPEND_BYTES or MAX_EVENTS_PER_APPEND; nothing was written.
   * @throws InvalidStreamNameError for a name that is no `<category>-<id>`; nothing was sent.
   * @throws StreamDeletedError when the stream was deleted.
   * @throws AccessDeniedError when the credentials do not suffice.
   * @throws EventStoreUnavailableError when no answer came in time; `inDoubt` says that the events may
   *   have been written: the same append may be retried.
   */
  append(
    stream: StreamName,
    expected: ExpectedRevision,
    events: readonly NewEvent[],
    options?: CallOptions,
  ): Promise<AppendResult>;

  /**
   * Erases the beginning of a stream: all events with revisions below `before`. No read of the stream shows them from
   * then on. Subscriptions on JetStream show them no more either; on KurrentDB they do until a scavenge. What stands at
   * `before` and after it stays as it is, with its revisions and positions.
   *
   * May be repeated, and goes on where an earlier try was cut off. Never brings back what an earlier one took.
   *
   * @param before the first revision of an append: JetStream cannot take an append apart.
   * @throws TruncationRefusedError when it is past the last event, which stays so that revisions go on, or in the
   *   middle of an append (KurrentDB cannot tell).
   * @throws InvalidStreamNameError, AccessDeniedError, EventStoreUnavailableError.
   */
  truncate(stream: StreamName, before: bigint, options?: CallOptions): Promise<void>;

  /**
   * Reads one stream. An unknown stream is empty. Made for short streams; memory stays bounded. Each event has the
   * revision after that of the one before, unless the beginning was truncated meanwhile: then it goes on after that.
   *
   * @throws LogCorruptError for a stream from whose middle something is missing, or in which no adapter of ours wrote.
   */
  readStream(stream: StreamName, options?: ReadOptions): AsyncIterable<RecordedEvent>;

  /**
   * All events in log order, old ones first, then live ones, until the signal aborts. Pulls: a slow
   * consumer holds the server back, memory stays bounded. A lost connection is resumed after the last
   * event handed out, with back-off, for ever; nothing is lost or repeated within one iteration.
   *
   * @throws LogCorruptError at what no adapter of ours wrote, unless there is an `onCorrupt`.
   */
  subscribe(options: SubscribeOptions): AsyncIterable<RecordedEvent>;

  /**
   * Position of the last event of these categories (of all of ours), or -1n when there is none.
   * @throws LogCorruptError, with the position, when what stands there was not written by an adapter of ours.
   */
  head(options?: CallOptions & { categories?: readonly string[] }): Promise<bigint>;

  /**
   * Names this log for ever: another log (another database, an emptied one) answers another id.
   * Positions kept elsewhere are worth something only together with it.
   */
  logId(options?: CallOptions): Promise<string>;

  /**
   * The id of the log that this one goes on from, event by event and position by position, or was moved from; its own
   * `logId` if there is none. Checkpoints are named after it.
   */
  originId(options?: CallOptions): Promise<string>;

  close(): Promise<void>;
}
