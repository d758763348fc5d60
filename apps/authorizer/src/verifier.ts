/** Checks, from bytes to replies: parse, look up, decide, take from limits; within a deadline and a bound. */
import type { VerifyBatchReply, VerifyReply } from '@mcpstack/contracts';
import type { KeyLookup, ReadModels, Reading, Taking } from '@mcpstack/read-models';
import type { Peppers } from '@mcpstack/service-kit';
import { within } from './deadline.ts';
import { evaluate, type FoundKey, type Now } from './evaluate.ts';
import { boundsOf, limited, Takings } from './limits.ts';
import { HeldReadings } from './held-readings.ts';
import { Lookups } from './lookups.ts';
import { malformed, unavailable } from './replies.ts';
import { VerifyTally } from './verify-tally.ts';
import { parseBatch, parseRequest, type ParsedRequest, type ParseResult } from './request.ts';

/** Uses of a key, as one request tells of them. */
export interface Uses {
  wallMs: number;
  /** At least 1. */
  count: number;
  /** Whether one of them is this request's own VALID answer. */
  isOwn: boolean;
  ip?: string | undefined;
  userAgent?: string | undefined;
}

export interface VerifierOptions {
  models: Pick<ReadModels, 'findMany' | 'areUnchanged' | 'waitFor' | 'take' | 'giveBack'>;
  peppers: Pick<Peppers, 'candidates'>;
  tokenPrefix: string;
  /** Whether a reading may decide more checks than the one that it was made for; true by default. */
  holds?: boolean;
  /** Told of uses that were answered or reported. Must not wait for anything. */
  onUse?: (found: FoundKey, uses: Uses) => void;
  /** Told how long each check took that was decided on a new reading. Milliseconds. */
  onDecided?: (durationMs: number) => void;
  /** Told of records that a trusted reading shows and that prove nothing: ids, no content. */
  onBroken?: (reason: string) => void;
  /** Replies are out within this long, whatever Redis does. Milliseconds. */
  deadlineMs?: number;
  /** More checks than this at once are answered UNAVAILABLE without being looked at; each one of a batch counts. */
  maxInFlight?: number;
  /** More than this that wait for a position are answered UNAVAILABLE at once; 512 by default. */
  maxWaiting?: number;
  /** Told of failures that nobody expected. */
  onError?: (error: unknown) => void;
}

const DEADLINE_MS = 2_000;
const MAX_IN_FLIGHT = 8_192;
/** A wait is long, and anybody may ask for one with a key that does not exist: it must leave room for the others. */
const MAX_WAITING = 512;
const MAX_READS = 3;
/** How long `position` may wait for the read models. */
const POSITION_WAIT_MS = 1_000;
const TOO_MANY = 'too many requests at once';

/** A reply, and what it rests on. */
interface Decision {
  reply: VerifyReply;
  request: ParsedRequest;
  /** The key, where a trusted reading showed it. */
  found?: FoundKey | undefined;
  /** What was taken for the reply. */
  taking?: Taking | undefined;
}

export class Verifier {
  /** What was answered since this process began. */
  readonly tally = new VerifyTally();
  readonly #options: VerifierOptions;
  readonly #lookups: Lookups;
  readonly #takings: Takings;
  readonly #held: HeldReadings | undefined;
  #inFlight = 0;
  #waiting = 0;
  #idle: (() => void) | undefined;

  constructor(options: VerifierOptions) {
    this.#options = options;
    this.#lookups = new Lookups(options.models, options.peppers);
    this.#takings = new Takings(options.models);
    if (options.holds ?? true) this.#held = new HeldReadings((found) => options.models.areUnchanged(found));
  }

