/** Transparency logs: Merkle trees (RFC 6962), signed notes and checkpoints (C2SP). Pure; knows nothing of ours. */
export { TlogError, type TlogErrorCode } from './errors.ts';
export { EMPTY_ROOT, leafHash, nodeHash } from './hash.ts';
export { CompactRange } from './compact-range.ts';
export { MerkleTree } from './merkle-tree.ts';
export {
  consistencyFromFrontier,
  verifyConsistency,
  verifyInclusion,
  type ConsistencyClaim,
  type InclusionClaim,
} from './proof.ts';
export {
  formatVkey,
  newSigner,
  openSigner,
  parseVkey,
  parseVkeys,
  signerOfSeed,
  type KeyIdentity,
  type Signer,
  type Verifier,
} from './keys.ts';
export {
  cosignatureLine,
  MAX_NOTE_BYTES,
  MAX_SIGNATURES,
  parseNote,
  signNote,
  verifyNote,
  type Note,
  type NoteSignature,
  type VerifiedNote,
  type VerifiedSignature,
} from './note.ts';
export { formatCheckpoint, parseCheckpoint, type Checkpoint } from './checkpoint.ts';
export { formatTlogProof, parseTlogProof, type TlogProof } from './tlog-proof.ts';
