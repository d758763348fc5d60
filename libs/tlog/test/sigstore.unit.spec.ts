/** Our proofs and checkpoints as another implementation checks them. */
import { formatCheckpoint, leafHash, MerkleTree, newSigner, signNote } from '../src/index.ts';
import { theirCheckpoint, theirInclusion } from './sigstore.ts';

const SIZE = 130;
const data = Array.from({ length: SIZE }, (_, n) => Buffer.from(`event ${n}`));
const tree = new MerkleTree();
for (const leaf of data) tree.append(leafHash(leaf));
const { signer } = newSigner('mcpstack-keys/log_1');
const noteOf = (size: number) =>
  signNote(formatCheckpoint({ origin: 'mcpstack-keys/log_1', size, root: tree.root(size) }), [signer]);

describe('@sigstore/verify', () => {
  it('accepts every leaf of every size, under our signed checkpoint', () => {
    for (let size = 1; size <= SIZE; size += size < 40 ? 1 : 15) {
      const checkpoint = theirCheckpoint(noteOf(size), signer.vkey);
      expect(checkpoint).toMatchObject({ origin: 'mcpstack-keys/log_1', logSize: BigInt(size) });
      for (let index = 0; index < size; index++)
        theirInclusion(data[index]!, { index, hashes: tree.inclusionProof(index, size) }, checkpoint);
    }
  });

  it('refuses what was changed', () => {
    const note = noteOf(100);
    const checkpoint = theirCheckpoint(note, signer.vkey);
    const [first, ...rest] = tree.inclusionProof(7, 100);
    for (const hashes of [rest, [...rest, first!]])
      expect(() => theirInclusion(data[7]!, { index: 7, hashes }, checkpoint)).toThrow();
    const other = newSigner('mcpstack-keys/log_1').signer;
    expect(() => theirCheckpoint(note, other.vkey)).toThrow();
    expect(() => theirCheckpoint(note.replace('\n100\n', '\n101\n'), signer.vkey)).toThrow();
  });
});
