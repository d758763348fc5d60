/** Roles as people read them, and which of them the reader may give. */
import { useRoles, type Role } from '../../api/me.ts';
import { useHere } from '../../api/organization.tsx';

/** What each role is for, in a line. */
export const ROLE_WORDS: Readonly<Record<Role, string>> = {
  owner: 'everything, also owners and the organization itself',
  admin: 'manages keys, domains, webhooks and members, and reads the audit trail',
  developer: 'manages servers and agents, and writes telemetry',
  viewer: 'reads',
};

/** From most to least: nobody gives what they lack, and owners are made by owners. */
export function useRolesToGive(): readonly Role[] {
  const { organization } = useHere();
  const roles = useRoles().data?.roles.map(({ role }) => role) ?? [];
  return roles.slice(Math.max(roles.indexOf(organization.role), 0));
}

/** Whether the first is the lesser of the two. */
export function isLess(role: Role, than: Role): boolean {
  const order = Object.keys(ROLE_WORDS);
  return order.indexOf(role) > order.indexOf(than);
}
