import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { containing, Desk } from './command.ts';
import { FakeGateway, USER_ID } from './fake-gateway.ts';

/** Any user that is not root: root may write everywhere. */
const NOBODY = 65_534;

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
});

const good = () => ({
  version: 1,
  profiles: {
    default: {
      apiUrl: gateway.url,
      login: {
        kind: 'session',
        apiUrl: gateway.url,
        obtainedAtMs: Date.now(),
        ...gateway.session(),
        expiresInS: 900,
      },
    },
  },
});

describe('a credentials file', () => {
  it.each([
    ['cut off', () => JSON.stringify(good()).slice(0, -20), 'is damaged or cut off', 'Remove it (rm'],
    ['empty', () => '', 'is damaged or cut off', 'Remove it (rm'],
    ['of something else', () => '{"version":1,"profiles":[]}', 'is damaged or cut off', 'Remove it (rm'],
    [
      'with half a login',
      () => '{"version":1,"profiles":{"default":{"login":{"kind":"session","apiUrl":"x"}}}}',
      'is damaged or cut off',
      'Remove it (rm',
    ],
    [
      'of a newer version',
      () => ({ ...good(), version: 2, profiles: { default: 'who knows' } }),
      'is of a newer mcpstack (format 2)',
      'npm install -g @mcpstack/cli',
    ],
  ])('that is %s: one sentence, the next step, 1; it stays as it is', async (_name, make, text, next) => {
    desk.writeCredentials(make());
    const before = readFileSync(desk.credentialsPath, 'utf8');
    for (const args of [
      ['whoami'],
      ['auth', 'login'],
      ['auth', 'logout'],
      ['config', 'set', 'api-url', gateway.url],
    ]) {
      const { code, stdout, stderr } = await desk.run(args);
      expect([code, stdout]).toEqual([1, '']);
      expect(stderr).toContain(text);
      expect(stderr).toContain(next);
      expect(stderr.split('\n')).toHaveLength(3);
    }
    expect(readFileSync(desk.credentialsPath, 'utf8')).toBe(before);
    expect(gateway.asked).toEqual([]);
  });

  it.each([0o644, 0o640, 0o604])('that others may read (%i) is not used', async (mode) => {
    desk.writeCredentials(good(), mode);
    const { code, stderr } = await desk.run(['whoami']);
    expect([code, stderr]).toEqual([1, containing(`chmod 600 '${desk.credentialsPath}'`)]);
    expect(gateway.asked).toEqual([]);
    // Control: what it says helps.
    chmodSync(desk.credentialsPath, 0o600);
    expect((await desk.run(['whoami'])).code).toBe(0);
  });

  it('that is a folder', async () => {
    mkdirSync(desk.credentialsPath, { recursive: true });
    expect(await desk.run(['whoami'])).toMatchObject({
      code: 1,
      stderr: containing('is a folder'),
    });
  });

  it('stands in nobody’s way with a key and an address in the environment', async () => {
    desk.writeCredentials('{');
    expect(await desk.run(['whoami'], { env: { MCPSTACK_API_KEY: gateway.key } })).toMatchObject({ code: 0 });
  });

  it('that is a link stays one', async () => {
    const elsewhere = join(desk.home, 'elsewhere.json');
    writeFileSync(elsewhere, JSON.stringify(good()), { mode: 0o600 });
    mkdirSync(dirname(desk.credentialsPath), { recursive: true });
    symlinkSync(elsewhere, desk.credentialsPath);
    expect((await desk.run(['config', 'set', 'org', 'org_1'])).code).toBe(0);
    expect(lstatSync(desk.credentialsPath).isSymbolicLink()).toBe(true);
    expect(desk.stored()).toMatchObject({ organizationId: 'org_1' });
  });

  it('changed by many commands at once loses nothing, and no draft is left', async () => {
    const names = Array.from({ length: 12 }, (_, number) => `p${number}`);
    const all = await Promise.all(
      names.map((name) => desk.run(['config', 'set', 'org', `org_${name}`, '--profile', name])),
    );
    expect(all.filter(({ code }) => code !== 0)).toEqual([]);
    expect(names.map((name) => desk.stored(name)!.organizationId)).toEqual(
      names.map((name) => `org_${name}`),
    );
    expect(
      readdirSync(dirname(desk.credentialsPath)).filter(
        (name) => name.endsWith('.tmp') || name.startsWith('.'),
      ),
    ).toEqual([]);
  });
});

describe('a home that cannot be written to', () => {
  /** As another user where we are root. */
  const asOther = () => (process.getuid!() === 0 ? { spawn: { uid: NOBODY, gid: NOBODY } } : {});
  const refused = {
    code: 1,
    stdout: '',
    stderr: containing('Name a folder that you can write to in XDG_CONFIG_HOME'),
  };
  beforeEach(() => chmodSync(desk.home, 0o555));
  afterEach(() => chmodSync(desk.home, 0o755));

  it('is told before anybody goes to the browser', async () => {
    expect(await desk.run(['auth', 'login'], asOther())).toMatchObject(refused);
    const key = ['auth', 'service-account', 'login', '--key', gateway.key];
    expect(await desk.run(key, asOther())).toMatchObject(refused);
    expect(gateway.asked).toEqual([]);
  });

  it('does not matter with a key, nor with another folder', async () => {
    const env = { MCPSTACK_API_KEY: gateway.key };
    expect(await desk.run(['whoami'], { ...asOther(), env })).toMatchObject({ code: 0 });
    const folder = join(desk.folder, 'config');
    mkdirSync(folder);
    chmodSync(folder, 0o777);
    const elsewhere = { ...asOther(), env: { XDG_CONFIG_HOME: folder } };
    expect(await desk.run(['auth', 'login'], elsewhere)).toMatchObject({ code: 0 });
    expect((await desk.run(['whoami', '--quiet'], elsewhere)).stdout).toBe(`${USER_ID}\n`);
    expect(existsSync(join(folder, 'mcpstack', 'credentials.json'))).toBe(true);
  });

  it('a refresh token is not used up where the next one cannot be kept', async () => {
    chmodSync(desk.home, 0o755);
    const file = good();
    file.profiles.default.login.obtainedAtMs = 0;
    desk.writeCredentials(file);
    const folder = dirname(desk.credentialsPath);
    chmodSync(folder, 0o555);
    if (process.getuid!() === 0) {
      const { execFileSync } = await import('node:child_process');
      execFileSync('chown', ['-R', `${NOBODY}:${NOBODY}`, join(desk.home, '.config')]);
    }
    expect(await desk.run(['whoami'], asOther())).toMatchObject(refused);
    expect(gateway.refreshes).toBe(0);
    chmodSync(folder, 0o755);
    expect(await desk.run(['whoami'], asOther())).toMatchObject({ code: 0 });
  });
});
