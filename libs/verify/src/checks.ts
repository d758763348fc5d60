/**
 * How a check is answered: from an earlier answer that is still good, with a question that is under way, or with
 * one of its own.
 *
 * **What may be shared (G3).** A VALID reply with `freshForMs` is good for every check that began before the
 * question was sent plus that time: whatever was final before such a check began is in the reply. It makes no
 * difference whether the check began before the reply came (it joins) or after (it reuses). One that joined and
 * turns out to have begun too late asks for itself. Any other reply is for those alone whose question it answers:
 * a key with limits pays for each use (`freshForMs` is 0), and a refusal may have ended since it was sent.
 */
import { mayReuse, reusableUntilMs, type VerifyReply } from '@mcpstack/contracts';
import type { NatsConnection, Subscription } from '@nats-io/transport-node';
import { LRUCache } from 'lru-cache';
import { Asker, type Asked } from './asker.ts';
import { hearChanges, watchConnection } from './connection.ts';
import { identityOf, readQuestion, type Identity, type Question } from './question.ts';
import { malformed, unavailable } from './replies.ts';
import { Reuse, type Answer } from './reuse.ts';
import { activeTrace } from './trace-context.ts';
import type { Verifier, VerifierStats } from './verifier.ts';

/** What the guarantee rests on; a spec replaces a part to show that it would fail. */
export interface SharingRules {
  /** Until when checks may begin that get this answer. */
  untilMs(sentAtMs: number, freshForMs: number, receivedAtMs: number): number;
  /** Whether a check that joined a question may have its VALID answer. */
  mayJoin(beganAtMs: number, untilMs: number): boolean;
}
export const SHARING_RULES: SharingRules = { untilMs: reusableUntilMs, mayJoin: mayReuse };

export interface ChecksOptions {
  connection: NatsConnection;
  isOwn: boolean;
  inboxPrefix?: string | undefined;
  timeoutMs: number;
  maxReused: number;
  maxInFlight: number;
  tokenPrefix?: string | undefined;
  rules?: SharingRules;
}

/** A check that waits. */
interface Waiter {
  beganAtMs: number;
  resolve: (reply: VerifyReply) => void;
}

/** A question under way; `waiters` is empty for one that renews an answer. */
interface Flight extends Asked {
  identity: Identity | undefined;
  /** The question as JSON, without the closing brace. */
  question: string;
  /** Uses of an earlier answer that go with it. They are not told of again, whatever becomes of this. */
  told: number;
  /** The first waiter is whom it is asked for; of a renewal, nobody is. */
  isRenewal: boolean;
  waiters: Waiter[];
}

/** How often what waits and what is due is looked at. */
const TICK_MS = 10;
/** A question that was sent longer ago is not joined: it may hang, and its answer would be old. */
const JOINED_WITHIN_MS = 100;
/** Questions that are known to be paid for each time: to join would only double the wait. */
const MAX_KNOWN_ALONE = 1_000;

export class Checks implements Verifier {
  readonly #options: ChecksOptions;
  readonly #rules: SharingRules;
  readonly #asker: Asker;
  readonly #reuse: Reuse;
  readonly #changes: Subscription;
  /** Questions that may be joined. */
  readonly #joinable = new Map<string | undefined, Flight>();
  readonly #alone = new LRUCache<string, true>({ max: MAX_KNOWN_ALONE });
  readonly #stats = { checks: 0, reused: 0, unavailable: 0, uncounted: 0 };
  #inFlight = 0;
  #timer: NodeJS.Timeout | undefined;
  #closing: Promise<void> | undefined;
  #onDrained: (() => void) | undefined;

