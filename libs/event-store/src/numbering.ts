/**
 * The positions of a log that was restored from another one, or moved there. Its events keep the positions that they
 * had: records of erasures and signed checkpoints name them, and so do callers. A server gives places of its own, so
 * that what was brought is stored with its position, and what is appended since is counted from a number (`base`) that
 * lies beyond all that the log it goes on from can reach. A position of what was lost with that log is in between: it
 * is no place here, and is refused instead of taken for another event's.
 */

/** How far apart the positions of one database and those of the next begin: 17 TB of KurrentDB, 10^10 appends of JetStream. */
const SPAN = 2n ** 44n;
const MOST = 2n ** 53n;

/** What a database says of where its log comes from. */
export interface Origin {
  /** The id of the log that it goes on from, which checkpoints are named after. */
  originId: string;
  /** Native places of what was appended since are added to it. */
  base: bigint;
  /** Absent while events are still being brought. */
  sealed?: Seal;
}

export interface Seal {
  /** The native place of the last event that was brought, or anything of before that. */
  end: bigint;
  /** The position of the last event that was brought; -1n if there was none. */
  last: bigint;
}

/** Where new positions begin after a log whose last position is this. @throws RangeError after 500 moves. */
export function baseAfter(last: bigint): bigint {
  const base = (last / SPAN + 1n) * SPAN;
  if (base + SPAN > MOST) throw new RangeError('This log was restored too often to be restored once more.');
  return base;
}

/** Between positions and the places that a server gives. */
export class Numbering {
  constructor(readonly origin: Origin | undefined) {}

  /**
   * Position of what stands at a native place.
   * @param stored what was stored with it as its position.
   * @returns undefined for what fills a place and is no event: the beginning of a stream that was erased before.
   */
  positionOf(native: bigint, stored: unknown): bigint | undefined {
    if (!this.origin) return native;
    if (!this.isBrought(native)) return this.origin.base + native;
    return typeof stored === 'string' && /^\d{1,16}$/.test(stored) ? BigInt(stored) : undefined;
  }

  /** Whether it came from the log that this one goes on from. */
  isBrought(native: bigint): boolean {
    const { origin } = this;
    return origin !== undefined && (!origin.sealed || native <= origin.sealed.end);
  }

  /**
   * The native place to go on after; undefined: none can be told, so that one begins at the start and leaves out all
   * up to the position.
   * @throws RangeError for a position that is no place in this log.
   */
  nativeAfter(position: bigint): bigint | undefined {
    if (position < 0n) return undefined;
    if (!this.origin) return position;
    const { base, sealed } = this.origin;
    if (!sealed || position < sealed.last) return undefined;
    if (position === sealed.last) return sealed.end;
    if (position - base > sealed.end) return position - base;
    throw new RangeError(
      `Position ${position} is no place in this log: it comes from what was lost when the log was restored.`,
    );
  }
}

/** Of a log that goes on from no other. */
export const OWN_NUMBERS = new Numbering(undefined);
