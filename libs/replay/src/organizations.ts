/** Organizations, their members and invitations, from their events. */
import { ROLES, type Role } from '@mcpstack/contracts';
import type { OrganizationEvent } from '@mcpstack/domain';
import type { AuditedMember, AuditedOrganization } from './state.ts';
import { requireBegun, requireFirst, type Step } from './step.ts';

type Of<Type extends OrganizationEvent['type']> = Step<Extract<OrganizationEvent, { type: Type }>>;

export function foldOrganization(step: Step<OrganizationEvent>): void {
  const { state, event, id } = step;
  const before = state.organizations.get(id);
  if (event.type === 'OrganizationCreated') {
    requireFirst(before, step, event.data.organizationId);
    state.organizations.set(step.shared.text(id), newOrganization(step as Of<'OrganizationCreated'>));
    return;
  }
  const organization = requireBegun(before, step);
  switch (event.type) {
    case 'OrganizationRenamed':
      organization.name = event.data.name;
      return;
    case 'OrganizationPolicyChanged':
      organization.policy = event.data.policy;
      return;
    case 'OrganizationSuspended':
      if (organization.state === 'active') organization.suspendedAt = event.at;
      organization.state = 'suspended';
      return;
    case 'OrganizationResumed':
      if (organization.state === 'suspended') organization.activeSince = event.at;
      organization.state = 'active';
      delete organization.suspendedAt;
      return;
    case 'MemberInvited':
      return invite(organization, step as Of<'MemberInvited'>);
    case 'InvitationRevoked': {
      const invitation = organization.invitations.get(event.data.invitationId);
      if (invitation) invitation.state = 'revoked';
      return;
    }
    case 'InvitationAccepted': {
      const { invitationId, userId, role } = event.data;
      const invitation = organization.invitations.get(invitationId);
      if (invitation) Object.assign(invitation, { state: 'accepted', acceptedBy: userId });
      join(organization, step, { userId, role, invitationId });
      return;
    }
    case 'MemberRoleChanged':
    case 'MemberSuspended':
    case 'MemberResumed':
    case 'MemberRemoved':
      // Whoever is no member stays none.
      if (organization.members.has(event.data.userId)) changeMember(organization, step);
      return;
    default:
      return event satisfies never;
  }
}

function newOrganization(step: Of<'OrganizationCreated'>): AuditedOrganization {
  const { event, id } = step;
  const organization: AuditedOrganization = {
    id: step.shared.text(id),
    name: event.data.name,
    state: 'active',
    // Until a policy is set, what becomes of a key whose maker loses rights is left to people.
    policy: { onMakerLoss: 'list' },
    createdAt: event.at,
    activeSince: event.at,
    members: new Map(),
    invitations: new Map(),
    revision: 0,
  };
  join(organization, step, { userId: event.data.ownerId, role: 'owner' });
  return organization;
}

function invite(
  { invitations }: AuditedOrganization,
  { event, position, shared }: Of<'MemberInvited'>,
): void {
  const { invitationId, role, profileId, credential, expiresAt } = event.data;
  invitations.set(invitationId, {
    id: invitationId,
    role,
    state: 'pending',
    profileId,
    credential,
    expiresAt,
    createdAt: event.at,
    createdBy: shared.actor(event.actor),
    position,
  });
}

function join(
  { members }: AuditedOrganization,
  { event, position, shared }: Step<OrganizationEvent>,
  { userId, role, invitationId }: { userId: string; role: Role; invitationId?: string },
): void {
  members.set(userId, {
    userId: shared.text(userId),
    role,
    state: 'active',
    joinedAt: event.at,
    joinedPosition: position,
    ...(invitationId !== undefined && { invitationId }),
    roleBy: shared.actor(event.actor),
    roleAt: event.at,
    heldSince: heldAfter({}, role, event.at),
    activeSince: event.at,
  });
}

function changeMember({ members }: AuditedOrganization, { event, shared }: Step<OrganizationEvent>): void {
  const { userId } = event.data as { userId: string };
  const member = members.get(userId)!;
  switch (event.type) {
    case 'MemberRoleChanged':
      changeRole(member, event.data.role, event.at);
      member.roleBy = shared.actor(event.actor);
      return;
    case 'MemberSuspended':
      member.state = 'suspended';
      return;
    case 'MemberResumed':
      if (member.state === 'suspended') member.activeSince = event.at;
      member.state = 'active';
      return;
    case 'MemberRemoved':
      members.delete(userId);
      return;
    default:
  }
}

function changeRole(member: AuditedMember, role: Role, at: string): void {
  member.heldSince = heldAfter(member.heldSince, role, at);
  member.roleAt = at;
  member.role = role;
}

/** A higher role may do all that a lower one may: whoever is given one holds those below it, too. */
function heldAfter(before: AuditedMember['heldSince'], role: Role, at: string): AuditedMember['heldSince'] {
  const held = ROLES.slice(ROLES.indexOf(role));
  return Object.fromEntries(held.map((one) => [one, before[one] ?? at]));
}
