/** When a lost NATS connection is dialled again: by a clock that nobody sets. */

/** Timers may fire so much before their time. */
const EARLY_MS = 1;

/**
 * A `reconnectDelayHandler` for the NATS client, which asks it before each dial. Of itself the client compares
 * wall clocks: after the clock was set back by an hour, a lost connection would stay lost for an hour.
 * @param waitMs how long after the beginning of one dial the next may begin.
 * @param nowMs a clock that only goes forward.
 * @returns minus infinity when a dial is due, which is so whatever the wall clock says; otherwise how long to wait.
 */
export function redialDelay(
  waitMs: () => number,
  nowMs: () => number = () => performance.now(),
): () => number {
  let dialledAtMs = -Infinity;
  return () => {
    const now = nowMs();
    const wait = waitMs();
    if (now - dialledAtMs < wait - EARLY_MS) return wait;
    dialledAtMs = now;
    return -Infinity;
  };
}

/** A wait of `leastMs` and a random part, so that the many clients of a server do not come back all at once. */
export function jittered(leastMs: number, jitterMs: number): () => number {
  return () => leastMs + Math.random() * jitterMs;
}
