/** Waking whoever waits for something to change. */

export class Changes {
  #wake: (() => void)[] = [];

  tell(): void {
    for (const wake of this.#wake.splice(0)) wake();
  }

  /** Until the next change, this long, or the signal: the caller looks again whether it is what it waits for. */
  async next(signal: AbortSignal, timeoutMs = 60_000): Promise<void> {
    if (signal.aborted) return;
    let end!: () => void;
    const ended = new Promise<void>((resolve) => (end = resolve));
    // What waits here keeps no process up.
    const timer = setTimeout(end, timeoutMs).unref();
    signal.addEventListener('abort', end, { once: true });
    this.#wake.push(end);
    await ended;
    clearTimeout(timer);
    signal.removeEventListener('abort', end);
    this.#wake = this.#wake.filter((one) => one !== end);
  }
}
