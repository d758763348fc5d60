/** RFC 6962, section 2.1, word for word and as slow as it stands there: MTH, PATH, PROOF and SUBPROOF over the data. */
import { createHash } from 'node:crypto';

const sha256 = (...parts: Uint8Array[]) => createHash('sha256').update(Buffer.concat(parts)).digest();

/** k: the largest power of two smaller than n. */
function largestPowerBelow(n: number): number {
  return 2 ** (Math.ceil(Math.log2(n)) - 1);
}

/** 2.1: the Merkle Tree Hash. */
export function mth(d: readonly Uint8Array[]): Buffer {
  if (d.length === 0) return sha256();
  if (d.length === 1) return sha256(Buffer.from([0x00]), d[0]!);
  const k = largestPowerBelow(d.length);
  return sha256(Buffer.from([0x01]), mth(d.slice(0, k)), mth(d.slice(k)));
}

/** 2.1.1: the audit path of leaf m. */
export function path(m: number, d: readonly Uint8Array[]): Buffer[] {
  if (d.length === 1) return [];
  const k = largestPowerBelow(d.length);
  return m < k
    ? [...path(m, d.slice(0, k)), mth(d.slice(k))]
    : [...path(m - k, d.slice(k)), mth(d.slice(0, k))];
}

/** 2.1.2: the consistency proof from the first m leaves to all of them, for 0 < m. */
export function proof(m: number, d: readonly Uint8Array[]): Buffer[] {
  return m === d.length ? [] : subproof(m, d, true);
}

function subproof(m: number, d: readonly Uint8Array[], b: boolean): Buffer[] {
  if (m === d.length) return b ? [] : [mth(d)];
  const k = largestPowerBelow(d.length);
  return m <= k
    ? [...subproof(m, d.slice(0, k), b), mth(d.slice(k))]
    : [...subproof(m - k, d.slice(k), false), mth(d.slice(0, k))];
}
