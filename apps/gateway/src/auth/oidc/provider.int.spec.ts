/** A provider that is down, slow, mistaken or changes: people are told what to do, and no restart is needed. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { jest } from '@jest/globals';
import { BUCKETS } from '@mcpstack/contracts';
import { Log } from '@mcpstack/service-kit';
import { waitFor } from '@mcpstack/testing';
import { jetstreamManager } from '@nats-io/jetstream';
import { connect } from '@nats-io/transport-node';
import { CLIENT_ID, IdentityProvider } from '../../../test/identity-provider.ts';
import type { Harness } from '../../../test/harness.ts';
import { expectPage, sessionOf, startLogin, type LoginHarness } from '../../../test/login-harness.ts';
import type { LoginError } from './login-faults.ts';
import { Provider } from './provider.ts';

let login: LoginHarness;
let provider: IdentityProvider;
beforeAll(async () => {
  login = await startLogin();
  ({ provider } = login);
});
afterAll(() => login.stop());
afterEach(() => provider.reset());

type Otherwise = ReturnType<IdentityProvider['answers']>;

const DISCOVERY = '/.well-known/openid-configuration';
const HTML = '<html><title>Maintenance</title></html>';
const LOGIN = { state: 'state', nonce: 'nonce', verifier: 'v'.repeat(43), returnTo: '/' };

/** A gateway that has not found it yet. */
function stranger(): { find: () => Promise<string>; log: () => string } {
  let text = '';
  const log = new Log('gateway', 'info', { write: (line: string) => void (text += line) });
  const settings = {
    issuer: new URL(provider.issuer),
    clientId: CLIENT_ID,
    scopes: 'openid',
    isLocal: false,
  };
  const one = new Provider(settings, login.publicUrl, log);
  const find = (): Promise<string> =>
    one.authorizationUrl(LOGIN).then(
      (url) => url.pathname,
      (error: unknown) => (error as LoginError).code,
    );
  return { find, log: () => text };
}

async function streamsOf({ nats }: Harness): Promise<string[]> {
  const connection = await connect({ servers: nats.url });
  const names: string[] = [];
  for await (const name of (await jetstreamManager(connection)).streams.names()) names.push(name);
  await connection.close();
  return names;
}

const recovers = (find: () => Promise<string>): Promise<unknown> =>
  waitFor(async () => (await find()) === '/authorize', { what: 'the provider' });

describe('a provider that cannot be found', () => {
  it('is down at the start: keys work, the page says what to do, and logins work once it is up', async () => {
    const own = await IdentityProvider.start();
    const other = await startLogin({}, own);
    const { harness } = other;
    await own.down();
    const answer = await other.browser().visit('/auth/login?returnTo=%2Fkeys');
    const me = await harness.call('GET', '/api/v1/me', { token: harness.key('viewer') });
    const live = await harness.call('GET', '/health/live');
    const kept = await streamsOf(harness);
    await own.up();
    await waitFor(async () => (await other.browser().visit('/auth/login')).status === 303, { what: 'it' });
    const { status } = await other.browser().login();
    const keptThen = await streamsOf(harness);
    await other.stop();
    await own.down();
    expectPage(answer, 503, 'The identity provider does not answer');
    expect(answer.headers['retry-after']).toBe('1');
    expect(answer.text).toContain(`href="${other.publicUrl}/auth/login?returnTo=%2Fkeys"`);
    expect([me.status, live.status, status]).toEqual([200, 200, 303]);
    // No login was written, or the store of them would have been made.
    expect(kept).not.toContain(`KV_${BUCKETS.logins}`);
    expect(keptThen).toContain(`KV_${BUCKETS.logins}`);
  });

  it('is asked by one for all that wait, and left alone for a moment after it failed', async () => {
    const { find, log } = stranger();
    provider.answers = () => ({ status: 503, body: HTML });
    provider.asked.splice(0);
    const answers = await Promise.all(Array.from({ length: 10 }, find));
    answers.push(await find());
    expect(new Set(answers)).toEqual(new Set(['provider-down']));
    expect(provider.asked).toEqual([DISCOVERY, DISCOVERY]);
    expect(log().match(/cannot be used/g)).toHaveLength(1);
    provider.reset();
    await recovers(find);
  });

  it.each<[string, Otherwise]>([
    ['HTML', { body: HTML }],
    ['HTML that is called JSON', { body: HTML, type: 'application/json' }],
    ['JSON that is cut off', { body: '{"issuer":', type: 'application/json' }],
    ['503', { status: 503, body: HTML }],
    ['404', { status: 404, body: HTML }],
    ['a redirect', { status: 302, body: '' }],
    ['a connection that is cut', 'cut'],
  ])('answers %s', async (_, otherwise) => {
    const { find } = stranger();
    provider.answers = () => otherwise;
    expect(await find()).toBe('provider-down');
    provider.reset();
    await recovers(find);
  });

  it('is slow: the answer comes within its bound', async () => {
    const { find } = stranger();
    provider.answers = () => 'hang';
    const startMs = performance.now();
    expect(await find()).toBe('provider-down');
    expect(performance.now() - startMs).toBeLessThan(8_000);
    provider.reset();
    await recovers(find);
  }, 20_000);

  it.each<[string, Record<string, unknown>]>([
    ['another issuer', { issuer: 'https://evil.example' }],
    ['no keys', { jwks_uri: undefined }],
    ['keys without https', { jwks_uri: 'http://evil.example/jwks' }],
    ['a token endpoint without https', { token_endpoint: 'http://evil.example/token' }],
    ['a page without https', { authorization_endpoint: 'http://evil.example/authorize' }],
    ['a page that is a script', { authorization_endpoint: 'javascript:alert(1)' }],
  ])('says of itself what cannot be used: %s', async (_, metadata) => {
    const { find } = stranger();
    provider.metadata = metadata;
    expect(await find()).toBe('provider-unusable');
    provider.reset();
    await recovers(find);
  });

  it('once found, it is not missed: its word is good for an hour, and longer while it is away', async () => {
    const { find } = stranger();
    await recovers(find);
    provider.answers = () => ({ status: 503, body: HTML });
    const now = jest.spyOn(Date, 'now');
    try {
      const startMs = Date.now();
      for (const hours of [0, 2, 3]) {
        now.mockReturnValue(startMs + hours * 3_600_000);
        expect(await find()).toBe('/authorize');
      }
    } finally {
      now.mockRestore();
    }
  });
});

