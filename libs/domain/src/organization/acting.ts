/** Who acts in an organization, and what they may give or take there (G8). */
import { permissionsOf, ProblemError, type Permission, type Role } from '@mcpstack/contracts';
import { authorityOf, type Authority } from '../authority.ts';
import { conflict, lacking, notFound, refuseScoped, requirePermission } from '../refusals.ts';
import type { RenameOrganization } from './commands.ts';
import type { KnownOrganization, OrganizationState } from './events.ts';

type Acting = Pick<RenameOrganization, 'at' | 'actor' | 'organizationId' | 'keyAuthority'>;

/** Another organization is answered exactly as one that never was. */
export function known(command: { organizationId: string }, state: OrganizationState): KnownOrganization {
  if (state.status === 'none' || state.id !== command.organizationId) throw notFound();
  return state;
}

/** People act by the organization's own state, keys by what was read of theirs. `undefined`: nobody here. */
function actingIn({ actor, at, keyAuthority }: Acting, found: KnownOrganization): Authority | undefined {
  if (actor.type === 'key') return found.status === 'active' ? keyAuthority : undefined;
  return authorityOf(actor, found, undefined, at);
}

/** Passes whoever holds the permission there, over the organization as a whole. */
export function requireIn(
  command: Acting,
  state: OrganizationState,
  permission: Permission,
  { evenSuspended = false } = {},
): { organization: KnownOrganization; authority: Authority } {
  const organization = known(command, state);
  const authority = actingIn(command, organization);
  if (!authority) throw notFound();
  // Said before the permission: what a member lacks in a suspended organization comes back with it.
  if (organization.status === 'suspended' && !evenSuspended)
    throw conflict('The organization is suspended: resume it first.');
  requirePermission(authority, permission);
  refuseScoped(authority);
  return { organization, authority };
}

/** Whether the actor is a member in force there: leaving needs no more. */
export function isMemberInForce(command: Acting, organization: KnownOrganization): boolean {
  return command.actor.type === 'user' && actingIn(command, organization) !== undefined;
}

/** Owners are a matter among owners, whoever else manages members. */
export function requireOver(authority: Authority, ...roles: readonly Role[]): void {
  if (roles.includes('owner') && !authority.permissions.includes('owners:write'))
    throw lacking('owners:write');
}

/** Passes who holds all that the role gives beyond `before`. */
export function requireToGive(authority: Authority, role: Role, before: readonly Permission[] = []): void {
  const missing = permissionsOf(role).find(
    (one) => !before.includes(one) && !authority.permissions.includes(one),
  );
  if (missing === undefined) return;
  throw new ProblemError('forbidden', `Nobody can give what they lack: ${missing}.`, { permission: missing });
}
