/**
 * A JetStream key-value bucket of the gateway: made when it is first needed, changed by compare-and-set, and 503 while
 * it cannot be used. It is opened anew after each failure, so that it recovers by itself.
 */
import { jetstream, jetstreamManager } from '@nats-io/jetstream';
import { Kvm, type KV } from '@nats-io/kv';
import { type NatsConnection } from '@nats-io/transport-node';
import { unavailable } from '../http/problem-response.ts';

/** Every call to the bucket. */
const TIMEOUT_MS = 2_000;
const MAX_VALUE_BYTES = 8_192;
/** JetStream's two "wrong last sequence": somebody else wrote first. */
const WRONG_LAST_SEQUENCE: readonly unknown[] = [10_071, 10_164];

export interface BucketSettings {
  name: string;
  /** Entries that are not written for so long vanish. Milliseconds. */
  ttlMs: number;
  /** Of the bucket, where it is made; 1 by default. */
  replicas?: number | undefined;
  /** Bounds what strangers can fill, so that the event log keeps its disk; no bound of its own if absent. */
  maxBytes?: number;
  /** The sentence of a 503. */
  unavailable: string;
}

export interface Entry {
  /** `undefined`: it was ended, and what stands here is the mark of that. */
  value: unknown;
  revision: number;
  writtenAtMs: number;
}

export class Bucket {
  private bucket: Promise<KV> | undefined;

  constructor(
    private readonly nats: NatsConnection,
    private readonly settings: BucketSettings,
  ) {}

  read(key: string): Promise<Entry | undefined> {
    return this.use(async (bucket) => {
      const entry = await bucket.get(key);
      if (!entry) return undefined;
      const { operation, revision, created } = entry;
      const value = operation === 'PUT' ? entry.json<unknown>() : undefined;
      return { value, revision, writtenAtMs: created.getTime() };
    });
  }

  /** Whether it was made; not, where there is one already. */
  create(key: string, value: object): Promise<boolean> {
    return this.use((bucket) => won(bucket.create(key, JSON.stringify(value))));
  }

  /** Whether it was changed; not, where somebody else changed or ended it since. */
  update(key: string, value: object, revision: number): Promise<boolean> {
    return this.use((bucket) => won(bucket.update(key, JSON.stringify(value), revision, TIMEOUT_MS)));
  }

  /** Ends an entry, whatever it holds; again is no error. The mark that stays refuses every change that began before. */
  end(key: string): Promise<void> {
    return this.use((bucket) => bucket.purge(key));
  }

  /** Ends an entry as it was read: of two at once, one does. */
  endAt(key: string, revision: number): Promise<boolean> {
    return this.use((bucket) => won(bucket.purge(key, { previousSeq: revision })));
  }

  /** Removes an entry with its mark. Only for what ended a while ago: a change on its way could revive it. */
  forget(key: string): Promise<void> {
    return this.use(async () => {
      const manager = await this.manager();
      await manager.streams.purge(this.stream, { filter: this.subjectOf(key) });
    });
  }

  /** The keys that begin with `<first>.`, ended ones too. */
  keysOf(first: string): Promise<string[]> {
    return this.use(async () => {
      const manager = await this.manager();
      const info = await manager.streams.info(this.stream, { subjects_filter: this.subjectOf(`${first}.*`) });
      const start = this.subjectOf('');
      return Object.keys(info.state.subjects ?? {}).map((subject) => subject.slice(start.length));
    });
  }

  private get stream(): string {
    return `KV_${this.settings.name}`;
  }

  private subjectOf(key: string): string {
    return `$KV.${this.settings.name}.${key}`;
  }

  private manager(): ReturnType<typeof jetstreamManager> {
    return jetstreamManager(this.nats, { timeout: TIMEOUT_MS, checkAPI: false });
  }

  private async use<Result>(act: (bucket: KV) => Promise<Result>): Promise<Result> {
    try {
      this.bucket ??= this.open();
      return await act(await this.bucket);
    } catch (cause) {
      // The bucket may have been away, or be gone together with JetStream's data.
      this.bucket = undefined;
      throw unavailable(this.settings.unavailable, cause);
    }
  }

  private open(): Promise<KV> {
    const context = jetstream(this.nats, { timeout: TIMEOUT_MS });
    return new Kvm(context).create(this.settings.name, {
      history: 1,
      replicas: this.settings.replicas ?? 1,
      ttl: this.settings.ttlMs,
      maxValueSize: MAX_VALUE_BYTES,
      ...(this.settings.maxBytes !== undefined && { max_bytes: this.settings.maxBytes }),
      // A read by a replica that lags would revive what was ended.
      allow_direct: false,
    });
  }
}

async function won(write: Promise<unknown>): Promise<boolean> {
  try {
    await write;
    return true;
  } catch (error) {
    if (WRONG_LAST_SEQUENCE.includes((error as { code?: unknown }).code)) return false;
    throw error;
  }
}
