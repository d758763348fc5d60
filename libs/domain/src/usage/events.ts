/**
 * Use of a key, in a stream of its own so that counting never delays a decision on the key: events only; nothing
 * is decided from them. These names and shapes are a storage format (G10): never edit, add.
 */
import { z } from 'zod';
import { eventCodec, firstVersion, nextVersion } from '../codec.ts';
import type { DomainEvent } from '../decider.ts';
import { id, text, time } from '../schemas.ts';

const keyUsedV1 = z.strictObject({
  keyId: id('key'),
  organizationId: id('org'),
  /** The window that was counted. */
  from: time,
  to: time,
  /** VALID answers in it. */
  count: z.int().min(1),
  lastUsedAt: time,
});
const keyUsed = keyUsedV1.extend({
  /** Of the latest use in it that told: an IPv4 /24 or IPv6 /48, and the family of the user agent. */
  lastUsedFrom: z
    .strictObject({ addressPrefix: text.exactOptional(), userAgent: text.exactOptional() })
    .exactOptional(),
});

export type KeyUsed = DomainEvent<'KeyUsed', z.infer<typeof keyUsed>>;
export type UsageEvent = KeyUsed;

export const usageCodec = eventCodec<UsageEvent>({
  KeyUsed: nextVersion(firstVersion(keyUsedV1), keyUsed, (data) => data),
});
