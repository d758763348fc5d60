/**
 * The records that a check rests on, as they must look. What looks otherwise, were it only by a field that is not
 * known here, was cut off, spoiled, or written by a newer version: it may mean a restriction, so it proves nothing.
 */
import { PERMISSIONS, QUOTA_INTERVALS, ROLES } from '@mcpstack/contracts';
import { z } from 'zod';

const text = z.string();
const time = z.iso.datetime();
const credential = z.strictObject({ digest: z.string().regex(/^[0-9a-f]{64}$/), pepperVersion: z.int() });
/** Refers to whoever made it: decides nothing. */
const actor = z.looseObject({ type: text, id: text });

const anyKey = {
  /** A state of the future has its own answer. */
  status: text,
  id: text,
  organizationId: text,
  name: text,
  expiresAt: time.optional(),
  noticesGiven: z.array(z.number()),
  createdAt: text,
  createdBy: actor,
  suspendedAt: text.optional(),
  revokedAt: text.optional(),
  revocationReason: text.optional(),
};
const serviceKey = z.strictObject({
  ...anyKey,
  kind: z.literal('service'),
  role: z.enum(ROLES),
  permissions: z.array(z.enum(PERMISSIONS)).optional(),
  scope: z.strictObject({ agents: z.array(text).optional(), servers: z.array(text).optional() }).optional(),
  allowedIps: z.array(text).optional(),
  limits: z.array(z.strictObject({ name: text, limit: z.int().min(0), windowMs: z.int().min(1) })).optional(),
  quotas: z
    .array(z.strictObject({ name: text, limit: z.int().min(0), interval: z.enum(QUOTA_INTERVALS) }))
    .optional(),
  tags: z.array(text),
  environment: text.optional(),
  secrets: z
    .array(
      z.strictObject({
        version: z.int(),
        credential,
        createdAt: text,
        hint: text.optional(),
        validUntil: time.optional(),
        untilNextSeen: z.literal(true).optional(),
      }),
    )
    .min(1),
  exposedAt: text.optional(),
});
const publishableKey = z.strictObject({
  ...anyKey,
  kind: z.literal('publishable'),
  agentId: text,
  value: text,
  credential,
  origins: z.array(z.strictObject({ origin: text, expiresAt: time.optional() })),
  development: z.boolean(),
});

export const SHAPES = {
  key: z.discriminatedUnion('kind', [serviceKey, publishableKey]),
  organization: z.strictObject({
    id: text,
    name: text,
    state: text,
    /** Binds the making of keys, not their use. */
    policy: z.looseObject({}),
    createdAt: text,
  }),
  agent: z.strictObject({
    status: text,
    id: text,
    organizationId: text,
    name: text,
    domains: z.preprocess(
      // A record skips a field of this name, and would let it pass as it is.
      (domains) => (Object.hasOwn(Object(domains) as object, '__proto__') ? undefined : domains),
      z.record(
        text,
        z.strictObject({
          id: text,
          domain: text,
          state: text,
          challenge: text,
          createdAt: text,
          verifiedAt: text.optional(),
          method: text.optional(),
          graceEndsAt: time.optional(),
          contestedAt: text.optional(),
        }),
      ),
    ),
    createdAt: text,
    createdBy: actor,
  }),
} as const;
