/**
 * Sends one request until it is answered: what may succeed later is tried again, with the same headers and so
 * with the same `Idempotency-Key`, after a pause that grows and is drawn at random, and all within one deadline.
 */
import { ApiProblem, retryAfterMs } from './problem.ts';

export interface RetrySettings {
  fetch: (request: Request) => Promise<Response>;
  /** For a call with all its tries. Milliseconds. */
  deadlineMs: number;
  /** For one try, so that a connection that hangs leaves time for another. Milliseconds. */
  tryTimeoutMs: number;
  /** How often it is sent at most. */
  tries: number;
  /** From 0 to 1; for the pauses. */
  random: () => number;
}

const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 2_000;
/** Of the API: `unavailable` and `not-final`; of a proxy before it: that the API does not answer. */
const PASSING = new Set([502, 503, 504]);

export function retryingFetch(settings: RetrySettings): (request: Request) => Promise<Response> {
  return async (request) => {
    const endMs = performance.now() + settings.deadlineMs;
    for (let number = 1; ; number += 1) {
      const outcome = await sendOnce(request, settings, endMs - performance.now());
      request.signal.throwIfAborted();
      if (outcome instanceof Response && !PASSING.has(outcome.status)) return outcome;
      const asked = outcome instanceof Response ? retryAfterMs(outcome.headers) : undefined;
      const pauseMs = Math.max(asked ?? 0, pauseBefore(number + 1, settings.random));
      if (number >= settings.tries || performance.now() + pauseMs >= endMs) return giveUp(outcome, number);
      await pause(pauseMs, request.signal);
    }
  };
}

/** Half of it is sure, half is drawn: clients that failed together do not come back together. */
export function pauseBefore(number: number, random: () => number): number {
  const mostMs = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** (number - 2));
  return (mostMs * (1 + random())) / 2;
}

/** One try with its whole body: an answer that breaks off half-way is none. */
async function sendOnce(request: Request, settings: RetrySettings, leftMs: number): Promise<unknown> {
  const timeout = AbortSignal.timeout(Math.max(1, Math.min(settings.tryTimeoutMs, Math.ceil(leftMs))));
  try {
    const signal = AbortSignal.any([request.signal, timeout]);
    const response = await settings.fetch(new Request(request.clone(), { signal }));
    const { status, statusText, headers } = response;
    if (status === 204 || status === 205 || status === 304) return response;
    return new Response(await response.arrayBuffer(), { status, statusText, headers });
  } catch (error) {
    return error;
  }
}

function giveUp(outcome: unknown, tries: number): Response {
  if (outcome instanceof Response) return outcome;
  const detail = `The API did not answer in ${tries} ${tries === 1 ? 'try' : 'tries'}: check its address and the network.`;
  throw new ApiProblem({ code: 'unreachable', detail }, { cause: outcome });
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const stop = (): void => {
      clearTimeout(timer);
      reject(signal.reason as Error);
    };
    const timer = setTimeout(() => {
      signal.removeEventListener('abort', stop);
      resolve();
    }, ms);
    signal.addEventListener('abort', stop, { once: true });
  });
}
