/** `mcpstack` on the whole product: every noun made, listed, shown, changed and ended, as people and scripts see it. */
import { execFileSync, spawn } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { newPerson } from './people.ts';
import { Product } from './product.ts';

const BUNDLE = join(import.meta.dirname, '..', '..', '..', 'apps', 'cli', 'bundle.mjs');
const home = mkdtempSync(join(tmpdir(), 'mcpstack-cli-'));
const program = join(home, 'mcpstack.mjs');
let product: Product;
/** Of the organization's owner: it may do all that no person must do. */
let ownerKey: string;

beforeAll(async () => {
  // As the sources are now, and alone in its folder: it needs nothing beside it.
  execFileSync(process.execPath, [BUNDLE, program], { env: { PATH: process.env['PATH'] } });
  product = await Product.start({ instances: { scheduler: 1 } });
  ownerKey = (await product.create('owner', 'owner')).secret;
}, 600_000);
afterAll(async () => {
  await product?.stop();
  rmSync(home, { recursive: true, force: true });
});

interface Result {
  code: number | null;
  stdout: string;
  stderr: string;
}
type Item = Record<string, unknown>;

/** One command line, with a key and nothing else: no terminal, no login. Blanks within quotes stay. */
function mcpstack(line: string, { key = ownerKey, stdin = '' } = {}): Promise<Result> {
  const args = [...line.matchAll(/'([^']*)'|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain!);
  const env = {
    PATH: process.env['PATH'],
    HOME: home,
    MCPSTACK_API_URL: product.stack.gatewayUrl,
    MCPSTACK_API_KEY: key,
  };
  const child = spawn(process.execPath, [program, ...args], {
    env,
    cwd: home,
    stdio: 'pipe',
    timeout: 240_000,
  });
  child.stdin.on('error', () => undefined).end(stdin);
  let [stdout, stderr] = ['', ''];
  child.stdout.setEncoding('utf8').on('data', (part: string) => (stdout += part));
  child.stderr.setEncoding('utf8').on('data', (part: string) => (stderr += part));
  return new Promise((resolve, reject) => {
    child.on('error', reject).on('close', (code) => resolve({ code, stdout, stderr }));
  });
}

/** A person's login as `mcpstack auth login` leaves it. */
function logIn(accessToken: string, userId: string): void {
  const apiUrl = product.stack.gatewayUrl;
  const session = { kind: 'session', apiUrl, accessToken, expiresInS: 900, obtainedAtMs: Date.now() };
  const login = { ...session, refreshToken: 'not needed', sessionId: 'not needed', userId };
  const folder = join(home, '.config', 'mcpstack');
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const content = { version: 1, profiles: { default: { apiUrl, login } } };
  writeFileSync(join(folder, 'credentials.json'), JSON.stringify(content), { mode: 0o600 });
}

/** As `mcpstack`, where it must be done. */
async function done(line: string, options: { key?: string; stdin?: string } = {}): Promise<string> {
  const { code, stdout, stderr } = await mcpstack(line, options);
  if (code !== 0) throw new Error(`mcpstack ${line} ended with ${code}: ${stderr}`);
  return stdout;
}
const json = async <Value = Item>(line: string): Promise<Value> =>
  JSON.parse(await done(`${line} --json`)) as Value;
const ids = async (line: string): Promise<string[]> => (await done(`${line} --quiet`)).trim().split('\n');

/** A noun in its list, in the three forms. */
async function listed(list: string, id: string, name: string): Promise<void> {
  const table = await done(list);
  expect(table.split('\n').find((line) => line.includes(id))).toContain(name);
  const { data } = await json<{ data: Item[] }>(list);
  expect(data.some((item) => (item['id'] ?? item['userId']) === id)).toBe(true);
  expect(await ids(list)).toContain(id);
}

