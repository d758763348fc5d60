/** Work that is done again and again, never twice at once, until it is told to stop. */
import { setTimeout as delay } from 'node:timers/promises';

/** Either way by at most this share, so that several processes drift apart. */
const JITTER = 0.2;
/** What failed is tried again after this at the latest, however long the interval is. */
const RETRY_MS = 5_000;

export interface Repeating {
  /** Begins nothing more; settles once what is under way has ended. */
  stop(): Promise<void>;
}

export interface RepeatOptions {
  /** From the end of one to the beginning of the next. Milliseconds. */
  intervalMs: number;
  /** Answers whether there is more to do at once. `signal` asks it to come to an end. */
  work: (signal: AbortSignal) => Promise<boolean | void>;
  /** Told of each failure; the work is tried again at its next time. */
  onError: (error: unknown) => void;
}

export function repeat({ intervalMs, work, onError }: RepeatOptions): Repeating {
  const stopping = new AbortController();
  const { signal } = stopping;
  const run = async (): Promise<void> => {
    while (!signal.aborted) {
      let pauseMs = intervalMs;
      try {
        if ((await work(signal)) === true) continue;
      } catch (error) {
        if (!signal.aborted) onError(error);
        pauseMs = Math.min(intervalMs, RETRY_MS);
      }
      await pause(pauseMs * (1 - JITTER + 2 * JITTER * Math.random()), signal);
    }
  };
  const running = run();
  return {
    async stop() {
      stopping.abort();
      await running;
    },
  };
}

async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await delay(ms, undefined, { signal, ref: false }).catch(() => undefined);
}
