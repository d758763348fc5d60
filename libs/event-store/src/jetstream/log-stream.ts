/** The JetStream stream that holds the log: made once, checked at every opening. */
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { StreamConfig, StreamInfo } from '@nats-io/jetstream';
import { EventStoreUnavailableError, EventStoreUrlError, LogIncompleteError } from '../errors.ts';
import { Numbering, OWN_NUMBERS, type Origin } from '../numbering.ts';
import { uuidFrom } from '@mcpstack/contracts';
import { categoryOf, checkCategory, idOf, isStreamName } from '../stream-name.ts';
import { JetStreamRefusal, type Connection } from './connection.ts';
import type { OpenOptions } from '../open.ts';
import type { Deadline } from './deadline.ts';
import { originIn, withOrigin } from './origin.ts';

const API = '$JS.API';
const STREAM_NOT_FOUND = 10059;
/** What a server says of a stream that is being made: its name is in use, or its subjects overlap. */
const MADE_AT_ONCE = [10058, 10065];
const CREATE_TRIES = 10;
const CREATE_WAIT_MS = 50;
/** Answers a quick retry without a read. Idempotence does not rest on it. */
const DUPLICATE_WINDOW_NS = 120 * 1e9;

/** One log: names, subjects, and what the server says of it. */
export class LogStream {
  numbering = OWN_NUMBERS;

  constructor(
    readonly connection: Connection,
    /** Of the JetStream stream. */
    readonly name: string,
    /** Of a stream that is made. */
    readonly replicas = 1,
  ) {
    if (!/^[A-Za-z0-9_-]{1,64}$/.test(name)) {
      throw new EventStoreUrlError(`The log's stream name may hold letters, digits, _ and -, not ${name}.`);
    }
  }

  /** `mcpstack_log` keeps its events under `mcpstack.log.<category>.<id>`. */
  get prefix(): string {
    return this.name.replaceAll('_', '.');
  }

  subjectOf(stream: string): string {
    return `${this.prefix}.${categoryOf(stream)}.${idOf(stream)}`;
  }

  subjectOfCategory(category: string): string {
    checkCategory(category);
    return `${this.prefix}.${category}.*`;
  }

  categoryIn(subject: string): string {
    return subject.slice(this.name.length + 1, subject.lastIndexOf('.'));
  }

  /** Undefined for a subject that no stream has: its name would be that of another subject, or none at all. */
  streamOf(subject: string): string | undefined {
    const category = this.categoryIn(subject);
    const stream = `${category}-${subject.slice(subject.lastIndexOf('.') + 1)}`;
    return isStreamName(stream) && !category.includes('-') ? stream : undefined;
  }

  /** A call of the JetStream API about this stream, such as `STREAM.MSG.GET`. */
  call<Answer>(verb: string, body: unknown, deadline: Deadline, rest = ''): Promise<Answer> {
    return this.connection.api<Answer>(`${API}.${verb}.${this.name}${rest}`, body, deadline);
  }

  /** The stream as it is now. @throws EventStoreUnavailableError when it is gone. */
  async info(deadline: Deadline): Promise<StreamInfo> {
    const info = await this.#find(deadline);
    if (info) return info;
    throw new EventStoreUnavailableError(
      `The server at ${this.connection.where} no longer has the stream ${this.name}: restore it, or start again with a new log.`,
      { inDoubt: false },
    );
  }

