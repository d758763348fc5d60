/** How long the read models have been behind: since when the log is known to stand where they are not yet. */

/** At one scrape in 15 seconds they are half an hour. */
const MOST_HEADS = 120;

export class Lag {
  /** Oldest first. */
  #heads: { position: bigint; atMs: number }[] = [];

  constructor(private readonly nowMs: () => number) {}

  /** The log stood here just now. */
  saw(position: bigint): void {
    if (this.#heads.at(-1)?.position === position) return;
    // The oldest one stays: it says since when.
    if (this.#heads.length === MOST_HEADS) this.#heads.splice(1, 1);
    this.#heads.push({ position, atMs: this.nowMs() });
  }

  /** What was seen is old. */
  forget(): void {
    this.#heads = [];
  }

  /** 0 when all that was seen is applied. Milliseconds. */
  waitingMs(applied: bigint): number {
    this.#heads = this.#heads.filter(({ position }) => position > applied);
    const [oldest] = this.#heads;
    return oldest ? this.nowMs() - oldest.atMs : 0;
  }
}
