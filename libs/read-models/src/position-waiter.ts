/** Waits until the read models have reached a position (G6): one poll serves all who wait. */
const POLL_MS = 5;
/** More waiters than this are told "not reached" at once. */
const MAX_WAITERS = 4_096;

interface Waiter {
  position: bigint;
  settle: (reached: boolean) => void;
}

export class PositionWaiter {
  readonly #read: () => Promise<bigint>;
  readonly #waiters = new Set<Waiter>();
  #polling = false;

  constructor(read: () => Promise<bigint>) {
    this.#read = read;
  }

  /** Whether the position was reached in time. @throws RangeError when it is no decimal number. */
  async waitFor(position: string, timeoutMs: number): Promise<boolean> {
    if (!/^[0-9]{1,16}$/.test(position)) throw new RangeError('a position is a decimal number');
    if (this.#waiters.size >= MAX_WAITERS) return false;
    return new Promise((resolve) => {
      const waiter: Waiter = {
        position: BigInt(position),
        settle: (reached) => {
          clearTimeout(timer);
          this.#waiters.delete(waiter);
          resolve(reached);
        },
      };
      const timer = setTimeout(() => waiter.settle(false), timeoutMs);
      this.#waiters.add(waiter);
      void this.#poll();
    });
  }

  close(): void {
    for (const waiter of this.#waiters) waiter.settle(false);
  }

  async #poll(): Promise<void> {
    if (this.#polling) return;
    this.#polling = true;
    while (this.#waiters.size > 0) {
      // A read that fails says nothing; each waiter's own deadline ends its wait.
      const reached = await this.#read().catch(() => -1n);
      for (const waiter of this.#waiters) if (waiter.position <= reached) waiter.settle(true);
      if (this.#waiters.size > 0) await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    }
    this.#polling = false;
  }
}
