/** A bound on how much is done at once, and on how much waits for it. */

/** Thrown when so many wait that one more would wait in vain. */
export class BusyError extends Error {
  override readonly name = 'BusyError';
}

export class Slots {
  readonly #size: number;
  readonly #mostWaiting: number;
  readonly #waiting: (() => void)[] = [];
  #taken = 0;

  constructor(size: number, mostWaiting: number) {
    this.#size = size;
    this.#mostWaiting = mostWaiting;
  }

  /** Runs the task as soon as there is room, in the order of asking. @throws BusyError */
  async run<Value>(task: () => Promise<Value>): Promise<Value> {
    if (this.#taken < this.#size) this.#taken += 1;
    else await this.#turn();
    try {
      return await task();
    } finally {
      // The slot goes to whoever waits; only when nobody does is it free.
      const next = this.#waiting.shift();
      if (next) next();
      else this.#taken -= 1;
    }
  }

  async #turn(): Promise<void> {
    if (this.#waiting.length >= this.#mostWaiting) throw new BusyError('too much is waiting already');
    await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }
}
