/** Agents with their domains, and servers, from their events. */
import type { AgentEvent, ServerEvent } from '@mcpstack/domain';
import type { AuditedAgent, AuditedDomain } from './state.ts';
import { requireBegun, requireFirst, type Step } from './step.ts';

type DomainEventOfAgent = Exclude<AgentEvent, { type: 'AgentCreated' | 'AgentRenamed' | 'AgentRemoved' }>;

export function foldAgent(step: Step<AgentEvent>): void {
  const { state, event, id, position, shared } = step;
  const before = state.agents.get(id);
  if (event.type === 'AgentCreated') {
    requireFirst(before, step, event.data.agentId);
    state.agents.set(shared.text(id), {
      id: shared.text(id),
      organizationId: shared.text(event.data.organizationId),
      name: event.data.name,
      state: 'active',
      createdAt: event.at,
      createdBy: shared.actor(event.actor),
      position,
      domains: new Map(),
      revision: 0,
    });
    return;
  }
  const agent = requireBegun(before, step);
  switch (event.type) {
    case 'AgentRenamed':
      agent.name = event.data.name;
      return;
    case 'AgentRemoved':
      agent.state = 'removed';
      return;
    default:
      return changeDomain(agent, step as Step<DomainEventOfAgent>);
  }
}

function changeDomain({ domains }: AuditedAgent, { event, position }: Step<DomainEventOfAgent>): void {
  const { domainId } = event.data;
  if (event.type === 'AgentDomainAdded') {
    const { domain, challenge } = event.data;
    domains.set(domainId, {
      id: domainId,
      domain,
      challenge,
      state: 'pending',
      createdAt: event.at,
      position,
    });
    return;
  }
  const domain = domains.get(domainId);
  if (!domain) return;
  switch (event.type) {
    case 'AgentDomainVerified':
      domain.state = 'verified';
      domain.verifiedAt = event.at;
      domain.method = event.data.method;
      delete domain.graceEndsAt;
      delete domain.contestedAt;
      hold(domain, position);
      return;
    case 'AgentDomainStale':
      domain.state = 'stale';
      domain.graceEndsAt = event.data.graceEndsAt;
      hold(domain, position);
      return;
    case 'AgentDomainLapsed':
      domain.state = 'lapsed';
      delete domain.graceEndsAt;
      delete domain.contestedAt;
      delete domain.heldPosition;
      return;
    case 'AgentDomainContested':
      domain.state = 'pending';
      domain.challenge = event.data.challenge;
      domain.contestedAt = event.at;
      delete domain.graceEndsAt;
      delete domain.heldPosition;
      return;
    case 'AgentDomainRemoved':
      domains.delete(domainId);
      return;
    default:
      return event satisfies never;
  }
}

function hold(domain: AuditedDomain, position: number): void {
  domain.heldPosition ??= position;
}

export function foldServer(step: Step<ServerEvent>): void {
  const { state, event, id, position, shared } = step;
  const before = state.servers.get(id);
  if (event.type === 'ServerCreated') {
    const { serverId, organizationId, name, url } = event.data;
    requireFirst(before, step, serverId);
    state.servers.set(shared.text(id), {
      id: shared.text(id),
      organizationId: shared.text(organizationId),
      name,
      ...(url !== undefined && { url }),
      state: 'active',
      createdAt: event.at,
      createdBy: shared.actor(event.actor),
      position,
      revision: 0,
    });
    return;
  }
  const server = requireBegun(before, step);
  switch (event.type) {
    case 'ServerRenamed':
      server.name = event.data.name;
      return;
    case 'ServerUrlChanged':
      server.url = event.data.url;
      return;
    case 'ServerRemoved':
      server.state = 'removed';
      return;
    default:
      return event satisfies never;
  }
}
