import { makeToken, PROBLEMS, type VerifyReply } from '@mcpstack/contracts';
import { requestCheck, type CheckedRequest, type Outcome, type RequireKeyOptions } from './http.ts';
import { TrustedProxies } from './http-address.ts';
import { refusal as refusalOfOurOwn, type Refusal } from './http-refusals.ts';
import type { Question } from './question.ts';
import type { Verifier } from './verifier.ts';

const KEY = makeToken('service');
const VALID = {
  valid: true,
  code: 'VALID',
  freshForMs: 0,
  keyId: 'key_1',
  orgId: 'org_1',
  kind: 'service',
} as const;

interface Ask {
  url?: string;
  headers?: string[];
  remoteAddress?: string;
  options?: RequireKeyOptions;
  reply?: object | Error;
}

function verifierOf(reply: object | Error, asked: Question[] = []): Verifier {
  const verify = (question: Question): Promise<VerifyReply> => {
    asked.push(question);
    return reply instanceof Error ? Promise.reject(reply) : Promise.resolve(reply as VerifyReply);
  };
  return { verify, stats: () => ({}) as never, close: () => Promise.resolve() };
}

/** What comes of a request, and what the verifier was asked. */
async function ask({ url = '/', headers = bearer(KEY), remoteAddress, options, reply = VALID }: Ask = {}) {
  const asked: Question[] = [];
  const request: CheckedRequest = { url, headers, remoteAddress };
  return { outcome: await requestCheck(verifierOf(reply, asked), options)(request), asked };
}

const bearer = (key: string) => ['Authorization', `Bearer ${key}`];

function refusal(outcome: Outcome): Refusal {
  if (outcome.ok) throw new Error('the request was let through');
  const { status, title } = PROBLEMS[outcome.body.code];
  const type = `urn:mcpstack:problem:${outcome.body.code}`;
  expect(outcome).toMatchObject({ status, body: { type, title, status } });
  expect(outcome.headers).toMatchObject({
    'content-type': 'application/problem+json; charset=utf-8',
    'cache-control': 'no-store',
  });
  return outcome;
}

describe('the credential', () => {
  it.each<[string, string[]]>([
    ['a bearer token', bearer(KEY)],
    ['a bearer token, whatever the case', ['authorization', `bEARER  ${KEY} `]],
    ['a key in a header of its own', ['x-Api-KEY', ` ${KEY}`]],
  ])('may be %s', async (_, headers) => {
    const { outcome, asked } = await ask({ headers });
    expect(outcome).toEqual({ ok: true, key: VALID });
    expect(asked).toEqual([{ key: KEY }]);
  });

  it.each<[string, string[]]>([
    ['two headers', [...bearer(KEY), 'X-API-Key', KEY]],
    ['a repeated header', [...bearer(KEY), ...bearer(KEY)]],
    ['a repeated header of its own', ['X-API-Key', KEY, 'x-api-key', makeToken('service')]],
    ['another scheme beside a key', ['Authorization', 'Basic eA==', 'X-API-Key', KEY]],
  ])('is ambiguous in %s', async (_, headers) => {
    const { outcome, asked } = await ask({ headers });
    expect(refusal(outcome)).toMatchObject({ status: 400, body: { code: 'ambiguous-credentials' } });
    expect(asked).toEqual([]);
  });

  it.each<[string, string]>([
    ['under any name', `/?q=${KEY}`],
    ['as a name', `/?${KEY}`],
    ['within a value', `/?next=https%3A%2F%2Fa.example%2F%3Fk%3D${KEY}`],
    ['in percent signs', `/?k=${[...KEY].map((c) => `%${c.charCodeAt(0).toString(16)}`).join('')}`],
    ['of another prefix', `/?k=${makeToken('publishable', 'acme')}`],
    ['with a typing error', `/?k=${KEY.slice(0, -1)}!`],
    ['as api_key', '/?a=1&api_key=whatever'],
    ['as access_token', '/a?Access_Token=whatever'],
    ['of a whole URL', `https://api.example/?q=${KEY}`],
  ])('is refused in the query %s, and never repeated', async (_, url) => {
    for (const headers of [bearer(KEY), []]) {
      const { outcome, asked } = await ask({ url, headers });
      const { status, body } = refusal(outcome);
      expect([status, body.code]).toEqual([400, 'bad-request']);
      expect(body.detail).toContain('never in the URL');
      expect(JSON.stringify(outcome)).not.toMatch(/whatever|_sk_|_pk_/);
      expect(asked).toEqual([]);
    }
  });

  it.each(['/?q=api_key', '/?key=7', '/servers?a=mcpstack_sk_', '/api_key=1', '/?'])(
    'is not seen in %s',
    async (url) => {
      expect((await ask({ url })).outcome.ok).toBe(true);
    },
  );

  it.each<[string, string[]]>([
    ['nothing', []],
    ['another scheme', ['Authorization', 'Basic eA==']],
    ['a scheme alone', ['Authorization', 'Bearer']],
    ['two words', ['Authorization', `Bearer ${KEY} ${KEY}`]],
  ])('is missing in %s, which is no error of the token', async (_, headers) => {
    const { outcome, asked } = await ask({ headers, options: { realm: 'acme' } });
    expect(refusal(outcome)).toMatchObject({
      status: 401,
      headers: { 'www-authenticate': 'Bearer realm="acme"' },
      body: { code: 'unauthenticated' },
    });
    expect(asked).toEqual([]);
  });
});

