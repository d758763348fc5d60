import { permissionsOf } from '@mcpstack/contracts';
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
  rotatedKey,
  serviceKey,
  STORED,
  UNTRUSTED,
} from '../test/records.ts';
import { evaluate } from './evaluate.ts';
import type { Terms } from './request.ts';

type Request = Terms;
const PAGE = { origin: 'https://app.example.com' };
const decide = (
  value: KeyLookup,
  request: Request = {},
  change: Partial<Reading<KeyLookup>> = {},
  monotonicMs = NOW.monotonicMs,
) => evaluate(request, reading(value, change), { ...NOW, monotonicMs });
const code = (...given: Parameters<typeof decide>) => decide(...given).code;
const unknownState = { state: 'paused' as never };

describe('VALID', () => {
  it('says who, what and how long, and nothing of the credential', () => {
    const key = serviceKey({
      scope: { agents: ['agent_1'] },
      environment: 'production',
      expiresAt: at(60_000),
    });
    expect(decide(found(key), { permission: 'servers:read' })).toEqual({
      valid: true,
      code: 'VALID',
      freshForMs: 249,
      keyId: 'key_1',
      orgId: 'org_1',
      kind: 'service',
      role: 'developer',
      permissions: permissionsOf('developer'),
      scope: { agents: ['agent_1'] },
      environment: 'production',
      expiresAt: at(60_000),
    });
    expect(decide(found(publicKey({ expiresAt: at(60_000) })), PAGE)).toEqual({
      valid: true,
      code: 'VALID',
      freshForMs: 249,
      keyId: 'key_1',
      orgId: 'org_1',
      kind: 'publishable',
      agentId: 'agent_1',
      expiresAt: at(60_000),
    });
  });

  it.each<[string, KeyLookup, Request]>([
    ['the expected kind', found(), { expectKind: 'service' }],
    ['an agent and a server of a key without a scope', found(), { expectAgentId: 'a', expectServerId: 's' }],
    [
      'an agent and a server in the scope',
      found(serviceKey({ scope: { agents: ['a', 'b'], servers: ['s'] } })),
      { expectAgentId: 'b', expectServerId: 's' },
    ],
    [
      'a server, of a key that is limited to agents alone',
      found(serviceKey({ scope: { agents: ['a'] } })),
      { expectServerId: 's' },
    ],
    ['an address in a block', found(serviceKey({ allowedIps: ['10.0.0.0/8'] })), { ip: '10.1.2.3' }],
    ['an older secret that still works', found(rotatedKey(), {}, { digest: OLDER }), {}],
    ['the current secret', found(rotatedKey({ validUntil: at(-1) })), {}],
    ["the publishable key's own agent", found(publicKey()), { ...PAGE, expectAgentId: 'agent_1' }],
    ['an address given where none is asked for', found(publicKey()), { ...PAGE, ip: '10.0.0.1' }],
    ['a publishable key of the expected kind', found(publicKey()), { ...PAGE, expectKind: 'publishable' }],
  ])('%s', (...[, value, request]) => expect(code(value, request)).toBe('VALID'));
});

