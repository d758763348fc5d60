/**
 * Use of a key, in a stream of its own so that counting never delays a decision on the key: events only; nothing
 * is decided from them. These names and shapes are a storage format (G10): never edit, add.
 */
import { z } from 'zod';
import { eventCodec, firstVersion } from '../codec.ts';
import type { DomainEvent } from '../decider.ts';
import { id, time } from '../schemas.ts';

const keyUsed = z.strictObject({
  keyId: id('key'),
  organizationId: id('org'),
  /** The window that was counted. */
  from: time,
  to: time,
  /** VALID answers in it. */
  count: z.int().min(1),
  lastUsedAt: time,
});

export type KeyUsed = DomainEvent<'KeyUsed', z.infer<typeof keyUsed>>;
export type UsageEvent = KeyUsed;

export const usageCodec = eventCodec<UsageEvent>({ KeyUsed: firstVersion(keyUsed) });
