import { existsSync } from 'node:fs';
import { containing, Desk } from './command.ts';
import { FakeGateway, problem } from './fake-gateway.ts';

let desk: Desk;
let gateway: FakeGateway;
beforeAll(async () => {
  desk = new Desk();
  gateway = await FakeGateway.start();
});
afterAll(async () => {
  desk.remove();
  await gateway.stop();
});
beforeEach(() => {
  desk.reset();
  desk.env = { MCPSTACK_API_URL: gateway.url };
  gateway.overrides.clear();
  gateway.asked.length = 0;
});

const TOKEN = 'POST /api/v1/auth/token';
const HTML = '<html>A portal</html>';
const whole = () => gateway.session();

/** What a portal, a proxy or another service answers. */
const ANSWERS: readonly (readonly [name: string, status: number, body: () => unknown])[] = [
  ['HTML', 200, () => HTML],
  ['HTML with 401', 401, () => HTML],
  ['another JSON', 200, () => ({})],
  ['a list', 200, () => []],
  ['a login without its session', 200, () => ({ ...whole(), sessionId: '' })],
  ['a token that is none', 200, () => ({ ...whole(), accessToken: 7 })],
  ['a life that is none', 200, () => ({ ...whole(), expiresIn: '900' })],
  ['a life that is over', 200, () => ({ ...whole(), expiresIn: 0 })],
];
const told = { code: 7, stderr: containing('answers, but not as the API does') };

describe('where something else than the API answers', () => {
  it.each(ANSWERS)('a login with %s: 7, and nothing is kept', async (_name, status, body) => {
    gateway.overrides.set(TOKEN, () => ({ status, body: body() }));
    expect(await desk.run(['auth', 'login'])).toMatchObject(told);
    expect(existsSync(desk.credentialsPath)).toBe(false);
  });

  it('a login that gets no code: 7, and no "undefined" is shown', async () => {
    for (const body of [HTML, {}]) {
      gateway.overrides.set('POST /api/v1/auth/device', () => ({ status: 200, body }));
      const { code, stderr } = await desk.run(['auth', 'login']);
      expect([code, stderr]).toEqual([7, containing('answers, but not as the API does')]);
      expect(stderr).not.toContain('undefined');
    }
  });

  it.each(ANSWERS)('a renewal with %s: 7, and the login stays as it is', async (_name, status, body) => {
    expect((await desk.run(['auth', 'login'])).code).toBe(0);
    const before = desk.stored();
    gateway.access.clear();
    gateway.overrides.set(TOKEN, () => ({ status, body: body() }));
    expect(await desk.run(['whoami'])).toMatchObject(told);
    expect(desk.stored()).toEqual(before);
    // Control: the API itself is back, and the login is still good.
    gateway.overrides.clear();
    expect((await desk.run(['whoami'])).code).toBe(0);
  });

  it('a 401 of a proxy renews nothing; control: one of the API does', async () => {
    expect((await desk.run(['auth', 'login'])).code).toBe(0);
    gateway.overrides.set('GET /api/v1/me', () => ({ status: 401, body: HTML }));
    expect(await desk.run(['whoami'])).toMatchObject(told);
    expect(gateway.refreshes).toBe(0);
    gateway.overrides.set('GET /api/v1/me', () => problem('unauthenticated', 'No.'));
    expect((await desk.run(['whoami'])).code).toBe(3);
    expect(gateway.refreshes).toBe(1);
  });

  it('a logout: 7, and the login stays, to be ended again', async () => {
    expect((await desk.run(['auth', 'login'])).code).toBe(0);
    gateway.overrides.set('POST /api/v1/auth/logout', () => ({ status: 200, body: HTML }));
    expect(await desk.run(['auth', 'logout'])).toMatchObject(told);
    gateway.overrides.clear();
    expect(await desk.run(['auth', 'logout'])).toMatchObject({ code: 0, stderr: '' });
  });

  it.each([[{}], [[]], [{ data: {} }]])('a list that is %j: 7', async (body) => {
    desk.env['MCPSTACK_API_KEY'] = gateway.key;
    gateway.overrides.set('*', () => ({ status: 200, body }));
    expect(await desk.run(['org', 'list'])).toMatchObject(told);
    expect(await desk.run(['servers', 'list', '--org', `org_${'1'.repeat(22)}`])).toMatchObject(told);
  });
});
