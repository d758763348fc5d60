/** The hashes of a Merkle tree (RFC 6962, section 2.1): leaves and nodes are told apart by their first byte. */
import { hash } from 'node:crypto';

/** Bytes of a hash. */
export const HASH_BYTES = 32;
const LEAF = Buffer.from([0]);
/** What a node's hash is taken of: its byte and two hashes. Written anew for each; nothing waits in between. */
const NODE = Buffer.alloc(1 + 2 * HASH_BYTES, 1);

/** The root of the tree without leaves: SHA-256 of nothing. */
export const EMPTY_ROOT: Buffer = hash('sha256', '', 'buffer');

/** The hash of a leaf that holds these bytes. */
export function leafHash(data: Uint8Array | string): Buffer {
  const bytes = typeof data === 'string' ? Buffer.from(data) : data;
  return hash('sha256', Buffer.concat([LEAF, bytes]), 'buffer');
}

/** The hash of the node over two others. */
export function nodeHash(left: Uint8Array, right: Uint8Array): Buffer {
  // Our own callers give 32 bytes each; a longer one must not be cut.
  if (left.length !== HASH_BYTES || right.length !== HASH_BYTES)
    return hash('sha256', Buffer.concat([NODE.subarray(0, 1), left, right]), 'buffer');
  NODE.set(left, 1);
  NODE.set(right, 1 + HASH_BYTES);
  return hash('sha256', NODE, 'buffer');
}

export function isHash(value: unknown): value is Uint8Array {
  return value instanceof Uint8Array && value.length === HASH_BYTES;
}

export function sameHash(a: Uint8Array, b: Uint8Array): boolean {
  return Buffer.compare(a, b) === 0;
}
