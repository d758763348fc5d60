/**
 * VALID answers that are reused: for how long, renewed in time while they are in use, let go when they are not,
 * and how often each was reused, so that every use is counted (G7).
 */
import type { VerifyReply } from '@mcpstack/contracts';
import { LRUCache } from 'lru-cache';
import type { Identity } from './question.ts';
import { shared } from './replies.ts';

export interface Answer {
  readonly identity: Identity;
  /** The key, organization and agent that it is about. */
  readonly ids: readonly string[];
  /** The question, to be asked again. */
  text: string;
  /** Given to whoever it is reused for. */
  promise: Promise<VerifyReply>;
  reply: VerifyReply;
  /** Checks that begin before this may have it. On `performance.now()`. */
  untilMs: number;
  /** Uses that were not told of yet. */
  hits: number;
  /** When it is looked at next. */
  dueMs: number;
}

export interface ReuseOptions {
  /** Answers that are kept; 0 keeps none. */
  max: number;
  /** To be asked again, with the hits that were not told of. */
  onDue: (answer: Answer, hits: number) => void;
  /** Went before its hits were told of. */
  onEvicted: (answer: Answer, hits: number) => void;
}

/** No reply is reused for longer than this, whatever it says. */
const MAX_FRESH_MS = 10_000;
/** A shorter time leaves no room to renew an answer before it ends. */
const MIN_RENEWED_MS = 40;
/** Answers are renewed between these parts of their time, each at another instant: not all keys at once. */
const RENEWED_FROM = 0.5;
const RENEWED_SPREAD = 0.2;
const MAX_RENEWALS_PER_SECOND = 10_000;

export class Reuse {
  readonly #options: ReuseOptions;
  /** By digest, then by the other fields: with the hash 0.42 µs, where a text of both takes 0.6. */
  readonly #answers = new Map<string, Map<string, Answer>>();
  /** By the key, organization and agent that they are about. */
  readonly #about = new Map<string, Set<Answer>>();
  /** Bounds them all. Answers in use are renewed, and what was renewed lately stays. */
  readonly #recent: LRUCache<Answer, true>;
  /** Answers by when they are looked at, in steps of `tickMs`. Those that were moved since stand there in vain. */
  readonly #due = new Map<number, Answer[]>();
  readonly #tickMs: number;
  #credit = 0;
  #tickedAtMs = performance.now();