  /** Makes the stream if it is not there and may be made, and refuses one that would not keep every event. */
  async ensure(deadline: Deadline, options: OpenOptions): Promise<void> {
    const { readOnly = false, whileRestored = false, onUnsafe } = options;
    if (!this.connection.nats.info?.jetstream) {
      await this.#refuseWithoutJetStream(deadline);
    }
    const info = (await this.#find(deadline)) ?? (await this.#make(deadline, readOnly));
    for (const [key, wanted] of Object.entries(this.#config())) {
      if (!MUST_HOLD.includes(key)) continue;
      const found = info.config[key as keyof StreamConfig];
      if (JSON.stringify(found) === JSON.stringify(wanted)) continue;
      throw new EventStoreUrlError(
        `The JetStream stream ${this.name} is no event log: its ${key} is ${JSON.stringify(found)}, not ${JSON.stringify(wanted)}. Set it so, or give the log another stream name.`,
      );
    }
    this.#learn(info.config);
    if (this.connection.nats.info?.cluster && info.config.num_replicas === 1)
      onUnsafe?.(
        `JetStream keeps the event log on one server alone, though NATS is a cluster: raise it with nats stream edit ${this.name} --replicas 3.`,
      );
    const { origin } = this.numbering;
    if (origin && !origin.sealed && !whileRestored) throw new LogIncompleteError(this.connection.where);
  }

  /** Says where the log comes from; as whoever opens it will read. */
  async tell(origin: Origin, deadline: Deadline): Promise<void> {
    const { config } = await this.info(deadline);
    const description = withOrigin(config.description ?? '', origin);
    await this.call('STREAM.UPDATE', { ...config, description }, deadline);
    this.#learn({ description });
  }

  #learn({ description = '' }: Pick<StreamConfig, 'description'>): void {
    this.numbering = new Numbering(originIn(description));
  }

  /** Names the log for ever. A stream that was made anew has another time and another random part. */
  async id(deadline: Deadline): Promise<string> {
    const { config, created } = await this.info(deadline);
    this.#learn(config);
    return uuidFrom(`jetstream:${config.description}:${created}`);
  }

  async #find(deadline: Deadline): Promise<StreamInfo | undefined> {
    return this.call<StreamInfo>('STREAM.INFO', {}, deadline).catch(ignoring(STREAM_NOT_FOUND));
  }

  async #make(deadline: Deadline, readOnly: boolean): Promise<StreamInfo> {
    if (!readOnly) return this.#create(deadline);
    throw new EventStoreUnavailableError(
      `The server at ${this.connection.where} holds no event log: it has no stream ${this.name}.`,
      { inDoubt: false },
    );
  }

  /** Of several that make it at once one succeeds; the others are refused, and find it a moment later. */
  async #create(deadline: Deadline): Promise<StreamInfo> {
    for (let tries = 1; ; tries += 1) {
      try {
        return await this.call<StreamInfo>('STREAM.CREATE', this.#config(), deadline);
      } catch (error) {
        if (!(error instanceof JetStreamRefusal) || !MADE_AT_ONCE.includes(error.errCode)) throw error;
        const info = await this.#find(deadline);
        if (info) return info;
        if (tries === CREATE_TRIES) throw error;
      }
      await sleep(CREATE_WAIT_MS);
    }
  }

  async #refuseWithoutJetStream(deadline: Deadline): Promise<void> {
    // A server without JetStream of its own may still reach one, as a leaf node or in a cluster.
    const { connection } = this;
    try {
      await connection.nats.request(`${API}.INFO`, '', { timeout: Math.max(1, deadline.leftMs) });
    } catch (cause) {
      throw new EventStoreUrlError(
        `The NATS server at ${connection.where} has no JetStream: start it with jetstream enabled (nats-server -js).`,
        { cause },
      );
    }
  }

  #config() {
    return {
      name: this.name,
      // Servers before 2.10 keep no metadata, so that the random part of the log's id stands here.
      description: `Event log of MCPStack Keys, ${randomUUID()}`,
      subjects: [`${this.prefix}.*.*`],
      retention: 'limits',
      storage: 'file',
      discard: 'new',
      max_consumers: -1,
      max_msgs: -1,
      max_bytes: -1,
      max_age: 0,
      max_msgs_per_subject: -1,
      max_msg_size: -1,
      num_replicas: this.replicas,
      duplicate_window: DUPLICATE_WINDOW_NS,
      // Deleting is what overwrites the bytes of an erased profile. No update of a stream can lift this.
      deny_delete: false,
    };
  }
}

/** With these, a stream that is full refuses new events and never drops an old one. */
const MUST_HOLD = ['subjects', 'retention', 'storage', 'discard', 'max_age', 'max_msgs_per_subject'];

/** Turns one refusal into undefined. */
export function ignoring(errCode: number): (error: unknown) => undefined {
  return (error) => {
    if (error instanceof JetStreamRefusal && error.errCode === errCode) return undefined;
    throw error;
  };
}
