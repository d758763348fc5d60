/** Proofs from elsewhere: whatever is changed in a claim, the answer is no, and never an exception. */
import fc from 'fast-check';
import {
  CompactRange,
  consistencyFromFrontier,
  EMPTY_ROOT,
  leafHash,
  MerkleTree,
  type TlogError,
  verifyConsistency,
  verifyInclusion,
  type ConsistencyClaim,
  type InclusionClaim,
} from '../src/index.ts';

const SIZE = 200;
const tree = new MerkleTree();
for (let n = 0; n < SIZE; n++) tree.append(leafHash(`leaf ${n}`));
const other = leafHash('of nothing here');

const inclusion = (index: number, size: number): InclusionClaim => ({
  index,
  size,
  leafHash: tree.leaf(index),
  root: tree.root(size),
  proof: tree.inclusionProof(index, size),
});
const consistency = (from: number, to: number): ConsistencyClaim => ({
  from,
  to,
  rootFrom: tree.root(from),
  rootTo: tree.root(to),
  proof: tree.consistencyProof(from, to),
});
const flipped = (hash: Uint8Array, bit: number) =>
  Buffer.from(hash.map((byte, at) => (at === bit >> 3 ? byte ^ (1 << (bit & 7)) : byte)));

/** Every list of hashes that differs from this one by one hash. */
function otherProofs(proof: readonly Uint8Array[], bit: number): Uint8Array[][] {
  const cut = proof.flatMap((_, at) => [proof.toSpliced(at, 1), proof.slice(0, at)]);
  const changed = proof.map((hash, at) => proof.with(at, flipped(hash, bit)));
  const longer = [0, proof.length].map((at) => proof.toSpliced(at, 0, other));
  const swapped = proof.slice(1).map((hash, at) => proof.with(at, hash).with(at + 1, proof[at]!));
  const short = proof.map((hash, at) => proof.with(at, hash.subarray(1)));
  const repeated = [[...proof, ...proof, other], Array.from({ length: 65 }, () => other)];
  return [...cut, ...changed, ...longer, ...swapped, ...short, ...repeated];
}

const claims = fc
  .integer({ min: 1, max: SIZE })
  .chain((size) => fc.record({ size: fc.constant(size), at: fc.nat(size - 1), bit: fc.nat(255) }));
const COUNTS = [-1, 0.5, NaN, Infinity, 2 ** 53, '3', 3n, null, undefined, {}] as unknown as number[];
const HASHES = [
  Buffer.alloc(0),
  Buffer.alloc(31),
  Buffer.alloc(33),
  'x',
  null,
  undefined,
] as unknown as Buffer[];

describe('an inclusion proof', () => {
  it('holds for its own leaf, place, size and root alone', () => {
    fc.assert(
      fc.property(claims, ({ size, at, bit }) => {
        const claim = inclusion(at, size);
        expect(verifyInclusion(claim)).toBe(true);
        const others: Partial<InclusionClaim>[] = [
          ...[at - 1, at + 1, at ^ 2, size, size + 1].map((index) => ({ index })),
          { leafHash: other },
          { root: flipped(claim.root, bit) },
          { root: EMPTY_ROOT },
          ...otherProofs(claim.proof, bit).map((proof) => ({ proof })),
        ];
        const accepted = others.filter((change) => verifyInclusion({ ...claim, ...change }));
        expect(accepted).toEqual([]);
      }),
      { numRuns: 150 },
    );
  });

  it('is refused, not an exception, for what is no claim at all', () => {
    const claim = inclusion(3, 7);
    for (const count of COUNTS) {
      expect(verifyInclusion({ ...claim, index: count })).toBe(false);
      expect(verifyInclusion({ ...claim, size: count })).toBe(false);
    }
    for (const hash of HASHES) {
      expect(verifyInclusion({ ...claim, root: hash })).toBe(false);
      expect(verifyInclusion({ ...claim, leafHash: hash })).toBe(false);
      expect(verifyInclusion({ ...claim, proof: [hash] })).toBe(false);
    }
    for (const proof of [null, undefined, 'abc', {}] as unknown as Buffer[][])
      expect(verifyInclusion({ ...claim, proof })).toBe(false);
    expect(verifyInclusion({ index: 0, size: 0, leafHash: EMPTY_ROOT, root: EMPTY_ROOT, proof: [] })).toBe(
      false,
    );
  });

  it('holds at sizes beyond 32 bits', () => {
    // A tree of 2^40 + 1 leaves: its last leaf hangs alone beside one complete subtree.
    const [left, leaf] = [leafHash('2^40 leaves'), leafHash('one more')];
    const range = CompactRange.from(2 ** 40 + 1, [left, leaf]);
    const claim = { index: 2 ** 40, size: 2 ** 40 + 1, leafHash: leaf, root: range.root(), proof: [left] };
    expect(verifyInclusion(claim)).toBe(true);
    expect(verifyInclusion({ ...claim, index: 0 })).toBe(false);
  });
});

