/** A whole Merkle tree in memory, which can make every proof: all its complete subtrees, 64 bytes a leaf. */
import { TlogError } from './errors.ts';
import { EMPTY_ROOT, HASH_BYTES, isHash, nodeHash } from './hash.ts';
import { assertSize, completeRanges, consistencyRanges, inclusionRanges, type Range } from './ranges.ts';

/** Hashes one after the other in one buffer that doubles when it is full. */
class HashList {
  #bytes = Buffer.alloc(64 * HASH_BYTES);
  length = 0;

  push(hash: Uint8Array): void {
    const at = this.length * HASH_BYTES;
    if (at === this.#bytes.length) {
      const larger = Buffer.alloc(at * 2);
      this.#bytes.copy(larger);
      this.#bytes = larger;
    }
    this.#bytes.set(hash, at);
    this.length++;
  }

  indexOf(hash: Uint8Array): number {
    const { length } = this;
    for (let from = 0; ;) {
      const at = this.#bytes.indexOf(hash, from);
      if (at < 0 || at >= length * HASH_BYTES) return -1;
      if (at % HASH_BYTES === 0) return at / HASH_BYTES;
      // Across two hashes: none of ours.
      from = at + 1;
    }
  }

  at(index: number): Buffer {
    return this.#bytes.subarray(index * HASH_BYTES, (index + 1) * HASH_BYTES);
  }
}

/**
 * @example
 * const tree = new MerkleTree();
 * for (const event of events) tree.append(leafHash(event));
 * verifyInclusion({ index: 0, size: tree.size, leafHash: tree.leaf(0), root: tree.root(), proof: tree.inclusionProof(0) });
 */
export class MerkleTree {
  /** `#levels[k]` holds the hashes of the complete subtrees of 2^k leaves, from the left. */
  readonly #levels: HashList[] = [new HashList()];

  get size(): number {
    return this.#levels[0]!.length;
  }

  append(leaf: Uint8Array): void {
    if (!isHash(leaf)) throw new TlogError('out-of-range', 'a leaf hash has 32 bytes');
    this.#levels[0]!.push(leaf);
    for (let level = 0; this.#levels[level]!.length % 2 === 0; level++) {
      const below = this.#levels[level]!;
      const above = (this.#levels[level + 1] ??= new HashList());
      above.push(nodeHash(below.at(below.length - 2), below.at(below.length - 1)));
    }
  }

  /** The hash of one leaf. */
  leaf(index: number): Buffer {
    if (!Number.isSafeInteger(index) || index < 0 || index >= this.size)
      throw new TlogError('out-of-range', `there is no leaf ${index} in a tree of ${this.size}`);
    return Buffer.from(this.#levels[0]!.at(index));
  }

  /** Where a leaf with this hash stands first, or -1. */
  indexOf(leaf: Uint8Array): number {
    return this.#levels[0]!.indexOf(leaf);
  }

  /** The root of the tree, or of its first `size` leaves. */
  root(size: number = this.size): Buffer {
    this.#assertHas(size);
    if (size === 0) return Buffer.from(EMPTY_ROOT);
    return this.#hash({ start: 0, end: size });
  }

  /** The complete subtrees of the first `size` leaves: what `CompactRange.from` takes. */
  frontier(size: number = this.size): Buffer[] {
    this.#assertHas(size);
    return completeRanges(size).map((range) => this.#hash(range));
  }

  /** Shows that leaf `index` stands in the tree of the first `size` leaves; from the leaf's sibling upwards. */
  inclusionProof(index: number, size: number = this.size): Buffer[] {
    this.#assertHas(size);
    return inclusionRanges(index, size).map((range) => this.#hash(range));
  }

  /** Shows that the tree of `to` leaves begins with the tree of `from`. */
  consistencyProof(from: number, to: number = this.size): Buffer[] {
    this.#assertHas(to);
    return consistencyRanges(from, to).map((range) => this.#hash(range));
  }

  /** MTH of a range that starts where a subtree as large may start. */
  #hash({ start, end }: Range): Buffer {
    const parts = completeRanges(end - start).map((part) => {
      const width = part.end - part.start;
      return this.#levels[Math.log2(width)]!.at((start + part.start) / width);
    });
    return Buffer.from(parts.reduceRight((right, left) => nodeHash(left, right)));
  }

  #assertHas(size: number): void {
    assertSize(size);
    if (size > this.size)
      throw new TlogError('out-of-range', `the tree has ${this.size} leaves, not ${size}`);
  }
}