describe('the question', () => {
  it('has what the route demands and what the client shows', async () => {
    const options: RequireKeyOptions = {
      permission: 'servers:write',
      expect: { kind: 'publishable', agentId: 'agent_1' },
      cost: 3,
      trustedProxies: ['10.0.0.0/8'],
    };
    const shown = ['Origin', 'https://a.example', 'User-Agent', 'curl/8', 'X-Forwarded-For', '198.51.100.1'];
    const more = ['x-forwarded-for', '203.0.113.7'];
    const { asked } = await ask({
      options,
      headers: [...bearer(KEY), ...shown, ...more],
      remoteAddress: '10.0.0.1',
    });
    expect(asked).toEqual([
      {
        key: KEY,
        permission: 'servers:write',
        expect: { kind: 'publishable', agentId: 'agent_1' },
        cost: 3,
        origin: 'https://a.example',
        ip: '203.0.113.7',
        userAgent: 'curl/8',
      },
    ]);
  });

  it('may have proxies that were read before', async () => {
    const options = { trustedProxies: new TrustedProxies(['10.0.0.0/8'], { areClients: false }) };
    const address = async (...shown: string[]) =>
      (await ask({ options, headers: [...bearer(KEY), ...shown], remoteAddress: '10.0.0.1' })).asked[0]!.ip;
    expect(await address('X-Forwarded-For', '203.0.113.7')).toBe('203.0.113.7');
    expect(await address('X-Forwarded-For', ' ')).toBeUndefined();
    expect(await address()).toBeUndefined();
  });

  it('keeps a cost of nothing', async () => {
    expect((await ask({ options: { cost: 0 } })).asked).toEqual([{ key: KEY, cost: 0 }]);
  });

  it('has no more of a user agent than a check takes', async () => {
    const { asked } = await ask({ headers: [...bearer(KEY), 'User-Agent', `a\tb\x9f${'x'.repeat(1_000)}`] });
    expect(asked[0]!.userAgent).toBe(`a b ${'x'.repeat(508)}`);
  });

  it.each<[string, string[]]>([
    ['a path', ['Origin', 'https://a.example/x']],
    ['no URL', ['Origin', 'https://a.example, https://b.example']],
    ['very much', ['Origin', `https://${'a'.repeat(3_000)}.example`]],
    ['two of them', ['Origin', 'https://a.example', 'origin', 'https://a.example']],
  ])('is not asked where the Origin is %s: the key is not to blame', async (_, headers) => {
    const { outcome, asked } = await ask({ headers: [...bearer(KEY), ...headers] });
    expect(refusal(outcome)).toMatchObject({
      status: 403,
      body: { detail: 'The key does not work from this origin.' },
    });
    expect(asked).toEqual([]);
  });
});

