/**
 * Schemas that the events of several aggregates share. What was written once must stay readable (G10), so
 * these do not follow the rules of the edges: a name or an identifier that a later rule would refuse is
 * still an old event. Roles and permissions are only ever added to.
 */
import { type ID_PREFIXES, PERMISSIONS, QUOTA_INTERVALS, ROLES } from '@mcpstack/contracts';
import { z } from 'zod';

export const id = (prefix: (typeof ID_PREFIXES)[keyof typeof ID_PREFIXES]) =>
  z.string().regex(new RegExp(`^${prefix}_[0-9A-Za-z]{1,64}$`));
/** In UTF-16 units. */
export const name = z.string().min(1).max(1_000);
/** A short text of no further rule: a tag, an origin, a domain, an address block. */
export const text = z.string().min(1).max(2_048);
export const time = z.iso.datetime();
export const role = z.enum(ROLES);
export const permission = z.enum(PERMISSIONS);
/** HMAC-SHA-256 under the pepper of the ASCII of SHA-256(token), hexadecimal (G1). */
export const credential = z.strictObject({
  digest: z.string().regex(/^[0-9a-f]{64}$/),
  pepperVersion: z.int().min(1),
});
export const scope = z.strictObject({
  agents: z.array(id('agent')).exactOptional(),
  servers: z.array(id('srv')).exactOptional(),
});
export const limit = z.strictObject({ name: text, limit: z.int().min(0), windowMs: z.int().min(1) });
export const quota = z.strictObject({
  name: text,
  limit: z.int().min(0),
  interval: z.enum(QUOTA_INTERVALS),
});
