/** An organization with a member of every role, for the specs of what members may do. */
import { ROLES, type Actor, type Role } from '@mcpstack/contracts';
import type { OrganizationCreated, OrganizationEvent } from '../src/index.ts';
import { AT, CREDENTIAL, daysOn, ORGANIZATION_ID, OWNER, OWNER_ID } from './samples.ts';

export const acmeCreated: OrganizationCreated = {
  type: 'OrganizationCreated',
  data: { organizationId: ORGANIZATION_ID, name: 'Acme', ownerId: OWNER_ID },
  at: AT,
  actor: OWNER,
};

export function userIdOf(role: Role, nth = 1): string {
  return `user_${role}${nth}`;
}
export function memberOf(role: Role, nth = 1): Actor {
  return { type: 'user', id: userIdOf(role, nth) };
}

/** How a user became a member. */
export function joined(userId: string, role: Role): OrganizationEvent[] {
  const invitationId = `inv_${userId.replace('user_', '')}`;
  return [
    {
      type: 'MemberInvited',
      data: { invitationId, role, profileId: 'user_profile', credential: CREDENTIAL, expiresAt: daysOn(7) },
      at: AT,
      actor: OWNER,
    },
    {
      type: 'InvitationAccepted',
      data: { invitationId, userId, role },
      at: AT,
      actor: { type: 'user', id: userId },
    },
  ];
}

/** Two members of each role beside the first owner. */
export const acmeWithMembers: readonly OrganizationEvent[] = [
  acmeCreated,
  ...ROLES.flatMap((role) => [1, 2].flatMap((nth) => joined(userIdOf(role, nth), role))),
];
