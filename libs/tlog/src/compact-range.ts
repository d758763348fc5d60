/** A Merkle tree reduced to what it takes to go on appending: the hashes of its complete subtrees. */
import { TlogError } from './errors.ts';
import { EMPTY_ROOT, isHash, nodeHash } from './hash.ts';
import { assertSize, completeRanges } from './ranges.ts';

/**
 * The frontier of a tree: at most 53 hashes, whatever its size.
 * @example
 * const range = new CompactRange();
 * range.append(leafHash('first'));
 * range.root();
 */
export class CompactRange {
  #size = 0;
  #hashes: Buffer[] = [];

  /**
   * Goes on from a frontier that was kept.
   * @throws TlogError `out-of-range` when the hashes cannot be those of a tree of this size.
   */
  static from(size: number, hashes: readonly Uint8Array[]): CompactRange {
    assertSize(size);
    const wanted = completeRanges(size).length;
    if (hashes.length !== wanted || !hashes.every(isHash))
      throw new TlogError(
        'out-of-range',
        `a tree of ${size} leaves has ${wanted} complete subtrees with a hash of 32 bytes each, not these ${hashes.length}`,
      );
    const range = new CompactRange();
    range.#size = size;
    range.#hashes = hashes.map((hash) => Buffer.from(hash));
    return range;
  }

  get size(): number {
    return this.#size;
  }

  append(leaf: Uint8Array): void {
    if (!isHash(leaf)) throw new TlogError('out-of-range', 'a leaf hash has 32 bytes');
    let hash = Buffer.from(leaf);
    // Each 1 at the low end of the size is a complete subtree as large as what is carried.
    for (let rest = this.#size; rest % 2 === 1; rest = (rest - 1) / 2)
      hash = nodeHash(this.#hashes.pop()!, hash) as Buffer<ArrayBuffer>;
    this.#hashes.push(hash);
    this.#size++;
  }

  root(): Buffer {
    if (this.#size === 0) return Buffer.from(EMPTY_ROOT);
    return Buffer.from(this.#hashes.reduceRight((right, left) => nodeHash(left, right)));
  }

  /** The hashes of the complete subtrees, the largest (leftmost) first. */
  hashes(): Buffer[] {
    return this.#hashes.map((hash) => Buffer.from(hash));
  }
}
