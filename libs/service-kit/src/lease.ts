/**
 * A lease: of several processes of one kind one at a time is active (G4). It lives in a JetStream key-value entry that changes
 * by compare-and-set only. It is good until the renewal was *sent* plus L, on the holder's own monotonic
 * clock; a taker must itself have watched the entry stand still for L and a margin. So no two ever hold it
 * at once, whatever the network delays, as long as monotonic clocks run at nearly the same rate.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { leaseGoodUntilMs, StandStill, type FreshnessSettings } from '@mcpstack/contracts';

/** What stands in the entry. `holder` null: released, free for whoever comes first. */
export interface LeaseEntry {
  holder: string | null;
  revision: number;
}

/** The entry's home. Every call settles within its own deadline. */
export interface LeaseStore {
  read(): Promise<LeaseEntry | undefined>;
  /**
   * Writes if the entry still stands at `expected` (undefined: if there is none) and answers its new revision.
   * Rejects otherwise, and when no answer came; then it may have been written.
   */
  write(holder: string | null, expected: number | undefined): Promise<number>;
}

export interface LeaseOptions {
  freshness: Pick<FreshnessSettings, 'leaseLifeMs'>;
  /** Unique to this process's run. */
  holder: string;
  nowMs: () => number;
  onError?: (error: unknown) => void;
}

export class Lease {
  readonly #store: LeaseStore;
  readonly #options: LeaseOptions;
  #revision = 0;
  #goodUntilMs = Number.NEGATIVE_INFINITY;

  constructor(store: LeaseStore, options: LeaseOptions) {
    this.#store = store;
    this.#options = options;
  }

  /** Whether the lease is held at this instant. */
  held(): boolean {
    return this.#options.nowMs() < this.#goodUntilMs;
  }

  /** Waits until the lease is ours. @returns false when the signal aborted first. */
  async acquire(signal: AbortSignal): Promise<boolean> {
    const watch = new StandStill(this.#options.freshness);
    while (!signal.aborted) {
      try {
        const entry = await this.#store.read();
        const isFree = !entry || entry.holder === null || entry.holder === this.#options.holder;
        // The watch looks at the clock after the answer, when the renewal it shows was surely sent.
        const isStale = watch.mayTake(entry?.revision, this.#options.nowMs());
        if (!signal.aborted && (isFree || isStale) && (await this.#write(entry?.revision))) return true;
      } catch (error) {
        this.#options.onError?.(error);
      }
      await pause(this.#options.freshness.leaseLifeMs / 10, signal);
    }
    return false;
  }

  /** Renews every L/3; returns when the lease is lost or the signal aborts. */
  async keep(signal: AbortSignal): Promise<void> {
    while (!signal.aborted && this.held()) {
      await pause(this.#options.freshness.leaseLifeMs / 3, signal);
      if (signal.aborted || !this.held()) return;
      if (await this.#write(this.#revision)) continue;
      // The renewal before may have been written though no answer came: then the entry is still ours.
      const entry = await this.#store.read().catch(() => undefined);
      if (entry && entry.holder !== this.#options.holder) this.#goodUntilMs = Number.NEGATIVE_INFINITY;
      else if (entry) this.#revision = entry.revision;
    }
  }

  /** Gives the lease up, so that a standby need not wait. To be called after the last stamp was answered. */
  async release(): Promise<void> {
    if (!this.held()) return;
    this.#goodUntilMs = Number.NEGATIVE_INFINITY;
    await this.#store.write(null, this.#revision).catch((error: unknown) => this.#options.onError?.(error));
  }

  async #write(expected: number | undefined): Promise<boolean> {
    const sentAtMs = this.#options.nowMs();
    try {
      this.#revision = await this.#store.write(this.#options.holder, expected);
      this.#goodUntilMs = leaseGoodUntilMs(sentAtMs, this.#options.freshness);
      return true;
    } catch (error) {
      this.#options.onError?.(error);
      return false;
    }
  }
}

/** Waits, or less when the signal aborts. Never rejects. */
export async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await delay(ms, undefined, { signal }).catch(() => undefined);
}