describe('the answer', () => {
  const refused = async (code: string, more: object = {}, options: RequireKeyOptions = {}) =>
    refusal(
      (await ask({ options, reply: { valid: false, code, freshForMs: 0, message: 'inner', ...more } }))
        .outcome,
    );

  it.each(['NOT_FOUND', 'REVOKED', 'EXPIRED', 'SUSPENDED', 'MALFORMED'])(
    'tells nobody that a key is %s: every key out of force is the same',
    async (code) => {
      expect(await refused(code, { keyId: 'key_1' })).toEqual(await refused('NOT_FOUND'));
      expect(await refused(code)).toMatchObject({
        status: 401,
        headers: { 'www-authenticate': expect.stringContaining('error="invalid_token"') as string },
        body: { code: 'unauthenticated' },
      });
    },
  );

  it('names the permission that is missing', async () => {
    expect(await refused('FORBIDDEN', {}, { permission: 'servers:write' })).toMatchObject({
      status: 403,
      headers: {
        'www-authenticate': 'Bearer realm="mcpstack", error="insufficient_scope", scope="servers:write"',
      },
      body: { permission: 'servers:write', detail: 'The key lacks the permission servers:write.' },
    });
    const { body } = await refused('FORBIDDEN', {}, { expect: { serverId: 'srv_1' } });
    expect(body).not.toHaveProperty('permission');
  });

  it.each(['ORIGIN_NOT_ALLOWED', 'IP_NOT_ALLOWED'])(
    'is 403 for %s, of which no permission helps',
    async (code) => {
      const { status, body } = await refused(code, {}, { permission: 'servers:write' });
      expect(status).toBe(403);
      expect(body).not.toHaveProperty('permission');
    },
  );

  it.each(['RATE_LIMITED', 'QUOTA_EXCEEDED'])('is 429 for %s, and says when to come back', async (code) => {
    const rateLimits = [
      { name: 'second', limit: 10, remaining: 0, resetMs: 300 },
      { name: 'day', limit: 1_000, remaining: 1, resetMs: 61_500 },
      { name: 'month', limit: 9_000, remaining: 4_000, resetMs: 999_000 },
    ];
    expect(await refused(code, { rateLimits }, { cost: 2 })).toMatchObject({
      status: 429,
      headers: {
        'retry-after': '62',
        'ratelimit-policy': '"day";q=1000',
        ratelimit: '"day";r=1;t=62',
      },
    });
    expect((await refused(code)).headers['retry-after']).toBe('1');
  });

  it.each<[string, object | Error]>([
    ['UNAVAILABLE', { valid: false, code: 'UNAVAILABLE', freshForMs: 0, message: 'inner' }],
    ['a code of a later version', { valid: false, code: 'PAUSED', freshForMs: 0 }],
    ['a later code that claims to be valid', { ...VALID, code: 'PAUSED' }],
    ['VALID that is not valid', { ...VALID, valid: false }],
    ['VALID for nobody', { valid: true, code: 'VALID', freshForMs: 0 }],
    ['VALID for an organization without a name', { ...VALID, orgId: '' }],
    ['a verifier that fails', new Error('inner')],
  ])('is 503 for %s, and tells no more', async (_, reply) => {
    const answer = refusal((await ask({ reply })).outcome);
    expect(answer).toMatchObject({
      status: 503,
      headers: { 'retry-after': '1' },
      body: { code: 'unavailable' },
    });
    expect(JSON.stringify(answer)).not.toContain('inner');
  });
});

it('a refusal of the service itself has the form of all others', () => {
  const own = refusalOfOurOwn('forbidden', 'The key is not for production.', { permission: 'servers:write' });
  expect(refusal(own)).toMatchObject({
    status: 403,
    body: { detail: 'The key is not for production.', permission: 'servers:write' },
  });
  expect(refusalOfOurOwn('unavailable', 'Later.', { headers: { 'retry-after': '9' } }).headers).toEqual({
    'content-type': 'application/problem+json; charset=utf-8',
    'cache-control': 'no-store',
    'retry-after': '9',
  });
});

describe('options', () => {
  it.each<[object, string]>([
    [{ permission: 'servers:wirte' }, 'permission must be one of organization:read'],
    [{ permision: 'servers:write' }, 'permision is no option: there are permission,'],
    [{ cost: -1 }, 'cost must be a whole number'],
    [{ cost: 1.5 }, 'cost must be a whole number'],
    [{ expect: { kind: 'secret' } }, 'expect must be'],
    [{ expect: { agentId: 'a b' } }, 'expect must be'],
    [{ expect: { keyId: 'key_1' } }, 'expect must be'],
    [{ trustedProxies: '10.0.0.0/8' }, "trustedProxies must be a list, such as ['10.0.0.0/8']"],
    [{ trustedProxies: ['10.0.0.0/99'] }, 'trustedProxies has "10.0.0.0/99"'],
    [{ realm: 'a"b' }, 'realm must be'],
  ])('are refused at once: %j', (options, message) => {
    expect(() => requestCheck(verifierOf(VALID), options as RequireKeyOptions)).toThrow(message);
  });

  it.each([undefined, {}, Promise.resolve({})])('are of no use without a verifier: %p', (verifier) => {
    expect(() => requestCheck(verifier as never)).toThrow('write `await createVerifier(…)`');
  });
});
