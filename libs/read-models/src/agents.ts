/** Read model: one record per agent with its domains, and the lists of agents and domains. */
import type { Agent, AgentDomain } from '@mcpstack/contracts';
import { evolveAgent, noAgent, type AgentEvent, type DomainOfAgent, type KnownAgent } from '@mcpstack/domain';
import { names } from './namespace.ts';
import { listRecords } from './list-records.ts';
import { requireBeginning, type Projected, type ReadModel, type Write } from './read-model.ts';
import { READ_SCRIPTS } from './read-scripts.ts';
import type { AgentRecord, ReadModels } from './reading.ts';
import { readable, rowsIn } from './row.ts';
import type { TrustedReader } from './trusted-reader.ts';

/** What a record holds: the agent as the domain folds it, but for what only decisions need. */
export type AgentFold = Omit<KnownAgent, 'removedDomains'>;

export const agents: ReadModel<AgentFold, AgentEvent> = {
  category: 'agent',
  recordName: names.agent,
  toldIn: ({ organizationId }) => organizationId,
  project(before, event, { id, position }): Projected<AgentFold> {
    const made = event.type === 'AgentCreated' ? event.data.agentId : undefined;
    requireBeginning(before, event, { made, id });
    const folded = evolveAgent(before ?? noAgent, event);
    if (folded.status === 'none') throw new Error(`${event.type} ended in no agent`);
    const { removedDomains: _, ...after } = folded;
    return {
      record: after,
      writes: [
        ...agentList(before, after, position),
        ...domainList(before, after, position),
        ...holders(before, after, position),
      ],
    };
  },
};

function agentList(before: AgentFold | undefined, after: AgentFold, position: bigint): Write[] {
  const name = names.agentsOf(after.organizationId);
  if (!before) return [['ZADD', name, `${position}`, after.id]];
  return after.status === 'removed' && before.status !== 'removed' ? [['ZREM', name, after.id]] : [];
}

/** Domains stay listed when their agent is removed: who looks after them is told. */
function domainList(before: AgentFold | undefined, after: AgentFold, position: bigint): Write[] {
  const [old, now] = [before?.domains ?? {}, after.domains];
  return [
    ...Object.keys(old)
      .filter((id) => !Object.hasOwn(now, id))
      .map((id): Write => ['ZREM', names.domains, `${after.id}/${id}`]),
    ...Object.keys(now)
      .filter((id) => !Object.hasOwn(old, id))
      .map((id): Write => ['ZADD', names.domains, `${position}`, `${after.id}/${id}`]),
  ];
}

/** Who holds a name: domains that are verified or stale, of agents in force. */
function holders(before: AgentFold | undefined, after: AgentFold, position: bigint): Write[] {
  const [old, now] = [heldBy(before), heldBy(after)];
  return [
    ...[...old]
      .filter(([id]) => !now.has(id))
      .map(([id, name]): Write => ['ZREM', names.holdersOf(name), `${after.id}/${id}`]),
    ...[...now]
      .filter(([id]) => !old.has(id))
      .map(([id, name]): Write => ['ZADD', names.holdersOf(name), `${position}`, `${after.id}/${id}`]),
  ];
}

function heldBy(agent: AgentFold | undefined): ReadonlyMap<string, string> {
  if (agent?.status !== 'active') return new Map();
  const held = Object.values(agent.domains).filter(isHeld);
  return new Map(held.map(({ id, domain }) => [id, domain]));
}

export function isHeld({ state }: Pick<DomainOfAgent, 'state'>): boolean {
  return state === 'verified' || state === 'stale';
}

export function agentDomain({ id, organizationId }: AgentFold, domain: DomainOfAgent): AgentDomain {
  return { organizationId, agentId: id, ...domain };
}

export function agentOf({ status, domains: _, ...shown }: AgentFold, revision: string): Agent {
  return { ...shown, state: status, revision };
}

/** The record as readers see it; its domains in the order in which they were added. */
export function agentRecord(agent: AgentFold, revision: string): AgentRecord {
  const domains = Object.values(agent.domains).map((domain) => agentDomain(agent, domain));
  return { ...agentOf(agent, revision), domains };
}

export function agentReads(reader: TrustedReader): Pick<ReadModels, 'getAgent' | 'listAgents'> {
  return {
    getAgent: async (organizationId, agentId) =>
      reader.read(READ_SCRIPTS.records, [names.agent(agentId)], (reply) => {
        const found = readable<AgentFold>(rowsIn(reply)[0]!);
        // A foreign agent and an unknown one give the same answer (G8).
        if (found?.data.organizationId !== organizationId) return undefined;
        return agentRecord(found.data, found.revision);
      }),
    listAgents: async (organizationId, request = {}) =>
      listRecords(reader, request, {
        list: { name: names.agentsOf(organizationId), order: 'newest' },
        category: 'agent',
        itemOf: ({ data, revision }: { data: AgentFold; revision: string }) => agentOf(data, revision),
      }),
  };
}
