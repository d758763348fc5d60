/** The lease's home: one entry of a JetStream key-value bucket. */
import { jetstream } from '@nats-io/jetstream';
import { Kvm, type KV } from '@nats-io/kv';
import type { NatsConnection } from '@nats-io/transport-node';
import type { LeaseEntry, LeaseStore } from './lease.ts';

/** Where a lease stands. */
export interface LeasePlace {
  bucket: string;
  entry: string;
}

const LEAST_TIMEOUT_MS = 100;

export class KvLeaseStore implements LeaseStore {
  readonly #nats: NatsConnection;
  readonly #place: LeasePlace;
  readonly #timeoutMs: number;
  readonly #replicas: number;
  #bucket: Promise<KV> | undefined;

  /**
   * @param leaseLifeMs of the lease: a call that takes longer than the time between two renewals helps nobody.
   * @param replicas of the bucket, where it is made.
   */
  constructor(nats: NatsConnection, place: LeasePlace, leaseLifeMs: number, replicas = 1) {
    this.#nats = nats;
    this.#place = place;
    this.#replicas = replicas;
    this.#timeoutMs = Math.max(LEAST_TIMEOUT_MS, Math.floor(leaseLifeMs / 3));
  }

  read(): Promise<LeaseEntry | undefined> {
    return this.#call(async (bucket) => {
      const entry = await bucket.get(this.#place.entry);
      if (!entry) return undefined;
      const holder = entry.operation === 'PUT' ? entry.string() : '';
      return { holder: holder || null, revision: entry.revision };
    });
  }

  write(holder: string | null, expected: number | undefined): Promise<number> {
    return this.#call((bucket) =>
      expected === undefined
        ? bucket.create(this.#place.entry, holder ?? '')
        : bucket.update(this.#place.entry, holder ?? '', expected, this.#timeoutMs),
    );
  }

  async #call<Value>(use: (bucket: KV) => Promise<Value>): Promise<Value> {
    this.#bucket ??= new Kvm(jetstream(this.#nats, { timeout: this.#timeoutMs })).create(this.#place.bucket, {
      history: 1,
      replicas: this.#replicas,
      // A direct read may come from a replica that lags; it could only cost time, but it gains nothing here.
      allow_direct: false,
    });
    try {
      return await use(await this.#bucket);
    } catch (error) {
      // Opened anew next time: the bucket may be gone together with JetStream's data.
      this.#bucket = undefined;
      throw error;
    }
  }
}
