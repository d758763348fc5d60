/** What the provider refuses of clients and of pages that are not its own. */
import { request } from 'node:http';
import { Browser } from '@mcpstack/local-servers';
import { EMAIL, Harness, PASSWORD } from './harness.ts';

let harness: Harness;
beforeAll(async () => {
  harness = await Harness.start();
});
afterAll(() => harness.stop());

const refusedAt = async (change: Record<string, string | undefined>): Promise<URLSearchParams> =>
  harness.returned(await new Browser().open(harness.ask(change).url));

describe('PKCE', () => {
  it.each<[string, Record<string, string | undefined>]>([
    ['is missing', { code_challenge: undefined, code_challenge_method: undefined }],
    ['is plain', { code_challenge: 'x'.repeat(43), code_challenge_method: 'plain' }],
    ['has no method, which means plain', { code_challenge_method: undefined }],
  ])('refused where it %s', async (_, change) => {
    const got = await refusedAt(change);
    expect(got.get('error')).toBe('invalid_request');
    expect(got.get('code')).toBeNull();
  });

  it('refused with another verifier, and without one; control: its own is taken', async () => {
    const other = 'y'.repeat(43);
    const first = await harness.logIn();
    expect(await harness.redeem(first.get('code')!, other)).toMatchObject({
      status: 400,
      body: { error: 'invalid_grant' },
    });
    const second = await harness.logIn();
    expect((await harness.redeem(second.get('code')!, '')).status).toBe(400);
    const asked = harness.ask();
    const third = await harness.logIn(new Browser(), asked);
    expect((await harness.redeem(third.get('code')!, asked.verifier)).status).toBe(200);
  });
});

describe('a code', () => {
  it('is good once', async () => {
    const asked = harness.ask();
    const code = (await harness.logIn(new Browser(), asked)).get('code')!;
    const first = await harness.redeem(code, asked.verifier);
    expect(first.status).toBe(200);
    expect(await harness.redeem(code, asked.verifier)).toMatchObject({
      status: 400,
      body: { error: 'invalid_grant' },
    });
    // Whoever had it twice is not told apart: what it gave before ends too (RFC 6749, section 4.1.2).
    const authorization = `Bearer ${String(first.body['access_token'])}`;
    expect((await fetch(`${harness.issuer}/me`, { headers: { authorization } })).status).toBe(401);
  });
});

describe('a redirect URI', () => {
  it.each<[string, (registered: string) => string]>([
    ['of another host', () => 'https://evil.example/auth/callback'],
    ['of another port', (uri) => uri.replace(/:(\d+)\//, (_, port) => `:${Number(port) + 1}/`)],
    ['with more path', (uri) => `${uri}/more`],
    ['with a query', (uri) => `${uri}?x=1`],
    ['with a fragment', (uri) => `${uri}#x`],
    ['by address instead of name', (uri) => uri.replace('localhost', '127.0.0.1')],
    ['with a user', (uri) => uri.replace('http://', 'http://localhost:1@')],
    ['in another case', (uri) => uri.replace('callback', 'CALLBACK')],
  ])('%s is refused on a page, and nothing leads there', async (_, change) => {
    const browser = new Browser();
    const redirectUri = change(harness.redirectUri);
    const page = await browser.open(harness.ask({ redirect_uri: redirectUri }).url);
    expect([page.status, new URL(page.url).origin]).toEqual([400, harness.issuer]);
    expect(page.text).toContain('This did not work');
    expect(page.text).not.toContain('type="password"');
  });
});

describe('what the client is not registered for', () => {
  it.each<[string, Record<string, string>]>([
    ['another client', { client_id: 'other' }],
    ['the implicit flow', { response_type: 'id_token' }],
    ['a token in the address', { response_type: 'code token' }],
  ])('%s', async (_, change) => {
    const page = await new Browser().open(harness.ask(change).url);
    const params = new URL(page.url).searchParams;
    expect(page.status === 400 || params.has('error') || page.url.includes('error=')).toBe(true);
    expect(page.text).not.toContain('type="password"');
  });

  it('neither other grants nor other endpoints are there', async () => {
    const answer = await fetch(`${harness.issuer}/.well-known/openid-configuration`);
    const discovered = (await answer.json()) as Record<string, unknown>;
    expect(discovered).toMatchObject({
      issuer: harness.issuer,
      response_types_supported: ['code'],
      code_challenge_methods_supported: ['S256'],
      id_token_signing_alg_values_supported: ['ES256'],
      token_endpoint_auth_methods_supported: ['none'],
    });
    for (const endpoint of ['registration', 'introspection', 'revocation', 'device_authorization'])
      expect(discovered).not.toHaveProperty(`${endpoint}_endpoint`);
    for (const grant_type of ['password', 'client_credentials', 'refresh_token'])
      expect((await harness.redeem('x', 'y', { grant_type })).status).toBe(400);
  });
});

describe('the form', () => {
  const send = async (headers: Record<string, string>, browser = new Browser()) => {
    const page = await harness.loginPage(browser);
    const body = new URLSearchParams({ email: EMAIL, password: PASSWORD }).toString();
    const type = { 'content-type': 'application/x-www-form-urlencoded' };
    return browser.request(page.url, { method: 'POST', headers: { ...type, ...headers }, body });
  };

  it.each<[string, Record<string, string>]>([
    ['another site', { 'sec-fetch-site': 'cross-site' }],
    ['another port of this machine', { 'sec-fetch-site': 'same-site' }],
    ['another site, whatever it says of its origin', { 'sec-fetch-site': 'cross-site', origin: 'self' }],
    ['another origin, by an old browser', { origin: 'http://localhost:1' }],
    ['nobody knows where', {}],
  ])('403: sent from %s', async (_, headers) => {
    const origin = headers['origin'] === 'self' ? { origin: harness.issuer } : {};
    expect((await send({ ...headers, ...origin })).status).toBe(403);
  });

  it('control: from its own page it logs in', async () => {
    expect((await send({ 'sec-fetch-site': 'same-origin' })).status).toBe(303);
    expect((await send({ origin: harness.issuer })).status).toBe(303);
  });

  it('400: from a browser that did not begin this login, and a second time', async () => {
    const browser = new Browser();
    const page = await harness.loginPage(browser);
    const fields = { email: EMAIL, password: PASSWORD };
    const stranger = await new Browser().submit(page, fields);
    expect(stranger.status).toBe(400);
    expect(stranger.text).toContain('This login has ended');
    harness.returned(await browser.submit(page, fields));
    expect((await browser.submit(page, fields)).status).toBe(400);
  });
});

describe('the name of the host', () => {
  const statusFor = (host: string, path: string): Promise<number> =>
    new Promise((resolve, reject) => {
      const { hostname, port } = new URL(harness.issuer);
      request({ hostname, port, path, headers: { host } }, (answer) => {
        answer.resume();
        resolve(answer.statusCode!);
      })
        .on('error', reject)
        .end();
    });

  it('421: another one than the issuer has, whatever is asked for', async () => {
    for (const path of ['/auth', '/login/x', '/.well-known/openid-configuration', '/'])
      expect(await statusFor('evil.example', path)).toBe(421);
    // Control: its own, and health, which is asked by address.
    const { host } = new URL(harness.issuer);
    expect(await statusFor(host, '/.well-known/openid-configuration')).toBe(200);
    expect(await statusFor('127.0.0.1', '/health/ready')).toBe(200);
  });
});
