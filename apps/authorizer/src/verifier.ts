/** One verify, from bytes to reply: parse, look up, decide; within a deadline and a bound on how many. */
import type { VerifyReply } from '@mcpstack/contracts';
import type { ReadModels } from '@mcpstack/read-models';
import type { Peppers } from '@mcpstack/service-kit';
import { evaluate, malformed, unavailable } from './evaluate.ts';
import { parseRequest, type ParsedRequest } from './request.ts';

export interface VerifierOptions {
  models: Pick<ReadModels, 'findByDigests' | 'waitFor'>;
  peppers: Peppers;
  tokenPrefix: string;
  /** The reply is out within this long, whatever Redis does. Milliseconds. */
  deadlineMs?: number;
  /** More requests than this at once are answered UNAVAILABLE without being looked at. */
  maxInFlight?: number;
  /** Told of failures that nobody expected. */
  onError?: (error: unknown) => void;
}

const DEADLINE_MS = 2_000;
const MAX_IN_FLIGHT = 2_048;
const MAX_READS = 3;
/** How long `position` may wait for the read models. */
const POSITION_WAIT_MS = 1_000;

export class Verifier {
  readonly #options: VerifierOptions;
  #inFlight = 0;
  #idle: (() => void) | undefined;

  constructor(options: VerifierOptions) {
    this.#options = options;
  }

  /** Answers a request. Never rejects. */
  async verify(bytes: Uint8Array): Promise<VerifyReply> {
    const { maxInFlight = MAX_IN_FLIGHT, deadlineMs = DEADLINE_MS, tokenPrefix } = this.#options;
    if (this.#inFlight >= maxInFlight) return unavailable('too many requests at once');
    const parsed = parseRequest(bytes, tokenPrefix);
    if (!parsed.ok) return malformed(parsed.message);
    this.#inFlight += 1;
    try {
      return await within(deadlineMs, this.#decide(parsed.request));
    } catch (error) {
      const { code } = error as { code?: unknown };
      if (code !== 'unavailable') this.#options.onError?.(error);
      return unavailable(
        code === 'unavailable' ? (error as Error).message : 'something went wrong on our side',
      );
    } finally {
      this.#inFlight -= 1;
      if (this.#inFlight === 0) this.#idle?.();
    }
  }

  /** Resolves once everything that was taken has been answered. */
  async drained(): Promise<void> {
    if (this.#inFlight > 0) await new Promise<void>((resolve) => (this.#idle = resolve));
  }

  async #decide(request: ParsedRequest): Promise<VerifyReply> {
    const { models, peppers } = this.#options;
    if (request.position !== undefined && !(await models.waitFor(request.position, POSITION_WAIT_MS)))
      return unavailable('the read models have not reached the position yet');
    const candidates = peppers.candidates(request.digest);
    for (let tries = 1; ; tries += 1) {
      const reading = await models.findByDigests(candidates);
      const nowMs = performance.now();
      // A busy moment can use up Δ between sending the read and deciding; another read may be faster.
      const isTooLate = reading.trusted && nowMs >= reading.freshUntilMs;
      if (!isTooLate || tries === MAX_READS) return evaluate(request, reading, nowMs);
    }
  }
}

async function within(ms: number, work: Promise<VerifyReply>): Promise<VerifyReply> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<VerifyReply>((resolve) => {
    timer = setTimeout(() => resolve(unavailable(`not decided within ${ms} ms`)), ms);
  });
  // Whoever lost the race must not end the process by rejecting later.
  work.catch(() => undefined);
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
