/** Organization: commands and decisions. */
import { ProblemError, type Actor } from '@mcpstack/contracts';
import type { Decider } from '../decider.ts';
import { refuseBadName } from '../refusals.ts';
import {
  evolveOrganization,
  noOrganization,
  type OrganizationEvent,
  type OrganizationState,
} from './events.ts';

export interface CreateOrganization {
  type: 'CreateOrganization';
  /** ISO 8601, UTC. */
  at: string;
  actor: Actor;
  organizationId: string;
  name: string;
  ownerId: string;
}
export type OrganizationCommand = CreateOrganization;

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
  if (state.status === 'active') {
    // The id derives from the command id, so the same organization again is the same command again.
    if (state.id === organizationId && state.name === name && Object.hasOwn(state.members, ownerId))
      return [];
    throw new ProblemError('conflict', 'An organization with this id exists already.');
  }
  return [{ type: 'OrganizationCreated', data: { organizationId, name, ownerId }, at, actor }];
}

export const organization: Decider<OrganizationState, OrganizationCommand, OrganizationEvent> = {
  initial: noOrganization,
  evolve: evolveOrganization,
  decide(command, state) {
    switch (command.type) {
      case 'CreateOrganization':
        return create(command, state);
      default:
        return command.type satisfies never;
    }
  },
};
