/** A field that is not known may mean a restriction, and a time that is none may mean an end: wherever it stands. */
import { SHAPES } from './record-shapes.ts';

const TIME = '2026-01-01T00:00:00.000Z';
const ACTOR = { type: 'user', id: 'user_1' };
const CREDENTIAL = { digest: 'a'.repeat(64), pepperVersion: 1 };
const KEY = {
  status: 'active',
  id: 'key_1',
  organizationId: 'org_1',
  name: 'CI',
  expiresAt: TIME,
  noticesGiven: [],
  createdAt: TIME,
  createdBy: ACTOR,
};
const RECORDS = {
  service: {
    ...KEY,
    kind: 'service',
    role: 'developer',
    permissions: ['servers:read'],
    scope: { agents: ['agent_1'] },
    limits: [{ name: 'burst', limit: 5, windowMs: 1_000 }],
    quotas: [{ name: 'day', limit: 5, interval: 'day' }],
    tags: [],
    secrets: [{ version: 1, credential: CREDENTIAL, createdAt: TIME, validUntil: TIME }],
  },
  publishable: {
    ...KEY,
    kind: 'publishable',
    agentId: 'agent_1',
    value: 'mcpstack_pk_x',
    credential: CREDENTIAL,
    origins: [{ origin: 'https://app.example.com', expiresAt: TIME }],
    development: false,
  },
  organization: { id: 'org_1', name: 'Acme', state: 'active', policy: {}, createdAt: TIME },
  agent: {
    status: 'active',
    id: 'agent_1',
    organizationId: 'org_1',
    name: 'Helper',
    domains: {
      dom_1: {
        id: 'dom_1',
        domain: 'example.com',
        state: 'verified',
        challenge: 'x',
        createdAt: TIME,
        graceEndsAt: TIME,
      },
    },
    createdAt: TIME,
    createdBy: ACTOR,
  },
};

function passes(kind: keyof typeof RECORDS, record: unknown): boolean {
  const shape = kind === 'service' || kind === 'publishable' ? SHAPES.key : SHAPES[kind];
  return shape.safeParse(record).success;
}

/** The record with another value at the end of this path. */
function changed(kind: keyof typeof RECORDS, path: readonly string[], value: unknown): unknown {
  const record = structuredClone(RECORDS[kind]) as Record<string, unknown>;
  const inner = path.slice(0, -1).reduce((at, name) => at[name] as Record<string, unknown>, record);
  inner[path.at(-1)!] = value;
  return record;
}

it.each(Object.entries(RECORDS))('control: %s as it must look', (kind, record) =>
  expect(passes(kind as keyof typeof RECORDS, record)).toBe(true),
);

it.each<[keyof typeof RECORDS, string]>([
  ['service', 'more'],
  ['service', 'scope.more'],
  ['service', 'limits.0.more'],
  ['service', 'quotas.0.more'],
  ['service', 'secrets.0.more'],
  ['service', 'secrets.0.credential.more'],
  ['publishable', 'more'],
  ['publishable', 'origins.0.more'],
  ['organization', 'more'],
  ['agent', 'more'],
  ['agent', 'domains.dom_1.more'],
])('%s with an unknown field %s proves nothing', (kind, path) =>
  expect(passes(kind, changed(kind, path.split('.'), true))).toBe(false),
);

it.each<[keyof typeof RECORDS, string, unknown]>([
  ['service', 'expiresAt', 'soon'],
  ['service', 'secrets.0.validUntil', 'soon'],
  ['publishable', 'origins.0.expiresAt', 'soon'],
  ['agent', 'domains.dom_1.graceEndsAt', 'soon'],
  ['service', 'limits.0.limit', 0.5],
  ['service', 'limits.0.limit', -1],
  ['service', 'limits.0.windowMs', 0],
  ['service', 'quotas.0.limit', -1],
  ['service', 'quotas.0.interval', 'century'],
])('%s with %s of %j proves nothing', (kind, path, value) =>
  expect(passes(kind, changed(kind, path.split('.'), value))).toBe(false),
);
