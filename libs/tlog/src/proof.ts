/**
 * Checks the proofs of a Merkle tree (RFC 9162, 2.1.3.2 and 2.1.4.2, which check what RFC 6962 defines). What comes
 * from outside is only ever wrong, never an exception.
 */
import { CompactRange } from './compact-range.ts';
import { TlogError } from './errors.ts';
import { EMPTY_ROOT, isHash, nodeHash, sameHash } from './hash.ts';
import { completeRanges, consistencyRanges } from './ranges.ts';

export interface InclusionClaim {
  /** Which leaf, from 0. */
  index: number;
  /** Of how many. */
  size: number;
  leafHash: Uint8Array;
  root: Uint8Array;
  /** From the leaf's sibling upwards. */
  proof: readonly Uint8Array[];
}

export interface ConsistencyClaim {
  from: number;
  to: number;
  rootFrom: Uint8Array;
  rootTo: Uint8Array;
  proof: readonly Uint8Array[];
}

/** Does a leaf with this hash stand at this index of the tree with this root? */
export function verifyInclusion({ index, size, leafHash, root, proof }: InclusionClaim): boolean {
  if (!isCount(index) || !isCount(size) || index >= size) return false;
  if (!isHash(leafHash) || !isHash(root) || !areHashes(proof)) return false;
  const way = new Way(index, size - 1);
  let hash = leafHash;
  for (const sibling of proof) {
    if (way.atRoot) return false;
    hash = way.siblingIsLeft() ? nodeHash(sibling, hash) : nodeHash(hash, sibling);
    way.up();
  }
  return way.atRoot && sameHash(hash, root);
}

/**
 * Does the tree of `to` leaves begin with all leaves of the tree of `from`? Every tree begins with the empty one;
 * a tree is consistent with itself. Neither takes a proof.
 */
export function verifyConsistency({ from, to, rootFrom, rootTo, proof }: ConsistencyClaim): boolean {
  if (!isCount(from) || !isCount(to) || from > to) return false;
  if (!isHash(rootFrom) || !isHash(rootTo) || !areHashes(proof)) return false;
  if (from === 0 && !sameHash(rootFrom, EMPTY_ROOT)) return false;
  if (from === to) return proof.length === 0 && sameHash(rootFrom, rootTo);
  if (from === 0) return proof.length === 0;
  const way = new Way(from - 1, to - 1);
  way.skipRights();
  // The old tree is one complete subtree: its root stands for it.
  const [first, ...rest] = way.index === 0 ? [rootFrom, ...proof] : proof;
  if (first === undefined) return false;
  let [older, newer] = [first, first];
  for (const sibling of rest) {
    if (way.atRoot) return false;
    if (way.siblingIsLeft()) {
      older = nodeHash(sibling, older);
      newer = nodeHash(sibling, newer);
    } else {
      newer = nodeHash(newer, sibling);
    }
    way.up();
  }
  return way.atRoot && sameHash(older, rootFrom) && sameHash(newer, rootTo);
}

/** The way from a node up to the root. By division, not by bits: sizes go beyond 32 of them. */
class Way {
  #last: number;
  constructor(
    public index: number,
    last: number,
  ) {
    this.#last = last;
  }

  get atRoot(): boolean {
    return this.#last === 0;
  }

  siblingIsLeft(): boolean {
    return this.index % 2 === 1 || this.index === this.#last;
  }

  /** To the parent; the last node of a level without a sibling there rises until it has one. */
  up(): void {
    if (this.index % 2 === 0 && this.index === this.#last)
      while (this.index % 2 === 0 && this.index > 0) this.#halve();
    this.#halve();
  }

  /** From the last leaf of a complete subtree to that subtree. */
  skipRights(): void {
    while (this.index % 2 === 1) this.#halve();
  }

  #halve(): void {
    this.index = Math.floor(this.index / 2);
    this.#last = Math.floor(this.#last / 2);
  }
}

/**
 * A proof from a tree of which only the frontier was kept to the tree with these further leaves: what a witness is
 * sent, and what takes no earlier leaf.
 * @throws TlogError `out-of-range` when the frontier is none of this size.
 */
export function consistencyFromFrontier(
  fromFrontier: readonly Uint8Array[],
  fromSize: number,
  laterLeafHashes: readonly Uint8Array[],
): Buffer[] {
  const older = CompactRange.from(fromSize, fromFrontier).hashes();
  const known = completeRanges(fromSize);
  return consistencyRanges(fromSize, fromSize + laterLeafHashes.length).map(({ start, end }) => {
    if (start >= fromSize) {
      const range = new CompactRange();
      for (const leaf of laterLeafHashes.slice(start - fromSize, end - fromSize)) range.append(leaf);
      return range.root();
    }
    const at = known.findIndex((subtree) => subtree.start === start && subtree.end === end);
    // Cannot be: below the old size a consistency proof names complete subtrees of the old tree only.
    if (at < 0) throw new TlogError('out-of-range', `the frontier does not hold [${start}, ${end})`);
    return older[at]!;
  });
}

const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0;
/** No proof in a tree of fewer than 2^53 leaves is longer; what is longer is not looked at. */
const MAX_PROOF = 64;
const areHashes = (proof: unknown): proof is readonly Uint8Array[] =>
  Array.isArray(proof) && proof.length <= MAX_PROOF && proof.every(isHash);
