/** Agent: decisions. Those on its domains are in domains.ts. */
import type { Authority } from '../authority.ts';
import type { Decider } from '../decider.ts';
import {
  conflict,
  notFound,
  refuseBadName,
  refuseScoped,
  requirePermission,
  requireSystem,
} from '../refusals.ts';
import type { AgentCommand, CreateAgent, RemoveAgent, RenameAgent } from './commands.ts';
import { addDomain, contestDomain, recordDomainCheck, refuseRemoved, removeDomain } from './domains.ts';
import { evolveAgent, noAgent, type AgentEvent, type AgentState, type KnownAgent } from './events.ts';

export const agent: Decider<AgentState, AgentCommand, AgentEvent> = {
  initial: noAgent,
  evolve: evolveAgent,
  decide(command, state) {
    switch (command.type) {
      case 'CreateAgent':
        return create(command, state);
      case 'RenameAgent':
        return rename(command, state);
      case 'RemoveAgent':
        return remove(command, state);
      case 'AddDomain':
        requirePermission(command.authority, 'domains:write');
        return addDomain(command, inForce(command, state, command.authority));
      case 'RemoveDomain':
        requirePermission(command.authority, 'domains:write');
        return removeDomain(command, existing(command, state, command.authority));
      case 'RecordDomainCheck':
        requireSystem(command.actor);
        return recordDomainCheck(command, existing(command, state));
      case 'ContestDomain':
        requireSystem(command.actor);
        return contestDomain(command, existing(command, state));
      default:
        return command satisfies never;
    }
  },
};

function create(command: CreateAgent, state: AgentState): readonly AgentEvent[] {
  const { at, actor, authority, agentId, organizationId, name } = command;
  requirePermission(authority, 'agents:write');
  refuseScoped(authority);
  refuseBadName(name);
  if (state.status !== 'none') {
    // The id derives from the command id: the same agent again is a retry.
    if (state.id === agentId && state.organizationId === organizationId && state.name === name) return [];
    throw conflict('An agent with this id exists already.');
  }
  return [{ type: 'AgentCreated', data: { agentId, organizationId, name }, at, actor }];
}

function rename(command: RenameAgent, state: AgentState): readonly AgentEvent[] {
  const { at, actor, authority, name } = command;
  requirePermission(authority, 'agents:write');
  refuseBadName(name);
  if (inForce(command, state, authority).name === name) return [];
  return [{ type: 'AgentRenamed', data: { name }, at, actor }];
}

function remove(command: RemoveAgent, state: AgentState): readonly AgentEvent[] {
  requirePermission(command.authority, 'agents:write');
  if (existing(command, state, command.authority).status === 'removed') return [];
  return [{ type: 'AgentRemoved', data: {}, at: command.at, actor: command.actor }];
}

function inForce(
  command: { organizationId: string; agentId: string },
  state: AgentState,
  authority: Authority,
): KnownAgent {
  const found = existing(command, state, authority);
  refuseRemoved(found);
  return found;
}

/** Another organization's agent, and one beyond the key's scope, are answered exactly as one that never was. */
function existing(
  command: { organizationId: string; agentId: string },
  state: AgentState,
  authority?: Authority,
): KnownAgent {
  const isThere =
    state.status !== 'none' &&
    state.id === command.agentId &&
    state.organizationId === command.organizationId;
  if (!isThere || authority?.scope?.agents?.includes(state.id) === false) throw notFound();
  return state;
}
