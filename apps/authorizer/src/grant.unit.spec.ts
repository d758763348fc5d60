import type { VerifyReply } from '@mcpstack/contracts';
import type { Reading } from '@mcpstack/read-models';
import fc from 'fast-check';
import {
  agent,
  at,
  found,
  NOW,
  publicKey,
  reading,
  rotatedKey,
  serviceKey,
  UNTRUSTED,
} from '../test/records.ts';
import { evaluate, type FoundKey, type Now } from './evaluate.ts';
import { Grant } from './grant.ts';
import type { Terms } from './request.ts';

const KEY = serviceKey({ expiresAt: at(50), allowedIps: ['10.0.0.0/8'], scope: { agents: ['agent_1'] } });
const RECORDS: readonly FoundKey[] = [
  found(),
  found(KEY),
  found(rotatedKey({ validUntil: at(50) }), {}, { digest: 'c'.repeat(64) }),
  found(publicKey({ expiresAt: at(100) })),
  found(serviceKey({ state: 'suspended' })),
  found(serviceKey(), { state: 'suspended' }),
  found(publicKey(), {}, { agent: agent({ state: 'removed' }) }),
  found(serviceKey({ limits: [{ name: 'burst', limit: 5, windowMs: 1_000 }] })),
];

/** Mostly nothing, so that much is VALID. */
const one = <Value>(...values: Value[]) => fc.constantFrom(undefined, undefined, undefined, ...values);
/** As they come: nothing that is undefined stands there. */
const terms: fc.Arbitrary<Terms> = fc
  .record({
    permission: one('servers:read', 'nobody:holds'),
    origin: one('https://app.example.com', 'https://other.example.com'),
    ip: one('10.0.0.1', '192.0.2.1'),
    expectKind: one('service' as const, 'publishable' as const),
    expectAgentId: one('agent_1', 'agent_2'),
    expectServerId: one('server_1'),
  })
  .map((all) => Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined)));
const now: fc.Arbitrary<Now> = fc.record({
  monotonicMs: fc.constantFrom(1_001, 1_249, 1_250),
  wallMs: fc.constantFrom(-1_000, 0, 49, 50, 100).map((ms) => NOW.wallMs + ms),
});
const readingOf = (value: FoundKey): fc.Arbitrary<Reading<FoundKey>> =>
  fc.constantFrom(
    reading(value),
    reading(value, { beganAtMs: 1_200, freshUntilMs: 1_450, freshForMs: (ms) => 1_450 - ms }),
    reading(value, UNTRUSTED),
  );
const cases = fc
  .tuple(fc.constantFrom(...RECORDS), fc.constantFrom(...RECORDS), fc.boolean())
  .chain(([mine, other, isSame]) =>
    fc.record({
      asked: terms,
      again: fc.oneof(terms, fc.constant(undefined)),
      grantedOn: fc.constant(reading(mine)),
      answeredOn: readingOf(isSame ? mine : other),
      grantedAt: fc.constant(NOW),
      answeredAt: now,
    }),
  );

it('G3: whatever a grant answers is what the decision comes to, at every time and for every question', () => {
  const seen = { answered: 0, grantWouldBeWrong: 0 };
  fc.assert(
    fc.property(cases, ({ asked, again = asked, grantedOn, answeredOn, grantedAt, answeredAt }) => {
      const grant = Grant.of(asked, grantedOn, grantedAt);
      if (!grant) return;
      const decided = evaluate(again, answeredOn, answeredAt);
      const answer = grant.replyTo(again, answeredOn, answeredAt);
      if (answer === undefined) {
        // The control: an answer that was given here all the same would be another one.
        if (!decided.valid) seen.grantWouldBeWrong += 1;
        return;
      }
      seen.answered += 1;
      expect(JSON.parse(answer)).toEqual(decided);
    }),
    { numRuns: 20_000 },
  );
  expect(seen.answered).toBeGreaterThan(50);
  expect(seen.grantWouldBeWrong).toBeGreaterThan(100);
});

describe('a grant', () => {
  const records = RECORDS[1]!;
  const ask = { ip: '10.0.0.1', permission: 'servers:read', expectAgentId: 'agent_1' };
  const grant = Grant.of(ask, reading(records), NOW)!;
  const answer = (change: Terms = {}, on = reading(records), atMs = 0) =>
    grant.replyTo({ ...ask, ...change }, on, { ...NOW, wallMs: NOW.wallMs + atMs });

  it('answers the same question, with what is left of the reading and of what ends by the clock', () => {
    const reply = (text: string | undefined) => JSON.parse(text!) as VerifyReply;
    expect(reply(answer())).toMatchObject({ valid: true, code: 'VALID', keyId: 'key_1', freshForMs: 50 });
    expect(reply(answer({}, reading(records), 20)).freshForMs).toBe(30);
    expect(reply(answer({}, reading(records, { freshForMs: () => 10 }))).freshForMs).toBe(10);
    expect(answer({ userAgent: 'curl/8', reused: 3, cost: 2 })).toBeDefined();
  });

  it.each<[string, string | undefined]>([
    ['another permission', answer({ permission: 'servers:write' })],
    ['an address', answer({ ip: '10.0.0.2' })],
    ['an origin', answer({ origin: 'https://app.example.com' })],
    ['another agent', answer({ expectAgentId: 'agent_2' })],
    ['a kind', answer({ expectKind: 'service' })],
    ['a server', answer({ expectServerId: 'server_1' })],
    ['records that were read anew', answer({}, reading({ ...records }))],
    ['a reading that is not trusted', answer({}, reading(records, UNTRUSTED))],
    ['a reading that is over', answer({}, reading(records, { freshUntilMs: NOW.monotonicMs }))],
    ['a key that has ended', answer({}, reading(records), 50)],
  ])('says nothing of %s', (_, text) => expect(text).toBeUndefined());

  it('is for any address where the key has no allow list', () => {
    const free = Grant.of({ ip: '192.0.2.1' }, reading(RECORDS[0]!), NOW)!;
    expect(free.replyTo({}, reading(RECORDS[0]!), NOW)).toBeDefined();
  });

  it.each<[string, FoundKey]>([
    ['a refused key', RECORDS[4]!],
    ['a key with limits', RECORDS[7]!],
  ])('is not made for %s', (_, value) => expect(Grant.of({}, reading(value), NOW)).toBeUndefined());
});