  /** Answers a request. Never rejects. @returns a VerifyReply as JSON. */
  async verify(bytes: Uint8Array): Promise<string> {
    if (!this.#hasRoomFor(1)) return this.#refuse(JSON.stringify(unavailable(TOO_MANY)));
    return (await this.#answer([parseRequest(bytes, this.#options.tokenPrefix)]))[0]!;
  }

  /** Answers a message of many requests. Never rejects. @returns a VerifyBatchReply as JSON. */
  async verifyBatch(bytes: Uint8Array): Promise<string> {
    if (!this.#hasRoomFor(1)) return this.#refuse(noReplies('UNAVAILABLE', TOO_MANY));
    const parsed = parseBatch(bytes, this.#options.tokenPrefix);
    if (!parsed.ok) return this.#refuse(noReplies('MALFORMED', parsed.message), 1, 'MALFORMED');
    const { length } = parsed.request;
    if (!this.#hasRoomFor(length)) return this.#refuse(noReplies('UNAVAILABLE', TOO_MANY), length);
    return `{"replies":[${(await this.#answer(parsed.request)).join(',')}]}`;
  }

  /** Told what has changed: keys, organizations, agents. Only makes a refusal visible sooner. */
  changed(ids: readonly string[]): void {
    this.#held?.drop(ids);
  }

  /** Resolves once everything that was taken is decided, also what is answered since because it was too late. */
  async drained(): Promise<void> {
    if (this.#inFlight > 0) await new Promise<void>((resolve) => (this.#idle = resolve));
  }

  /** Checks that are not decided yet, those among them that wait for a position, and readings that are held. */
  load(): { inFlight: number; waiting: number; held: number } {
    return { inFlight: this.#inFlight, waiting: this.#waiting, held: this.#held?.size ?? 0 };
  }

  /** All checks of a message, of which there is one at least. */
  #refuse(reply: string, checks = 1, code: VerifyReply['code'] = 'UNAVAILABLE'): string {
    this.tally.answered(code, checks);
    return reply;
  }

  #hasRoomFor(checks: number): boolean {
    const { maxInFlight = MAX_IN_FLIGHT } = this.#options;
    return this.#inFlight + checks <= maxInFlight;
  }

  /** All of one message, under one deadline. What is answered on held readings alone waits for nothing. */
  async #answer(requests: readonly ParseResult[]): Promise<string[]> {
    const { deadlineMs = DEADLINE_MS, onDecided } = this.#options;
    // After the message came, so that all in it was asked before.
    const now = { monotonicMs: performance.now(), wallMs: Date.now() };
    const texts = requests.map((parsed) => this.#answerAtOnce(parsed, now));
    if (!texts.includes(undefined)) return texts as string[];
    const decisions: (Decision | undefined)[] = [];
    await this.#decideRest(requests, texts, decisions);
    return texts.map((text, place) => {
      if (text !== undefined) return text;
      const decision = decisions[place];
      this.tally.answered(decision?.reply.code ?? 'UNAVAILABLE');
      onDecided?.(performance.now() - now.monotonicMs);
      if (!decision) return JSON.stringify(unavailable(`not decided within ${deadlineMs} ms`));
      const { reply, request } = decision;
      this.#count(decision, reply.valid && !request.refresh);
      return JSON.stringify(reply);
    });
  }

  /** A VALID answer on a reading that is held, or that the request is malformed. All else is decided on a new reading. */
  #answerAtOnce(parsed: ParseResult, now: Now): string | undefined {
    if (!parsed.ok) return this.#refuse(JSON.stringify(malformed(parsed.message)), 1, 'MALFORMED');
    const { request } = parsed;
    // Who waited for a position wants what is there now; who renews an answer wants it to last.
    if (request.position !== undefined || request.refresh) return undefined;
    const answer = this.#held?.answer(request, now);
    if (!answer) return undefined;
    this.tally.held += 1;
    this.#count({ request, found: answer.found }, true);
    return answer.text;
  }

  /** Decides what was not answered at once, as far as that comes in time. */
  async #decideRest(
    requests: readonly ParseResult[],
    texts: readonly (string | undefined)[],
    decisions: (Decision | undefined)[],
  ): Promise<void> {
    const { deadlineMs = DEADLINE_MS } = this.#options;
    let isOver = false;
    const check = async (request: ParsedRequest, place: number): Promise<void> => {
      this.#inFlight += 1;
      const decision = await this.#decideOrSay(request);
      if (isOver) this.#takeBack(decision);
      else decisions[place] = decision;
      // Not before: one that is too late stands in the way of others until it ends.
      this.#inFlight -= 1;
      if (this.#inFlight === 0) this.#idle?.();
    };
    const checks: Promise<void>[] = [];
    for (const [place, parsed] of requests.entries())
      if (parsed.ok && texts[place] === undefined) checks.push(check(parsed.request, place));
    await within<unknown>(deadlineMs, Promise.all(checks), () => undefined);
    isOver = true;
  }

  /** An answer that came too late was none; what it told of others is true all the same. */
  #takeBack(decision: Decision): void {
    if (decision.taking) this.#takings.giveBack(decision.taking);
    this.#count(decision, false);
  }

  async #decideOrSay(request: ParsedRequest): Promise<Decision> {
    try {
      return await this.#decide(request);
    } catch (error) {
      return { request, reply: this.#failed(error) };
    }
  }

  #failed(error: unknown): VerifyReply {
    const isKnown = (error as { code?: unknown }).code === 'unavailable';
    if (!isKnown) this.#options.onError?.(error);
    return unavailable(isKnown ? (error as Error).message : 'something went wrong on our side');
  }

  async #decide(request: ParsedRequest): Promise<Decision> {
    const missing = request.position === undefined ? undefined : await this.#reach(request.position);
    if (missing !== undefined) return { request, reply: unavailable(missing) };
    const reading = await this.#read(request.digest);
    const decision = this.#decision(request, reading);
    const { reply, found } = decision;
    const bounds = reply.valid && found ? boundsOf(found.key) : undefined;
    if (!bounds) {
      if (reply.valid && found) this.#held?.hold(request.digest, { ...reading, value: found });
      return decision;
    }
    try {
      // Asked for nobody, it only looks.
      const cost = request.refresh ? 0 : (request.cost ?? 1);
      return await this.#decideAndTake(request, reading, { keyId: found!.key.id, bounds, cost });
    } catch (error) {
      return { request, reply: this.#failed(error), found };
    }
  }

  async #decideAndTake(
    request: ParsedRequest,
    reading: Reading<KeyLookup>,
    taking: Taking,
  ): Promise<Decision> {
    const taken = await this.#takings.take(taking);
    // The taking may have used up Δ: what is answered now must be decided on what is fresh now (G3).
    const again = await this.#decideAgain(request, reading).catch((error: unknown) => {
      this.#takings.giveBack(taking);
      throw error;
    });
    if (!again.reply.valid) {
      if (taken.granted) this.#takings.giveBack(taking);
      return again;
    }
    return {
      ...again,
      reply: limited(again.reply, taken),
      taking: taken.granted && taking.cost > 0 ? taking : undefined,
    };
  }

  async #decideAgain(request: ParsedRequest, reading: Reading<KeyLookup>): Promise<Decision> {
    const isFresh = performance.now() < reading.freshUntilMs;
    return this.#decision(request, isFresh ? reading : await this.#read(request.digest));
  }

  #decision(request: ParsedRequest, reading: Reading<KeyLookup>): Decision {
    const reply = evaluate(request, reading, { monotonicMs: performance.now(), wallMs: Date.now() });
    const { value, trusted } = reading;
    return { request, reply, found: trusted && value.status === 'found' ? value : undefined };
  }

  /** A busy moment can use up Δ between sending a read and deciding; another one may be faster. */
  async #read(digest: string): Promise<Reading<KeyLookup>> {
    for (let tries = 1; ; tries += 1) {
      this.tally.lookups += 1;
      const reading = await this.#lookups.find(digest);
      const isTooLate = reading.trusted && performance.now() >= reading.freshUntilMs;
      if (isTooLate && tries < MAX_READS) continue;
      if (reading.trusted && reading.value.status === 'unprovable')
        this.#options.onBroken?.(reading.value.reason);
      return reading;
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
  #count({ found, request: { reused = 0, ip, userAgent } }: Omit<Decision, 'reply'>, isOwn: boolean): void {
    const count = reused + (isOwn ? 1 : 0);
    if (!found || count === 0) return;
    try {
      this.#options.onUse?.(found, { wallMs: Date.now(), count, isOwn, ip, userAgent });
    } catch (error) {
      this.#options.onError?.(error);
    }
  }
}

function noReplies(code: 'MALFORMED' | 'UNAVAILABLE', message: string): string {
  return JSON.stringify({ code, message } satisfies VerifyBatchReply);
}
