/** Commands and events of one service key and one publishable key, for the specs of their decisions. */
import {
  type AgentCreated,
  type AgentDomainAdded,
  type AgentDomainVerified,
  agent,
  type AgentEvent,
  type CreateKey,
  type CreatePublicKey,
  type KeyCreated,
  type PublicKeyCreated,
} from '../src/index.ts';
import {
  AGENT_ID,
  AT,
  CREDENTIAL,
  DOMAIN_ID,
  holds,
  KEY_ID,
  ORGANIZATION_ID,
  OWNER,
  SYSTEM,
} from './samples.ts';

export const ids = { organizationId: ORGANIZATION_ID, keyId: KEY_ID };

export const createKey: CreateKey = {
  type: 'CreateKey',
  at: AT,
  actor: OWNER,
  authority: holds('owner'),
  ...ids,
  name: 'automation-bot',
  role: 'developer',
  credential: CREDENTIAL,
  policy: { onMakerLoss: 'list' },
  unknownScopeIds: [],
};

/** The event of a key that was made with these terms more. */
export function keyCreated(more: Partial<KeyCreated['data']> = {}): KeyCreated {
  return {
    type: 'KeyCreated',
    data: {
      ...ids,
      kind: 'service',
      name: 'automation-bot',
      role: 'developer',
      credential: CREDENTIAL,
      ...more,
    },
    at: AT,
    actor: OWNER,
  };
}

const agentCreated: AgentCreated = {
  type: 'AgentCreated',
  data: { agentId: AGENT_ID, organizationId: ORGANIZATION_ID, name: 'shop' },
  at: AT,
  actor: OWNER,
};
const domainAdded: AgentDomainAdded = {
  type: 'AgentDomainAdded',
  data: { domainId: DOMAIN_ID, domain: 'example.com', challenge: 'mcpstack-verify=1' },
  at: AT,
  actor: OWNER,
};
export const domainVerified: AgentDomainVerified = {
  type: 'AgentDomainVerified',
  data: { domainId: DOMAIN_ID, method: 'dns' },
  at: AT,
  actor: SYSTEM,
};

/** An agent whose one domain, example.com, went through these events. */
export function agentAfter(...events: readonly AgentEvent[]) {
  return [agentCreated, domainAdded, ...events].reduce(agent.evolve, agent.initial);
}

export const createPublicKey: CreatePublicKey = {
  type: 'CreatePublicKey',
  at: AT,
  actor: OWNER,
  authority: holds('owner'),
  ...ids,
  name: 'shop page',
  agentId: AGENT_ID,
  value: 'mcpstack_pk_value',
  credential: CREDENTIAL,
  origins: [{ origin: 'https://app.example.com' }],
  development: false,
  agent: agentAfter(domainVerified),
};

export function publicKeyCreated(more: Partial<PublicKeyCreated['data']> = {}): PublicKeyCreated {
  return {
    type: 'PublicKeyCreated',
    data: {
      ...ids,
      agentId: AGENT_ID,
      name: 'shop page',
      value: 'mcpstack_pk_value',
      credential: CREDENTIAL,
      origins: [{ origin: 'https://app.example.com' }],
      development: false,
      ...more,
    },
    at: AT,
    actor: OWNER,
  };
}
