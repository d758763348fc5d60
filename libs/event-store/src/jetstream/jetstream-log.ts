/** The event log on JetStream. */
import { LRUCache } from 'lru-cache';
import {
  DEFAULT_TIMEOUT_MS,
  type AppendResult,
  type CallOptions,
  type ExpectedRevision,
  type NewEvent,
  type ReadOptions,
  type RecordedEvent,
  type StreamName,
  type SubscribeOptions,
} from '../event-store.ts';
import { append, type Tips } from './append.ts';
import { Deadline } from './deadline.ts';
import type { LogStream } from './log-stream.ts';
import { positionOf, type StoredAppend } from './message.ts';
import { readStream } from './read-stream.ts';
import { Reader } from './reader.ts';
import { subscribe } from './subscribe.ts';
import { truncate } from './truncate.ts';
import type { Origin } from '../numbering.ts';
import { notEmpty, type RestorableLog } from '../restorable.ts';
import { checkCategory } from '../stream-name.ts';

const MOST_TIPS = 10_000;
/** How far a head is looked for from the end of the log. A wildcard would make the server go through all subjects. */
const MAX_STEPS_BACK = 16;

export class JetStreamLog implements RestorableLog {
  readonly #tips: Tips = new LRUCache({ max: MOST_TIPS });

  constructor(readonly log: LogStream) {}

  append(
    stream: StreamName,
    expected: ExpectedRevision,
    events: readonly NewEvent[],
    options?: CallOptions,
  ): Promise<AppendResult> {
    return append(this.log, this.#tips, { stream, expected, events }, deadlineOf(options));
  }

  truncate(stream: StreamName, before: bigint, options?: CallOptions): Promise<void> {
    return truncate(this.log, stream, before, deadlineOf(options));
  }

  readStream(stream: StreamName, options: ReadOptions = {}): AsyncIterable<RecordedEvent> {
    return readStream(this.log, stream, options);
  }

  subscribe(options: SubscribeOptions): AsyncIterable<RecordedEvent> {
    return subscribe(this.log, options);
  }

  async head(options: CallOptions & { categories?: readonly string[] } = {}): Promise<bigint> {
    const { categories } = options;
    for (const category of categories ?? []) checkCategory(category);
    const deadline = deadlineOf(options);
    const reader = new Reader(this.log, deadline);
    const { state } = await this.log.info(deadline);
    const lowest = Math.max(state.first_seq, state.last_seq - MAX_STEPS_BACK, 1);
    for (let sequence = state.last_seq; sequence >= lowest; sequence -= 1) {
      const message = await reader.message(sequence);
      // By its subject: what is not asked for may be anything.
      if (message && (!categories || categories.includes(this.log.categoryIn(message.subject)))) {
        const position = lastPosition(reader.decode(message));
        if (position >= 0n) return position;
      }
    }
    const subjects = categories?.map((category) => this.log.subjectOfCategory(category));
    const tips = await Promise.all(
      (subjects ?? [`${this.log.prefix}.*.*`]).map((subject) => reader.lastOn(subject)),
    );
    const positions = tips.map((tip) => (tip ? lastPosition(tip) : -1n));
    return positions.reduce((head, position) => (position > head ? position : head), -1n);
  }

  logId(options?: CallOptions): Promise<string> {
    return this.log.id(deadlineOf(options));
  }

  async originId(options?: CallOptions): Promise<string> {
    const own = await this.logId(options);
    return this.origin()?.originId ?? own;
  }

  /** Undefined for a log that was begun here. */
  origin(): Origin | undefined {
    return this.log.numbering.origin;
  }

  async begin({ originId, base }: Pick<Origin, 'originId' | 'base'>, options?: CallOptions): Promise<void> {
    const deadline = deadlineOf(options);
    const { state } = await this.log.info(deadline);
    if (this.origin() || state.messages > 0) throw notEmpty();
    await this.log.tell({ originId, base }, deadline);
  }

  async bring(event: RecordedEvent, options?: CallOptions): Promise<void> {
    const { stream, revision, position } = event;
    const expected = revision === 0n ? 'no_stream' : revision - 1n;
    await append(this.log, this.#tips, { stream, expected, events: [event], position }, deadlineOf(options));
  }

  async fill(stream: StreamName, after: bigint, events: readonly NewEvent[]): Promise<void> {
    await this.append(stream, after < 0n ? 'no_stream' : after, events);
  }

  async seal(last: bigint, options?: CallOptions): Promise<void> {
    const deadline = deadlineOf(options);
    const { state } = await this.log.info(deadline);
    const end = positionOf(state.last_seq + 1, 0) - 1n;
    await this.log.tell({ ...this.origin()!, sealed: { end, last } }, deadline);
  }

  close(): Promise<void> {
    return this.log.connection.close();
  }
}

/** -1n for what only fills a place. */
function lastPosition({ positionOf: positionAt, count }: StoredAppend): bigint {
  return positionAt(count - 1) ?? -1n;
}

function deadlineOf(options: CallOptions | undefined): Deadline {
  return new Deadline(options?.timeoutMs ?? DEFAULT_TIMEOUT_MS);
}
