/** VALID only if every condition holds; and the first one that does not gives its code. */
import fc from 'fast-check';
import type { VerifyCode } from '@mcpstack/contracts';
import type { KeyLookup } from '@mcpstack/read-models';
import {
  at,
  DIGEST,
  domain,
  found,
  NOW,
  OLDER,
  publicKey,
  reading,
  serviceKey,
  UNTRUSTED,
  type Found,
} from '../test/records.ts';
import { evaluate } from './evaluate.ts';

interface Case {
  request: Record<string, string>;
  lookup: { -readonly [Field in keyof Found]: Found[Field] };
  isUnknown: boolean;
  isUnprovable: boolean;
  isTrusted: boolean;
  monotonicMs: number;
}

/** A case in which everything holds; conditions are broken in place. */
function whole(kind: 'service' | 'publishable'): Case {
  const key =
    kind === 'service'
      ? serviceKey({ scope: { agents: ['a'], servers: ['s'] }, allowedIps: ['10.0.0.0/8', '2001:db8::/32'] })
      : publicKey({
          origins: [{ origin: 'https://other.example.com' }, { origin: 'https://app.example.com' }],
        });
  return {
    request: {
      digest: DIGEST,
      expectKind: kind,
      ...(kind === 'service'
        ? { permission: 'servers:read', ip: '10.9.8.7', expectAgentId: 'a', expectServerId: 's' }
        : { origin: 'https://app.example.com', expectAgentId: 'agent_1' }),
    },
    lookup: found(key),
    isUnknown: false,
    isUnprovable: false,
    isTrusted: true,
    monotonicMs: NOW.monotonicMs,
  };
}
type Conditions = Record<string, [code: VerifyCode, turnOff: (given: Case) => void]>;
const change = (fields: object) => (given: Case) =>
  void (given.lookup.key = { ...given.lookup.key, ...fields });
const organization = (fields: object) => (given: Case) =>
  void (given.lookup.organization = { ...given.lookup.organization, ...fields });
const agentIs = (fields: object) => (given: Case) =>
  void (given.lookup.agent = { ...given.lookup.agent!, ...fields });

// In the order in which they are asked. `proof` are those that the order treats apart.
const PROOF: Conditions = {
  provable: ['UNAVAILABLE', (given) => (given.isUnprovable = true)],
  known: ['NOT_FOUND', (given) => (given.isUnknown = true)],
  trusted: ['UNAVAILABLE', (given) => (given.isTrusted = false)],
  fresh: ['UNAVAILABLE', (given) => (given.monotonicMs = 1_250)],
  'not revoked': ['REVOKED', change({ state: 'revoked' })],
};
const IN_FORCE: Conditions = {
  'the organization is that of the key': ['UNAVAILABLE', organization({ id: 'org_2' })],
  'the organization is not suspended': ['SUSPENDED', organization({ state: 'suspended' })],
  'not expired': ['EXPIRED', change({ expiresAt: at(-1) })],
};
const OTHER_KIND = (kind: string) => (given: Case) => void (given.request['expectKind'] = kind);
const SERVICE: Conditions = {
  'the expected kind': ['NOT_FOUND', OTHER_KIND('publishable')],
  'the secret still works': ['EXPIRED', (given) => (given.lookup.digest = OLDER)],
  ...IN_FORCE,
  'not in a page': ['ORIGIN_NOT_ALLOWED', (given) => (given.request['origin'] = 'https://app.example.com')],
  'an allowed address': ['IP_NOT_ALLOWED', (given) => (given.request['ip'] = '192.0.2.1')],
  'the agent in scope': ['FORBIDDEN', (given) => (given.request['expectAgentId'] = 'b')],
  'the server in scope': ['FORBIDDEN', (given) => (given.request['expectServerId'] = 't')],
  'the permission': ['FORBIDDEN', (given) => (given.request['permission'] = 'owners:write')],
};
const PUBLISHABLE: Conditions = {
  'the expected kind': ['NOT_FOUND', OTHER_KIND('service')],
  'the expected agent': ['NOT_FOUND', (given) => (given.request['expectAgentId'] = 'agent_2')],
  'the value is the one shown': ['UNAVAILABLE', (given) => (given.lookup.digest = OLDER)],
  ...IN_FORCE,
  'the agent is that of the key': ['UNAVAILABLE', agentIs({ organizationId: 'org_2' })],
  'the agent is there': ['REVOKED', agentIs({ state: 'removed' })],
  'an origin': ['ORIGIN_NOT_ALLOWED', (given) => delete given.request['origin']],
  'an origin of the key': ['ORIGIN_NOT_ALLOWED', change({ origins: [{ origin: 'https://x.example.com' }] })],
  'an origin in force': [
    'ORIGIN_NOT_ALLOWED',
    (given) =>
      change({
        origins: (given.lookup.key as ReturnType<typeof publicKey>).origins.map((origin) => ({
          ...origin,
          expiresAt: at(-1),
        })),
      })(given),
  ],
  'a domain in force': ['ORIGIN_NOT_ALLOWED', agentIs({ domains: [domain({ state: 'lapsed' })] })],
  'no permission asked': ['FORBIDDEN', (given) => (given.request['permission'] = 'agents:read')],
};

function decide(kind: 'service' | 'publishable', turnOffs: readonly ((given: Case) => void)[]) {
  const given = whole(kind);
  for (const turnOff of turnOffs) turnOff(given);
  const value: KeyLookup = given.isUnprovable
    ? { status: 'unprovable', reason: 'parked' }
    : given.isUnknown
      ? { status: 'unknown' }
      : given.lookup;
  return evaluate(given.request, reading(value, given.isTrusted ? {} : UNTRUSTED), {
    ...NOW,
    monotonicMs: given.monotonicMs,
  });
}

/** The code that these broken conditions come to, told from their names alone. */
function expected(conditions: Conditions, broken: readonly string[]): VerifyCode {
  const isBroken = (name: string) => broken.includes(name);
  if (isBroken('provable')) return 'UNAVAILABLE';
  const isProven = !isBroken('trusted') && !isBroken('fresh');
  if (['known', 'the expected kind', 'the expected agent'].some(isBroken))
    return isProven ? 'NOT_FOUND' : 'UNAVAILABLE';
  if (isBroken('not revoked')) return 'REVOKED';
  if (!isProven) return 'UNAVAILABLE';
  const first = Object.keys(conditions).find(isBroken);
  return first === undefined ? 'VALID' : conditions[first]![0];
}

describe.each([
  ['service', SERVICE],
  ['publishable', PUBLISHABLE],
] as const)('a %s key', (kind, own) => {
  const all: Conditions = { ...PROOF, ...own };

  it('is VALID while every condition holds: the control of the rows below', () => {
    expect(decide(kind, [])).toMatchObject({ valid: true, code: 'VALID', freshForMs: 249 });
  });

  it.each(Object.entries(all).map(([name, [code, turnOff]]) => ({ name, code, turnOff })))(
    '$code without: $name',
    ({ code, turnOff }) =>
      expect(decide(kind, [turnOff])).toMatchObject({ valid: false, code, freshForMs: 0 }),
  );

  it('gives the code of the first condition that does not hold, for any that do not', () => {
    const names = Object.keys(all);
    fc.assert(
      fc.property(fc.subarray(names), (broken) => {
        const reply = decide(
          kind,
          broken.map((name) => all[name]![1]),
        );
        expect(reply.code).toBe(expected(own, broken));
        expect(reply.valid).toBe(broken.length === 0);
        expect(reply.freshForMs > 0).toBe(broken.length === 0);
      }),
      { numRuns: 2_000 },
    );
  });
});
