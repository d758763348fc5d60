/** One verify, from bytes to reply: parse, look up, decide; within a deadline and a bound on how many. */
import type { VerifyReply } from '@mcpstack/contracts';
import type { ReadModels } from '@mcpstack/read-models';
import type { Peppers } from '@mcpstack/service-kit';
import { within } from './deadline.ts';
import { evaluate, type FoundKey } from './evaluate.ts';
import { malformed, unavailable } from './replies.ts';
import { parseRequest, type ParsedRequest } from './request.ts';

export interface VerifierOptions {
  models: Pick<ReadModels, 'findByDigests' | 'waitFor'>;
  peppers: Peppers;
  tokenPrefix: string;
  /** Told of each VALID answer. Must not wait for anything. */
  onUse?: (found: FoundKey, wallMs: number) => void;
  /** The reply is out within this long, whatever Redis does. Milliseconds. */
  deadlineMs?: number;
  /** More requests than this at once are answered UNAVAILABLE without being looked at. */
  maxInFlight?: number;
  /** More than this that wait for a position are answered UNAVAILABLE at once; 512 by default. */
  maxWaiting?: number;
  /** Told of failures that nobody expected. */
  onError?: (error: unknown) => void;
}

const DEADLINE_MS = 2_000;
const MAX_IN_FLIGHT = 2_048;
/** A wait is long, and anybody may ask for one with a key that does not exist: it must leave room for the others. */
const MAX_WAITING = 512;
const MAX_READS = 3;
/** How long `position` may wait for the read models. */
const POSITION_WAIT_MS = 1_000;

/** A reply, and for a VALID one the key that it is about. */
interface Decision {
  reply: VerifyReply;
  used?: FoundKey;
}

export class Verifier {
  readonly #options: VerifierOptions;
  #inFlight = 0;
  #waiting = 0;
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
      const decision = await within<Decision>(deadlineMs, this.#decide(parsed.request), () => ({
        reply: unavailable(`not decided within ${deadlineMs} ms`),
      }));
      // Counted here and not where it was decided: an answer that came too late was none.
      if (decision.used) this.#count(decision.used);
      return decision.reply;
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

  async #decide(request: ParsedRequest): Promise<Decision> {
    const { models, peppers } = this.#options;
    const missing = request.position === undefined ? undefined : await this.#reach(request.position);
    if (missing !== undefined) return { reply: unavailable(missing) };
    const candidates = peppers.candidates(request.digest);
    for (let tries = 1; ; tries += 1) {
      const reading = await models.findByDigests(candidates);
      const monotonicMs = performance.now();
      // A busy moment can use up Δ between sending the read and deciding; another read may be faster.
      const isTooLate = reading.trusted && monotonicMs >= reading.freshUntilMs;
      if (isTooLate && tries < MAX_READS) continue;
      const reply = evaluate(request, reading, { monotonicMs, wallMs: Date.now() });
      return reply.valid ? { reply, used: reading.value as FoundKey } : { reply };
    }
  }

  /** Why the read models do not show this position; `undefined` once they do. */
  async #reach(position: string): Promise<string | undefined> {
    const { models, maxWaiting = MAX_WAITING } = this.#options;
    if (this.#waiting >= maxWaiting) return 'too many wait for a position';
    this.#waiting += 1;
    try {
      const isReached = await models.waitFor(position, POSITION_WAIT_MS);
      return isReached ? undefined : 'the read models have not reached the position yet';
    } finally {
      this.#waiting -= 1;
    }
  }

  /** No trouble with counting is ever an answer's. */
  #count(used: FoundKey): void {
    try {
      this.#options.onUse?.(used, Date.now());
    } catch (error) {
      this.#options.onError?.(error);
    }
  }
}
