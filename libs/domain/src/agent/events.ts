/**
 * Agent, and the domain names that its pages live under: events and state. These names and shapes are a storage
 * format (G10): never edit, add.
 */
import type { Actor, DomainProofMethod, DomainState } from '@mcpstack/contracts';
import { z } from 'zod';
import { eventCodec, firstVersion } from '../codec.ts';
import type { DomainEvent } from '../decider.ts';
import { id, name, text, time } from '../schemas.ts';

const domainId = id('dom');

const agentCreated = z.strictObject({ agentId: id('agent'), organizationId: id('org'), name });
const agentRenamed = z.strictObject({ name });
const agentRemoved = z.strictObject({});
const agentDomainAdded = z.strictObject({ domainId, domain: text, challenge: text });
const agentDomainVerified = z.strictObject({ domainId, method: z.enum(['dns', 'file']) });
const agentDomainStale = z.strictObject({ domainId, graceEndsAt: time });
const agentDomainLapsed = z.strictObject({ domainId });
/** Another organization has proven the name since: it is pending again, with another challenge. */
const agentDomainContested = z.strictObject({ domainId, challenge: text });
const agentDomainRemoved = z.strictObject({ domainId });

export type AgentCreated = DomainEvent<'AgentCreated', z.infer<typeof agentCreated>>;
export type AgentRenamed = DomainEvent<'AgentRenamed', z.infer<typeof agentRenamed>>;
export type AgentRemoved = DomainEvent<'AgentRemoved', z.infer<typeof agentRemoved>>;
export type AgentDomainAdded = DomainEvent<'AgentDomainAdded', z.infer<typeof agentDomainAdded>>;
export type AgentDomainVerified = DomainEvent<'AgentDomainVerified', z.infer<typeof agentDomainVerified>>;
export type AgentDomainStale = DomainEvent<'AgentDomainStale', z.infer<typeof agentDomainStale>>;
export type AgentDomainLapsed = DomainEvent<'AgentDomainLapsed', z.infer<typeof agentDomainLapsed>>;
export type AgentDomainContested = DomainEvent<'AgentDomainContested', z.infer<typeof agentDomainContested>>;
export type AgentDomainRemoved = DomainEvent<'AgentDomainRemoved', z.infer<typeof agentDomainRemoved>>;
export type AgentEvent =
  | AgentCreated
  | AgentRenamed
  | AgentRemoved
  | AgentDomainAdded
  | AgentDomainVerified
  | AgentDomainStale
  | AgentDomainLapsed
  | AgentDomainContested
  | AgentDomainRemoved;

export const agentCodec = eventCodec<AgentEvent>({
  AgentCreated: firstVersion(agentCreated),
  AgentRenamed: firstVersion(agentRenamed),
  AgentRemoved: firstVersion(agentRemoved),
  AgentDomainAdded: firstVersion(agentDomainAdded),
  AgentDomainVerified: firstVersion(agentDomainVerified),
  AgentDomainStale: firstVersion(agentDomainStale),
  AgentDomainLapsed: firstVersion(agentDomainLapsed),
  AgentDomainContested: firstVersion(agentDomainContested),
  AgentDomainRemoved: firstVersion(agentDomainRemoved),
});

export interface DomainOfAgent {
  id: string;
  domain: string;
  state: DomainState;
  challenge: string;
  createdAt: string;
  verifiedAt?: string;
  method?: DomainProofMethod;
  graceEndsAt?: string;
  contestedAt?: string;
}
export interface KnownAgent {
  status: 'active' | 'removed';
  id: string;
  organizationId: string;
  name: string;
  /** By domain id; removed ones are gone. */
  domains: Readonly<Record<string, DomainOfAgent>>;
  /** Ids of the domains that were removed, oldest first; of very many the newest alone. */
  removedDomains?: readonly string[];
  createdAt: string;
  createdBy: Actor;
}
export type AgentState = { status: 'none' } | KnownAgent;

/** Whoever removes one of so many again finds that it was there; of one from before, that it is not. */
export const MOST_REMOVED_DOMAINS = 100;

export const noAgent: AgentState = { status: 'none' };

export function evolveAgent(state: AgentState, event: AgentEvent): AgentState {
  if (event.type === 'AgentCreated') {
    const { agentId, ...rest } = event.data;
    return {
      status: 'active',
      id: agentId,
      ...rest,
      domains: {},
      createdAt: event.at,
      createdBy: event.actor,
    };
  }
  if (state.status === 'none') return state;
  switch (event.type) {
    case 'AgentRenamed':
      return { ...state, name: event.data.name };
    case 'AgentRemoved':
      return { ...state, status: 'removed' };
    case 'AgentDomainRemoved': {
      const { domainId: gone } = event.data;
      const { [gone]: _, ...domains } = state.domains;
      const before = (state.removedDomains ?? []).filter((one) => one !== gone);
      return { ...state, domains, removedDomains: [...before, gone].slice(-MOST_REMOVED_DOMAINS) };
    }
    default: {
      const domain = evolveDomain(state.domains[event.data.domainId], event);
      return domain ? { ...state, domains: { ...state.domains, [domain.id]: domain } } : state;
    }
  }
}

/** One domain; shared with the read model, so that both tell the same. */
export function evolveDomain(
  domain: DomainOfAgent | undefined,
  event: Exclude<AgentEvent, AgentCreated | AgentRenamed | AgentRemoved | AgentDomainRemoved>,
): DomainOfAgent | undefined {
  if (event.type === 'AgentDomainAdded') {
    const { domainId: added, ...rest } = event.data;
    return { id: added, ...rest, state: 'pending', createdAt: event.at };
  }
  if (!domain) return undefined;
  const { graceEndsAt: _grace, contestedAt: _contested, ...bare } = domain;
  switch (event.type) {
    case 'AgentDomainVerified':
      return { ...bare, state: 'verified', verifiedAt: event.at, method: event.data.method };
    case 'AgentDomainStale':
      return { ...domain, state: 'stale', graceEndsAt: event.data.graceEndsAt };
    case 'AgentDomainLapsed':
      return { ...bare, state: 'lapsed' };
    case 'AgentDomainContested':
      return { ...bare, state: 'pending', challenge: event.data.challenge, contestedAt: event.at };
    default:
      return event satisfies never;
  }
}
