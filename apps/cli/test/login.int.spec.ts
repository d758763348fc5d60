import { chmodSync, existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { waitFor } from '@mcpstack/testing';
import { containing, CTRL_C, Desk } from './command.ts';
import { FakeGateway, ORG_ID, USER_ID } from './fake-gateway.ts';

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
  gateway.asked.length = 0;
  gateway.overrides.clear();
  gateway.grant = ['approved'];
  gateway.interval = 0.05;
  gateway.grantLife = 600;
});

const logIn = () => desk.run(['auth', 'login']);

describe('mcpstack auth login', () => {
  it('shows the page and the code, polls until it is approved, and keeps the login for its owner alone', async () => {
    gateway.grant = ['authorization-pending', 'authorization-pending', 'approved'];
    const { code, stdout, stderr } = await logIn();
    expect([code, stdout]).toEqual([0, containing(`as ${USER_ID}`)]);
    expect(stderr).toContain('BCDF-GHJK');
    expect(stderr).toContain(`${gateway.url}/auth/device?userCode=BCDF-GHJK`);
    expect(gateway.count('POST', '/api/v1/auth/token')).toBe(3);
    expect(gateway.asked[0]!.body['clientName']).toMatch(/^mcpstack on ./);
    expect(statSync(desk.credentialsPath).mode & 0o777).toBe(0o600);
    expect(statSync(join(desk.credentialsPath, '..')).mode & 0o777).toBe(0o700);
    // The address is remembered with it.
    desk.env = {};
    expect(await desk.run(['whoami', '--json'])).toMatchObject({ code: 0, stderr: '' });
  });

  it('prints what it made with --json, and the id alone with --quiet', async () => {
    const { stdout } = await desk.run(['auth', 'login', '--json', '--profile', 'work']);
    expect(JSON.parse(stdout)).toEqual({
      profile: 'work',
      apiUrl: gateway.url,
      userId: USER_ID,
      sessionId: 'ses_1',
    });
    expect((await desk.run(['auth', 'login', '--quiet'])).stdout).toBe(`${USER_ID}\n`);
  });

  it('slows down when it is told to', async () => {
    gateway.grant = ['slow-down', 'approved'];
    const beganMs = performance.now();
    expect((await logIn()).code).toBe(0);
    expect(performance.now() - beganMs).toBeGreaterThan(5_000);
  });

  it.each([
    ['authorization-denied', 'refused in the browser'],
    ['grant-expired', 'has expired'],
  ])('%s: 3, and nothing is kept', async (answer, text) => {
    gateway.grant = [answer];
    expect(await logIn()).toMatchObject({ code: 3, stdout: '', stderr: containing(text) });
    expect(existsSync(desk.credentialsPath)).toBe(false);
  });

  it('gives up when nobody approves in time', async () => {
    gateway.grant = ['authorization-pending'];
    gateway.grantLife = 0.3;
    expect(await logIn()).toMatchObject({ code: 3, stderr: containing('has expired') });
  });

  it('goes on polling over an outage', async () => {
    let polls = 0;
    gateway.overrides.set('POST /api/v1/auth/token', () => {
      polls += 1;
      return polls < 6 ? { status: 503 } : { status: 200, body: gateway.session() };
    });
    expect((await logIn()).code).toBe(0);
  });

  it('where login is not set up, says so', async () => {
    gateway.overrides.set('POST /api/v1/auth/device', () => ({
      status: 404,
      body: { code: 'not-found', status: 404, detail: 'login is not set up here: OIDC_ISSUER is not set' },
    }));
    expect(await logIn()).toMatchObject({
      code: 5,
      stderr: containing('login is not set up here'),
    });
  });

  it('replaces a login: the session before is ended, and so is its choice of an organization', async () => {
    await logIn();
    const before = desk.stored()!.login!['accessToken'];
    expect((await desk.run(['org', 'use', ORG_ID])).code).toBe(0);
    await logIn();
    expect(gateway.access.has(String(before))).toBe(false);
    // The same person: the choice stays.
    expect(desk.stored()).toMatchObject({ organizationId: ORG_ID });
    gateway.overrides.set('POST /api/v1/auth/token', () => ({
      status: 200,
      body: { ...gateway.session(), userId: `user_${'2'.repeat(22)}` },
    }));
    await logIn();
    expect(desk.stored()!.organizationId).toBeUndefined();
  });

  it('warns when a key in the environment counts more', async () => {
    const { code, stderr } = await desk.run(['auth', 'login'], { env: { MCPSTACK_API_KEY: gateway.key } });
    expect([code, stderr]).toEqual([0, containing('Warning: MCPSTACK_API_KEY is set')]);
  });

  it('opens the page on a terminal with a screen, and never through a shell', async () => {
    const bin = join(desk.home, 'bin');
    mkdirSync(bin);
    const seen = join(desk.home, 'seen');
    writeFileSync(join(bin, 'xdg-open'), `#!/bin/sh\nprintf '%s' "$*" > '${seen}'\n`);
    chmodSync(join(bin, 'xdg-open'), 0o755);
    const env = { PATH: `${bin}:${process.env['PATH']}`, DISPLAY: ':99' };
    gateway.overrides.set('POST /api/v1/auth/device', () => ({
      status: 200,
      body: {
        deviceCode: 'd',
        userCode: 'BCDF-GHJK',
        verificationUri: gateway.url,
        verificationUriComplete: `${gateway.url}/x?a=1;touch ${desk.home}/hacked`,
        expiresIn: 60,
        interval: 0.05,
      },
    }));
    expect((await desk.terminal(['auth', 'login'], { env }).ended).code).toBe(0);
    const url = await waitFor(() => existsSync(seen) && readFileSync(seen, 'utf8'));
    expect(url).toBe(`${gateway.url}/x?a=1;touch%20${desk.home}/hacked`);
    expect(existsSync(join(desk.home, 'hacked'))).toBe(false);
    // Control: no screen, no terminal, or not wanted.
    writeFileSync(join(bin, 'xdg-open'), `#!/bin/sh\ntouch '${seen}-again'\n`);
    await desk.terminal(['auth', 'login'], { env: { PATH: env.PATH } }).ended;
    await desk.run(['auth', 'login'], { env });
    await desk.terminal(['auth', 'login', '--no-browser'], { env }).ended;
    expect(existsSync(`${seen}-again`)).toBe(false);
  });

  it('Ctrl-C while it waits: 130, the line is cleared, nothing is kept', async () => {
    gateway.grant = ['authorization-pending'];
    const terminal = desk.terminal(['auth', 'login']);
    await terminal.sees('Waiting for you to approve');
    terminal.type(CTRL_C);
    const { code, stdout } = await terminal.ended;
    expect([code, stdout]).toEqual([130, containing('<restored>')]);
    expect(existsSync(desk.credentialsPath)).toBe(false);
  });

  it('a signal while it waits, without a terminal: 130 and 143', async () => {
    gateway.grant = ['authorization-pending'];
    for (const [signal, code] of [
      ['SIGINT', 130],
      ['SIGTERM', 143],
    ] as const) {
      gateway.asked.length = 0;
      const child = desk.start(['auth', 'login']);
      const done = new Promise((resolve) => child.once('close', resolve));
      await waitFor(() => gateway.count('POST', '/api/v1/auth/token') > 0);
      child.kill(signal);
      expect(await done).toBe(code);
    }
  });
});

