/** Waits until it is waked, or for so long. Waked while nobody waits, the next wait is over at once. */

/** Node's longest timer. */
const LONGEST_MS = 2 ** 31 - 1;

export class Waker {
  #isWaked = false;
  #end: () => void = () => undefined;

  wake(): void {
    this.#isWaked = true;
    this.#end();
  }

  /** @param forMs without it, until it is waked. */
  async wait(forMs?: number): Promise<void> {
    if (!this.#isWaked)
      await new Promise<void>((resolve) => {
        const timer =
          forMs === undefined ? undefined : setTimeout(resolve, Math.min(forMs, LONGEST_MS)).unref();
        this.#end = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    this.#isWaked = false;
    this.#end = () => undefined;
  }
}
