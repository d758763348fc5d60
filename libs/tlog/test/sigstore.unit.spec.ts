/** Our proofs and checkpoints as another implementation checks them: @sigstore/verify, from where its parts lie. */
import { createPublicKey } from 'node:crypto';
import { verifyCheckpoint } from '@sigstore/verify/dist/tlog/checkpoint.js';
import { verifyMerkleInclusion } from '@sigstore/verify/dist/tlog/merkle.js';
import { formatCheckpoint, leafHash, MerkleTree, newSigner, parseVkey, signNote } from '../src/index.ts';

type Entry = Parameters<typeof verifyMerkleInclusion>[0];
type Checkpoint = Parameters<typeof verifyMerkleInclusion>[1];
type Logs = Parameters<typeof verifyCheckpoint>[1];

const SIZE = 130;
const data = Array.from({ length: SIZE }, (_, n) => Buffer.from(`event ${n}`));
const tree = new MerkleTree();
for (const leaf of data) tree.append(leafHash(leaf));
const { signer } = newSigner('mcpstack-keys/log_1');
const { hash } = parseVkey(signer.vkey);

/** The key as they keep it. */
function trusted(vkey: string): Logs {
  const raw = Buffer.from(vkey.split('+').slice(2).join('+'), 'base64').subarray(1);
  const id = Buffer.alloc(4);
  id.writeUInt32BE(hash);
  const publicKey = createPublicKey({
    key: { kty: 'OKP', crv: 'Ed25519', x: raw.toString('base64url') },
    format: 'jwk',
  });
  return [{ logID: id, baseURL: 'mcpstack-keys/log_1', publicKey }] as unknown as Logs;
}
function entryOf(index: number, size: number, note: string, proof = tree.inclusionProof(index, size)): Entry {
  return {
    canonicalizedBody: data[index],
    inclusionProof: { logIndex: String(index), hashes: proof, checkpoint: { envelope: note } },
  } as unknown as Entry;
}
const noteOf = (size: number) =>
  signNote(formatCheckpoint({ origin: 'mcpstack-keys/log_1', size, root: tree.root(size) }), [signer]);

describe('@sigstore/verify', () => {
  it('accepts every leaf of every size, under our signed checkpoint', () => {
    for (let size = 1; size <= SIZE; size += size < 40 ? 1 : 15) {
      const note = noteOf(size);
      const checkpoint: Checkpoint = verifyCheckpoint(entryOf(0, size, note), trusted(signer.vkey));
      expect(checkpoint).toMatchObject({ origin: 'mcpstack-keys/log_1', logSize: BigInt(size) });
      for (let index = 0; index < size; index++)
        verifyMerkleInclusion(entryOf(index, size, note), checkpoint);
    }
  });

  it('refuses what was changed', () => {
    const note = noteOf(100);
    const checkpoint = verifyCheckpoint(entryOf(7, 100, note), trusted(signer.vkey));
    const [first, ...rest] = tree.inclusionProof(7, 100);
    expect(() => verifyMerkleInclusion(entryOf(7, 100, note, rest), checkpoint)).toThrow();
    expect(() => verifyMerkleInclusion(entryOf(7, 100, note, [...rest, first!]), checkpoint)).toThrow();
    const other = newSigner('mcpstack-keys/log_1').signer;
    expect(() => verifyCheckpoint(entryOf(7, 100, note), trusted(other.vkey))).toThrow();
    const edited = note.replace('\n100\n', '\n101\n');
    expect(() => verifyCheckpoint(entryOf(7, 100, edited), trusted(signer.vkey))).toThrow();
  });
});
