/** Commands on agents, their domains, and servers. */
import type { Positioned } from './commands.ts';
import type { OrganizationIdInput } from './commands-organizations.ts';
import type { Agent, AgentDomain, DomainProofMethod, Server } from './resources.ts';

export interface CreateAgentInput extends OrganizationIdInput {
  name: string;
}
export interface AgentIdInput extends OrganizationIdInput {
  agentId: string;
}
export interface RenameAgentInput extends AgentIdInput {
  name: string;
  ifRevision?: string;
}
export interface AgentOutput extends Positioned {
  agent: Agent;
}

export interface AddDomainInput extends AgentIdInput {
  /** As a person writes it; stored in lower case and A-labels. */
  domain: string;
}
export interface DomainIdInput extends AgentIdInput {
  domainId: string;
}
export interface RecordDomainCheckInput extends DomainIdInput {
  /** `missing` counts for everything that did not show the proof, a server that does not answer included. */
  result: 'found' | 'missing';
  method?: DomainProofMethod;
  /** The challenge that was looked for: a result for an older one is `conflict`. */
  challenge: string;
}
export interface ContestDomainInput extends DomainIdInput {
  /** When the other organization proved it. A domain verified later than this is left alone. */
  provenAt: string;
}
export interface DomainOutput extends Positioned {
  domain: AgentDomain;
}

export interface CreateServerInput extends OrganizationIdInput {
  name: string;
  /** http or https, absolute. */
  url?: string;
}
export interface ServerIdInput extends OrganizationIdInput {
  serverId: string;
}
export interface UpdateServerInput extends ServerIdInput {
  name?: string;
  url?: string;
  ifRevision?: string;
}
export interface ServerOutput extends Positioned {
  server: Server;
}
