/** Proofs and checkpoints as another implementation checks them: @sigstore/verify, from where its parts lie. */
import { createPublicKey } from 'node:crypto';
import { verifyCheckpoint } from '@sigstore/verify/dist/tlog/checkpoint.js';
import { verifyMerkleInclusion } from '@sigstore/verify/dist/tlog/merkle.js';

type Entry = Parameters<typeof verifyMerkleInclusion>[0];
type Checkpoint = Parameters<typeof verifyMerkleInclusion>[1];
type Logs = Parameters<typeof verifyCheckpoint>[1];

/** The key as they keep it, out of a C2SP vkey. */
function trusted(vkey: string): Logs {
  const [, name, hash, key] = /^([^+]+)\+([^+]+)\+(.+)$/.exec(vkey)!;
  const raw = Buffer.from(key!, 'base64').subarray(1);
  const publicKey = createPublicKey({
    key: { kty: 'OKP', crv: 'Ed25519', x: raw.toString('base64url') },
    format: 'jwk',
  });
  return [{ logID: Buffer.from(hash!, 'hex'), baseURL: name, publicKey }] as unknown as Logs;
}

/** @throws Error unless this key signed the note. */
export function theirCheckpoint(note: string, vkey: string): Checkpoint {
  const entry = { inclusionProof: { checkpoint: { envelope: note } } } as unknown as Entry;
  return verifyCheckpoint(entry, trusted(vkey));
}

/** @throws Error unless the hashes lead from these data, as the leaf with this index, to the root of the checkpoint. */
export function theirInclusion(
  data: Buffer,
  { index, hashes }: { index: number; hashes: readonly Buffer[] },
  checkpoint: Checkpoint,
): void {
  const inclusionProof = { logIndex: String(index), hashes };
  verifyMerkleInclusion({ canonicalizedBody: data, inclusionProof } as unknown as Entry, checkpoint);
}
