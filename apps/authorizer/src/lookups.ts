/**
 * From digests to keys, for all checks that wait at a time: one read for up to 256 of them, in which each digest
 * stands once. No reading that is made here began before the check asked for it.
 */
import type { KeyLookup, ReadModels, Reading } from '@mcpstack/read-models';
import type { Peppers } from '@mcpstack/service-kit';
import { LRUCache } from 'lru-cache';
import { Rounds } from './rounds.ts';

/** At some 15 µs a digest, a script of so many holds Redis for 4 ms. */
const MAX_ROUND = 256;
/** The next one is on its way while one is answered. */
const MAX_UNDER_WAY = 2;
const MAX_CANDIDATES = 10_000;

export class Lookups {
  readonly #rounds: Rounds<string, Reading<KeyLookup>>;
  /** Of digests that come often: an HMAC takes 1.7 µs for each pepper, as long as six hashes of a key. */
  readonly #candidates = new LRUCache<string, readonly string[]>({ max: MAX_CANDIDATES });

  constructor(
    private readonly models: Pick<ReadModels, 'findMany'>,
    private readonly peppers: Pick<Peppers, 'candidates'>,
  ) {
    this.#rounds = new Rounds({
      call: (digests) => this.#find(digests),
      maxSize: MAX_ROUND,
      maxUnderWay: MAX_UNDER_WAY,
    });
  }

  /** @throws ReadModelsUnavailableError */
  find(digest: string): Promise<Reading<KeyLookup>> {
    return this.#rounds.ask(digest);
  }

  async #find(digests: readonly string[]): Promise<Reading<KeyLookup>[]> {
    const places = new Map<string, number>();
    for (const digest of digests) if (!places.has(digest)) places.set(digest, places.size);
    const { value, ...reading } = await this.models.findMany(
      [...places.keys()].map((digest) => this.#candidatesOf(digest)),
    );
    if (value.length !== places.size) throw new Error('the read models answered something else');
    return digests.map((digest) => ({ ...reading, value: value[places.get(digest)!]! }));
  }

  #candidatesOf(digest: string): readonly string[] {
    const known = this.#candidates.get(digest);
    if (known) return known;
    const candidates = this.peppers.candidates(digest);
    this.#candidates.set(digest, candidates);
    return candidates;
  }
}
