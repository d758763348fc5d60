/**
 * Where the state of each webhook is kept: one entry of a JetStream bucket each, changed by compare-and-set. Whoever
 * has lost the lease and does not know it yet is refused at the first write: the next holder has written since.
 */
import { BUCKETS } from '@mcpstack/contracts';
import { jetstream } from '@nats-io/jetstream';
import { Kvm, type KV } from '@nats-io/kv';
import type { NatsConnection } from '@nats-io/transport-node';
import { decodeState, encodeState, type SavedState } from './saved-state.ts';

const TIMEOUT_MS = 2_000;
/** A whole window and the latest attempts take half of it. */
const MAX_VALUE_BYTES = 131_072;
/** JetStream's "wrong last sequence": somebody else wrote first. */
const WRONG_LAST_SEQUENCE = 10_071;

/** Another process has written: this one is not the active one any more. */
export class SupersededError extends Error {
  override readonly name = 'SupersededError';
  readonly code = 'superseded';
}

export interface StoredState {
  state: SavedState;
  revision: number;
}

export class StateStore {
  readonly #nats: NatsConnection;
  readonly #replicas: number;
  #bucket: Promise<KV> | undefined;

  /** @param replicas of the bucket, where it is made. */
  constructor(nats: NatsConnection, replicas = 1) {
    this.#nats = nats;
    this.#replicas = replicas;
  }

  /** @throws when the bucket does not answer, or holds what is no state. */
  load(webhookId: string): Promise<StoredState | undefined> {
    return this.#use(async (bucket) => {
      const entry = await bucket.get(webhookId);
      if (entry?.operation !== 'PUT') return undefined;
      return { state: decodeState(entry.string()), revision: entry.revision };
    });
  }

  /**
   * @param expected the revision that was loaded or written last; 0 for none.
   * @returns the new revision. @throws SupersededError
   */
  save(webhookId: string, state: SavedState, expected: number): Promise<number> {
    return this.#use(async (bucket) => {
      const text = encodeState(state);
      try {
        if (expected === 0) return await bucket.create(webhookId, text);
        return await bucket.update(webhookId, text, expected, TIMEOUT_MS);
      } catch (cause) {
        if ((cause as { code?: unknown }).code !== WRONG_LAST_SEQUENCE) throw cause;
        // The write before may have been carried out though no answer came.
        const entry = await bucket.get(webhookId);
        if (entry?.operation === 'PUT' && entry.string() === text) return entry.revision;
        throw new SupersededError(`the state of ${webhookId} was written by another process`, { cause });
      }
    });
  }

  /** Of a webhook that is gone. */
  async remove(webhookId: string): Promise<void> {
    await this.#use((bucket) => bucket.purge(webhookId));
  }

  async #use<Value>(act: (bucket: KV) => Promise<Value>): Promise<Value> {
    this.#bucket ??= new Kvm(jetstream(this.#nats, { timeout: TIMEOUT_MS })).create(BUCKETS.webhooks, {
      history: 1,
      replicas: this.#replicas,
      maxValueSize: MAX_VALUE_BYTES,
      // A replica that lags would have events sent again that were delivered.
      allow_direct: false,
    });
    try {
      return await act(await this.#bucket);
    } catch (error) {
      // Opened anew next time: the bucket may be gone together with JetStream's data.
      if (!(error instanceof SupersededError)) this.#bucket = undefined;
      throw error;
    }
  }
}