  constructor(options: ChecksOptions) {
    this.#options = options;
    this.#rules = options.rules ?? SHARING_RULES;
    this.#asker = new Asker(options.connection, options);
    this.#reuse = new Reuse(
      {
        max: options.maxReused,
        onDue: ({ identity, text }, hits) => this.#renew(identity, text, hits),
        onEvicted: ({ text }, hits) => this.#renew(undefined, text, hits),
      },
      TICK_MS,
    );
    this.#changes = hearChanges(options.connection, (ids) => this.#reuse.changed(ids));
    void watchConnection(options.connection, {
      onDisconnect: () => this.#asker.disconnected(),
      onReconnect: () => this.#asker.reconnected(),
      onRefusal: (why) => this.#asker.fail(why),
      onEnd: () => this.#asker.close('the connection to NATS is closed'),
    });
  }

  verify(question: Question): Promise<VerifyReply> {
    const beganAtMs = performance.now();
    this.#stats.checks += 1;
    const identity = identityOf(question);
    if (identity !== undefined) {
      const answer = this.#reuse.find(identity);
      if (answer !== undefined && mayReuse(beganAtMs, answer.untilMs) && this.#closing === undefined) {
        answer.hits += 1;
        this.#stats.reused += 1;
        return answer.promise;
      }
    }
    return this.#check(question, identity, beganAtMs);
  }

  stats(): VerifierStats {
    return { ...this.#stats, messages: this.#asker.messages };
  }

  close(): Promise<void> {
    return (this.#closing ??= this.#end());
  }

  #check(question: Question, identity: Identity | undefined, beganAtMs: number): Promise<VerifyReply> {
    const read = readQuestion(question, identity, this.#options.tokenPrefix);
    if (!read.ok) return Promise.resolve(malformed(read.message));
    if (this.#closing) return this.#refuse('this verifier is closed');
    if (this.#inFlight >= this.#options.maxInFlight)
      return this.#refuse('too many checks wait for an answer');
    const shareable = this.#options.maxReused > 0 ? identity : undefined;
    const other = this.#joinable.get(textOf(shareable));
    return new Promise((resolve) => {
      const waiter = { beganAtMs, resolve };
      if (other && beganAtMs < other.sentAtMs + JOINED_WITHIN_MS) this.#join(other, waiter);
      else this.#ask(shareable, read.text, waiter, read.isSlow);
    });
  }

  #refuse(why: string): Promise<VerifyReply> {
    this.#stats.unavailable += 1;
    return Promise.resolve(unavailable(why));
  }

  #join(flight: Flight, waiter: Waiter): void {
    this.#inFlight += 1;
    flight.waiters.push(waiter);
  }

  /** Asks for one check, and tells of the uses of the answer before. */
  #ask(
    identity: Identity | undefined,
    question: string,
    waiter: Waiter,
    isSlow = false,
    isAlone = false,
  ): void {
    const told = (identity !== undefined && this.#reuse.drop(identity)?.hits) || 0;
    const flight = this.#flight(identity, question, told, waiter);
    flight.isSlow = isSlow;
    flight.deadlineMs = waiter.beganAtMs + this.#options.timeoutMs - TICK_MS;
    const name = textOf(identity);
    if (name !== undefined && !isAlone && !this.#alone.has(name)) this.#joinable.set(name, flight);
    this.#start(flight);
  }

  /** Asks for nobody: to have the answer before it is needed, and to tell of its uses. */
  #renew(identity: Identity | undefined, question: string, hits: number): void {
    if (this.#inFlight >= this.#options.maxInFlight) {
      this.#stats.uncounted += hits;
      return;
    }
    const flight = this.#flight(identity, question, hits);
    const name = textOf(identity);
    if (name !== undefined && !this.#joinable.has(name)) this.#joinable.set(name, flight);
    this.#start(flight);
  }

  #flight(identity: Identity | undefined, question: string, told: number, waiter?: Waiter): Flight {
    const more = (waiter ? '' : ',"refresh":true') + (told > 0 ? `,"reused":${told}` : '');
    const flight: Flight = {
      identity,
      question,
      told,
      text: `${question}${more}}`,
      waiters: waiter ? [waiter] : [],
      isRenewal: waiter === undefined,
      isSlow: false,
      // Renewals are asked for nobody.
      trace: waiter && activeTrace(),
      deadlineMs: performance.now() + this.#options.timeoutMs - TICK_MS,
      sentAtMs: Infinity,
      onReply: (reply) => this.#settle(flight, reply),
    };
    return flight;
  }

  #start(flight: Flight): void {
    this.#inFlight += 1;
    this.#timer ??= setInterval(() => this.#tick(), TICK_MS).unref();
    this.#asker.ask(flight);
  }

  #settle(flight: Flight, reply: VerifyReply): void {
    const { identity, waiters, isRenewal, sentAtMs } = flight;
    this.#inFlight -= waiters.length + (isRenewal ? 1 : 0);
    const name = textOf(identity);
    if (this.#joinable.get(name) === flight) this.#joinable.delete(name);
    const isUnavailable = reply.code === 'UNAVAILABLE';
    if (isUnavailable) {
      this.#stats.unavailable += waiters.length;
      this.#stats.uncounted += flight.told;
    }
    const untilMs = this.#rules.untilMs(sentAtMs, reply.freshForMs, performance.now());
    const answer = identity === undefined ? undefined : this.#learn(identity, flight, reply, untilMs);
    const again: Waiter[] = [];
    for (let index = 0; index < waiters.length; index += 1) {
      const waiter = waiters[index]!;
      const isAsker = index === 0 && !isRenewal;
      if (isAsker || isUnavailable) waiter.resolve(reply);
      else if (answer && this.#rules.mayJoin(waiter.beganAtMs, answer.untilMs)) this.#share(answer, waiter);
      else if (!reply.valid && waiter.beganAtMs < sentAtMs) waiter.resolve(reply);
      else again.push(waiter);
    }
    for (const waiter of again) this.#askAgain(flight, waiter, reply.valid && !answer);
    if (this.#inFlight === 0) this.#onDrained?.();
  }

  /** The answer was not for this one, which joined: it gets one that is. */
  #askAgain({ identity, question }: Flight, waiter: Waiter, isAlone: boolean): void {
    const other = isAlone ? undefined : this.#joinable.get(textOf(identity));
    if (other) this.#join(other, waiter);
    else this.#ask(identity, question, waiter, false, isAlone);
  }

  /** Keeps what may be reused, forgets what is another answer now. */
  #learn(identity: Identity, flight: Flight, reply: VerifyReply, untilMs: number): Answer | undefined {
    if (reply.valid && reply.freshForMs > 0)
      return this.#reuse.keep(identity, flight.question, reply, flight.sentAtMs, untilMs);
    if (reply.code === 'UNAVAILABLE') return undefined;
    if (reply.rateLimits) this.#alone.set(textOf(identity)!, true);
    const told = this.#reuse.drop(identity);
    if (told?.hits) this.#renew(undefined, told.text, told.hits);
    return undefined;
  }

  #share(answer: Answer, waiter: Waiter): void {
    answer.hits += 1;
    this.#stats.reused += 1;
    waiter.resolve(answer.reply);
  }

  #tick(): void {
    const nowMs = performance.now();
    this.#asker.tick(nowMs);
    this.#reuse.tick(nowMs);
    if (this.#inFlight > 0 || !this.#reuse.isIdle) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  /** Each has its deadline, so this ends. */
  async #drained(): Promise<void> {
    if (this.#inFlight > 0) await new Promise<void>((resolve) => (this.#onDrained = resolve));
  }

  /** As many at once as may be; where those are not answered, nor will the others be. */
  async #tellAll(): Promise<void> {
    const { uncounted } = this.#stats;
    for (const { answer, hits } of [...this.#reuse.unsent()]) {
      if (this.#inFlight >= this.#options.maxInFlight) await this.#drained();
      if (this.#stats.uncounted > uncounted) this.#stats.uncounted += hits;
      else this.#renew(undefined, answer.text, hits);
    }
    await this.#drained();
  }

  async #end(): Promise<void> {
    // The checks under way first: those that share an answer are uses of it.
    await this.#drained();
    await this.#tellAll();
    clearInterval(this.#timer);
    this.#changes.unsubscribe();
    this.#asker.close('this verifier is closed');
    if (this.#options.isOwn) await this.#options.connection.close();
  }
}

function textOf(identity: Identity | undefined): string | undefined {
  return identity && `${identity.digest}\n${identity.fields}`;
}
