import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { waitFor } from '@mcpstack/testing';
import { containing, Desk, type RunOptions } from './command.ts';
import { FakeGateway, problem } from './fake-gateway.ts';

const PROCESSES = 50;

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
beforeEach(async () => {
  desk.reset();
  desk.env = { MCPSTACK_API_URL: gateway.url };
  gateway.overrides.clear();
  gateway.access.clear();
  gateway.refresh.clear();
  expect((await desk.run(['auth', 'login'])).code).toBe(0);
  gateway.asked.length = 0;
});

/** The access token has run out, here and at the server. */
function expire(): void {
  gateway.access.clear();
  change({ obtainedAtMs: Date.now() - 3_600_000 });
}

function change(fields: object): void {
  const profile = desk.stored()!;
  const login = { ...profile.login, ...fields };
  desk.writeCredentials({ version: 1, profiles: { default: { ...profile, login } } });
}

/** Whether the system still holds a signal that the process has not been given (Linux). */
const hasPendingSignal = (pid: number): boolean =>
  !/^ShdPnd:\s0+$/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));

const whoami = (options?: RunOptions) => desk.run(['whoami', '--quiet'], options);
const lockFiles = () =>
  readdirSync(dirname(desk.credentialsPath))
    .filter((name) => name.startsWith('credentials.lock'))
    .map((name) => join(dirname(desk.credentialsPath), name));

