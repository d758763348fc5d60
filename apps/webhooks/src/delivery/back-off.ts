/** How long to wait after a failure: twice as long each time up to a day, and nobody in step with others. */

const LONGEST_MS = 24 * 60 * 60 * 1_000;
/** Either way by at most this share. */
const JITTER = 0.2;

export interface BackOff {
  /** After the first failure. Milliseconds. */
  firstMs: number;
  /** 0 to 1. */
  random?: () => number;
}

/**
 * @param failures 1 after the first.
 * @param askedMs what the receiver asked for in `Retry-After`: it is waited for, within a day; never less than without.
 */
export function retryAfterMs(
  failures: number,
  { firstMs, random = Math.random }: BackOff,
  askedMs = 0,
): number {
  const doubled = Math.min(firstMs * 2 ** Math.min(failures - 1, 40), LONGEST_MS);
  const jittered = doubled * (1 - JITTER + 2 * JITTER * random());
  return Math.round(Math.min(Math.max(jittered, askedMs), LONGEST_MS * (1 + JITTER)));
}
