/** Members of an organization: decisions. There is always an owner in force. */
import { permissionsOf, ROLES } from '@mcpstack/contracts';
import { conflict, notFound } from '../refusals.ts';
import { isMemberInForce, known, requireIn, requireOver, requireToGive } from './acting.ts';
import type { ChangeMemberRole, ChangeMemberState } from './commands.ts';
import type {
  KnownOrganization,
  MemberOfOrganization,
  OrganizationEvent,
  OrganizationState,
} from './events.ts';

/** How many members, and how many pending invitations, an organization may have. */
export const MOST_MEMBERS = 1_000;

type Decision = readonly OrganizationEvent[];

export function changeMemberRole(command: ChangeMemberRole, state: OrganizationState): Decision {
  const { at, actor, userId, role } = command;
  const { organization, authority } = requireIn(command, state, 'members:write');
  const member = memberOf(organization, userId);
  requireOver(authority, member.role, role);
  // Also what keeps everybody from raising themselves: nobody holds what is above their role.
  requireToGive(authority, role, permissionsOf(member.role));
  if (member.role === role) return [];
  if (ROLES.indexOf(role) > ROLES.indexOf(member.role)) refuseWithoutOwner(organization, userId);
  return [{ type: 'MemberRoleChanged', data: { userId, role }, at, actor }];
}

export function suspendMember(command: ChangeMemberState, state: OrganizationState): Decision {
  const { at, actor, userId } = command;
  const { organization, authority } = requireIn(command, state, 'members:write');
  const member = memberOf(organization, userId);
  requireOver(authority, member.role);
  if (member.state === 'suspended') return [];
  refuseWithoutOwner(organization, userId);
  return [{ type: 'MemberSuspended', data: { userId }, at, actor }];
}

export function resumeMember(command: ChangeMemberState, state: OrganizationState): Decision {
  const { at, actor, userId } = command;
  const { organization, authority } = requireIn(command, state, 'members:write');
  const member = memberOf(organization, userId);
  requireOver(authority, member.role);
  requireToGive(authority, member.role);
  if (member.state === 'active') return [];
  return [{ type: 'MemberResumed', data: { userId }, at, actor }];
}

/** Everybody may leave, also a suspended organization. */
export function removeMember(command: ChangeMemberState, state: OrganizationState): Decision {
  const { at, actor, userId } = command;
  const organization = known(command, state);
  const isSelf = actor.type === 'user' && actor.id === userId;
  // Who repeats it must be able to finish what follows from it: finality, and the keys of who was removed.
  const isGone =
    !Object.hasOwn(organization.members, userId) && Object.hasOwn(organization.removed ?? {}, userId);
  if (isSelf && isGone) return [];
  if (!isSelf || !isMemberInForce(command, organization)) {
    const { authority } = requireIn(command, state, 'members:write');
    if (isGone) return [];
    requireOver(authority, memberOf(organization, userId).role);
  }
  refuseWithoutOwner(organization, userId);
  return [{ type: 'MemberRemoved', data: { userId }, at, actor }];
}

function memberOf(organization: KnownOrganization, userId: string): MemberOfOrganization {
  // `hasOwn`: an id such as "constructor" must not find what every object inherits.
  if (!Object.hasOwn(organization.members, userId)) throw notFound();
  return organization.members[userId]!;
}

/** Refuses to take the last owner in force away: nobody could ever make another. */
function refuseWithoutOwner(organization: KnownOrganization, without: string): void {
  const isOwner = ({ role, state }: MemberOfOrganization) => role === 'owner' && state === 'active';
  if (!isOwner(memberOf(organization, without))) return;
  const isAnother = Object.entries(organization.members).some(
    ([userId, member]) => userId !== without && isOwner(member),
  );
  if (!isAnother)
    throw conflict('This is the last owner of the organization: make somebody else an owner first.');
}
