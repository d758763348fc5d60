import { makeToken, VERIFY_CODES } from '@mcpstack/contracts';
import { jetstream } from '@nats-io/jetstream';
import { Kvm } from '@nats-io/kv';
import { connect } from '@nats-io/transport-node';
import { expectProblem, Harness, type Answer } from '../../test/harness.ts';
import { makeSessionToken, newSessionName, parseSessionToken } from './session-tokens.ts';
import { Sessions } from './sessions.ts';

let harness: Harness;
beforeAll(async () => {
  harness = await Harness.start();
});
afterAll(() => harness.stop());

const ME = '/api/v1/me';
const me = (token: string): Promise<Answer> => harness.call('GET', ME, { token });

describe('a session', () => {
  it('is stored under its name, with the digest of its token alone', async () => {
    const token = await harness.login();
    const { userId, sessionId, digest } = parseSessionToken(token, 'mcpstack')!;
    const connection = await connect({ servers: harness.nats.url });
    const bucket = await new Kvm(jetstream(connection)).open('mcpstack_login_sessions');
    expect((await bucket.status()).ttl).toBe(30 * 24 * 3_600_000);
    const entry = await bucket.get(`${userId}.${sessionId}`);
    expect(entry!.json()).toMatchObject({ kind: 'browser', access: [{ digest }] });
    expect(entry!.string()).not.toContain(token.split('_').at(-1));
    await connection.close();
  });

  it('204: ends with logout, and 401 from then on', async () => {
    const token = await harness.login();
    const other = await harness.login();
    expect((await me(token)).status).toBe(200);
    expect((await harness.call('POST', '/api/v1/auth/logout', { token })).status).toBe(204);
    const answer = await me(token);
    expectProblem(answer, 401, 'unauthenticated');
    expect(answer.headers['www-authenticate']).toContain('error="invalid_token"');
    expect((await me(other)).status).toBe(200);
  });

  it('ends after 12 hours by our own clock', async () => {
    const connection = await connect({ servers: harness.nats.url });
    let nowMs = Date.now();
    const sessions = new Sessions(connection, { tokenPrefix: 'mcpstack', nowMs: () => nowMs });
    const { userId } = harness;
    const { token } = await sessions.begin({ userId, kind: 'browser', label: 'A browser' });
    const credential = parseSessionToken(token, 'mcpstack')!;
    nowMs += 12 * 3_600_000 - 1;
    expect(await sessions.find(credential)).toMatchObject({ userId, kind: 'browser' });
    nowMs += 1;
    expect(await sessions.find(credential)).toBeUndefined();
    await connection.close();
  });

  it('401: one that never was', async () => {
    expectProblem(
      await me(makeSessionToken('mcpstack', newSessionName(harness.userId))),
      401,
      'unauthenticated',
    );
  });

  it('403: logout is not for keys', async () => {
    const token = harness.key('owner');
    expectProblem(await harness.call('POST', '/api/v1/auth/logout', { token }), 403, 'forbidden');
  });
});