describe('mcpstack on the product', () => {
  it('servers', async () => {
    const { id } = await json(`servers create --name 'Search one' --url https://mcp.example.com`);
    await listed('servers list', id as string, 'Search one');
    expect(await done(`servers show 'Search one'`)).toContain('https://mcp.example.com');
    expect(await ids(`servers update 'Search one' --name Search --if-revision 0`)).toEqual([id]);
    expect((await mcpstack('servers update Search --name Other --if-revision 0')).code).toBe(6);
    expect((await mcpstack('servers remove Search')).code).toBe(2);
    expect(await done('servers remove Search --yes')).toContain(id);
    expect((await mcpstack(`servers show ${String(id)}`)).code).toBe(5);
  });

  it('agents, their publishable keys and what a page embeds', async () => {
    const [agent] = await ids('agents create --name Support');
    await listed('agents list', agent!, 'Support');
    expect(await json('agents update Support --name Helper')).toMatchObject({ id: agent, name: 'Helper' });
    const key = await json(
      `public-keys create --agent Helper --name web --development --origin http://localhost:3000`,
    );
    await listed('public-keys list --agent Helper', key['id'] as string, 'web');
    expect(await done('agents embed Helper')).toContain(`key: '${String(key['value'])}'`);
    expect(await done('public-keys try web --origin http://localhost:3000')).toContain('Helper');
    expect((await mcpstack('public-keys try web --origin http://localhost:3001')).code).toBe(4);
    expect(await done('public-keys add-origin web http://localhost:4000 --expires 12h')).toContain('4000');
    expect(
      await json('public-keys update web --name site --keep-origin http://localhost:3000'),
    ).toMatchObject({
      name: 'site',
      origins: [{ origin: 'http://localhost:3000' }],
    });
    expect(await done('public-keys suspend site')).toContain('Suspended');
    expect(await done('public-keys explain site --origin http://localhost:3000')).toContain('SUSPENDED');
    expect(await done('public-keys resume site')).toContain('Resumed');
    expect(await json('public-keys usage site')).toMatchObject({ keyId: key['id'] });
    expect(await ids('public-keys revoke site --yes')).toEqual([key['id']]);
    expect(await done('public-keys show site')).toContain('revoked');
    expect(await ids('agents remove Helper --yes')).toEqual([agent]);
  });

  it('domains: what to publish stands there whole', async () => {
    await done('agents create --name Proven');
    const sheet = await done('domains add Shop.example.com --agent Proven');
    expect(sheet).toContain('_mcpstack-challenge.shop.example.com');
    expect(sheet).toMatch(/mcpstack-verify=\w{43}/);
    const [id] = await ids('domains list --agent Proven');
    await listed('domains list --agent Proven', id!, 'shop.example.com');
    expect(await json('domains show shop.example.com --agent Proven')).toMatchObject({
      id,
      state: 'pending',
    });
    expect(await done('domains remove shop.example.com --agent Proven --yes')).toContain('Removed');
    expect((await mcpstack('domains show shop.example.com --agent Proven')).code).toBe(5);
  });

  it('api-keys, from create to revoke; what is shown is what works', async () => {
    const made = await mcpstack(
      `api-keys create --name automation-bot --role developer --expires 90d --tag ci,nightly --rate-limit burst=50/1s`,
    );
    const secret = made.stdout.trim();
    expect([made.code, secret]).toEqual([0, expect.stringMatching(/^mcpstack_sk_\w{49}$/)]);
    expect(await product.verify({ key: secret })).toMatchObject({ code: 'VALID' });
    const [id] = await ids('api-keys list --tag nightly');
    await listed('api-keys list', id!, 'automation-bot');
    expect(await done('api-keys show automation-bot')).toContain('burst: 50 in 1 s');
    expect(await json('api-keys update automation-bot --role viewer --no-tags')).toMatchObject({
      role: 'viewer',
      tags: [],
    });
    expect(await done('api-keys suspend automation-bot')).toContain('Suspended');
    expect(await product.verify({ key: secret })).toMatchObject({ code: 'SUSPENDED' });
    expect(await done('api-keys resume automation-bot')).toContain('Resumed');
    const next = (await done('api-keys rotate automation-bot --keep-old 0s --yes')).trim();
    expect(await product.verify({ key: secret })).not.toMatchObject({ code: 'VALID' });
    expect(await product.verify({ key: next })).toMatchObject({ code: 'VALID', keyId: id });
    expect(await done('api-keys explain automation-bot --permission members:write')).toContain('FORBIDDEN');
    expect(await json('api-keys usage automation-bot')).toMatchObject({ keyId: id });
    expect(await ids('api-keys revoke automation-bot --yes')).toEqual([id]);
    expect(await product.verify({ key: next })).toMatchObject({ code: 'REVOKED' });
    expect((await mcpstack('api-keys update automation-bot --name late')).code).toBe(6);
  });

  it('api-keys, many at once: imported by digest, found, ended', async () => {
    const token = `acme_live_${randomBytes(12).toString('hex')}`;
    const digest = createHash('sha256').update(randomBytes(16)).digest('hex');
    const lines = [
      { name: 'billing', role: 'viewer', token, tags: ['imported'] },
      { name: 'other', role: 'viewer', digest, tags: ['imported'] },
      { name: 'broken', role: 'viewer', digest: 'zz' },
    ];
    const imported = await mcpstack('api-keys import -', { stdin: JSON.stringify(lines) });
    expect([imported.code, imported.stderr]).toEqual([
      1,
      expect.stringContaining('1 of 3 lines were refused'),
    ]);
    expect((await mcpstack('whoami', { key: token })).code).toBe(0);
    expect(await ids('api-keys bulk-revoke --tag imported --dry-run')).toHaveLength(2);
    expect(await ids('api-keys bulk-revoke --tag imported --yes')).toHaveLength(2);
    expect((await mcpstack('whoami', { key: token })).code).toBe(3);
  });

  it('members and invitations', async () => {
    const ada = await newPerson(product, 'ada');
    const invited = await json(`invitations create --email ada@example.com --role viewer --expires 7d`);
    await listed('invitations list', invited['id'] as string, 'ada@example.com');
    expect(await done('invitations show ada@example.com')).toContain('pending');
    const accepted = await product.http('POST', '/api/v1/invitations/accept', {
      body: { token: invited['token'] },
      token: ada.token,
    });
    expect(accepted.status).toBe(200);
    const profile = { name: 'Ada', email: 'ada@example.com' };
    await product.http('PATCH', '/api/v1/me/profile', { body: profile, token: ada.token });
    await listed('members list', ada.userId, 'viewer');
    expect(await json('members update ada@example.com --role developer --yes')).toMatchObject({
      role: 'developer',
    });
    expect(await done('members suspend ada@example.com')).toContain('Suspended');
    expect(await done('members resume ada@example.com')).toContain('Resumed');
    expect(await done(`members show ${ada.userId}`)).toContain('developer');
    expect(await ids('members remove ada@example.com --yes')).toEqual([ada.userId]);
    const token = (await done('invitations create --email bob@example.com --role viewer')).trim();
    expect(token).toMatch(/^mcpstack_it_/);
    expect(await done('invitations withdraw bob@example.com --yes')).toContain('Withdrew');
  });

  it('org, its policy, permissions', async () => {
    expect(await json<{ data: Item[] }>('org list')).toMatchObject({
      data: [{ id: product.organizationId }],
    });
    expect(await done('org show')).toContain('Acme');
    expect(await ids('org update --name Acme2')).toEqual([product.organizationId]);
    expect(await json('org policy set --longest-key-life 90d --on-maker-loss revoke')).toMatchObject({
      longestKeyLifeDays: 90,
    });
    const refused = await mcpstack('api-keys create --name long --role viewer --expires 1y');
    expect([refused.code, refused.stderr]).toEqual([4, expect.stringContaining('90')]);
    await done('org policy set --longest-key-life any --on-maker-loss list');
    expect(await done('org policy show')).toContain('any');
    expect(await done('permissions list')).toMatch(/^servers:write +yes +yes +yes +-/m);
  });

  it('a person: organizations, the one in use, the profile, sessions, an invitation accepted, leaving', async () => {
    const eve = await newPerson(product, 'eve');
    logIn(eve.token, eve.userId);
    const asEve = { key: '' };
    expect(await done('profile update --name Eve', asEve)).toContain('Changed');
    expect(await done('profile show', asEve)).toContain('Eve');
    const [second] = (await done('org create --name Second --quiet', asEve)).trim().split('\n');
    expect((await mcpstack('servers list', asEve)).code).toBe(2);
    expect(await done('org use Second', asEve)).toContain(second);
    expect((await done('org show --quiet', asEve)).trim()).toBe(second);
    expect(await done('auth sessions list', asEve)).toContain('(this one)');
    const token = await done('invitations create --email eve@example.com --role viewer');
    const accepted = await done('invitations accept --token-stdin --json', { ...asEve, stdin: token });
    expect(JSON.parse(accepted)).toMatchObject({ organizationId: product.organizationId, role: 'viewer' });
    await done(`org leave --org ${product.organizationId} --yes`, asEve);
    expect(await ids('members list')).not.toContain(eve.userId);
    expect(await done('profile erase --yes', asEve)).toContain('Erased');
    expect(await done('profile show', asEve)).not.toContain('Eve');
  });

  it('credentials: a leaked key is ended by its secret, and a key ends itself', async () => {
    const leaked = await product.create('leaked', 'viewer');
    expect((await mcpstack('credentials revoke', { key: '', stdin: `${leaked.secret}\n` })).code).toBe(0);
    expect(await product.verify({ key: leaked.secret })).toMatchObject({ code: 'REVOKED' });
    const own = await product.create('own', 'viewer');
    await done('auth service-account revoke --yes', { key: own.secret });
    expect(await product.verify({ key: own.secret })).toMatchObject({ code: 'REVOKED' });
  });

  it('control: a viewer’s key is refused what a viewer may not, and nothing is done', async () => {
    const { secret: key } = await product.create('looking on', 'viewer');
    const { code, stderr } = await mcpstack('servers create --name Mine', { key });
    expect([code, stderr]).toEqual([4, expect.stringContaining('servers:write')]);
    expect(await ids('servers list')).not.toContain('Mine');
  });
});
