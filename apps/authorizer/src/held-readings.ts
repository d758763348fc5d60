/**
 * Readings that checks are decided on for a while after they were made, so that a key that is asked about often is read
 * from Redis a few times a second and not at each check.
 *
 * Nothing of G3 rests on this file: each check is decided on its reading's own time (freshness.ts), held or not. Only
 * readings that made a check VALID are held, and a check that one of them would refuse is decided on a new one: so
 * what was just created, resumed or allowed works at once, and only a refusal may be late, by less than Δ. Hints of
 * what has changed make that milliseconds.
 */
import { CHANGED_SUBJECT, type ChangeHint } from '@mcpstack/contracts';
import type { Reading } from '@mcpstack/read-models';
import type { NatsConnection } from '@nats-io/transport-node';
import { LRUCache } from 'lru-cache';
import type { FoundKey } from './evaluate.ts';

const MAX_HELD = 20_000;
/** Of a reading's time: until when it decides. The rest is left to whoever asked, who may reuse the answer for it. */
const HELD_FOR = 0.9;
/** From when on a check that it decides has it read anew, so that none has to wait for that. */
const RENEWED_FROM = 0.4;

interface Held {
  reading: Reading<FoundKey>;
  renewFromMs: number;
  untilMs: number;
  isRenewed: boolean;
}

export class HeldReadings {
  readonly #held = new LRUCache<string, Held>({
    max: MAX_HELD,
    dispose: ({ reading }, digest) => {
      const { id } = reading.value.key;
      if (this.#digestOf.get(id) === digest) this.#digestOf.delete(id);
    },
  });
  /** The secret of each key that was held last; another one ends by itself. */
  readonly #digestOf = new Map<string, string>();

  /** Holds a reading that made a check VALID. */
  hold(digest: string, reading: Reading<FoundKey>): void {
    const { beganAtMs, freshUntilMs } = reading;
    const lifeMs = freshUntilMs - beganAtMs;
    this.#held.set(digest, {
      reading,
      renewFromMs: beganAtMs + lifeMs * RENEWED_FROM,
      untilMs: beganAtMs + lifeMs * HELD_FOR,
      isRenewed: false,
    });
    this.#digestOf.set(reading.value.key.id, digest);
  }

  /**
   * The reading to decide on at `nowMs`, on the clock of `performance.now()`.
   * @param renew called once for each reading that is to be replaced by a newer one.
   */
  find(digest: string, nowMs: number, renew: () => void = () => undefined): Reading<FoundKey> | undefined {
    const held = this.#held.get(digest);
    if (!held || nowMs >= held.untilMs) return undefined;
    if (nowMs >= held.renewFromMs && !held.isRenewed) {
      held.isRenewed = true;
      renew();
    }
    return held.reading;
  }

  /** Lets go of all that these ids are about. Of organizations and agents that is everything: they change rarely. */
  drop(ids: readonly string[]): void {
    for (const id of ids) {
      const digest = this.#digestOf.get(id);
      if (digest !== undefined) this.#held.delete(digest);
      else if (!id.startsWith('key_')) this.#held.clear();
    }
  }
}

/** Lets go of what the projection says has changed, until the connection ends. */
export function dropOnHints(nats: NatsConnection, held: HeldReadings): void {
  nats.subscribe(CHANGED_SUBJECT, {
    callback: (error, message) => {
      if (!error) held.drop(idsIn(message.string()));
    },
  });
}

/** Whoever may publish here can only make us read more often. */
function idsIn(text: string): readonly string[] {
  try {
    const { ids } = JSON.parse(text) as Partial<ChangeHint>;
    return Array.isArray(ids) ? ids.filter((id) => typeof id === 'string') : [];
  } catch {
    return [];
  }
}
