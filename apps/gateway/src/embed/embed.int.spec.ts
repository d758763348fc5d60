import { makeToken, newId } from '@mcpstack/contracts';
import { jest } from '@jest/globals';
import { expectProblem, Harness, type Answer } from '../../test/harness.ts';
import { KeyCheck } from '../auth/key-check.ts';
import { RouteTable } from '../http/route-table.ts';

const PATH = '/api/v1/embed/agent';
const ORIGIN = 'https://app.example.com';
const agentId = newId('agent');
let harness: Harness;
let key: string;
beforeAll(async () => {
  harness = await Harness.start();
  const { organizationId, userId } = harness;
  harness.models.addAgent({
    id: agentId,
    organizationId,
    name: 'Shop assistant',
    state: 'active',
    createdAt: '2026-01-01T00:00:00.000Z',
    createdBy: { type: 'user', id: userId },
    revision: '0',
  });
  key = harness.pageKey(agentId, [ORIGIN]);
  harness.models.origins.add(ORIGIN);
});
afterAll(() => harness.stop());
afterEach(() => {
  harness.authorizer.override = undefined;
  harness.models.condition = 'well';
});

const get = (token: string | undefined, ...headers: string[]): Promise<Answer> =>
  harness.call('GET', PATH, { token, headers });
const preflight = (...headers: string[]): Promise<Answer> =>
  harness.call('OPTIONS', PATH, {
    headers: [
      ...headers,
      'Access-Control-Request-Method',
      'GET',
      'Access-Control-Request-Headers',
      'authorization',
    ],
  });
const corsOf = ({ headers }: Answer): string[] =>
  Object.keys(headers).filter((name) => name.startsWith('access-control-'));

describe('GET /embed/agent', () => {
  it('200: the agent and the key, to exactly the origin that asks, in either header', async () => {
    const answers = [
      await get(key, 'Origin', ORIGIN),
      await get(undefined, 'X-API-Key', key, 'Origin', ORIGIN),
    ];
    for (const answer of answers) {
      expect(answer.status).toBe(200);
      expect(answer.body).toEqual({
        agent: { id: agentId, name: 'Shop assistant' },
        key: { id: expect.stringMatching(/^key_/) as string },
      });
      expect(answer.headers['access-control-allow-origin']).toBe(ORIGIN);
      expect(answer.headers['vary']).toBe('Origin');
      // No credentials of the browser, no further headers to read.
      expect(corsOf(answer)).toEqual(['access-control-allow-origin']);
    }
    expect(harness.authorizer.requests.at(-1)).toEqual({
      digest: expect.stringMatching(/^[0-9a-f]{64}$/) as string,
      origin: ORIGIN,
      expect: { kind: 'publishable' },
    });
    expect(JSON.stringify(harness.authorizer.requests)).not.toContain(key);
  });

  it('200: says when the key ends', async () => {
    const token = makeToken('publishable');
    const expiresAt = '2030-01-01T00:00:00.000Z';
    const orgId = harness.organizationId;
    const known = { keyId: newId('key'), orgId, agentId, origins: [ORIGIN], expiresAt };
    harness.authorizer.addPageKey(token, known);
    expect((await get(token, 'Origin', ORIGIN)).body['key']).toEqual({ id: known.keyId, expiresAt });
  });

  it.each<[string, string[]]>([
    ['no origin', []],
    ['null', ['Origin', 'null']],
    ['an empty one', ['Origin', '']],
    ['two', ['Origin', ORIGIN, 'Origin', ORIGIN]],
    ['another host', ['Origin', 'https://evil.example.com']],
    ['another scheme', ['Origin', 'http://app.example.com']],
    ['another port', ['Origin', `${ORIGIN}:8443`]],
    ['a path', ['Origin', `${ORIGIN}/`]],
    ['upper case', ['Origin', 'https://APP.example.com']],
    ['one of 301 characters', ['Origin', `https://${'a'.repeat(293)}`]],
  ])('403: %s, and no CORS header', async (_, headers) => {
    const answer = await get(key, ...headers);
    expectProblem(answer, 403, 'forbidden');
    expect(corsOf(answer)).toEqual([]);
    expect(answer.headers['vary']).toBe('Origin');
  });

  it('403: an origin that is spelled as no browser spells it is no fault of the key', async () => {
    harness.authorizer.override = { valid: false, code: 'MALFORMED', freshForMs: 0 };
    const answer = await get(key, 'Origin', `${ORIGIN}/`);
    expectProblem(answer, 403, 'forbidden');
    expect(corsOf(answer)).toEqual([]);
  });

  it.each(['NOT_FOUND', 'REVOKED', 'EXPIRED', 'SUSPENDED'] as const)('401: %s', async (code) => {
    harness.authorizer.override = { valid: false, code, freshForMs: 0 };
    const answer = await get(key, 'Origin', ORIGIN);
    expectProblem(answer, 401, 'unauthenticated');
    expect(corsOf(answer)).toEqual([]);
  });

  it('401: no key, a session, an unknown key, a key of another make, one that is mistyped', async () => {
    const others = [
      undefined,
      await harness.login(),
      makeToken('publishable'),
      'acme_live_0123456789',
      `${key.slice(0, -1)}~`,
    ];
    for (const token of others) {
      const answer = await get(token, 'Origin', ORIGIN);
      expectProblem(answer, 401, 'unauthenticated');
      expect(corsOf(answer)).toEqual([]);
    }
  });

  it('429 and 503: as the check says; 503, G4 for one that is not whole, or without trusted read models', async () => {
    for (const [code, status, problem] of [
      ['RATE_LIMITED', 429, 'too-many-requests'],
      ['UNAVAILABLE', 503, 'unavailable'],
    ] as const) {
      harness.authorizer.override = { valid: false, code, freshForMs: 0 };
      expectProblem(await get(key, 'Origin', ORIGIN), status, problem);
    }
    const whole = {
      valid: true,
      code: 'VALID',
      freshForMs: 1,
      kind: 'publishable',
      keyId: newId('key'),
      orgId: harness.organizationId,
      agentId,
    } as const;
    harness.authorizer.override = whole;
    expect((await get(key, 'Origin', ORIGIN)).status).toBe(200);
    for (const change of [
      { kind: 'service' },
      { agentId: undefined },
      { expiresAt: 'soon' },
      { valid: false },
    ]) {
      harness.authorizer.override = { ...whole, ...change } as never;
      const answer = await get(key, 'Origin', ORIGIN);
      expectProblem(answer, 503, 'unavailable');
      expect(corsOf(answer)).toEqual([]);
    }
    harness.authorizer.override = undefined;
    harness.models.condition = 'untrusted';
    expectProblem(await get(key, 'Origin', ORIGIN), 503, 'unavailable');
  });

  it('control: with a check that lets every origin pass, the strange page would be let in', async () => {
    const blind = jest.spyOn(harness.app.get(KeyCheck), 'checkPage').mockResolvedValue({
      keyId: newId('key'),
      organizationId: harness.organizationId,
      agentId,
    });
    const answer = await get(key, 'Origin', 'https://evil.example.com');
    blind.mockRestore();
    expect(answer.headers['access-control-allow-origin']).toBe('https://evil.example.com');
    expect(corsOf(await get(key, 'Origin', 'https://evil.example.com'))).toEqual([]);
  });
});

