import { setTimeout as delay } from 'node:timers/promises';
import { LocalServerError } from './errors.ts';

export interface WaitOptions {
  /** Give up after this long. 60,000 by default. Milliseconds. */
  timeoutMs?: number;
  /** Ask this often. 20 by default. Milliseconds. */
  intervalMs?: number;
  /** What is awaited; stands in the error. */
  what?: string;
}

/**
 * Asks `condition` again and again until it answers something truthy, and returns that.
 * A condition that throws counts as "not yet"; the last error is the cause when time runs out.
 *
 * @throws LocalServerError `timed-out`
 */
export async function waitFor<T>(
  condition: () => T | Promise<T>,
  { timeoutMs = 60_000, intervalMs = 20, what = 'the condition' }: WaitOptions = {},
): Promise<NonNullable<T>> {
  const deadline = performance.now() + timeoutMs;
  let cause: unknown;
  for (;;) {
    try {
      const answer = await condition();
      if (answer) return answer;
      cause = undefined;
    } catch (error) {
      cause = error;
    }
    if (performance.now() > deadline) {
      throw new LocalServerError('timed-out', `Waited ${timeoutMs} ms in vain for ${what}.`, { cause });
    }
    await delay(intervalMs);
  }
}
