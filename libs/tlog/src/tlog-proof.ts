/** Proofs that can be handed on (C2SP tlog-proof): an inclusion proof and the checkpoint that it leads to, as text. */
import { decodeBase64 } from './base64.ts';
import { TlogError } from './errors.ts';
import { isHash } from './hash.ts';

const HEADER = 'c2sp.org/tlog-proof@v1';
/** A larger proof is not read: at most 64 hashes, and a note. */
const MAX_PROOF_BYTES = 1_100_000;
const MAX_HASHES = 64;

export interface TlogProof {
  /** Which leaf of the tree. */
  index: number;
  /** From the leaf's sibling upwards. */
  proof: Buffer[];
  /** The signed note that holds the checkpoint; not checked. */
  checkpoint: string;
  /** Whatever the application puts there; nothing vouches for it. */
  extra?: Buffer;
}

export function formatTlogProof({ index, proof, checkpoint, extra }: TlogProof): string {
  const lines = [HEADER];
  if (extra !== undefined) lines.push(`extra ${extra.toString('base64')}`);
  lines.push(`index ${index}`, ...proof.map((hash) => hash.toString('base64')), '');
  return `${lines.join('\n')}\n${checkpoint}`;
}

/** @throws TlogError `malformed-proof`. The checkpoint in it is for `verifyNote` to check. */
export function parseTlogProof(text: string): TlogProof {
  if (text.length > MAX_PROOF_BYTES) throw malformed('it is too long');
  const blank = text.indexOf('\n\n');
  if (blank < 0) throw malformed('no blank line stands before its checkpoint: it may be cut off');
  const [header, ...lines] = text.slice(0, blank).split('\n');
  if (header !== HEADER) throw malformed(`its first line is not ${HEADER}`);
  const extra = lines[0]?.startsWith('extra ') ? decodeBase64(lines.shift()!.slice('extra '.length)) : null;
  if (extra === undefined) throw malformed('its extra data is no base64');
  const [, decimal] = /^index (0|[1-9][0-9]{0,15})$/.exec(lines.shift() ?? '') ?? [];
  const index = Number(decimal);
  if (!Number.isSafeInteger(index)) throw malformed('it names no index');
  if (lines.length > MAX_HASHES) throw malformed('no tree is as high');
  const proof = lines.map((line) => {
    const hash = decodeBase64(line);
    if (!isHash(hash)) throw malformed('a hash in it is not 32 bytes in base64');
    return hash;
  });
  return { index, proof, checkpoint: text.slice(blank + 2), ...(extra !== null && { extra }) };
}

const malformed = (why: string) => new TlogError('malformed-proof', `this is no C2SP tlog-proof: ${why}`);
