import { spawnSync } from 'node:child_process';
import { CTRL_C, CTRL_D, containing, Desk } from './command.ts';
import { FakeGateway, ORG_ID } from './fake-gateway.ts';

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
  desk.env = { MCPSTACK_API_URL: gateway.url, MCPSTACK_API_KEY: gateway.key };
  gateway.asked.length = 0;
  gateway.organizations = [{ id: ORG_ID, name: 'Acme', role: 'owner' }];
});

const END = ['auth', 'sessions', 'end', 'ses_2'];
const endings = () => gateway.count('DELETE', '/api/v1/me/sessions/ses_2');
/** Colours and the like. */
const ESCAPES = '\u001b[';

describe('a command that destroys asks first', () => {
  const QUESTION = 'End the session ses_2? [y/N] ';

  it.each(['y\r', 'yes\r', ' Y \r'])('%j: it is done', async (answer) => {
    const terminal = desk.terminal(END);
    await terminal.sees(QUESTION);
    terminal.type(answer);
    expect(await terminal.ended).toMatchObject({ code: 0, stdout: containing('Ended the session ses_2.') });
    expect(endings()).toBe(1);
  });

  it.each([
    ['enter', '\r'],
    ['n', 'n\r'],
    ['something else', 'yesterday\r'],
    ['Ctrl-D', CTRL_D],
  ])('%s: nothing is changed, 1', async (_name, answer) => {
    const terminal = desk.terminal(END);
    await terminal.sees(QUESTION);
    terminal.type(answer);
    expect(await terminal.ended).toMatchObject({ code: 1, stdout: containing('Nothing was changed.') });
    expect(gateway.asked).toEqual([]);
  });

  it('Ctrl-C: 130, the terminal is as it was, nothing is changed', async () => {
    const terminal = desk.terminal(END);
    await terminal.sees(QUESTION);
    terminal.type(`y${CTRL_C}`);
    expect(await terminal.ended).toMatchObject({ code: 130, stdout: containing('<restored>') });
    expect(gateway.asked).toEqual([]);
  });

  it('with nobody to ask: 2, and says --yes; with --yes it is done', async () => {
    const refused = { code: 2, stdout: '', stderr: containing('Pass --yes') };
    expect(await desk.run(END)).toMatchObject(refused);
    // An answer on a pipe may have been meant for something else.
    expect(await desk.run(END, { input: 'y\n' })).toMatchObject(refused);
    expect(gateway.asked).toEqual([]);
    expect(await desk.run([...END, '--yes'])).toMatchObject({ code: 0, stderr: '' });
    expect(await desk.run(['--yes', ...END])).toMatchObject({ code: 0 });
    expect(endings()).toBe(2);
  });

  it('a key that ends itself is asked about too, and leaves the profile', async () => {
    desk.env = { MCPSTACK_API_URL: gateway.url };
    await desk.run(['auth', 'service-account', 'login', '--key-stdin'], { input: gateway.key });
    const revoke = ['auth', 'service-account', 'revoke'];
    expect((await desk.run(revoke)).code).toBe(2);
    const { key } = gateway;
    expect((await desk.run([...revoke, '--yes'])).code).toBe(0);
    expect(desk.stored()).toEqual({ apiUrl: gateway.url });
    gateway.keys.add(key);
  });
});

describe('colour', () => {
  const list = ['org', 'list'];

  it('is on a terminal, and nowhere else', async () => {
    expect((await desk.terminal(list).ended).stdout).toContain(ESCAPES);
    expect((await desk.run(list)).stdout).not.toContain(ESCAPES);
    expect((await desk.terminal(['whoami', '--bogus']).ended).stdout).toContain(`${ESCAPES}31mError:`);
  });

  it.each([
    ['NO_COLOR', list, { NO_COLOR: '1' }],
    ['TERM=dumb', list, { TERM: 'dumb' }],
    ['--no-color', [...list, '--no-color'], {}],
    ['--json', [...list, '--json'], {}],
    ['--quiet', [...list, '--quiet'], {}],
  ])('%s: none', async (_name, args, env) => {
    expect((await desk.terminal(args, { env }).ended).stdout).not.toContain(ESCAPES);
  });

  it('an empty NO_COLOR says nothing', async () => {
    expect((await desk.terminal(list, { env: { NO_COLOR: '' } }).ended).stdout).toContain(ESCAPES);
  });
});

