/** Invitations to an organization: decisions. Nobody gets in by one whose maker could not give it any more. */
import { permissionsOf, ProblemError } from '@mcpstack/contracts';
import { authorityOf } from '../authority.ts';
import { conflict, notFound } from '../refusals.ts';
import { DAY_MS, futureTime, isPast } from '../time.ts';
import { known, requireIn, requireOver, requireToGive } from './acting.ts';
import type { AcceptInvitation, InviteMember, RevokeInvitation } from './commands.ts';
import type {
  InvitationToOrganization,
  KnownOrganization,
  OrganizationEvent,
  OrganizationState,
} from './events.ts';
import { MOST_MEMBERS } from './members.ts';

/** No invitation is open for longer. */
export const LONGEST_INVITATION_MS = 30 * DAY_MS;

type Decision = readonly OrganizationEvent[];

export function inviteMember(command: InviteMember, state: OrganizationState): Decision {
  const { at, actor, invitationId, role, profileId, credential } = command;
  const { organization, authority } = requireIn(command, state, 'members:write');
  requireOver(authority, role);
  requireToGive(authority, role);
  const there = invitationOf(organization, invitationId);
  if (there) {
    // The id derives from the command id: the same again is a retry, whatever secret this try made.
    if (there.role === role && there.profileId === profileId) return [];
    throw conflict('An invitation with this id exists already.');
  }
  const expiresAt = futureTime(command.expiresAt, at, { longestMs: LONGEST_INVITATION_MS });
  const pending = Object.values(organization.invitations).filter(
    (one) => one.state === 'pending' && !isPast(one.expiresAt, at),
  );
  if (pending.length >= MOST_MEMBERS)
    throw conflict(`The organization has ${MOST_MEMBERS} pending invitations: revoke some first.`);
  refuseFull(organization);
  const data = { invitationId, role, profileId, credential, expiresAt };
  return [{ type: 'MemberInvited', data, at, actor }];
}

export function revokeInvitation(command: RevokeInvitation, state: OrganizationState): Decision {
  const { at, actor, invitationId } = command;
  const { organization, authority } = requireIn(command, state, 'members:write');
  const invitation = invitationOf(organization, invitationId);
  if (!invitation) throw notFound();
  requireOver(authority, invitation.role);
  if (invitation.state === 'revoked') return [];
  if (invitation.state === 'accepted')
    throw conflict('The invitation was accepted already: remove the member instead.');
  return [{ type: 'InvitationRevoked', data: { invitationId }, at, actor }];
}

/** Whoever cannot prove the invitation learns nothing of it. */
export function acceptInvitation(command: AcceptInvitation, state: OrganizationState): Decision {
  const { at, actor, invitationId, isProven } = command;
  if (actor.type !== 'user')
    throw new ProblemError('forbidden', 'An invitation is accepted by a person: log in first.');
  const organization = known(command, state);
  const invitation = invitationOf(organization, invitationId);
  if (!invitation || !isProven) throw notFound();
  if (invitation.state === 'accepted') {
    // Not for whoever was removed since: one invitation makes a member once.
    if (invitation.acceptedBy === actor.id && Object.hasOwn(organization.members, actor.id)) return [];
    throw conflict('The invitation was accepted already: ask for another.');
  }
  if (invitation.state === 'revoked') throw conflict('The invitation was revoked: ask for another.');
  if (isPast(invitation.expiresAt, at)) throw conflict('The invitation has expired: ask for another.');
  if (organization.status === 'suspended')
    throw conflict('The organization is suspended: accept once it is resumed.');
  if (!isMakersToGive(invitation, organization, command))
    throw conflict('Who made the invitation may not give this role any more: ask for another.');
  if (Object.hasOwn(organization.members, actor.id)) throw conflict('You are a member already.');
  refuseFull(organization);
  const data = { invitationId, userId: actor.id, role: invitation.role };
  return [{ type: 'InvitationAccepted', data, at, actor }];
}

/**
 * Somebody who was removed or demoted must not come back by an invitation that they made for themselves before
 * (G8), nor get in by one that a stolen key made before it was revoked.
 */
function isMakersToGive(
  { createdBy, role }: InvitationToOrganization,
  organization: KnownOrganization,
  { at, makerAuthority }: AcceptInvitation,
): boolean {
  const isKey = createdBy.type === 'key';
  const authority = isKey ? makerAuthority : authorityOf(createdBy, organization, undefined, at);
  if (!authority || authority.scope) return false;
  const held = authority.permissions;
  return held.includes('members:write') && permissionsOf(role).every((one) => held.includes(one));
}

function refuseFull(organization: KnownOrganization): void {
  if (Object.keys(organization.members).length >= MOST_MEMBERS)
    throw conflict(`The organization has ${MOST_MEMBERS} members, the most that it can have.`);
}

function invitationOf(
  organization: KnownOrganization,
  invitationId: string,
): InvitationToOrganization | undefined {
  // `hasOwn`: an id such as "constructor" must not find what every object inherits.
  return Object.hasOwn(organization.invitations, invitationId)
    ? organization.invitations[invitationId]
    : undefined;
}
