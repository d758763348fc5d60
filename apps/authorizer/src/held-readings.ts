/**
 * Readings that checks are decided on for a while after they were made, so that a key that is asked about often is read
 * from Redis a few times a second and not at each check.
 *
 * Nothing of G3 rests on this file: each check is decided on its reading's own time (freshness.ts), held or not. Only
 * readings that made a check VALID are held, and a check that one of them would refuse is decided on a new one: so
 * what was just created, resumed or allowed works at once, and only a refusal may be late, by less than Δ. Hints of
 * what has changed make that milliseconds.
 *
 * Those that decided a check are looked at again before they end, many together: whether all that they were read from is
 * still the same. So no check waits for that, and Redis need not tell again what is known.
 */
import type { Reading } from '@mcpstack/read-models';
import { LRUCache } from 'lru-cache';
import type { FoundKey, Now } from './evaluate.ts';
import { Grant } from './grant.ts';
import type { ParsedRequest } from './request.ts';

const MAX_HELD = 20_000;
/** Of a reading's time: until when it decides. The rest is left to whoever asked, who may reuse the answer for it. */
const HELD_FOR = 0.9;
/** When it is read anew, if it decided anything. */
const RENEWED_AT = 0.6;
/** How often it is looked which ones are due; a read costs by its messages more than by its keys. */
const TICK_MS = 15;
const MAX_PER_READ = 256;

interface Held {
  digest: string;
  reading: Reading<FoundKey>;
  renewAtMs: number;
  untilMs: number;
  hasDecided: boolean;
  /** The answer to the question that was asked last. */
  grant: Grant | undefined;
}

/** Whether each is still as it was found; at most `MAX_PER_READ`, in order. */
export type LookAgain = (found: readonly FoundKey[]) => Promise<Reading<readonly boolean[]>>;

export class HeldReadings {
  readonly #lookAgain: LookAgain;
  readonly #held = new LRUCache<string, Held>({
    max: MAX_HELD,
    dispose: ({ reading }, digest) => {
      const { id } = reading.value.key;
      if (this.#digestOf.get(id) === digest) this.#digestOf.delete(id);
    },
  });
  /** The secret of each key that was held last; another one ends by itself. */
  readonly #digestOf = new Map<string, string>();
  /** In the order in which they are due, as all are held for the same time. Some may have been replaced since. */
  #due: Held[] = [];
  #timer: NodeJS.Timeout | undefined;

  constructor(lookAgain: LookAgain) {
    this.#lookAgain = lookAgain;
  }

  get size(): number {
    return this.#held.size;
  }

  /** Holds a reading that made a check VALID. */
  hold(digest: string, reading: Reading<FoundKey>, grant?: Grant): void {
    const { beganAtMs, freshUntilMs } = reading;
    const lifeMs = freshUntilMs - beganAtMs;
    const held: Held = {
      digest,
      reading,
      renewAtMs: beganAtMs + lifeMs * RENEWED_AT,
      untilMs: beganAtMs + lifeMs * HELD_FOR,
      hasDecided: false,
      grant,
    };
    this.#held.set(digest, held);
    this.#digestOf.set(reading.value.key.id, digest);
    this.#due.push(held);
    this.#timer ??= setInterval(() => this.#tick(performance.now()), TICK_MS).unref();
  }

  /** The VALID answer on the reading that is held, as JSON, and the key; `undefined` where that does not permit. */
  answer(request: ParsedRequest, now: Now): { text: string; found: FoundKey } | undefined {
    const held = this.#held.get(request.digest);
    if (!held || now.monotonicMs >= held.untilMs) return undefined;
    held.hasDecided = true;
    const { reading } = held;
    let text = held.grant?.replyTo(request, reading, now);
    if (text === undefined) {
      const grant = Grant.of(request, reading, now);
      if (!grant) return undefined;
      held.grant = grant;
      text = grant.replyTo(request, reading, now)!;
    }
    return { text, found: reading.value };
  }

  /** Lets go of all that these ids are about. Of organizations and agents that is everything: they change rarely. */
  drop(ids: readonly string[]): void {
    for (const id of ids) {
      const digest = this.#digestOf.get(id);
      if (digest !== undefined) this.#held.delete(digest);
      else if (!id.startsWith('key_')) return this.#held.clear();
    }
  }

  #tick(nowMs: number): void {
    let passed = 0;
    const inUse: Held[] = [];
    for (const held of this.#due) {
      if (held.renewAtMs > nowMs) break;
      passed += 1;
      if (held.hasDecided && this.#held.peek(held.digest) === held) inUse.push(held);
    }
    this.#due = this.#due.slice(passed);
    for (let from = 0; from < inUse.length; from += MAX_PER_READ)
      void this.#renew(inUse.slice(from, from + MAX_PER_READ));
    if (this.#due.length > 0) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  /** They go on deciding meanwhile, and end by themselves if this fails. What has changed is let go. */
  async #renew(inUse: readonly Held[]): Promise<void> {
    const now = await this.#lookAgain(inUse.map(({ reading }) => reading.value)).catch(() => undefined);
    if (!now?.trusted) return;
    for (const [place, held] of inUse.entries()) {
      const { digest, reading } = held;
      // Let go meanwhile, by a hint that this look may be older than, or replaced.
      if (this.#held.peek(digest) !== held) continue;
      if (now.value[place]) this.hold(digest, { ...now, value: reading.value }, held.grant);
      else this.#held.delete(digest);
    }
  }
}
