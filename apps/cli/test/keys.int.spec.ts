import { existsSync, readFileSync, statSync } from 'node:fs';
import { makeToken } from '@mcpstack/contracts';
import { waitFor } from '@mcpstack/testing';
import { containing, CTRL_C, Desk } from './command.ts';
import { FakeGateway, KEY_ID, ORG_ID, problem, USER_ID } from './fake-gateway.ts';

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
});

const LOGIN = ['auth', 'service-account', 'login'];
const good = makeToken('service');

describe('mcpstack auth service-account login', () => {
  it('--key checks the key, keeps it for its owner alone, and says what it is', async () => {
    const { code, stdout, stderr } = await desk.run([...LOGIN, '--key', gateway.key]);
    expect([code, stdout]).toEqual([
      0,
      `✓ Logged in with key ${KEY_ID}: developer of Acme (${ORG_ID}) (profile default).\n`,
    ]);
    expect(stderr).toBe(
      'Hint: a key on the command line stands in the process list; --key-stdin keeps it out.\n',
    );
    expect(statSync(desk.credentialsPath).mode & 0o777).toBe(0o600);
    expect(stdout + stderr).not.toContain(gateway.key);
    desk.env = {};
    const status = await desk.run(['auth', 'status', '--json']);
    expect(JSON.parse(status.stdout)).toMatchObject({
      kind: 'service-key',
      id: KEY_ID,
      organizationId: ORG_ID,
      role: 'developer',
    });
  });

  it('--key-stdin does the same without a hint, with and without a line end', async () => {
    for (const input of [gateway.key, `${gateway.key}\n`, `${gateway.key}\r\n`]) {
      expect(await desk.run([...LOGIN, '--key-stdin', '--json'], { input })).toMatchObject({
        code: 0,
        stderr: '',
      });
    }
    expect(desk.stored()!.login).toMatchObject({ kind: 'key', key: gateway.key, role: 'developer' });
  });

  it('replaces the login of the profile, and of no other', async () => {
    await desk.run(['auth', 'login']);
    await desk.run(['auth', 'login', '--profile', 'me']);
    await desk.run(['org', 'use', ORG_ID]);
    await desk.run([...LOGIN, '--key-stdin'], { input: gateway.key });
    expect(desk.stored()).toMatchObject({ login: { kind: 'key' } });
    expect(desk.stored()!.organizationId).toBeUndefined();
    expect((await desk.run(['whoami', '--quiet', '--profile', 'me'])).stdout).toBe(`${USER_ID}\n`);
    // The key stays in force when it is forgotten here.
    expect(await desk.run(['auth', 'logout'])).toMatchObject({
      code: 0,
      stderr: containing('stays in force'),
    });
    expect(desk.stored()!.login).toBeUndefined();
  });

  it.each([
    ['a publishable key', makeToken('publishable'), 'publishable key, which is for browsers alone'],
    ['a publishable key of another prefix', makeToken('publishable', 'acme'), 'publishable key'],
    [
      'a key with a typing error',
      `${good.slice(0, -1)}${good.endsWith('a') ? 'b' : 'a'}`,
      'cut off or misspelled',
    ],
    ['a key that was cut off', good.slice(0, 40), 'cut off or misspelled'],
    ['the placeholder of the page', 'mcpstack_sk_xxxx', 'cut off or misspelled'],
    ['a session', `mcpstack_st_${'1'.repeat(49)}`, 'holds no service key'],
    ['nothing', '', 'holds no service key'],
    ['two lines', `${good}\n${good}`, 'holds no service key'],
  ])('%s is refused before anything is sent or kept: 2', async (_name, key, text) => {
    const refused = { code: 2, stdout: '', stderr: containing(text) };
    expect(await desk.run([...LOGIN, '--key', key])).toMatchObject(refused);
    if (key !== '') {
      expect(await desk.run([...LOGIN, '--key-stdin'], { input: key })).toMatchObject(refused);
      expect(await desk.run(['whoami'], { env: { MCPSTACK_API_KEY: key } })).toMatchObject({
        ...refused,
        stderr: containing('Error: MCPSTACK_API_KEY holds'),
      });
    }
    const { stderr } = await desk.run([...LOGIN, '--key', key, '--json']);
    expect(JSON.parse(stderr)).toMatchObject({
      error: { exitCode: 2, code: /publishable/.test(text) ? 'publishable-key' : 'malformed-key' },
    });
    if (key.length > 20) expect(stderr).not.toContain(key);
    expect(gateway.asked).toEqual([]);
    expect(existsSync(desk.credentialsPath)).toBe(false);
  });

  it('a key that is revoked, or of another place: 3, nothing is kept', async () => {
    const { code, stderr } = await desk.run([...LOGIN, '--key', good]);
    expect([code, stderr]).toEqual([
      3,
      containing('does not accept the key of --key: it is revoked, expired'),
    ]);
    expect(stderr).not.toContain(good);
    expect(existsSync(desk.credentialsPath)).toBe(false);
    expect(await desk.run(['whoami'], { env: { MCPSTACK_API_KEY: good } })).toMatchObject({
      code: 3,
      stderr: containing('does not accept the key of MCPSTACK_API_KEY'),
    });
  });

  it('a stdin that ends early, or no key at all: 2', async () => {
    expect(await desk.run([...LOGIN, '--key-stdin'])).toMatchObject({
      code: 2,
      stderr: containing('stdin ended before a key came'),
    });
    expect(await desk.run(LOGIN)).toMatchObject({ code: 2, stderr: containing('No key was given') });
    expect((await desk.run([...LOGIN, '--key', good, '--key-stdin'], { input: good })).code).toBe(2);
    expect(gateway.asked).toEqual([]);
  });

  it('asks on a terminal, shows nothing of it, and takes corrections', async () => {
    const terminal = desk.terminal(LOGIN);
    await terminal.sees('Service key (not shown): ');
    terminal.type(`x\u007f${gateway.key}\r`);
    const { code, stdout } = await terminal.ended;
    expect([code, stdout]).toEqual([0, containing('<restored>')]);
    expect(stdout).not.toContain(gateway.key.slice(0, 20));
    expect(readFileSync(desk.credentialsPath, 'utf8')).toContain(gateway.key);
  });

  it('Ctrl-C at the question: 130, the terminal is as it was, nothing is kept', async () => {
    const terminal = desk.terminal(LOGIN);
    await terminal.sees('Service key (not shown): ');
    terminal.type(`mcpstack_sk_${CTRL_C}`);
    const { code, stdout } = await terminal.ended;
    expect([code, stdout]).toEqual([130, containing('<restored>')]);
    expect(existsSync(desk.credentialsPath)).toBe(false);
    expect(gateway.asked).toEqual([]);
  });

  it('Ctrl-C while it waits for the API or for stdin: 130, nothing is kept', async () => {
    gateway.overrides.set('*', () => new Promise(() => undefined));
    const child = desk.start([...LOGIN, '--key', gateway.key]);
    const done = new Promise((resolve) => child.once('close', resolve));
    await waitFor(() => gateway.asked.length > 0);
    child.kill('SIGINT');
    expect(await done).toBe(130);
    const reader = desk.start([...LOGIN, '--key-stdin']);
    let said = '';
    reader.stderr.on('data', (chunk: Buffer) => (said += chunk.toString()));
    await waitFor(() => said.includes('Waiting for the key on stdin'));
    const ended = new Promise((resolve) => reader.once('close', resolve));
    reader.kill('SIGINT');
    expect(await ended).toBe(130);
    expect(existsSync(desk.credentialsPath)).toBe(false);
  });
});

describe('MCPSTACK_API_KEY', () => {
  const withKey = () => ({ env: { MCPSTACK_API_KEY: gateway.key } });

  it('needs no login and uses none; the organization is its own', async () => {
    await desk.run(['auth', 'login']);
    gateway.asked.length = 0;
    expect((await desk.run(['whoami', '--quiet'], withKey())).stdout).toBe(`${KEY_ID}\n`);
    expect(gateway.asked.map(({ authorization }) => authorization)).toEqual([`Bearer ${gateway.key}`]);
  });

  it('a role that lacks a permission: 4, and names it', async () => {
    gateway.overrides.set('GET /api/v1/organizations', () =>
      problem('forbidden', 'The credential lacks a permission', 403, {
        permission: 'organization:read',
        requestId: 'req-7',
      }),
    );
    const { code, stderr } = await desk.run(['org', 'list'], withKey());
    expect([code, stderr]).toEqual([4, containing('Ask for a role that has organization:read')]);
    const json = await desk.run(['org', 'list', '--json'], withKey());
    expect(JSON.parse(json.stderr)).toMatchObject({
      error: { code: 'forbidden', requestId: 'req-7', exitCode: 4 },
    });
  });
});