describe('a table', () => {
  const linesOf = (shown: string) =>
    shown
      .replaceAll(/\p{Control}\[\d+m/gu, '')
      .split('\r\n')
      .filter((line) => line !== '' && line !== '<restored>');

  it('leaves out its least important columns on a narrow terminal, and says which', async () => {
    const shown = (columns: number) =>
      desk.terminal(['auth', 'sessions', 'list'], { columns }).ended.then(({ stdout }) => linesOf(stdout));
    const wide = await shown(140);
    expect(wide[0]).toMatch(/^ID +LABEL +KIND +LAST USED +ENDS$/);
    const narrow = await shown(60);
    expect(narrow[0]).toMatch(/^ID +LABEL +LAST USED$/);
    expect(narrow.at(-1)).toBe('Not shown for lack of room: kind, ends.');
    for (const columns of [12, 20, 30, 40, 80]) {
      const table = (await shown(columns)).filter((line) => !/^(Not shown|room|for|lack)/.test(line));
      expect(Math.max(...table.slice(0, 3).map((line) => [...line].length))).toBeLessThanOrEqual(columns);
    }
  });

  it('is whole on a pipe', async () => {
    const { stdout, stderr } = await desk.run(['auth', 'sessions', 'list'], { env: { COLUMNS: '20' } });
    expect([stdout, stderr]).toEqual([containing('mcpstack on build-7 (this one)'), '']);
  });

  it('shows names without what would steer the terminal, as wide as they are', async () => {
    gateway.organizations = [
      { id: ORG_ID, name: '\u001b[2J\u001b]0;owned\u0007\u202eemcA\u009b31m', role: 'owner' },
      { id: `${ORG_ID}2`, name: '株式会社', role: 'viewer' },
    ];
    const { stdout } = await desk.run(['org', 'list']);
    expect(stdout.replaceAll('\n', '')).not.toMatch(/[\p{Control}\p{Bidi_Control}]/u);
    const [head, first, second] = stdout.split('\n') as [string, string, string];
    expect(head.indexOf('YOUR ROLE')).toBe(first.indexOf('owner'));
    // Four characters of eight columns.
    expect(second.indexOf('viewer')).toBe(first.indexOf('owner') - 4);
    const { stdout: json } = await desk.run(['org', 'list', '--json']);
    expect((JSON.parse(json) as { data: { name: string }[] }).data[0]!.name).toBe(
      gateway.organizations[0]!.name,
    );
  });

  it('of nothing is a sentence on stderr, and nothing on stdout', async () => {
    gateway.organizations = [];
    expect(await desk.run(['org', 'list'])).toMatchObject({
      code: 0,
      stdout: '',
      stderr: containing('You are in no'),
    });
  });
});

describe('scripts', () => {
  it('--json of a list, --quiet, and both', async () => {
    const { stdout } = await desk.run(['org', 'list', '--json']);
    expect(JSON.parse(stdout)).toEqual({ data: gateway.organizations });
    expect(await desk.run(['org', 'list', '--quiet'])).toMatchObject({ stdout: `${ORG_ID}\n`, stderr: '' });
    expect(await desk.run(['org', 'list', '--quiet', '--json'])).toMatchObject({ code: 2, stdout: '' });
  });

  it('a reader that wants no more is no failure', () => {
    const line = `'${process.execPath}' '${desk.program}' --help | head -n 1; echo \${PIPESTATUS[0]}`;
    const { stdout, stderr } = spawnSync('bash', ['-c', line], { encoding: 'utf8' });
    expect([stdout, stderr]).toEqual([containing('Usage: mcpstack'), '']);
    expect(stdout.trim().split('\n').at(-1)).toBe('0');
  });

  it('what is typed wrong: 2, with help to go on', async () => {
    for (const [args, text] of [
      [['org', 'lst'], 'did you mean list?\nSee "mcpstack org --help".'],
      [['nonsense'], 'Unknown command \'nonsense\'.\nSee "mcpstack --help".'],
      [['org', 'use'], "Missing required argument 'org'."],
      [['whoami', '--bogus'], 'Unknown option \'--bogus\'.\nSee "mcpstack whoami --help".'],
      [['whoami', 'me'], 'Too many arguments'],
      [['whoami', '--org'], "Option '--org <id>' argument missing."],
      [['org', 'list', '--org', 'acme'], '--org is no organization id'],
      [['whoami', '--profile', '../me'], 'The profile name of --profile is not valid'],
      [['whoami', '--api-url', 'keys.example.com'], 'is no http or https address'],
      [['whoami', '--api-url', 'https://me:secret@keys.example.com'], 'carries a user name or a password'],
    ] as const) {
      const { code, stdout, stderr } = await desk.run(args);
      expect([code, stdout, stderr]).toEqual([2, '', containing(text)]);
      expect(stderr).not.toContain('secret');
    }
    expect(gateway.asked).toEqual([]);
  });

  it('a group without a command shows its help on stderr: 2', async () => {
    for (const args of [[], ['org'], ['auth']]) {
      expect(await desk.run(args)).toMatchObject({
        code: 2,
        stdout: '',
        stderr: containing('Usage: mcpstack'),
      });
    }
    expect(await desk.run(['help', 'org'])).toMatchObject({
      code: 0,
      stdout: containing('Usage: mcpstack org'),
      stderr: '',
    });
    expect(await desk.run(['--version'])).toMatchObject({ code: 0, stdout: '0.1.0\n' });
  });
});
