/** A clock that stands still until a test moves it. */
export class ManualClock {
  #nowMs: number;

  /** @param start ISO time, or milliseconds since the epoch. */
  constructor(start: string | number = '2026-01-01T00:00:00.000Z') {
    this.#nowMs = typeof start === 'number' ? start : Date.parse(start);
    if (Number.isNaN(this.#nowMs)) throw new RangeError(`not a time: ${start}`);
  }

  /** Milliseconds since the epoch; also good as a monotonic clock, since it never goes back. */
  nowMs = (): number => this.#nowMs;

  /** The same as an ISO string. */
  nowIso = (): string => new Date(this.#nowMs).toISOString();

  /** Moves on by `ms`, which may not be negative. */
  advance(ms: number): void {
    if (!(ms >= 0)) throw new RangeError(`time does not go back: ${ms}`);
    this.#nowMs += ms;
  }
}

/** Always the same moment. */
export function fixedClock(iso = '2026-01-01T00:00:00.000Z'): () => string {
  return () => iso;
}
