/** What the record of an erasure says of the events that are gone. */
import type { RecordedEvent } from '@mcpstack/event-store';
import { z } from 'zod';
import { RefusalError } from './errors.ts';
import type { Leaf } from './pending-leaves.ts';

/** Nobody else's data is ever erased. */
export const ERASABLE_CATEGORY = 'user';
const RECORD = 'UserProfileErased';
const ERASED = z.array(
  z.object({
    position: z.string().regex(/^(0|[1-9][0-9]{0,18})$/),
    digest: z.string().regex(/^[0-9a-f]{64}$/),
  }),
);

/**
 * The events that it erased: none for any other event, and none for the first version of the record, after which
 * nothing was erased from the log.
 * @throws RefusalError for a record that cannot be read: what it says would be missing from the tree.
 */
export function erasedBy({ type, stream, data, position }: RecordedEvent): Leaf[] {
  if (type !== RECORD || !stream.startsWith(`${ERASABLE_CATEGORY}-`)) return [];
  if (data['erased'] === undefined) return [];
  const read = ERASED.safeParse(data['erased']);
  if (!read.success)
    throw new RefusalError(
      'unknown-record',
      `The record of an erasure at position ${position} cannot be read by this version: run the one that wrote it.`,
    );
  return read.data.map((one) => ({ position: BigInt(one.position), hash: Buffer.from(one.digest, 'hex') }));
}
