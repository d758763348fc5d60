/** The time of the page: one timer for all times that it shows, and none while it shows none. */

const TICK_MS = 10_000;

class Clock {
  private nowMs = Date.now();
  private readonly listeners = new Set<() => void>();
  private timer: ReturnType<typeof setInterval> | undefined;

  /** The same from one tick to the next, so that all times on the page agree. */
  read = (): number => this.nowMs;

  subscribe = (listener: () => void): (() => void) => {
    // It stood still for as long as nobody looked at it.
    if (this.timer === undefined) this.nowMs = Date.now();
    this.listeners.add(listener);
    this.timer ??= setInterval(this.tick, TICK_MS);
    return () => {
      this.listeners.delete(listener);
      if (this.listeners.size > 0) return;
      clearInterval(this.timer);
      this.timer = undefined;
    };
  };

  private readonly tick = (): void => {
    this.nowMs = Date.now();
    for (const listener of this.listeners) listener();
  };
}

export const clock = new Clock();
