/** Alarms about records, in the log: each at most once a minute, and few in all. */
import { LRUCache } from 'lru-cache';

const AGAIN_AFTER_MS = 60_000;
const MOST_A_MINUTE = 60;

export class Alarms {
  readonly #told: LRUCache<string, true>;

  constructor(
    private readonly tell: (message: string) => void,
    againAfterMs = AGAIN_AFTER_MS,
  ) {
    this.#told = new LRUCache({ max: MOST_A_MINUTE, ttl: againAfterMs });
  }

  /** @param reason with ids, and no content of records. */
  raise(reason: string): void {
    if (this.#told.has(reason)) return;
    if (this.#told.size >= MOST_A_MINUTE && !this.#told.purgeStale()) return;
    this.#told.set(reason, true);
    this.tell(`ALARM: ${reason}`);
  }
}