describe('mcpstack auth status and logout', () => {
  it('tell who is logged in, and end it at the server and here', async () => {
    await logIn();
    const status = await desk.run(['auth', 'status', '--json']);
    expect(JSON.parse(status.stdout)).toMatchObject({ kind: 'person', id: USER_ID, sessionId: 'ses_1' });
    const token = String(desk.stored()!.login!['accessToken']);
    expect(await desk.run(['auth', 'logout'])).toMatchObject({ code: 0, stderr: '' });
    expect(gateway.access.has(token)).toBe(false);
    expect(desk.stored()).toEqual({ apiUrl: gateway.url });
    expect(await desk.run(['auth', 'status'])).toMatchObject({
      code: 3,
      stderr: 'Error: You are not logged in.\nRun "mcpstack auth login", or set MCPSTACK_API_KEY.\n',
    });
    expect(await desk.run(['auth', 'logout'])).toMatchObject({ code: 0 });
  });

  it('logout forgets the login here also when the server cannot be asked', async () => {
    await logIn();
    gateway.overrides.set('*', () => ({ status: 500 }));
    const { code, stderr } = await desk.run(['auth', 'logout']);
    expect([code, stderr]).toEqual([0, containing('did not confirm')]);
    expect(desk.stored()).toEqual({ apiUrl: gateway.url });
  });
});
