/** Earlier checkpoints, from the log: what a witness needs that is behind. */
import type { EventStore } from '@mcpstack/event-store';
import { readCheckpoint, type SignedCheckpoint } from './signed-checkpoint.ts';

/** A proof goes over so many checkpoints at the most; a witness that is further behind is led up in steps. */
const MOST_IN_A_STEP = 100;

/** The way from one checkpoint to a later one. */
export interface Step {
  from: SignedCheckpoint;
  to: SignedCheckpoint;
  /** Of all events between them. */
  leaves: Buffer[];
}

export class CheckpointHistory {
  readonly #store: EventStore;
  readonly #stream: string;
  readonly #origin: string;

  constructor(store: EventStore, stream: string, origin: string) {
    this.#store = store;
    this.#stream = stream;
    this.#origin = origin;
  }

  /** The newest checkpoint that stands in the log. */
  async newest(): Promise<SignedCheckpoint | undefined> {
    const last = { direction: 'backwards', maxCount: 1 } as const;
    for await (const event of this.#store.readStream(this.#stream, last)) return this.#read(event);
    return undefined;
  }

  /** From the checkpoint of this size, some way up; `undefined` when there is none of this size, or none after it. */
  async stepFrom(size: number, newest: bigint): Promise<Step | undefined> {
    const from = await this.#find(size, newest);
    if (!from) return undefined;
    const after = { from: from.end.revision + 1n, maxCount: MOST_IN_A_STEP };
    const leaves: Buffer[] = [];
    let to: SignedCheckpoint | undefined;
    for await (const event of this.#store.readStream(this.#stream, after)) {
      to = this.#read(event);
      leaves.push(...to.leaves);
    }
    return to && { from, to, leaves };
  }

  /** Sizes rise with the revisions: so few reads find any. */
  async #find(size: number, newest: bigint): Promise<SignedCheckpoint | undefined> {
    let [low, high] = [0n, newest];
    while (low <= high) {
      const middle = (low + high) / 2n;
      const there = await this.#at(middle);
      if (!there || there.size === size) return there;
      if (there.size < size) low = middle + 1n;
      else high = middle - 1n;
    }
    return undefined;
  }

  async #at(revision: bigint): Promise<SignedCheckpoint | undefined> {
    for await (const event of this.#store.readStream(this.#stream, { from: revision, maxCount: 1 }))
      return this.#read(event);
    return undefined;
  }

  #read(event: Parameters<typeof readCheckpoint>[0]): SignedCheckpoint {
    // The witness checks signatures itself; old ones may be by keys that are gone.
    return readCheckpoint(event, { origin: this.#origin, verifiers: undefined });
  }
}
