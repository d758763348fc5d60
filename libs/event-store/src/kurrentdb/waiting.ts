/** Bounds on waiting: the client's own deadlines do not hold, so every call runs against a timer of ours. */
import { EventStoreUnavailableError } from '../errors.ts';

/** The end of a call's time, on the monotonic clock. */
export class Deadline {
  readonly #endsAt: number;
  constructor(readonly timeoutMs: number) {
    this.#endsAt = performance.now() + timeoutMs;
  }

  /** Milliseconds left, at least 0. */
  leftMs(): number {
    return Math.max(0, this.#endsAt - performance.now());
  }

  passed(): boolean {
    return this.leftMs() === 0;
  }
}

/** Settles as `work` does, or rejects with `late()` after `ms`. What comes later is dropped. */
export function within<T>(work: Promise<T>, ms: number, late: () => Error): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    const timer = setTimeout(() => reject(late()), ms);
    work.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}

/** Resolves after `ms`, or as soon as the signal aborts. */
export function pause(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal?.aborted) return resolve();
    const done = () => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal?.addEventListener('abort', done, { once: true });
  });
}

/** Doubling from `firstMs` to `mostMs`, with jitter so that many clients do not return at once. */
export function backOffMs(attempt: number, firstMs: number, mostMs: number): number {
  const full = Math.min(mostMs, firstMs * 2 ** Math.min(attempt, 20));
  return full * (0.5 + Math.random() / 2);
}

/** A bounded number of places; who finds none waits in line, up to its deadline. */
export class Places {
  #free: number;
  readonly #line: (() => void)[] = [];
  constructor(
    readonly count: number,
    readonly what: string,
  ) {
    this.#free = count;
  }

  /** @returns what gives the place back; it may be called more than once. */
  async take(deadline: Deadline): Promise<() => void> {
    if (this.#free > 0) this.#free -= 1;
    else await this.#wait(deadline);
    let held = true;
    return () => {
      if (held) this.#giveBack();
      held = false;
    };
  }

  #wait(deadline: Deadline): Promise<void> {
    return new Promise((resolve, reject) => {
      const next = () => {
        clearTimeout(timer);
        resolve();
      };
      const timer = setTimeout(() => {
        this.#line.splice(this.#line.indexOf(next), 1);
        const message = `All ${this.count} places for ${this.what} were taken for ${deadline.timeoutMs} ms.`;
        reject(new EventStoreUnavailableError(message, { inDoubt: false }));
      }, deadline.leftMs());
      this.#line.push(next);
    });
  }

  #giveBack(): void {
    const next = this.#line.shift();
    if (next) next();
    else this.#free += 1;
  }
}

export async function collect<T>(source: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const one of source) all.push(one);
  return all;
}
