/**
 * Signed leaves that are missing with good reason: the record of an erasure names each by its digest. A digest alone does
 * not tell of which stream the event was, and whoever may append can write a record. So a record excuses a leaf only
 *
 * - where it says that the event stood, in the log and in its own stream, and nothing stands there;
 * - where the checkpoint that listed the leaf says of it that it may go: that it is that very place of a person's stream.
 *   Checkpoints of the first version say nothing of that, and of what was gone before it was signed they repeat the
 *   record; what is excused without their own word is told apart.
 */
import { placeOf, type Erased, type Erasures } from './erasures.ts';
import { type NamedEvent } from './finding.ts';

export interface Excuse {
  erased: Erased;
  /** Whether who signed a checkpoint saw it there, or the record stands alone. */
  isSigned: boolean;
}

/** An event that was signed and is not there. */
export interface Missing {
  digest: string;
  index: number;
  after: NamedEvent | undefined;
  before: NamedEvent | undefined;
  /** What the checkpoint that lists it says of it: its place if it may go, null if not; absent where none tells. */
  place: string | null | undefined;
  /** Whether who signed it saw it there, and does not only repeat what a record says. */
  wasSeen: boolean;
  excuse?: Excuse;
}

/** A leaf that is gone, and who says why. */
export interface ExcusedLeaf {
  index: number;
  /** Where it stood. */
  stream: string;
  revision: bigint;
  position: bigint;
  record: Erased['record'];
  isSigned: boolean;
}

/** So many are listed; all are counted. */
const MOST_LISTED = 10_000;

export interface ExcuseChecks {
  /** Whether what the checkpoints say of erasable leaves is looked at. */
  places: boolean;
  /** Whether an event stands, or stood while it was read, at this place of a stream. */
  saw: (stream: string, revision: bigint) => boolean;
}

export class Excuses {
  readonly #used = new Set<Erased>();
  /** Of the last one that held. */
  #position = -1n;
  count = 0;
  /** Those for which a record stands alone. */
  unsigned = 0;
  readonly list: ExcusedLeaf[] = [];

  constructor(
    private readonly erasures: Erasures,
    private readonly checks: ExcuseChecks,
  ) {}

  /** Gives a missing leaf the excuse that there is for it, once. */
  find(missing: Missing): Excuse | undefined {
    const erased = this.erasures.withDigest(missing.digest);
    if (!erased || this.#used.has(erased)) return undefined;
    const { after, before } = missing;
    if (after && after.position >= erased.position) return undefined;
    if (before && before.position <= erased.position) return undefined;
    const place = this.checks.places ? missing.place : undefined;
    if (place !== undefined && place !== placeOf(erased)) return undefined;
    this.#used.add(erased);
    return (missing.excuse = { erased, isSigned: place !== undefined && missing.wasSeen });
  }

  /** Whether its excuse is good when the whole log is read. In the order of the leaves, each once. */
  holds({ index, excuse }: Missing): boolean {
    if (!excuse) return false;
    const { erased, isSigned } = excuse;
    const { stream, revision, position, record } = erased;
    if (position <= this.#position || this.checks.saw(stream, revision)) return false;
    this.#position = position;
    this.count += 1;
    if (!isSigned) this.unsigned += 1;
    if (this.list.length < MOST_LISTED)
      this.list.push({ index, stream, revision, position, record, isSigned });
    return true;
  }
}
