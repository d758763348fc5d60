/** Records as the read models answer them, in force unless a spec changes them. */
import { permissionsOf, type AgentDomain } from '@mcpstack/contracts';
import type { KeyLookup, Reading } from '@mcpstack/read-models';

export type Found = Extract<KeyLookup, { status: 'found' }>;
export type ServiceRecord = Extract<Found['key'], { kind: 'service' }>;
export type PublicRecord = Extract<Found['key'], { kind: 'publishable' }>;

/** When a spec decides, on both clocks. */
export const NOW = { monotonicMs: 1_001, wallMs: Date.parse('2026-06-01T12:00:00.000Z') };
export const DIGEST = 'a'.repeat(64);
export const STORED = 'b'.repeat(64);
export const OLDER = 'c'.repeat(64);

/** An ISO time this far from now. */
export function at(ms: number): string {
  return new Date(NOW.wallMs + ms).toISOString();
}

const COMMON = {
  id: 'key_1',
  organizationId: 'org_1',
  name: 'CI',
  state: 'active',
  createdAt: '2026-01-01T00:00:00.000Z',
  createdBy: { type: 'user', id: 'user_1' },
  revision: '0',
} as const;

export function serviceKey(change: Partial<ServiceRecord> = {}): ServiceRecord {
  return {
    ...COMMON,
    kind: 'service',
    role: 'developer',
    permissions: permissionsOf('developer'),
    tags: [],
    secrets: [{ version: 1, createdAt: COMMON.createdAt }],
    credentials: [{ version: 1, digest: STORED }],
    ...change,
  };
}

/** Rotated once: version 1 is older and still works for a minute, version 2 is current. */
export function rotatedKey(change: Partial<ServiceRecord['secrets'][0]> = {}): ServiceRecord {
  return serviceKey({
    secrets: [
      { version: 1, createdAt: COMMON.createdAt, validUntil: at(60_000), ...change },
      { version: 2, createdAt: at(-60_000) },
    ],
    credentials: [
      { version: 1, digest: OLDER },
      { version: 2, digest: STORED },
    ],
  });
}

export function publicKey(change: Partial<PublicRecord> = {}): PublicRecord {
  return {
    ...COMMON,
    kind: 'publishable',
    agentId: 'agent_1',
    value: 'mcpstack_pk_x',
    origins: [{ origin: 'https://app.example.com' }],
    development: false,
    credentials: [{ version: 1, digest: STORED }],
    ...change,
  };
}

export function domain(change: Partial<AgentDomain> = {}): AgentDomain {
  return {
    id: 'dom_1',
    organizationId: 'org_1',
    agentId: 'agent_1',
    domain: 'example.com',
    state: 'verified',
    challenge: 'mcpstack-verify=x',
    createdAt: COMMON.createdAt,
    ...change,
  };
}

export function agent(change: Partial<NonNullable<Found['agent']>> = {}): NonNullable<Found['agent']> {
  const { id: _, ...common } = COMMON;
  return { ...common, id: 'agent_1', name: 'Helper', domains: [domain()], ...change };
}

export function found(
  key: Found['key'] = serviceKey(),
  organization: Partial<Found['organization']> = {},
  more: Partial<Found> = {},
): Found {
  return {
    status: 'found',
    key,
    digest: STORED,
    organization: {
      id: 'org_1',
      name: 'Acme',
      state: 'active',
      policy: { onMakerLoss: 'list' },
      createdAt: COMMON.createdAt,
      revision: '0',
      ...organization,
    },
    ...(key.kind === 'publishable' && { agent: agent() }),
    ...more,
  };
}

/** A reading that began at 1000 and is good until 1250. */
export function reading<Value>(value: Value, change: Partial<Reading<Value>> = {}): Reading<Value> {
  return {
    value,
    beganAtMs: 1_000,
    position: '7',
    trusted: true,
    freshUntilMs: 1_250,
    freshForMs: (nowMs) => Math.max(0, 1_250 - nowMs),
    ...change,
  };
}

export const UNTRUSTED = {
  trusted: false,
  freshUntilMs: -Infinity,
  reason: 'the stamps have run out',
  freshForMs: () => 0,
} as const;
