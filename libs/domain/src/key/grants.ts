/** What a key gives to whoever holds its secret, against what somebody holds: nobody can give what they lack (G8). */
import { permissionsOf, ProblemError, type KeyScope, type Permission, type Role } from '@mcpstack/contracts';
import type { Authority } from '../authority.ts';
import type { ServiceKey } from './state.ts';

export interface Grant {
  role: Role;
  permissions?: readonly Permission[];
  scope?: KeyScope;
}

/** Passes who holds every permission, over everything, that the key does. */
export function requireToGrant(authority: Authority, grant: Grant): void {
  const missing = missingFrom(authority.permissions, grant);
  if (missing !== undefined) {
    throw new ProblemError('forbidden', `Nobody can give what they lack: ${missing}.`, {
      permission: missing,
    });
  }
  if (authority.scope && !isWithinScope(grant.scope, authority.scope)) {
    throw new ProblemError(
      'forbidden',
      'Nobody can give what they lack: this key is limited to some agents or servers, so limit the other to them too.',
    );
  }
}

/** Whether the key holds a permission that is not among `held`, what its maker holds now. */
export function keyExceeds(
  key: Pick<ServiceKey, 'role' | 'permissions'>,
  held: readonly Permission[],
): boolean {
  return missingFrom(held, key) !== undefined;
}

function missingFrom(held: readonly Permission[], { role, permissions }: Grant): Permission | undefined {
  return permissionsOf(role, permissions).find((one) => !held.includes(one));
}

/** Whether `inner` reaches nothing that `outer` does not. A list that is absent limits nothing. */
export function isWithinScope(inner: KeyScope | undefined, outer: KeyScope): boolean {
  return (['agents', 'servers'] as const).every((kind) => {
    const [narrow, wide] = [inner?.[kind], outer[kind]];
    return wide === undefined || (narrow?.every((id) => wide.includes(id)) ?? false);
  });
}
