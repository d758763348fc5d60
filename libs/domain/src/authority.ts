/** What an actor may do in an organization, computed from the folded streams alone (G8). */
import { permissionsOf, type Actor, type KeyScope, type Permission } from '@mcpstack/contracts';
import type { KeyState } from './key/state.ts';
import type { KnownOrganization, OrganizationState } from './organization/events.ts';
import { isPast } from './time.ts';

export interface Authority {
  permissions: readonly Permission[];
  /** Of a key that is limited to some agents or servers. */
  scope?: KeyScope;
}

/**
 * A user acts by membership, a service key by its role and narrowing while it is in force and of this
 * organization. `undefined` for everyone else, the system included: set-up and operations make no keys.
 *
 * @param key the state of the acting key's own stream; needed only when the actor is a key.
 * @param at ISO 8601, UTC: a key past its expiry has no authority, whether that was recorded or not.
 */
export function authorityOf(
  actor: Actor,
  organization: OrganizationState,
  key: KeyState | undefined,
  at: string,
): Authority | undefined {
  if (organization.status === 'none') return undefined;
  switch (actor.type) {
    case 'user':
      return authorityOfMember(actor.id, organization);
    case 'key':
      if (organization.status !== 'active' || key?.status !== 'active' || key.kind !== 'service')
        return undefined;
      if (key.id !== actor.id || key.organizationId !== organization.id) return undefined;
      if (isPast(key.expiresAt, at)) return undefined;
      return {
        permissions: permissionsOf(key.role, key.permissions),
        ...(key.scope && { scope: key.scope }),
      };
    case 'system':
      return undefined;
    default:
      return actor.type satisfies never;
  }
}

/** In a suspended organization members still read, and whoever may change the organization may resume it. */
function authorityOfMember(userId: string, organization: KnownOrganization): Authority | undefined {
  // `hasOwn`: an id such as "constructor" must not find what every object inherits.
  const member = Object.hasOwn(organization.members, userId) ? organization.members[userId] : undefined;
  if (member?.state !== 'active') return undefined;
  const permissions = permissionsOf(member.role);
  if (organization.status === 'active') return { permissions };
  return {
    permissions: permissions.filter((one) => one.endsWith(':read') || one === 'organization:write'),
  };
}