describe('a service key', () => {
  const answered = async (override: object | 'silent'): Promise<Answer> => {
    harness.authorizer.override = override;
    const answer = await harness.call('GET', harness.keysPath, { token: makeToken('service') });
    harness.authorizer.override = undefined;
    return answer;
  };

  it('200: GET /me says what it is; only its digest was asked about', async () => {
    const token = harness.key('developer');
    const { status, body } = await harness.call('GET', ME, { headers: ['X-API-Key', token] });
    expect(status).toBe(200);
    expect(body).toMatchObject({
      type: 'key',
      organizationId: harness.organizationId,
      role: 'developer',
    });
    expect(JSON.stringify(harness.authorizer.requests)).not.toContain(token);
    // Without the address a key with an allow list would be refused everywhere.
    expect(harness.authorizer.requests.at(-1)).toMatchObject({ ip: '127.0.0.1' });
  });

  it.each([
    ['NOT_FOUND', 401, 'unauthenticated'],
    ['REVOKED', 401, 'unauthenticated'],
    ['EXPIRED', 401, 'unauthenticated'],
    ['SUSPENDED', 401, 'unauthenticated'],
    ['MALFORMED', 401, 'unauthenticated'],
    ['FORBIDDEN', 403, 'forbidden'],
    ['ORIGIN_NOT_ALLOWED', 403, 'forbidden'],
    ['IP_NOT_ALLOWED', 403, 'forbidden'],
    ['RATE_LIMITED', 429, 'too-many-requests'],
    ['QUOTA_EXCEEDED', 429, 'too-many-requests'],
    ['UNAVAILABLE', 503, 'unavailable'],
    ['A_CODE_OF_TOMORROW', 503, 'unavailable'],
  ])('%s is %i %s', async (code, status, problem) => {
    const answer = await answered({ valid: false, code, freshForMs: 0 });
    expectProblem(answer, status, problem);
    if (status === 401) expect(answer.headers['www-authenticate']).toContain('error="invalid_token"');
    if (code === 'FORBIDDEN') expect(answer.problem.permission).toBe('api-keys:read');
  });

  it('every code of the contract is covered', () => {
    expect(VERIFY_CODES).toHaveLength(12);
  });

  it.each<[string, object]>([
    ['valid: false', { valid: false }],
    ['no organization', { orgId: undefined }],
    ['another kind', { kind: 'publishable' }],
    ['an unknown role', { role: 'root' }],
    ['permissions that are no list of words', { permissions: ['api-keys:read', { not: 'a word' }] }],
    ['no permissions', { permissions: undefined }],
    ['a scope that is a text', { scope: 'agent_1' }],
    ['a scope with another kind of id', { scope: { agents: ['srv_1'] } }],
    ['a scope of something new', { scope: { tools: ['tool_1'] } }],
    ['an end that is no time', { expiresAt: 'soon' }],
  ])('503, G4: a VALID that is not whole permits nothing: %s', async (_, change) => {
    const whole = {
      valid: true,
      code: 'VALID',
      freshForMs: 1,
      keyId: 'key_1',
      orgId: harness.organizationId,
      kind: 'service',
      role: 'owner',
      permissions: ['api-keys:read'],
    };
    expect((await answered(whole)).status).toBe(200);
    expectProblem(await answered({ ...whole, ...change }), 503, 'unavailable');
  });

  it('a permission that only a newer authorizer knows grants nothing, and takes nothing away', async () => {
    harness.authorizer.override = {
      ...{ valid: true, code: 'VALID', freshForMs: 1, keyId: 'key_1', orgId: harness.organizationId },
      ...{ kind: 'service', role: 'owner', permissions: ['api-keys:read', 'tomorrow:fly', '*'] },
    } as object;
    const answer = await harness.call('GET', ME, { token: makeToken('service') });
    harness.authorizer.override = undefined;
    expect([answer.status, answer.body]).toMatchObject([200, { permissions: ['api-keys:read'] }]);
  });

  it('503, G4: an authorizer that is silent, within its deadline', async () => {
    const startMs = performance.now();
    expectProblem(await answered('silent'), 503, 'unavailable');
    expect(performance.now() - startMs).toBeLessThan(5_000);
  });

  it('401 without asking anybody: a checksum that does not fit', async () => {
    const before = harness.authorizer.requests.length;
    const token = harness.key('owner');
    const wrong = token.slice(0, -1) + (token.endsWith('0') ? '1' : '0');
    expectProblem(await me(wrong), 401, 'unauthenticated');
    expect(harness.authorizer.requests).toHaveLength(before);
  });
});

describe('two credentials', () => {
  it('400: both headers, or one twice', async () => {
    const token = harness.key('owner');
    for (const headers of [
      ['Authorization', `Bearer ${token}`, 'X-API-Key', token],
      ['X-API-Key', token, 'X-API-Key', token],
      ['Authorization', `Bearer ${token}`, 'Authorization', `Bearer ${token}`],
    ])
      expectProblem(await harness.call('GET', ME, { headers }), 400, 'ambiguous-credentials');
  });

  it('400: a credential in the URL, wherever and however it is written, on any route', async () => {
    const token = harness.key('owner');
    const session = await harness.login();
    for (const path of [
      `${ME}?api_key=${token}`,
      `${ME}?api_key=${session}`,
      `/api/v1/organizations/${token}`,
      `/nowhere/${token}`,
      `${ME}?x=${encodeURIComponent(token).replace('_', '%5F')}`,
      `${ME}?x=${token.replace('m', '%256d')}`,
    ])
      expectProblem(await harness.call('GET', path, { token }), 400, 'bad-request');
    expect((await harness.call('GET', ME, { token })).status).toBe(200);
  });
});
