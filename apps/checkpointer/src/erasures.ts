/** What the record of an erasure says of the events that are gone. */
import type { RecordedEvent } from '@mcpstack/event-store';
import { z } from 'zod';
import { RefusalError } from './errors.ts';
import type { Leaf } from './pending-leaves.ts';

/** Nobody else's data is ever erased. */
export const ERASABLE_CATEGORY = 'user';
const RECORD = 'UserProfileErased';
const DECIMAL = z.string().regex(/^(0|[1-9][0-9]{0,18})$/);
const NAMED = z.object({
  /** Of the first event that is named. */
  firstRevision: DECIMAL.default('0'),
  erased: z.array(z.object({ position: DECIMAL, digest: z.string().regex(/^[0-9a-f]{64}$/) })),
});

/**
 * The events that it erased: none for any other event, and none for the first version of the record, after which
 * nothing was erased from the log. What it names beyond its own place cannot have stood: auditors are told of that.
 * @throws RefusalError for a record that cannot be read: what it says would be missing from the tree.
 */
export function erasedBy({ type, stream, revision, data, position }: RecordedEvent): Leaf[] {
  if (type !== RECORD || !isErasable(stream)) return [];
  if (data['erased'] === undefined) return [];
  const read = NAMED.safeParse(data);
  if (!read.success)
    throw new RefusalError(
      'unknown-record',
      `The record of an erasure at position ${position} cannot be read by this version: run the one that wrote it.`,
    );
  const { erased, firstRevision } = read.data;
  return erased
    .map((one, at) => ({ ...one, at: BigInt(one.position), revision: BigInt(firstRevision) + BigInt(at) }))
    .filter((one) => one.at < position && one.revision < revision)
    .map((one) => ({
      position: one.at,
      hash: Buffer.from(one.digest, 'hex'),
      place: `${stream}@${one.revision}`,
    }));
}

/** May an event of this stream go some day? */
export function isErasable(stream: string): boolean {
  return stream.startsWith(`${ERASABLE_CATEGORY}-`);
}