describe('a refusal', () => {
  it.each<[string, string, KeyLookup, Request?]>([
    ['NOT_FOUND', 'unknown', { status: 'unknown' }],
    ['NOT_FOUND', 'another kind than expected', found(), { expectKind: 'publishable' }],
    ['NOT_FOUND', "another publishable key's agent", found(publicKey()), { ...PAGE, expectAgentId: 'a' }],
    ['NOT_FOUND', 'a server of a publishable key', found(publicKey()), { ...PAGE, expectServerId: 's' }],
    [
      'NOT_FOUND',
      'another kind, and revoked',
      found(serviceKey({ state: 'revoked' })),
      { expectKind: 'publishable' },
    ],
    ['REVOKED', 'revoked', found(serviceKey({ state: 'revoked' }))],
    [
      'REVOKED',
      'goes before all others',
      found(serviceKey({ state: 'revoked', expiresAt: at(-1) }), { state: 'suspended' }, { digest: OLDER }),
      { permission: 'owners:write', origin: 'null' },
    ],
    [
      'REVOKED',
      "a removed agent's key",
      found(publicKey(), {}, { agent: agent({ state: 'removed' }) }),
      PAGE,
    ],
    [
      'EXPIRED',
      'an older secret whose time is over',
      found(rotatedKey({ validUntil: at(0) }), {}, { digest: OLDER }),
    ],
    ['EXPIRED', 'a secret that is gone', found(serviceKey(), {}, { digest: OLDER })],
    [
      'EXPIRED',
      'a version whose secret was retired',
      found({ ...rotatedKey(), secrets: rotatedKey().secrets.slice(1) }, {}, { digest: OLDER }),
    ],
    [
      'EXPIRED',
      'a secret that is over goes before a suspension',
      found({ ...rotatedKey({ validUntil: at(-1) }), state: 'suspended' }, {}, { digest: OLDER }),
    ],
    ['EXPIRED', 'by time, whatever the record says yet', found(serviceKey({ expiresAt: at(0) }))],
    ['EXPIRED', 'by state, whatever the clock says', found(serviceKey({ state: 'expired' }))],
    ['EXPIRED', 'an expiry that is no time', found(serviceKey({ expiresAt: 'soon' }))],
    ['EXPIRED', 'a publishable key by time', found(publicKey({ expiresAt: at(-1) })), PAGE],
    ['SUSPENDED', 'the key', found(serviceKey({ state: 'suspended' }))],
    ['SUSPENDED', 'the organization', found(serviceKey(), { state: 'suspended' })],
    ['SUSPENDED', 'before expired', found(serviceKey({ expiresAt: at(-1) }), { state: 'suspended' })],
    ['ORIGIN_NOT_ALLOWED', 'a publishable key without an origin', found(publicKey())],
    ['ORIGIN_NOT_ALLOWED', 'a publishable key from null', found(publicKey()), { origin: 'null' }],
    [
      'ORIGIN_NOT_ALLOWED',
      'null, even when somebody wrote it into the list',
      found(publicKey({ origins: [{ origin: 'null' }] })),
      { origin: 'null' },
    ],
    ['ORIGIN_NOT_ALLOWED', 'another page', found(publicKey()), { origin: 'https://www.example.com' }],
    ['ORIGIN_NOT_ALLOWED', 'a service key in a page', found(), PAGE],
    ['ORIGIN_NOT_ALLOWED', 'a service key in a sandboxed page', found(), { origin: 'null' }],
    ['IP_NOT_ALLOWED', 'no address', found(serviceKey({ allowedIps: ['10.0.0.0/8'] }))],
    ['IP_NOT_ALLOWED', 'outside', found(serviceKey({ allowedIps: ['10.0.0.0/8'] })), { ip: '11.0.0.1' }],
    ['IP_NOT_ALLOWED', 'an empty list', found(serviceKey({ allowedIps: [] })), { ip: '10.0.0.1' }],
    [
      'FORBIDDEN',
      'an agent outside of the scope',
      found(serviceKey({ scope: { agents: ['a'] } })),
      { expectAgentId: 'b' },
    ],
    [
      'FORBIDDEN',
      'a server outside of the scope',
      found(serviceKey({ scope: { servers: ['s'] } })),
      { expectServerId: 't' },
    ],
    ['FORBIDDEN', 'a permission that the role lacks', found(), { permission: 'api-keys:write' }],
    [
      'FORBIDDEN',
      'a permission that the key was narrowed away from',
      found(serviceKey({ permissions: ['servers:read'] })),
      { permission: 'servers:write' },
    ],
    ['FORBIDDEN', 'a permission of nobody', found(), { permission: 'moon:land' }],
    [
      'FORBIDDEN',
      'any permission of a publishable key',
      found(publicKey()),
      { ...PAGE, permission: 'agents:read' },
    ],
    ['UNAVAILABLE', 'a key in a state of the future', found(serviceKey(unknownState))],
    ['UNAVAILABLE', 'an organization in a state of the future', found(serviceKey(), unknownState)],
    [
      'UNAVAILABLE',
      'an agent in a state of the future',
      found(publicKey(), {}, { agent: agent(unknownState) }),
      PAGE,
    ],
    ['UNAVAILABLE', 'another organization than the key names', found(serviceKey(), { id: 'org_2' })],
    [
      'UNAVAILABLE',
      'another agent than the key names',
      found(publicKey(), {}, { agent: agent({ id: 'x' }) }),
      PAGE,
    ],
    [
      'UNAVAILABLE',
      "another organization's agent",
      found(publicKey(), {}, { agent: agent({ organizationId: 'x' }) }),
      PAGE,
    ],
    [
      'UNAVAILABLE',
      'a publishable key that is not the one shown',
      found(publicKey(), {}, { digest: OLDER }),
      PAGE,
    ],
    ['UNAVAILABLE', 'records that contradict each other', { status: 'unprovable', reason: 'parked' }],
  ])('%s: %s', (...[expected, , value, request]) => {
    const reply = decide(value, request);
    expect(reply).toMatchObject({ valid: false, code: expected, freshForMs: 0 });
    expect(JSON.stringify(reply)).not.toContain(STORED);
    // What is not the caller's to know is not named.
    const names = ['NOT_FOUND', 'UNAVAILABLE'].includes(expected) ? {} : { keyId: 'key_1', orgId: 'org_1' };
    expect({ ...(reply.keyId && { keyId: reply.keyId, orgId: reply.orgId }) }).toEqual(names);
  });

  it('an absent agent is not provable, and says nothing of the key', () => {
    const { agent: _, ...withoutAgent } = found(publicKey());
    expect(code(withoutAgent, PAGE)).toBe('UNAVAILABLE');
  });
});

