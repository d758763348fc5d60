/** The event log on JetStream. */
import { LRUCache } from 'lru-cache';
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
import { append, type Tips } from './append.ts';
import { Deadline } from './deadline.ts';
import type { LogStream } from './log-stream.ts';
import { positionOf } from './message.ts';
import { readStream } from './read-stream.ts';
import { Reader } from './reader.ts';
import { subscribe } from './subscribe.ts';

const MOST_TIPS = 10_000;

export class JetStreamLog implements EventStore {
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

  readStream(stream: StreamName, options: ReadOptions = {}): AsyncIterable<RecordedEvent> {
    return readStream(this.log, stream, options);
  }

  subscribe(options: SubscribeOptions): AsyncIterable<RecordedEvent> {
    return subscribe(this.log, options);
  }

  async head(options: CallOptions & { categories?: readonly string[] } = {}): Promise<bigint> {
    const reader = new Reader(this.log, deadlineOf(options));
    const subjects = options.categories?.map((category) => this.log.subjectOfCategory(category));
    const tips = await Promise.all(
      (subjects ?? [`${this.log.prefix}.*.*`]).map((subject) => reader.lastOn(subject)),
    );
    return tips.reduce((head, tip) => {
      const position = tip ? positionOf(tip.sequence, tip.count - 1) : -1n;
      return position > head ? position : head;
    }, -1n);
  }

  logId(options?: CallOptions): Promise<string> {
    return this.log.id(deadlineOf(options));
  }

  close(): Promise<void> {
    return this.log.connection.close();
  }
}

function deadlineOf(options: CallOptions | undefined): Deadline {
  return new Deadline(options?.timeoutMs ?? DEFAULT_TIMEOUT_MS);
}
