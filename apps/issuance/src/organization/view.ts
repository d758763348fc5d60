/** An organization, its members and its invitations as the world may see them. */
import { ProblemError, type Invitation, type Member, type Organization } from '@mcpstack/contracts';
import type { InvitationToOrganization, KnownOrganization, OrganizationState } from '@mcpstack/domain';

/** Throws where there is none: no decision ends that way. */
export function known(state: OrganizationState): KnownOrganization {
  if (state.status === 'none') throw new Error('the organization is not there');
  return state;
}

export function organizationOf(state: OrganizationState, revision: bigint): Organization {
  const { id, name, status, policy, createdAt } = known(state);
  return { id, name, state: status, policy, createdAt, revision: revision.toString() };
}

/**
 * A member after a command.
 * @throws ProblemError `conflict` to a retry that comes after the member was removed: what it did is undone.
 */
export function memberOf(state: OrganizationState, userId: string): Member {
  const { id, members } = known(state);
  if (!Object.hasOwn(members, userId))
    throw new ProblemError('conflict', 'The member has been removed since: invite them again.');
  return { organizationId: id, userId, ...members[userId]! };
}

export function foundInvitation(
  state: OrganizationState,
  invitationId: string,
): InvitationToOrganization | undefined {
  if (state.status === 'none' || !Object.hasOwn(state.invitations, invitationId)) return undefined;
  return state.invitations[invitationId];
}

/** Never with its credential. */
export function invitationView(state: OrganizationState, invitation: InvitationToOrganization): Invitation {
  const { credential: _, ...shown } = invitation;
  return { ...shown, organizationId: known(state).id };
}
