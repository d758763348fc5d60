/** People log in: the real gateway and the real identity provider, as a browser and a device go through them. */
import { spawnSync } from 'node:child_process';
import { join as joinPath } from 'node:path';
import { approveDevice, Browser, repositoryRoot, signIn, type ShownPage } from '@mcpstack/local-servers';
import { join, newPerson } from './people.ts';
import { OWNER, Product } from './product.ts';

const COOKIE = 'mcpstack_session';
const { email, password } = OWNER;

let product: Product;
let ownerId: string;
/** The gateway by the name that browsers see. */
let publicUrl: string;
beforeAll(async () => {
  product = await Product.start();
  publicUrl = product.stack.gatewayUrl.replace('127.0.0.1', 'localhost');
  ownerId = (await product.http('GET', '/api/v1/me')).body['id'] as string;
}, 600_000);
afterAll(() => product?.stop());

/** Who the browser's session is, as the API says. */
async function whoIs(browser: Browser): Promise<unknown> {
  const response = await browser.request(`${publicUrl}/api/v1/me`, { method: 'GET' });
  return response.status === 200 ? ((await response.json()) as { id: string }).id : response.status;
}

const loginPage = (browser: Browser, returnTo = '/api/v1/me'): Promise<ShownPage> =>
  browser.open(`${publicUrl}/auth/login?returnTo=${encodeURIComponent(returnTo)}`);

describe('a browser', () => {
  it('logs in with e-mail and password, ends up where it wanted to be, and logs out', async () => {
    const browser = new Browser();
    expect(await whoIs(browser)).toBe(401);
    const page = await loginPage(browser);
    expect(new URL(page.url).origin).toBe(
      product.stack.service('identity-provider').url.replace('127.0.0.1', 'localhost'),
    );
    const there = await browser.submit(page, { email, password });
    expect([there.url, there.status]).toEqual([`${publicUrl}/api/v1/me`, 200]);
    expect(JSON.parse(there.text)).toMatchObject({ type: 'user', id: ownerId });
    expect(browser.cookies.get(COOKIE)).toMatch(/^mcpstack_st_/);

    const logout = await browser.request(`${publicUrl}/api/v1/auth/logout`, {
      method: 'POST',
      headers: { 'sec-fetch-site': 'same-origin' },
    });
    expect(logout.status).toBe(204);
    expect(await whoIs(browser)).toBe(401);
  });

  it('gets no session with a wrong password, and the right one on the same page gives one', async () => {
    const browser = new Browser();
    const again = await browser.submit(await loginPage(browser), { email, password: 'wrong' });
    expect(again.text).toContain('The e-mail or the password is wrong.');
    expect(browser.cookies.get(COOKIE)).toBeUndefined();
    await browser.submit(again, { email, password });
    expect(await whoIs(browser)).toBe(ownerId);
  });

  it('goes on with a login page that was open while the provider was killed and started again', async () => {
    const browser = new Browser();
    const page = await loginPage(browser);
    await product.stack.service('identity-provider').restart({ kill: true });
    await browser.submit(page, { email, password });
    expect(await whoIs(browser)).toBe(ownerId);
  });
});

describe('a device', () => {
  it('is let in by a person without a wait, and refreshes its tokens once each', async () => {
    let login = await signIn(publicUrl, OWNER);
    let quickestMs = Infinity;
    for (let times = 0; times < 4; times += 1) {
      const begunMs = performance.now();
      login = await signIn(publicUrl, OWNER);
      quickestMs = Math.min(quickestMs, performance.now() - begunMs);
    }
    expect(quickestMs).toBeLessThan(5_000);
    expect(login).toMatchObject({ userId: ownerId });
    expect((await product.http('GET', '/api/v1/me', { token: login.accessToken })).body['id']).toBe(ownerId);
    const body = { grantType: 'refresh-token', refreshToken: login.refreshToken };
    const renewed = await product.http('POST', '/api/v1/auth/token', { body, token: '' });
    expect(renewed).toMatchObject({ status: 200, body: { sessionId: login.sessionId, userId: ownerId } });
    expect(renewed.body['refreshToken']).not.toBe(login.refreshToken);
  });

  it('is let in from a browser that is logged in already without the password', async () => {
    const browser = new Browser();
    await browser.submit(await loginPage(browser), { email, password });
    const device = await product.http('POST', '/api/v1/auth/device', { body: {}, token: '' });
    await approveDevice(browser, device.body['verificationUriComplete'] as string);
    const { deviceCode } = device.body;
    const body = { grantType: 'device-code', deviceCode };
    const token = await product.http('POST', '/api/v1/auth/token', { body, token: '' });
    expect(token).toMatchObject({ status: 200, body: { userId: ownerId } });
    // It is good once.
    expect((await product.http('POST', '/api/v1/auth/token', { body, token: '' })).status).toBe(400);
  });

  it('of nobody gets nothing: the password is wrong', async () => {
    await expect(signIn(publicUrl, { email, password: 'wrong' })).rejects.toThrow(/answered 403/);
  });
});

it('whoever was made by the setup command logs in, accepts an invitation, and is a member', async () => {
  const person = await newPerson(product, 'guest');
  await join(product, person, 'viewer');
  const { token } = person;
  const path = `/api/v1/organizations/${product.organizationId}`;
  expect((await product.http('GET', path, { token })).status).toBe(200);
  expect((await product.http('POST', `${path}/agents`, { token, body: { name: 'x' } })).status).toBe(403);
});

describe('while the provider is away', () => {
  beforeAll(() => product.stack.service('identity-provider').stop());
  afterAll(() => product.stack.service('identity-provider').restart());

  it('sessions go on, a gateway starts, and a login is answered with a page soon', async () => {
    expect((await product.http('GET', '/api/v1/me')).status).toBe(200);
    // One that has not asked the provider for its addresses yet.
    await product.stack.service('gateway').restart();
    expect((await product.http('GET', '/api/v1/me')).status).toBe(200);
    const begunMs = performance.now();
    const page = await loginPage(new Browser());
    expect(page.status).toBeGreaterThanOrEqual(500);
    expect(page.text).toContain('<h1>');
    expect(performance.now() - begunMs).toBeLessThan(10_000);
    expect((await fetch(`${publicUrl}/health/ready`)).status).toBe(200);
  });
});

describe('in production', () => {
  const start = (app: string, env: NodeJS.ProcessEnv) => {
    const main = joinPath(repositoryRoot(), 'apps', app, 'dist', 'main.js');
    const all = { ...product.stack.env, HOST: '127.0.0.1', PORT: '0', NODE_ENV: 'production', ...env };
    return spawnSync(process.execPath, [main], { env: all, encoding: 'utf8', timeout: 90_000 });
  };

  it('neither the identity provider starts, nor a gateway that trusts it', () => {
    const provider = start('identity-provider', {});
    expect(provider.status).toBe(1);
    expect(provider.stderr).toMatch(
      /identity-provider: .* does not start with NODE_ENV=production: let OIDC_ISSUER/,
    );
    const gateway = start('gateway', {});
    expect(gateway.status).toBe(1);
    expect(gateway.stderr).toMatch(/^gateway: .*OIDC_LOCAL/m);
  });
});