describe('what a reading proves', () => {
  it('G4: an untrusted one knows only that a key is revoked', () => {
    expect(code(found(), {}, UNTRUSTED)).toBe('UNAVAILABLE');
    expect(code({ status: 'unknown' }, {}, UNTRUSTED)).toBe('UNAVAILABLE');
    expect(code(found(), { expectKind: 'publishable' }, UNTRUSTED)).toBe('UNAVAILABLE');
    expect(code(found(), { permission: 'owners:write' }, UNTRUSTED)).toBe('UNAVAILABLE');
    expect(code(found(serviceKey({ state: 'expired' })), {}, UNTRUSTED)).toBe('UNAVAILABLE');
    expect(code(found(serviceKey({ state: 'revoked' })), {}, UNTRUSTED)).toBe('REVOKED');
  });

  it('G3: it is good for Δ from when it began, and no longer than it is trusted', () => {
    expect(code(found(), {}, {}, 1_249)).toBe('VALID');
    expect(code(found(), {}, {}, 1_250)).toBe('UNAVAILABLE');
    expect(code(found(), {}, { freshUntilMs: 1_100 }, 1_100)).toBe('UNAVAILABLE');
    expect(code({ status: 'unknown' }, {}, {}, 1_250)).toBe('UNAVAILABLE');
  });

  it.each<[string, KeyLookup, Request?]>([
    ['the key expires', found(serviceKey({ expiresAt: at(40) }))],
    ['the older secret ends', found(rotatedKey({ validUntil: at(40) }), {}, { digest: OLDER })],
    ['the temporary origin ends', found(publicKey({ origins: [{ ...PAGE, expiresAt: at(40) }] })), PAGE],
    [
      'the grace of the domain ends',
      found(
        publicKey(),
        {},
        { agent: agent({ domains: [domain({ state: 'stale', graceEndsAt: at(40) })] }) },
      ),
      PAGE,
    ],
  ])('is not to be reused once %s', (...[, value, request]) => {
    expect(decide(value, request)).toMatchObject({ code: 'VALID', freshForMs: 40 });
    const later = { monotonicMs: NOW.monotonicMs, wallMs: NOW.wallMs + 40 };
    expect(evaluate(request ?? {}, reading(value), later).valid).toBe(false);
  });
});