/** Of a whole login, without a restart. */
const loginRecovers = (): Promise<unknown> =>
  waitFor(
    async () =>
      (
        await login
          .browser()
          .login('/keys')
          .catch(() => undefined)
      )?.status === 303,
    {
      what: 'a login',
    },
  );

describe('a provider that fails between', () => {
  async function expectDown(at: LoginHarness, path: string, otherwise: Otherwise): Promise<void> {
    const browser = at.browser();
    const callback = await browser.toCallback('/keys');
    provider.answers = (asked) => (asked === path ? otherwise : undefined);
    const answer = await browser.visit(callback);
    expectPage(answer, 503, 'does not answer');
    expect(answer.text).toContain('returnTo=%2Fkeys');
    expect(sessionOf(browser)).toBeUndefined();
    provider.reset();
    expect((await at.browser().login('/keys')).status).toBe(303);
  }

  const OTHERWISE: [string, Otherwise][] = [
    ['answers HTML', { body: HTML }],
    ['answers 502', { status: 502, body: HTML }],
    ['cuts the connection', 'cut'],
    ['is slow', 'hang'],
  ];

  it.each(OTHERWISE)('%s at the token endpoint: 503, and the next login works', async (_, otherwise) => {
    await expectDown(login, '/token', otherwise);
  });

  it.each(OTHERWISE)('%s for its keys: 503, and the next login works', async (_, otherwise) => {
    // One that has no keys yet.
    const other = await startLogin({}, provider);
    await expectDown(other, '/jwks', otherwise).finally(() => other.stop());
  });

  it('answers an id token that is none: 503', async () => {
    provider.sign = () => Promise.resolve('not.a.token');
    expectPage(await login.browser().login('/keys'), 503, 'does not answer');
  });

  it('userinfo that cannot be read costs the name, and not the login', async () => {
    provider.metadata = { userinfo_endpoint: `${provider.issuer}/userinfo` };
    provider.claims = ({ name: _name, email: _email, ...claims }) => claims;
    provider.answers = (path) => (path === '/userinfo' ? { body: HTML } : undefined);
    const other = await startLogin({}, provider);
    const { status } = await other.browser().login('/keys');
    await other.stop();
    expect(status).toBe(303);
    expect(other.harness.log).toContain('the userinfo of the identity provider cannot be read');
  });

  it('sends people back with an error of its own: 503', async () => {
    provider.refusal = { error: 'temporarily_unavailable' };
    expectPage(await login.browser().login('/keys'), 503, 'does not answer');
  });

  it('an answer in the name of another provider is refused (RFC 9207)', async () => {
    const browser = login.browser();
    const callback = await browser.toCallback();
    expectPage(await browser.visit(`${callback}&iss=https%3A%2F%2Fevil.example`), 400, 'does not prove');
    // Control: in its own name it is taken.
    const again = await browser.toCallback();
    const iss = encodeURIComponent(provider.issuer);
    expect((await browser.visit(`${again}&iss=${iss}`)).status).toBe(303);
  });
});

describe('keys that the provider changes', () => {
  it('are found without a restart, and the old one is not good any more', async () => {
    expect((await login.browser().login('/keys')).status).toBe(303);
    const old = provider.key;
    await provider.rotateKey();
    await loginRecovers();
    const current = provider.key;
    provider.key = { ...old, public: current.public };
    expectPage(await login.browser().login('/keys'), 400, 'does not prove');
    provider.key = current;
    await loginRecovers();
  });
});

describe('a client secret', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'mcpstack-client-'));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  it.each([undefined, ['client_secret_post'], ['client_secret_basic']])(
    'is shown as the provider wants it (%p), and read again when it was changed',
    async (methods) => {
      const file = join(folder, 'secret');
      writeFileSync(file, 'first-secret\n');
      provider.metadata = { token_endpoint_auth_methods_supported: methods };
      provider.clientSecret = 'first-secret';
      const other = await startLogin({ env: { OIDC_CLIENT_SECRET_FILE: file } }, provider);
      const statuses = [(await other.browser().login('/keys')).status];
      provider.clientSecret = 'second-secret';
      const refused = await other.browser().login('/keys');
      writeFileSync(file, 'second-secret\n');
      statuses.push((await other.browser().login('/keys')).status);
      await other.stop();
      expectPage(refused, 503, 'do not fit together');
      expect(statuses).toEqual([303, 303]);
      expect(other.harness.log).not.toMatch(/(first|second)-secret/);
    },
  );

  it('that is missing: 503, and the log says what the provider answered', async () => {
    provider.clientSecret = 'somebody-knows-it';
    expectPage(await login.browser().login('/keys'), 503, 'do not fit together');
    expect(login.harness.log).toContain('its token endpoint answered 401 invalid_client');
  });
});