describe('OPTIONS /embed/agent', () => {
  it('204: tells a known origin what it may send, for ten minutes', async () => {
    const answer = await preflight('Origin', ORIGIN);
    expect(answer.status).toBe(204);
    expect(answer.text).toBe('');
    expect(answer.headers).toMatchObject({
      'access-control-allow-origin': ORIGIN,
      'access-control-allow-methods': 'GET',
      'access-control-allow-headers': 'Authorization, X-API-Key',
      'access-control-max-age': '600',
      vary: 'Origin',
    });
    expect(answer.headers).not.toHaveProperty('access-control-allow-credentials');
  });

  it.each<[string, string[]]>([
    ['an unknown origin', ['Origin', 'https://evil.example.com']],
    ['null', ['Origin', 'null']],
    ['no origin', []],
  ])('204 without a word about %s', async (_, headers) => {
    const answer = await preflight(...headers);
    expect(answer.status).toBe(204);
    expect(corsOf(answer)).toEqual([]);
    expect(answer.headers['vary']).toBe('Origin');
  });

  it('503: what cannot be read permits nothing', async () => {
    harness.models.condition = 'untrusted';
    const answer = await preflight('Origin', ORIGIN);
    expectProblem(answer, 503, 'unavailable');
    expect(corsOf(answer)).toEqual([]);
  });
});

describe('every other route', () => {
  /** Every route that the server has, with something in place of its parameters. */
  function routes(): [string, string][] {
    const table: unknown = harness.app.get(RouteTable);
    const { routes: all } = table as { routes: { method: string; pattern: RegExp }[] };
    return all.map(({ method, pattern }) => {
      const path = pattern.source
        .slice(1, -1)
        .replaceAll('\\', '')
        .replaceAll('[^/]+', harness.organizationId);
      return [method, path];
    });
  }

  it('sends no CORS header, whoever asks and with whatever', async () => {
    const walked: string[] = [];
    for (const [method, path] of routes()) {
      if (path === PATH) continue;
      walked.push(`${method} ${path}`);
      // One for each route: some of them end it.
      const session = (await harness.loginAs('owner')).token;
      for (const verb of [method, 'OPTIONS']) {
        for (const token of [session, key]) {
          const headers = ['Origin', ORIGIN, 'Access-Control-Request-Method', method];
          const answer = await harness.call(verb, path, { token, headers });
          expect([verb, path, corsOf(answer)]).toEqual([verb, path, []]);
        }
      }
    }
    expect(walked.length).toBeGreaterThan(20);
    expect(walked).toContain(`GET ${harness.keysPath}`);
    // Control: the walk sees CORS headers where there are some.
    expect(corsOf(await get(key, 'Origin', ORIGIN))).toHaveLength(1);
  });

  it('401: takes no publishable key', async () => {
    for (const path of ['/api/v1/me', harness.keysPath]) {
      const answer = await harness.call('GET', path, { token: key });
      expectProblem(answer, 401, 'unauthenticated');
      // Said by the spelling alone, so that nobody looks for a revocation that was none.
      expect(answer.problem.detail).toContain('/api/v1/embed/agent');
    }
  });
});
