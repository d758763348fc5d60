/** What an actor may do in an organization, computed from the folded streams alone (G8). */
import { permissionsOf, type Actor, type Permission } from '@mcpstack/contracts';
import type { KeyState } from './key/events.ts';
import type { OrganizationState } from './organization/events.ts';

export interface Authority {
  permissions: readonly Permission[];
}

/**
 * A user acts by membership, a key by its role and narrowing while it is active and of this organization.
 * `undefined` for everyone else, the system included: set-up and operations make no keys.
 *
 * @param key the state of the acting key's own stream; needed only when the actor is a key.
 */
export function authorityOf(
  actor: Actor,
  organization: OrganizationState,
  key?: KeyState,
): Authority | undefined {
  if (organization.status !== 'active') return undefined;
  switch (actor.type) {
    case 'user': {
      // `hasOwn`: an id such as "constructor" must not find what every object inherits.
      const role = Object.hasOwn(organization.members, actor.id) ? organization.members[actor.id] : undefined;
      return role && { permissions: permissionsOf(role) };
    }
    case 'key':
      if (key?.status !== 'active' || key.id !== actor.id || key.organizationId !== organization.id)
        return undefined;
      return { permissions: permissionsOf(key.role, key.permissions) };
    case 'system':
      return undefined;
    default:
      return actor.type satisfies never;
  }
}
