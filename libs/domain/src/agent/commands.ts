/** Commands on agents and their domains, as the decisions see them. */
import type { Actor, DomainProofMethod } from '@mcpstack/contracts';
import type { Authority } from '../authority.ts';

interface AgentCommandBase {
  /** ISO 8601, UTC. */
  at: string;
  actor: Actor;
  organizationId: string;
  agentId: string;
}
interface AuthorizedAgentCommand extends AgentCommandBase {
  /** `authorityOf` the actor in the organization; `undefined` for whoever has none there. */
  authority: Authority | undefined;
}

export interface CreateAgent extends AuthorizedAgentCommand {
  type: 'CreateAgent';
  name: string;
}
export interface RenameAgent extends AuthorizedAgentCommand {
  type: 'RenameAgent';
  name: string;
}
export interface RemoveAgent extends AuthorizedAgentCommand {
  type: 'RemoveAgent';
}
export interface AddDomain extends AuthorizedAgentCommand {
  type: 'AddDomain';
  domainId: string;
  /** As a person wrote it. */
  domain: string;
  challenge: string;
}
export interface RemoveDomain extends AuthorizedAgentCommand {
  type: 'RemoveDomain';
  domainId: string;
}
/** By the system. */
export interface RecordDomainCheck extends AgentCommandBase {
  type: 'RecordDomainCheck';
  domainId: string;
  result: 'found' | 'missing';
  method?: DomainProofMethod;
  /** The one that was looked for. */
  challenge: string;
}
/** By the system. */
export interface ContestDomain extends AgentCommandBase {
  type: 'ContestDomain';
  domainId: string;
  provenAt: string;
  /** The new one. */
  challenge: string;
}
export type AgentCommand =
  CreateAgent | RenameAgent | RemoveAgent | AddDomain | RemoveDomain | RecordDomainCheck | ContestDomain;
