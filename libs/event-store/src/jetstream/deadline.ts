/** How long a call may still wait for the server. */
export class Deadline {
  readonly #atMs: number;

  constructor(readonly timeoutMs: number) {
    this.#atMs = performance.now() + timeoutMs;
  }

  /** Milliseconds that are left; never below 0. */
  get leftMs(): number {
    return Math.max(0, this.#atMs - performance.now());
  }

  get passed(): boolean {
    return this.leftMs === 0;
  }
}