  constructor(options: ReuseOptions, tickMs: number) {
    this.#options = options;
    this.#tickMs = tickMs;
    this.#recent = new LRUCache<Answer, true>({
      max: Math.max(1, options.max),
      dispose: (_, answer, reason) => {
        if (reason === 'evict') this.#forget(answer);
        if (reason === 'evict' && answer.hits > 0) options.onEvicted(answer, take(answer));
      },
    });
  }

  get isIdle(): boolean {
    return this.#due.size === 0;
  }

  /** The answer to this question, which may have ended. */
  find({ digest, fields }: Identity): Answer | undefined {
    return this.#answers.get(digest)?.get(fields);
  }

  /** Keeps a VALID reply for checks that begin before `untilMs`. */
  keep(identity: Identity, text: string, reply: VerifyReply, sentAtMs: number, untilMs: number): Answer {
    const given = shared(reply);
    const answer = this.find(identity) ?? this.#add(identity, given);
    answer.text = text;
    answer.reply = given;
    answer.promise = Promise.resolve(given);
    answer.untilMs = Math.min(untilMs, sentAtMs + MAX_FRESH_MS);
    this.#recent.set(answer, true);
    const lifeMs = answer.untilMs - sentAtMs;
    const part = lifeMs < MIN_RENEWED_MS ? 1 : RENEWED_FROM + RENEWED_SPREAD * Math.random();
    this.#lookAt(answer, sentAtMs + lifeMs * part);
    return answer;
  }

  /** The answer is another one now. Its hits that were not told of are answered. */
  drop(identity: Identity): { text: string; hits: number } | undefined {
    const answer = this.find(identity);
    if (!answer) return undefined;
    this.#remove(answer);
    return { text: answer.text, hits: take(answer) };
  }

  /** Drops every answer about these keys, organizations and agents. */
  changed(ids: readonly string[]): void {
    for (const id of ids) {
      for (const answer of [...(this.#about.get(id) ?? [])]) {
        this.#remove(answer);
        if (answer.hits > 0) this.#options.onEvicted(answer, take(answer));
      }
    }
  }

  /** Renews what was used and is due, lets go what ended unused. */
  tick(nowMs: number): void {
    const earned = ((nowMs - this.#tickedAtMs) / 1_000) * MAX_RENEWALS_PER_SECOND;
    this.#credit = Math.min(MAX_RENEWALS_PER_SECOND / 10, this.#credit + earned);
    this.#tickedAtMs = nowMs;
    const step = Math.floor(nowMs / this.#tickMs);
    for (const [due, answers] of this.#due) {
      if (due > step) continue;
      this.#due.delete(due);
      for (const answer of answers) {
        const isCurrent = this.#recent.has(answer) && this.#stepOf(answer.dueMs) === due;
        if (isCurrent) this.#look(answer, nowMs);
      }
    }
  }

  /** All hits that were not told of, with their questions. */
  *unsent(): Iterable<{ answer: Answer; hits: number }> {
    for (const answer of this.#recent.keys()) {
      if (answer.hits > 0) yield { answer, hits: take(answer) };
    }
  }

  #look(answer: Answer, nowMs: number): void {
    const hasEnded = nowMs >= answer.untilMs;
    if (answer.hits > 0 && this.#credit >= 1) {
      this.#credit -= 1;
      this.#lookAt(answer, hasEnded ? nowMs + MIN_RENEWED_MS : answer.untilMs);
      this.#options.onDue(answer, take(answer));
    } else if (!hasEnded) this.#lookAt(answer, answer.untilMs);
    else if (answer.hits > 0) this.#lookAt(answer, nowMs + this.#tickMs);
    else this.#remove(answer);
  }

  #add(identity: Identity, reply: VerifyReply): Answer {
    const { keyId, orgId, agentId } = reply;
    const ids = [keyId, orgId, agentId].filter((id) => id !== undefined);
    const answer = { identity, ids, hits: 0 } as unknown as Answer;
    for (const id of ids) {
      const same = this.#about.get(id);
      if (same) same.add(answer);
      else this.#about.set(id, new Set([answer]));
    }
    const others = this.#answers.get(identity.digest);
    if (others) others.set(identity.fields, answer);
    else this.#answers.set(identity.digest, new Map([[identity.fields, answer]]));
    return answer;
  }

  #remove(answer: Answer): void {
    this.#recent.delete(answer);
    this.#forget(answer);
  }

  #forget(answer: Answer): void {
    const { digest, fields } = answer.identity;
    const others = this.#answers.get(digest);
    others?.delete(fields);
    if (others?.size === 0) this.#answers.delete(digest);
    for (const id of answer.ids) {
      const same = this.#about.get(id);
      same?.delete(answer);
      if (same?.size === 0) this.#about.delete(id);
    }
  }

  #lookAt(answer: Answer, dueMs: number): void {
    answer.dueMs = dueMs;
    const step = this.#stepOf(dueMs);
    const others = this.#due.get(step);
    if (others) others.push(answer);
    else this.#due.set(step, [answer]);
  }

  /** The first step that is not before the time. */
  #stepOf(dueMs: number): number {
    return Math.ceil(dueMs / this.#tickMs);
  }
}

const MAX_TOLD = 1_000_000;

/** Takes the hits to be told of; what is more than one message tells stays. */
export function take(answer: Answer | undefined): number {
  if (!answer) return 0;
  const hits = Math.min(answer.hits, MAX_TOLD);
  answer.hits -= hits;
  return hits;
}
