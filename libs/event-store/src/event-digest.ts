/**
 * The digest of an event: what the next event of its stream carries (`metadata.previousDigest`), and what the Merkle
 * tree over the log has as its leaf. One hash for both, so that a link of a chain is also a place in the tree.
 */
import { hash } from 'node:crypto';
import canonicalize from 'canonicalize';
import type { RecordedEvent } from './event-store.ts';

/** What is digested: all of the event but its place in the whole log, which is known only once it stands there. */
export type DigestedEvent = Pick<RecordedEvent, 'stream' | 'revision' | 'id' | 'type' | 'data' | 'metadata'>;

/** The first byte of what a leaf's hash is taken of (RFC 6962, section 2.1). */
const LEAF = '\0';

/**
 * The bytes that stand for an event: JSON in one spelling (RFC 8785), of an object with the members `data`, `id`,
 * `metadata`, `revision` (decimal, as a string), `stream` and `type`.
 * @throws Error for what has no such spelling (half of a surrogate pair): nothing that we wrote.
 */
export function canonicalEvent({ stream, revision, id, type, data, metadata }: DigestedEvent): string {
  const text = canonicalize({ stream, revision: String(revision), id, type, data, metadata });
  return text!;
}

/** SHA-256 of a zero byte and the canonical bytes: the leaf hash of RFC 6962. 32 bytes. */
export function eventDigest(event: DigestedEvent): Buffer {
  return hash('sha256', LEAF + canonicalEvent(event), 'buffer');
}
