/** Domains of an agent: decisions. pending → verified → stale (7 days of grace) → lapsed; a found proof verifies. */
import { conflict, invalidField, notFound } from '../refusals.ts';
import { after, DAY_MS, isPast, millisOf } from '../time.ts';
import { normalDomain } from '../web/domain-name.ts';
import type { AddDomain, ContestDomain, RecordDomainCheck, RemoveDomain } from './commands.ts';
import type { AgentEvent, DomainOfAgent, KnownAgent } from './events.ts';

/** How long a domain whose proof was not found any more is still good. */
export const DOMAIN_GRACE_MS = 7 * DAY_MS;
const MOST_DOMAINS = 50;

/**
 * Whether origins under the domain are allowed at `at`. The clock decides, not the record: a grace that is over
 * is over, whether that was written or not.
 */
export function isDomainInForce(domain: Pick<DomainOfAgent, 'state' | 'graceEndsAt'>, at: string): boolean {
  if (domain.state === 'stale') return domain.graceEndsAt !== undefined && !isPast(domain.graceEndsAt, at);
  return domain.state === 'verified';
}

export function addDomain(command: AddDomain, agent: KnownAgent): readonly AgentEvent[] {
  const { at, actor, domainId, challenge } = command;
  const normal = normalDomain(command.domain);
  if ('problem' in normal) throw invalidField('domain', normal.problem);
  const { domain } = normal;
  const there = domainOf(agent, domainId);
  if (there) {
    // The id derives from the command id: the same domain again is a retry, whatever challenge this try made.
    if (there.domain === domain) return [];
    throw conflict('A domain with this id exists already.');
  }
  const domains = Object.values(agent.domains);
  if (domains.some((one) => one.domain === domain)) throw conflict('The agent has this domain already.');
  if (domains.length >= MOST_DOMAINS)
    throw conflict(`The agent has ${MOST_DOMAINS} domains, the most that it can have: remove one first.`);
  return [{ type: 'AgentDomainAdded', data: { domainId, domain, challenge }, at, actor }];
}

export function removeDomain(command: RemoveDomain, agent: KnownAgent): readonly AgentEvent[] {
  const { at, actor, domainId } = command;
  // Who repeats it must be able to wait until it is final, also once the agent is gone as well.
  if (agent.removedDomains?.includes(domainId)) return [];
  refuseRemoved(agent);
  if (!domainOf(agent, domainId)) throw notFound();
  return [{ type: 'AgentDomainRemoved', data: { domainId }, at, actor }];
}

/** What a look for the proof comes to. */
export function recordDomainCheck(command: RecordDomainCheck, agent: KnownAgent): readonly AgentEvent[] {
  const { at, actor, domainId, result, method, challenge } = command;
  const domain = domainOf(agent, domainId);
  if (!domain) throw notFound();
  if (agent.status === 'removed') return [];
  if (domain.challenge !== challenge)
    throw conflict('The domain has another challenge by now: look for that one.');
  if (result === 'found') {
    if (method === undefined) throw invalidField('method', 'must say where the proof was found');
    if (domain.state === 'verified') return [];
    return [{ type: 'AgentDomainVerified', data: { domainId, method }, at, actor }];
  }
  switch (domain.state) {
    case 'verified': {
      const graceEndsAt = after(at, DOMAIN_GRACE_MS);
      return [{ type: 'AgentDomainStale', data: { domainId, graceEndsAt }, at, actor }];
    }
    case 'stale':
      if (isDomainInForce(domain, at)) return [];
      return [{ type: 'AgentDomainLapsed', data: { domainId }, at, actor }];
    case 'pending':
    case 'lapsed':
      return [];
    default:
      return domain.state satisfies never;
  }
}

/** Another organization has proven the name: who proved it earlier proves it again. */
export function contestDomain(command: ContestDomain, agent: KnownAgent): readonly AgentEvent[] {
  const { at, actor, domainId, provenAt, challenge } = command;
  const domain = domainOf(agent, domainId);
  if (!domain) throw notFound();
  const isProven = domain.state === 'verified' || domain.state === 'stale';
  if (agent.status === 'removed' || !isProven || domain.verifiedAt === undefined) return [];
  if (millisOf(domain.verifiedAt) >= millisOf(provenAt)) return [];
  return [{ type: 'AgentDomainContested', data: { domainId, challenge }, at, actor }];
}

/** An agent that is removed stays as it was. */
export function refuseRemoved({ status }: KnownAgent): void {
  if (status === 'removed') throw conflict('The agent is removed and cannot be changed any more.');
}

function domainOf(agent: KnownAgent, domainId: string): DomainOfAgent | undefined {
  // `hasOwn`: an id such as "constructor" must not find what every object inherits.
  return Object.hasOwn(agent.domains, domainId) ? agent.domains[domainId] : undefined;
}
