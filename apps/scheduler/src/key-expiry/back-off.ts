/** Leaves alone for a while what was tried just now: twice as long each time, up to a bound. */
import { LRUCache } from 'lru-cache';

const FIRST_MS = 2_000;
const LONGEST_MS = 10 * 60_000;
const CAPACITY = 10_000;

export class BackOff {
  readonly #tries: LRUCache<string, { waitMs: number; untilMs: number }>;
  readonly #nowMs: () => number;
  readonly #firstMs: number;

  constructor({ nowMs = () => performance.now(), firstMs = FIRST_MS, capacity = CAPACITY } = {}) {
    this.#nowMs = nowMs;
    this.#firstMs = firstMs;
    this.#tries = new LRUCache({ max: capacity });
  }

  /** How many are remembered. */
  get size(): number {
    return this.#tries.size;
  }

  mayTry(id: string): boolean {
    const known = this.#tries.get(id);
    return known === undefined || this.#nowMs() >= known.untilMs;
  }

  tried(id: string): void {
    const before = this.#tries.get(id);
    const waitMs = before ? Math.min(2 * before.waitMs, LONGEST_MS) : this.#firstMs;
    this.#tries.set(id, { waitMs, untilMs: this.#nowMs() + waitMs });
  }

  /** Forgets all but these. */
  keepOnly(ids: ReadonlySet<string>): void {
    for (const id of [...this.#tries.keys()]) if (!ids.has(id)) this.#tries.delete(id);
  }
}