describe('an access token that has run out', () => {
  it('is renewed before it is sent, and the new pair is kept', async () => {
    const before = desk.stored()!.login!;
    expire();
    expect((await whoami()).code).toBe(0);
    expect(gateway.refreshes).toBe(1);
    expect(gateway.asked[0]!.body).toEqual({
      grantType: 'refresh-token',
      refreshToken: before['refreshToken'],
    });
    expect(
      gateway.asked.every(({ authorization }) => !authorization?.includes(String(before['accessToken']))),
    ).toBe(true);
    expect((await whoami()).code).toBe(0);
    expect(gateway.refreshes).toBe(1);
  });

  it(`${PROCESSES} commands at once renew it once, and none is lost`, async () => {
    expire();
    // As slow as a distant server: all of them wait for one.
    gateway.overrides.set('POST /api/v1/auth/token', async ({ body }) => {
      await new Promise((resolve) => setTimeout(resolve, 300));
      return gateway.refresh.delete(String(body['refreshToken']))
        ? { status: 200, body: gateway.session() }
        : problem('unauthenticated', 'Used already.');
    });
    const all = await Promise.all(Array.from({ length: PROCESSES }, () => whoami()));
    expect(all.filter(({ code }) => code !== 0)).toEqual([]);
    expect(gateway.refreshes).toBe(1);
    // One file of the lock is left, and it is free.
    expect(lockFiles().map((path) => readFileSync(path, 'utf8'))).toEqual(['free']);
  }, 240_000);

  it(`${PROCESSES} commands at once renew it once also when the one that holds the lock is killed`, async () => {
    expire();
    let asked = 0;
    gateway.overrides.set('POST /api/v1/auth/token', ({ body }) => {
      asked += 1;
      // The first one never hears an answer.
      if (asked === 1) return new Promise(() => undefined);
      return gateway.refresh.delete(String(body['refreshToken']))
        ? { status: 200, body: gateway.session() }
        : problem('unauthenticated', 'Used already.');
    });
    const holder = desk.start(['whoami']);
    await waitFor(() => asked === 1);
    const all = Array.from({ length: PROCESSES }, () => whoami());
    await waitFor(() => lockFiles().length > 0);
    holder.kill('SIGKILL');
    expect((await Promise.all(all)).filter(({ code }) => code !== 0)).toEqual([]);
    expect(asked).toBe(2);
  }, 240_000);

  it('control: with the lock taken out of the program they renew it more than once', async () => {
    const whole = readFileSync(desk.program, 'utf8');
    const open = whole.replace(/(async function withLock\(.*?\)\{)/s, '$1return act();');
    expect(open).not.toBe(whole);
    expire();
    gateway.overrides.set('POST /api/v1/auth/token', async () => {
      await waitFor(() => gateway.refreshes > 1);
      return { status: 200, body: gateway.session() };
    });
    writeFileSync(desk.program, open);
    try {
      await Promise.all([whoami(), whoami()]);
    } finally {
      writeFileSync(desk.program, whole);
    }
    expect(gateway.refreshes).toBe(2);
  });

  it('Ctrl-C while it is renewed: the new pair is kept before the command ends', async () => {
    expire();
    let answer: (() => void) | undefined;
    gateway.overrides.set('POST /api/v1/auth/token', async ({ body }) => {
      await new Promise<void>((resolve) => (answer = resolve));
      gateway.refresh.delete(String(body['refreshToken']));
      return { status: 200, body: gateway.session() };
    });
    const child = desk.start(['whoami']);
    const done = new Promise((resolve) => child.once('close', resolve));
    await waitFor(() => answer);
    child.kill('SIGINT');
    await waitFor(() => !hasPendingSignal(child.pid!), { what: 'the signal to reach the command' });
    await new Promise((resolve) => setTimeout(resolve, 500));
    answer!();
    expect(await done).toBe(130);
    expect(gateway.refresh.has(String(desk.stored()!.login!['refreshToken']))).toBe(true);
    gateway.overrides.clear();
    expect((await whoami()).code).toBe(0);
  });
});

describe('an access token that the server refuses', () => {
  it('is renewed once, and the call is made again', async () => {
    gateway.access.clear();
    expect((await whoami()).code).toBe(0);
    expect(gateway.refreshes).toBe(1);
  });

  it('a refresh token that is refused ends the login: 3, and it is not tried again', async () => {
    gateway.access.clear();
    gateway.refresh.clear();
    const ended = { code: 3, stderr: containing('Your login has ended.') };
    expect(await whoami()).toMatchObject(ended);
    expect(gateway.refreshes).toBe(1);
    expect(desk.stored()).toEqual({ apiUrl: gateway.url });
    expect((await whoami()).code).toBe(3);
    expect(gateway.refreshes).toBe(1);
  });

  it('a server that refuses every token is asked twice, not for ever', async () => {
    gateway.overrides.set('GET /api/v1/me', () => problem('unauthenticated', 'No.'));
    expect(await whoami()).toMatchObject({
      code: 3,
      stderr: containing('Your login has ended.'),
    });
    expect([gateway.count('GET', '/api/v1/me'), gateway.refreshes]).toEqual([2, 1]);
  });

  it('control: an outage ends no login', async () => {
    expire();
    gateway.overrides.set('POST /api/v1/auth/token', () => problem('unavailable', 'Later.'));
    expect((await whoami()).code).toBe(7);
    expect(desk.stored()!.login).toBeDefined();
    gateway.overrides.clear();
    expect((await whoami()).code).toBe(0);
  });
});

describe('a clock that is off', () => {
  /** Node with a clock that is wrong by so many milliseconds. */
  const off = (ms: number): RunOptions => ({
    env: {
      NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(`const now=Date.now;Date.now=()=>now()+(${ms})`)}`,
    },
  });
  const HOUR_MS = 3_600_000;

  it.each([HOUR_MS, -HOUR_MS])('by %d ms since always: nothing is different', async (ms) => {
    expect((await desk.run(['auth', 'login'], off(ms))).code).toBe(0);
    gateway.asked.length = 0;
    expect((await whoami(off(ms))).code).toBe(0);
    expect(gateway.refreshes).toBe(0);
  });

  it.each([HOUR_MS, -HOUR_MS])(
    'by %d ms since the login: renewed once too often, and it works',
    async (ms) => {
      expect((await whoami(off(ms))).code).toBe(0);
      expect(gateway.refreshes).toBe(1);
      expect((await whoami(off(ms))).code).toBe(0);
      expect(gateway.refreshes).toBe(1);
    },
  );

  it('set back since the login, the token long gone: the server says so, and it works', async () => {
    gateway.access.clear();
    change({ obtainedAtMs: Date.now() });
    expect((await whoami()).code).toBe(0);
    expect(gateway.refreshes).toBe(1);
  });
});
