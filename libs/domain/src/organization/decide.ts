/** Organization: decisions. Those on members are in members.ts, on invitations in invitations.ts. */
import { ProblemError, type OrganizationPolicy, ROLES } from '@mcpstack/contracts';
import type { Decider } from '../decider.ts';
import { conflict, refuseBadName, refuseInvalid } from '../refusals.ts';
import { known, requireIn } from './acting.ts';
import type {
  ChangeOrganizationState,
  ChangePolicy,
  CreateOrganization,
  OrganizationCommand,
  RenameOrganization,
} from './commands.ts';
import {
  evolveOrganization,
  evolveOrganizationAll,
  noOrganization,
  type OrganizationEvent,
  type OrganizationState,
} from './events.ts';
import { acceptInvitation, inviteMember, revokeInvitation } from './invitations.ts';
import { changeMemberRole, removeMember, resumeMember, suspendMember } from './members.ts';

export const organization: Decider<OrganizationState, OrganizationCommand, OrganizationEvent> = {
  initial: noOrganization,
  evolve: evolveOrganization,
  evolveAll: evolveOrganizationAll,
  decide(command, state) {
    switch (command.type) {
      case 'CreateOrganization':
        return create(command, state);
      case 'RenameOrganization':
        return rename(command, state);
      case 'ChangePolicy':
        return changePolicy(command, state);
      case 'SuspendOrganization':
      case 'ResumeOrganization':
        return changeState(command, state);
      case 'InviteMember':
        return inviteMember(command, state);
      case 'RevokeInvitation':
        return revokeInvitation(command, state);
      case 'AcceptInvitation':
        return acceptInvitation(command, state);
      case 'ChangeMemberRole':
        return changeMemberRole(command, state);
      case 'SuspendMember':
        return suspendMember(command, state);
      case 'ResumeMember':
        return resumeMember(command, state);
      case 'RemoveMember':
        return removeMember(command, state);
      default:
        return command satisfies never;
    }
  },
};

function create(command: CreateOrganization, state: OrganizationState): readonly OrganizationEvent[] {
  const { at, actor, organizationId, name, ownerId } = command;
  if (actor.type === 'key')
    throw new ProblemError(
      'forbidden',
      'A service key belongs to one organization and cannot create another.',
    );
  if (actor.type === 'user' && actor.id !== ownerId) {
    throw new ProblemError('validation-failed', 'An organization is created by its first owner.', {
      errors: [{ field: 'ownerId', message: 'must be the user who asks' }],
    });
  }
  refuseBadName(name);
  if (state.status !== 'none') {
    // The id derives from the command id, so the same organization again is the same command again.
    if (state.id === organizationId && state.name === name && Object.hasOwn(state.members, ownerId))
      return [];
    throw conflict('An organization with this id exists already.');
  }
  return [{ type: 'OrganizationCreated', data: { organizationId, name, ownerId }, at, actor }];
}

function rename(command: RenameOrganization, state: OrganizationState): readonly OrganizationEvent[] {
  const { organization: found } = requireIn(command, state, 'organization:write');
  refuseBadName(command.name);
  if (found.name === command.name) return [];
  return [
    { type: 'OrganizationRenamed', data: { name: command.name }, at: command.at, actor: command.actor },
  ];
}

function changePolicy(command: ChangePolicy, state: OrganizationState): readonly OrganizationEvent[] {
  const { organization: found } = requireIn(command, state, 'organization:write');
  const policy = normalPolicy(command.policy);
  if (JSON.stringify(policy) === JSON.stringify(normalPolicy(found.policy))) return [];
  return [{ type: 'OrganizationPolicyChanged', data: { policy }, at: command.at, actor: command.actor }];
}

const LONGEST_KEY_LIFE_DAYS = 3_650;

/** In one order of fields and roles, so that the same policy is found to be the same. */
function normalPolicy(policy: OrganizationPolicy) {
  const { longestKeyLifeDays, expiryRequired, allowedKeyRoles, onMakerLoss } = policy;
  const errors = [];
  const isLife =
    longestKeyLifeDays === undefined ||
    (Number.isInteger(longestKeyLifeDays) &&
      longestKeyLifeDays >= 1 &&
      longestKeyLifeDays <= LONGEST_KEY_LIFE_DAYS);
  if (!isLife)
    errors.push({
      field: 'longestKeyLifeDays',
      message: `must be a whole number from 1 to ${LONGEST_KEY_LIFE_DAYS}`,
    });
  if (allowedKeyRoles && !ROLES.some((role) => allowedKeyRoles.includes(role)))
    errors.push({ field: 'allowedKeyRoles', message: 'must name at least one role' });
  refuseInvalid('The policy is not valid.', errors);
  return {
    ...(longestKeyLifeDays !== undefined && { longestKeyLifeDays }),
    ...(expiryRequired !== undefined && { expiryRequired }),
    ...(allowedKeyRoles && { allowedKeyRoles: ROLES.filter((role) => allowedKeyRoles.includes(role)) }),
    onMakerLoss,
  };
}

/** By whoever may change the organization, and by operations. */
function changeState(
  command: ChangeOrganizationState,
  state: OrganizationState,
): readonly OrganizationEvent[] {
  const { at, actor, type } = command;
  const found =
    actor.type === 'system'
      ? known(command, state)
      : requireIn(command, state, 'organization:write', { evenSuspended: true }).organization;
  const wanted = type === 'SuspendOrganization' ? 'suspended' : 'active';
  if (found.status === wanted) return [];
  return wanted === 'suspended'
    ? [{ type: 'OrganizationSuspended', data: {}, at, actor }]
    : [{ type: 'OrganizationResumed', data: {}, at, actor }];
}
