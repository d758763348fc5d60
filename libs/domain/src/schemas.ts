/**
 * Schemas that the events of several aggregates share. What was written once must stay readable (G10), so
 * these do not follow the rules of the edges: a name or an identifier that a later rule would refuse is
 * still an old event. Roles and permissions are only ever added to.
 */
import { PERMISSIONS, ROLES } from '@mcpstack/contracts';
import { z } from 'zod';

export const id = (prefix: 'org' | 'key' | 'user') =>
  z.string().regex(new RegExp(`^${prefix}_[0-9A-Za-z]{1,64}$`));
/** In UTF-16 units. */
export const name = z.string().min(1).max(1_000);
export const role = z.enum(ROLES);
export const permission = z.enum(PERMISSIONS);
