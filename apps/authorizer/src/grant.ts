/**
 * A VALID answer that is decided and spelled once, for a question that is asked again and again about the same records.
 * Pure.
 *
 * Each step of a decision looks at the records, at what is asked, and at the wall clock, by which things only end; but for
 * the first, which looks whether the reading proves anything now. So the same question about the same records has the
 * same answer until the first of these ends, and the proof is looked at each time.
 */
import type { VerifyReply } from '@mcpstack/contracts';
import type { Reading } from '@mcpstack/read-models';
import { decide, isBoundToAddress, isProof, type FoundKey, type Now } from './evaluate.ts';
import { boundsOf } from './limits.ts';
import type { Terms } from './request.ts';

export class Grant {
  readonly #terms: Terms;
  readonly #records: FoundKey;
  readonly #isBoundToAddress: boolean;
  /** On the wall clock. */
  readonly #endsMs: number;
  /** JSON up to the number of `freshForMs`, which stands last. */
  readonly #text: string;

  private constructor(terms: Terms, records: FoundKey, reply: VerifyReply, endsMs: number) {
    this.#terms = terms;
    this.#records = records;
    this.#isBoundToAddress = isBoundToAddress(records.key);
    this.#endsMs = endsMs;
    const { freshForMs: _, ...same } = reply;
    this.#text = `${JSON.stringify(same).slice(0, -1)},"freshForMs":`;
  }

  /** `undefined` where the answer is a refusal, or a limit is to be taken from. */
  static of(terms: Terms, reading: Reading<FoundKey>, now: Now): Grant | undefined {
    const { reply, endsMs } = decide(terms, reading, now);
    if (!reply.valid || boundsOf(reading.value.key)) return undefined;
    return new Grant(terms, reading.value, reply, endsMs);
  }

  /** The reply as JSON; `undefined` where this says nothing of the question, or no longer. */
  replyTo(terms: Terms, reading: Reading<FoundKey>, now: Now): string | undefined {
    const isAbout = reading.value === this.#records && this.#asksTheSame(terms);
    if (!isAbout || !isProof(reading, now) || now.wallMs >= this.#endsMs) return undefined;
    const freshForMs = Math.min(reading.freshForMs(now.monotonicMs), this.#endsMs - now.wallMs);
    return `${this.#text}${freshForMs}}`;
  }

  /** What else may be in a request decides nothing, or is not asked of a reading that is held. */
  #asksTheSame(terms: Terms): boolean {
    const mine = this.#terms;
    return (
      terms.permission === mine.permission &&
      terms.origin === mine.origin &&
      (terms.ip === mine.ip || !this.#isBoundToAddress) &&
      terms.expectKind === mine.expectKind &&
      terms.expectAgentId === mine.expectAgentId &&
      terms.expectServerId === mine.expectServerId
    );
  }
}
