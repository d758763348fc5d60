import fc from 'fast-check';
import { permissionsOf } from '@mcpstack/contracts';
import type { KeyLookup, Reading } from '@mcpstack/read-models';
import { evaluate } from './evaluate.ts';

const DIGEST = 'a'.repeat(64);
const found = (change: object = {}, organization: object = {}): KeyLookup => ({
  status: 'found',
  key: {
    id: 'key_1',
    organizationId: 'org_1',
    kind: 'service',
    name: 'CI',
    role: 'developer',
    permissions: permissionsOf('developer'),
    state: 'active',
    createdAt: '2026-01-01T00:00:00.000Z',
    createdBy: { type: 'user', id: 'user_1' },
    credential: { digest: DIGEST, pepperVersion: 1 },
    ...change,
  },
  organization: {
    id: 'org_1',
    name: 'Acme',
    status: 'active',
    createdAt: '2026-01-01T00:00:00.000Z',
    ...organization,
  },
});
/** A reading that began at 1000 and is good until `freshUntilMs`. */
const reading = (value: KeyLookup, change: Partial<Reading<KeyLookup>> = {}): Reading<KeyLookup> => ({
  value,
  beganAtMs: 1_000,
  position: '7',
  trusted: true,
  freshUntilMs: 1_250,
  freshForMs: (nowMs) => Math.max(0, 1_250 - nowMs),
  ...change,
});
const untrusted = { trusted: false, freshUntilMs: -Infinity, reason: 'the stamps have run out' };
const code = (
  value: KeyLookup,
  request: object = {},
  change: Partial<Reading<KeyLookup>> = {},
  nowMs = 1_001,
) => evaluate({ digest: DIGEST, ...request }, reading(value, change), nowMs).code;

describe('evaluate', () => {
  it('VALID says who, what and how long, and nothing of the credential', () => {
    expect(evaluate({ digest: DIGEST, permission: 'servers:read' }, reading(found()), 1_010)).toEqual({
      valid: true,
      code: 'VALID',
      freshForMs: 240,
      keyId: 'key_1',
      orgId: 'org_1',
      kind: 'service',
      role: 'developer',
      permissions: permissionsOf('developer'),
    });
  });

  it.each<[string, string, KeyLookup, object?]>([
    ['VALID', 'no permission asked', found()],
    ['VALID', 'the expected kind', found(), { expectKind: 'service' }],
    ['NOT_FOUND', 'unknown', { status: 'unknown' }],
    ['NOT_FOUND', 'another kind than expected', found(), { expectKind: 'publishable' }],
    ['NOT_FOUND', 'an agent expected', found(), { expectAgentId: 'agent_1' }],
    [
      'NOT_FOUND',
      'another kind than expected, and revoked',
      found({ state: 'revoked' }),
      { expectKind: 'publishable' },
    ],
    ['REVOKED', 'revoked', found({ state: 'revoked' })],
    [
      'REVOKED',
      'revoked goes before the permission',
      found({ state: 'revoked' }),
      { permission: 'owners:write' },
    ],
    ['FORBIDDEN', 'a permission that the role lacks', found(), { permission: 'api-keys:write' }],
    [
      'FORBIDDEN',
      'a permission that the key was narrowed away from',
      found({ permissions: ['servers:read'] }),
      { permission: 'servers:write' },
    ],
    ['FORBIDDEN', 'a permission of nobody', found(), { permission: 'moon:land' }],
    ['SUSPENDED', 'an organization not in force', found({}, { status: 'suspended' })],
    ['UNAVAILABLE', 'a state of the future', found({ state: 'paused' })],
    ['UNAVAILABLE', 'records that contradict each other', { status: 'unprovable', reason: 'parked' }],
  ])('%s: %s', (...[expected, , value, request]) => expect(code(value, request)).toBe(expected));

  it('G4: an untrusted reading knows only that a key is revoked', () => {
    expect(code(found(), {}, untrusted)).toBe('UNAVAILABLE');
    expect(code({ status: 'unknown' }, {}, untrusted)).toBe('UNAVAILABLE');
    expect(code(found(), { expectKind: 'publishable' }, untrusted)).toBe('UNAVAILABLE');
    expect(code(found(), { permission: 'owners:write' }, untrusted)).toBe('UNAVAILABLE');
    expect(code(found({ state: 'revoked' }), {}, untrusted)).toBe('REVOKED');
  });

  it('G3: a reading is good for Δ from when it began, and no longer than it is trusted', () => {
    expect(code(found(), {}, {}, 1_249)).toBe('VALID');
    expect(code(found(), {}, {}, 1_250)).toBe('UNAVAILABLE');
    expect(code(found(), {}, { freshUntilMs: 1_100 }, 1_100)).toBe('UNAVAILABLE');
    expect(code({ status: 'unknown' }, {}, {}, 1_250)).toBe('UNAVAILABLE');
  });

  it('VALID only when everything says so; only VALID may be reused', () => {
    const lookups = fc.oneof(
      fc.constant<KeyLookup>({ status: 'unknown' }),
      fc.constant<KeyLookup>({ status: 'unprovable', reason: 'x' }),
      fc
        .record({
          state: fc.constantFrom('active', 'revoked', 'other'),
          org: fc.constantFrom('active', 'suspended'),
        })
        .map(({ state, org }) => found({ state }, { status: org })),
    );
    fc.assert(
      fc.property(lookups, fc.boolean(), fc.integer({ min: 1_000, max: 1_400 }), (value, trusted, nowMs) => {
        const reply = evaluate({ digest: DIGEST }, reading(value, trusted ? {} : untrusted), nowMs);
        const permitted =
          value.status === 'found' &&
          (value.key.state as string) === 'active' &&
          (value.organization.status as string) === 'active' &&
          trusted &&
          nowMs < 1_250;
        expect(reply.valid).toBe(permitted);
        expect(reply.code === 'VALID').toBe(permitted);
        expect(reply.freshForMs > 0).toBe(permitted);
      }),
    );
  });
});
