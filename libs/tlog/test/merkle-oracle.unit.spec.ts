/** Trees and proofs equal RFC 6962's own definitions, for every pair of sizes up to a bound and for larger ones. */
import fc from 'fast-check';
import {
  CompactRange,
  consistencyFromFrontier,
  leafHash,
  MerkleTree,
  verifyConsistency,
  verifyInclusion,
} from '../src/index.ts';
import { mth, path, proof } from './oracle.ts';

const dataOf = (size: number, seed = '') =>
  Array.from({ length: size }, (_, n) => Buffer.from(`${seed}${n}`));
function treeOf(data: readonly Uint8Array[]): MerkleTree {
  const tree = new MerkleTree();
  for (const leaf of data) tree.append(leafHash(leaf));
  return tree;
}

const same = (a: Buffer[], b: Buffer[]) => Buffer.concat(a).equals(Buffer.concat(b));

describe('a tree', () => {
  it('has the root, the paths and the proofs of RFC 6962, for all sizes up to 48 and all leaves and older sizes', () => {
    const data = dataOf(48);
    const tree = treeOf(data);
    const roots = Array.from({ length: 49 }, (_, size) => mth(data.slice(0, size)));
    const wrong: string[] = [];
    for (let size = 0; size <= 48; size++) {
      const d = data.slice(0, size);
      const root = roots[size]!;
      if (!tree.root(size).equals(root)) wrong.push(`root of ${size}`);
      for (let m = 0; m < size; m++) {
        const inclusion = tree.inclusionProof(m, size);
        const claim = { index: m, size, leafHash: leafHash(d[m]!), root, proof: inclusion };
        if (!same(inclusion, path(m, d)) || !verifyInclusion(claim)) wrong.push(`leaf ${m} of ${size}`);
      }
      for (let m = 1; m <= size; m++) {
        const consistency = tree.consistencyProof(m, size);
        const claim = { from: m, to: size, rootFrom: roots[m]!, rootTo: root, proof: consistency };
        if (!same(consistency, proof(m, d)) || !verifyConsistency(claim)) wrong.push(`${size} from ${m}`);
      }
    }
    expect(wrong).toEqual([]);
  });

  it('does so for random sizes up to 500, from a kept frontier as well', () => {
    const sizes = fc.integer({ min: 1, max: 500 }).chain((size) =>
      fc.record({
        size: fc.constant(size),
        from: fc.nat(size),
        index: fc.nat(size - 1),
        seed: fc.string(),
      }),
    );
    fc.assert(
      fc.property(sizes, ({ size, from, index, seed }) => {
        const d = dataOf(size, seed);
        const tree = treeOf(d);
        expect(tree.root()).toEqual(mth(d));
        expect(tree.inclusionProof(index)).toEqual(path(index, d));
        const wanted = from === 0 ? [] : proof(from, d);
        expect(tree.consistencyProof(from)).toEqual(wanted);
        const range = CompactRange.from(from, tree.frontier(from));
        expect(range.root()).toEqual(mth(d.slice(0, from)));
        const later = d.slice(from).map((leaf) => leafHash(leaf));
        expect(consistencyFromFrontier(range.hashes(), from, later)).toEqual(wanted);
        for (const leaf of later) range.append(leaf);
        expect([range.size, range.root()]).toEqual([size, mth(d)]);
        expect(range.hashes()).toEqual(tree.frontier());
      }),
      { numRuns: 40 },
    );
  });

  it.each([1_000, 4_095, 4_096, 4_097, 10_000])('does so for %d leaves', (size) => {
    const d = dataOf(size);
    const tree = treeOf(d);
    expect(tree.root()).toEqual(mth(d));
    for (const m of [1, 2, 3, size >> 1, size - 2, size - 1]) {
      expect(tree.inclusionProof(m)).toEqual(path(m, d));
      expect(tree.consistencyProof(m)).toEqual(proof(m, d));
    }
  });
});