describe('a consistency proof', () => {
  it('holds for its own sizes and roots alone', () => {
    fc.assert(
      fc.property(claims, ({ size, at, bit }) => {
        const from = at + 1;
        const claim = consistency(from, size);
        expect(verifyConsistency(claim)).toBe(true);
        const others: Partial<ConsistencyClaim>[] = [
          ...[from - 1, from + 1, from ^ 2].filter((n) => n <= SIZE).map((n) => ({ from: n })),
          { rootFrom: flipped(claim.rootFrom, bit) },
          { rootTo: flipped(claim.rootTo, bit) },
          ...(from < size ? [{ rootFrom: claim.rootTo, rootTo: claim.rootFrom }] : []),
          ...otherProofs(claim.proof, bit).map((proof) => ({ proof })),
        ];
        const accepted = others.filter((change) => verifyConsistency({ ...claim, ...change }));
        expect(accepted).toEqual([]);
      }),
      { numRuns: 150 },
    );
  });

  it('is empty from the empty tree and to itself, and then says nothing else', () => {
    expect(verifyConsistency(consistency(0, 0))).toBe(true);
    expect(verifyConsistency(consistency(0, 9))).toBe(true);
    expect(verifyConsistency(consistency(9, 9))).toBe(true);
    expect(verifyConsistency({ ...consistency(0, 9), rootFrom: tree.root(1) })).toBe(false);
    expect(verifyConsistency({ ...consistency(0, 0), rootFrom: other, rootTo: other })).toBe(false);
    expect(verifyConsistency({ ...consistency(0, 9), proof: [other] })).toBe(false);
    expect(verifyConsistency({ ...consistency(9, 9), proof: [other] })).toBe(false);
    expect(verifyConsistency({ ...consistency(5, 9), from: 9, to: 5 })).toBe(false);
    expect(verifyConsistency({ ...consistency(5, 9), proof: [] })).toBe(false);
  });

  it('is refused, not an exception, for what is no claim at all', () => {
    const claim = consistency(3, 7);
    for (const count of COUNTS) {
      expect(verifyConsistency({ ...claim, from: count })).toBe(false);
      expect(verifyConsistency({ ...claim, to: count })).toBe(false);
    }
    for (const hash of HASHES) {
      expect(verifyConsistency({ ...claim, rootFrom: hash })).toBe(false);
      expect(verifyConsistency({ ...claim, rootTo: hash })).toBe(false);
      expect(verifyConsistency({ ...claim, proof: [hash] })).toBe(false);
    }
  });
});

describe('a tree asked for what it has not', () => {
  const refused = (code: string) => expect.objectContaining({ name: 'TlogError', code }) as TlogError;
  it.each<[string, () => unknown]>([
    ['a leaf beyond its size', () => tree.leaf(SIZE)],
    ['a leaf before the first', () => tree.leaf(-1)],
    ['the root of more leaves', () => tree.root(SIZE + 1)],
    ['a proof of a leaf that a smaller tree has not', () => tree.inclusionProof(5, 5)],
    ['a proof in the empty tree', () => tree.inclusionProof(0, 0)],
    ['a proof from a larger tree', () => tree.consistencyProof(7, 5)],
    ['a leaf of 31 bytes', () => tree.append(Buffer.alloc(31))],
    ['a frontier with a hash too few', () => CompactRange.from(7, tree.frontier(7).slice(1))],
    ['a frontier with a hash too many', () => CompactRange.from(8, tree.frontier(7))],
    ['a frontier with half a hash', () => CompactRange.from(1, [Buffer.alloc(16)])],
    ['a frontier of no size', () => CompactRange.from(1.5, [])],
    ['a proof from a frontier of another size', () => consistencyFromFrontier(tree.frontier(7), 8, [other])],
  ])('%s', (_, ask) => {
    let error: unknown;
    try {
      ask();
    } catch (thrown) {
      error = thrown;
    }
    expect(error).toEqual(refused('out-of-range'));
    expect([tree.size, tree.root()]).toEqual([SIZE, tree.root(SIZE)]);
  });
});
