/**
 * The leaves of the tree that no checkpoint covers yet, in the order of the log: the events that were read, and those
 * that are gone because a person was erased, of which the record of the erasure names position and digest.
 */
import { eventDigest, type RecordedEvent } from '@mcpstack/event-store';
import { isErasable } from './erasures.ts';

export interface Leaf {
  position: bigint;
  hash: Buffer;
  /** Of an event that may be erased: `<stream>@<revision>`. */
  place?: string;
  /** It is gone; where it stood, and that it did, is what the record of an erasure says. */
  isUnseen?: true;
}

interface PendingLeaf extends Leaf {
  /** When it asks to be covered; a checkpoint does not, or there would be one for each. Milliseconds since 1970. */
  sinceMs: number | undefined;
}

export class PendingLeaves {
  #read: PendingLeaf[] = [];
  /** What records of erasures name, by position. */
  readonly #erased = new Map<bigint, Leaf>();
  #after: bigint;

  /** @param after the position of the last event that is covered; -1n if none is. */
  constructor(after: bigint) {
    this.#after = after;
  }

  /** Of what was read, without what was erased. */
  get length(): number {
    return this.#read.length;
  }

  /** The position of the last event that was read, or that is covered. */
  get lastPosition(): bigint {
    return this.#read.at(-1)?.position ?? this.#after;
  }

  /** Since when the oldest leaf waits that asks to be covered. Milliseconds since 1970. */
  get waitingSinceMs(): number | undefined {
    return this.#read.find(({ sinceMs }) => sinceMs !== undefined)?.sinceMs;
  }

  add(event: RecordedEvent, nowMs: number): void {
    const { position, stream, revision } = event;
    const place = isErasable(stream) ? { place: `${stream}@${revision}` } : {};
    this.#read.push({ position, hash: eventDigest(event), ...place, sinceMs: waitsSince(event, nowMs) });
  }

  /** What the record of an erasure says: these events stood at these positions. */
  addErased(erased: readonly Leaf[]): void {
    for (const leaf of erased)
      if (leaf.position > this.#after && !this.#erased.has(leaf.position))
        this.#erased.set(leaf.position, { ...leaf, isUnseen: true });
  }

  /** At most so many leaves from the beginning, none of them beyond `until`. */
  first(count: number, until: bigint): Leaf[] {
    const events = this.#read.slice(0, count).filter(({ position }) => position <= until);
    const seen = new Set(events.map(({ position }) => position));
    const gone = [...this.#erased.values()].filter(
      ({ position }) => position <= until && !seen.has(position),
    );
    // What was erased beyond the last of `count` events comes after it, and is cut off.
    return [...events, ...gone]
      .sort((one, other) => (one.position < other.position ? -1 : 1))
      .slice(0, count)
      .map(({ position, hash, place, isUnseen }) => ({
        ...{ position, hash },
        ...(place !== undefined && { place }),
        ...(isUnseen && { isUnseen }),
      }));
  }

  /** Up to here all is covered. */
  drop(until: bigint): void {
    this.#after = until;
    this.#read = this.#read.filter(({ position }) => position > until);
    for (const position of this.#erased.keys()) if (position <= until) this.#erased.delete(position);
  }
}

function waitsSince({ type, metadata }: RecordedEvent, nowMs: number): number | undefined {
  if (type === 'CheckpointSigned') return undefined;
  // What stood there before this process looked waits since it was written. A clock may be ahead of ours.
  const writtenMs = Date.parse(String(metadata['at']));
  return writtenMs < nowMs ? writtenMs : nowMs;
}
