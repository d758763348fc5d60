import fc from 'fast-check';
import type { KeyLookup, Reading } from '@mcpstack/read-models';
import {
  agent,
  at,
  domain,
  found,
  NOW,
  OLDER,
  publicKey,
  reading,
  serviceKey,
  UNTRUSTED,
} from '../test/records.ts';
import { evaluate } from './evaluate.ts';
import { explained, Explainer } from './explainer.ts';
import type { Terms } from './request.ts';

const mostly = <Value>(usual: Value, ...others: readonly Value[]) =>
  fc.oneof(
    { weight: 4 * others.length, arbitrary: fc.constant(usual) },
    ...others.map((other) => fc.constant(other)),
  );
const state = mostly('active', 'suspended', 'expired', 'revoked', 'paused') as fc.Arbitrary<'active'>;
const end = mostly<string | undefined>(undefined, at(-1), at(60_000));
const expiry = end.map((expiresAt) => (expiresAt === undefined ? {} : { expiresAt }));
const service = fc
  .tuple(state, expiry, fc.constantFrom({}, { allowedIps: ['10.0.0.0/8'] }, { scope: { agents: ['a'] } }))
  .map(([status, expires, more]) => serviceKey({ state: status, ...expires, ...more }));
const publishable = fc
  .tuple(state, expiry)
  .map(([status, expires]) => publicKey({ state: status, ...expires }));
const lookup: fc.Arbitrary<KeyLookup> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc
      .tuple(
        fc.oneof(service, publishable),
        mostly('active', 'suspended', 'odd'),
        mostly(false, true),
        mostly(false, true),
      )
      .map(([key, organization, isOlder, isRemoved]) =>
        found(
          key,
          { state: organization as 'active' },
          {
            ...(isOlder && { digest: OLDER }),
            ...(key.kind === 'publishable' && {
              agent: agent({ state: isRemoved ? 'removed' : 'active', domains: [domain()] }),
            }),
          },
        ),
      ),
  },
  fc.constantFrom<KeyLookup>({ status: 'unknown' }, { status: 'unprovable', reason: 'parked' }),
);
const terms: fc.Arbitrary<Terms> = fc.record(
  {
    permission: fc.constantFrom('servers:read', 'api-keys:write'),
    expectKind: fc.constantFrom('service' as const, 'publishable' as const),
    expectAgentId: fc.constantFrom('a', 'agent_1'),
    origin: fc.constantFrom('null', 'https://app.example.com'),
    ip: fc.constantFrom('10.1.1.1', '11.0.0.1'),
  },
  { requiredKeys: [] },
);

/** Every record and request that the arbitraries make; `order` is that of the steps. */
function agreesAlways(order: <Item>(steps: Item[]) => Item[]): void {
  const codes = new Set<string>();
  fc.assert(
    fc.property(lookup, terms, mostly(true, false), (value, asked, isTrusted) => {
      const answer = reading(value, isTrusted ? {} : UNTRUSTED);
      const failed = order(explained(asked, answer, NOW)).find(({ passed }) => !passed);
      const { code } = evaluate(asked, answer, NOW);
      codes.add(code);
      expect(failed?.code ?? 'VALID').toBe(code);
    }),
    { numRuns: 2_000 },
  );
  for (const code of ['VALID', 'REVOKED', 'SUSPENDED', 'NOT_FOUND', 'UNAVAILABLE'])
    expect(codes).toContain(code);
}

it('an explanation and a check never disagree', () => agreesAlways((steps) => steps));
it('control: in another order they do', () =>
  expect(() => agreesAlways((steps) => steps.reverse())).toThrow());

const LIMITED = serviceKey({ state: 'suspended', limits: [{ name: 'burst', limit: 5, windowMs: 1_000 }] });

function explaining(value: KeyLookup, costs: number[] = []) {
  const answer = (): Promise<Reading<KeyLookup>> =>
    Promise.resolve(reading(value, { freshUntilMs: Infinity, beganAtMs: performance.now() }));
  return new Explainer({
    models: {
      findByDigests: answer,
      findKey: answer,
      waitFor: () => Promise.resolve(true),
      take: (takings) => {
        costs.push(...takings.map(({ cost }) => cost));
        return Promise.resolve([
          { granted: true, states: [{ name: 'burst', limit: 5, remaining: 2, resetMs: 10 }] },
        ]);
      },
    },
    peppers: { candidates: (digest) => [digest] },
    tokenPrefix: 'mcpstack',
  });
}
const ask = (explainer: Explainer, value: object) => explainer.explain(Buffer.from(JSON.stringify(value)));
const BY_ID = { keyId: 'key_1', organizationId: 'org_1' };

it('every step is told, also after one that failed; limits are looked at, never taken from', async () => {
  const costs: number[] = [];
  const reply = await ask(explaining(found(LIMITED), costs), {
    ...BY_ID,
    cost: 3,
    permission: 'api-keys:write',
  });
  expect(reply).toMatchObject({ code: 'SUSPENDED', keyId: 'key_1', orgId: 'org_1', position: '7' });
  expect(reply.checks.map(({ check, code = 'passed' }) => `${check} ${code}`)).toEqual([
    'proof passed',
    'expectation passed',
    'secret passed',
    'state SUSPENDED',
    'origin passed',
    'address passed',
    'permission FORBIDDEN',
    'limits RATE_LIMITED',
  ]);
  expect(costs).toEqual([0]);
  expect(JSON.stringify(reply)).not.toMatch(/[0-9a-f]{64}/);
});

it('an unknown key: only what can be looked at', async () => {
  const reply = await ask(explaining({ status: 'unknown' }), BY_ID);
  expect(reply.code).toBe('NOT_FOUND');
  expect(reply.checks.map(({ check }) => check)).toEqual(['proof', 'expectation']);
});

it.each([
  ['no key', {}],
  ['two', { ...BY_ID, digest: 'a'.repeat(64) }],
  ['an id alone', { keyId: 'key_1' }],
  ['an organization with a digest', { digest: 'a'.repeat(64), organizationId: 'org_1' }],
  ['what only checks take', { ...BY_ID, reused: 1 }],
])('%s is MALFORMED', async (_, value) => {
  expect(await ask(explaining(found()), value)).toMatchObject({ code: 'MALFORMED', checks: [] });
});
