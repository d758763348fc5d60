/** docs/troubleshooting.md: each case is brought about, prints what the page says, and is gone by what it says to do. */
import { execFileSync, spawn } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { freePort } from '@mcpstack/testing';
import { newPerson, type Person } from './people.ts';
import { Product } from './product.ts';

const ROOT = join(import.meta.dirname, '..', '..', '..');
const folder = mkdtempSync(join(tmpdir(), 'mcpstack-trouble-'));
const program = join(folder, 'mcpstack.mjs');
const credentialsPath = join(folder, '.config', 'mcpstack', 'credentials.json');
/** What the page calls the address of the API. */
const API_URL = 'https://keys.example.com';

let product: Product;
let page: Server;
let ada: Person;
let adminKey: string;
beforeAll(async () => {
  const bundle = [join(ROOT, 'apps', 'cli', 'bundle.mjs'), program];
  execFileSync(process.execPath, bundle, { env: { PATH: process.env['PATH'] } });
  product = await Product.start();
  adminKey = (await product.create('admin', 'admin')).secret;
  ada = await newPerson(product, 'ada');
  await product.http('POST', '/api/v1/organizations', { body: { name: 'Second' }, token: ada.token });
  for (const name of ['search', 'old', 'twice', 'twice'])
    await product.http('POST', `/api/v1/organizations/${product.organizationId}/servers`, { body: { name } });
  page = createServer((_request, response) => response.setHeader('content-type', 'text/html').end('<html>'));
  await new Promise<void>((resolve) => page.listen(0, '127.0.0.1', resolve));
}, 600_000);
afterAll(async () => {
  await product?.stop();
  page?.close();
  rmSync(folder, { recursive: true, force: true });
});
beforeEach(() => rmSync(dirname(credentialsPath), { recursive: true, force: true }));

type Env = Record<string, string>;
interface Fixed {
  env: Env;
  more?: string;
  command?: string;
}
interface Case {
  /** Brings it about; the environment that the command runs in. */
  trouble: () => Promise<Env> | Env;
  /** Does what the page says: the command succeeds with this environment, these options, or as it is corrected. */
  fixed: (env: Env) => Promise<Fixed> | Fixed;
}

const withKey = (key = adminKey): Env => ({
  MCPSTACK_API_URL: product.stack.gatewayUrl,
  MCPSTACK_API_KEY: key,
});
const keyOf = async (role: string): Promise<string> => (await product.create(`of ${role}`, role)).secret;

/** A person's login as `mcpstack auth login` leaves it. */
function login(accessToken: string, obtainedAtMs = Date.now()): Env {
  const apiUrl = product.stack.gatewayUrl;
  const session = { kind: 'session', apiUrl, accessToken, expiresInS: 3_600, obtainedAtMs };
  const rest = { refreshToken: `mcpstack_rt_${'0'.repeat(43)}`, sessionId: 'ses_1', userId: ada.userId };
  mkdirSync(dirname(credentialsPath), { recursive: true, mode: 0o700 });
  const profiles = { default: { apiUrl, login: { ...session, ...rest } } };
  writeFileSync(credentialsPath, JSON.stringify({ version: 1, profiles }), { mode: 0o600 });
  return { MCPSTACK_API_URL: apiUrl };
}

const CASES: Record<string, Case> = {
  'HTTP 401: the key is revoked': {
    trouble: async () => {
      const { id, secret } = await product.create('ended', 'viewer');
      await product.http('DELETE', `${product.keysPath}/${id}`);
      return withKey(secret);
    },
    fixed: async () => ({ env: withKey(await keyOf('viewer')) }),
  },
  'HTTP 401: the wrong key': {
    trouble: () => withKey(adminKey.slice(0, -1)),
    fixed: () => ({ env: withKey() }),
  },
  'HTTP 401: nobody is logged in': {
    trouble: () => ({ MCPSTACK_API_URL: product.stack.gatewayUrl }),
    fixed: () => ({ env: withKey() }),
  },
  'HTTP 401: the login has ended': {
    trouble: () => login('mcpstack_st_long-ago', 0),
    fixed: () => ({ env: login(ada.token), more: `--org ${ada.organizationId}` }),
  },
  'HTTP 403: the role lacks the permission': {
    trouble: async () => withKey(await keyOf('viewer')),
    fixed: async () => ({ env: withKey(await keyOf('developer')) }),
  },
  'HTTP 403: the organization does not allow it': {
    trouble: async () => {
      await setPolicy({ longestKeyLifeDays: 90, onMakerLoss: 'list' });
      return withKey();
    },
    fixed: async (env) => {
      const { code } = await mcpstack('org policy show', env);
      expect(code).toBe(0);
      return { env, more: '--expires 90d' };
    },
  },
  'The wrong organization': {
    trouble: () => ({ ...withKey(), MCPSTACK_ORG_ID: ada.organizationId }),
    fixed: (env) => ({ env, more: `--org ${product.organizationId}` }),
  },
  'No organization is chosen': {
    trouble: () => login(ada.token),
    fixed: async (env) => {
      const used = await mcpstack(`org use ${ada.organizationId}`, env);
      expect(used.code).toBe(0);
      return { env };
    },
  },
  'Nothing answers': {
    trouble: async () => ({ ...withKey(), MCPSTACK_API_URL: `http://127.0.0.1:${await freePort()}` }),
    fixed: () => ({ env: withKey() }),
  },
  'Something else answers': {
    trouble: () => ({
      ...withKey(),
      MCPSTACK_API_URL: `http://127.0.0.1:${(page.address() as AddressInfo).port}`,
    }),
    fixed: () => ({ env: withKey() }),
  },
  'It asks, and there is no terminal': { trouble: () => withKey(), fixed: (env) => ({ env, more: '--yes' }) },
  'A name that is not there': {
    trouble: () => withKey(),
    fixed: (env) => ({ env, command: 'servers show search' }),
  },
  'A name that several have': {
    trouble: () => withKey(),
    fixed: async (env) => {
      const [id] = (await mcpstack('servers list --quiet', env)).stdout.split('\n');
      return { env, command: `servers show ${id}` };
    },
  },
  'Others can read the credentials': {
    trouble: () => {
      const env = { ...login(ada.token), MCPSTACK_ORG_ID: ada.organizationId };
      chmodSync(credentialsPath, 0o644);
      return env;
    },
    fixed: (env) => {
      chmodSync(credentialsPath, 0o600);
      return { env };
    },
  },
};

const setPolicy = (body: object) =>
  product.http('PUT', `/api/v1/organizations/${product.organizationId}/policy`, { body });

function mcpstack(line: string, env: Env): Promise<{ code: number | null; stdout: string; stderr: string }> {
  const child = spawn(process.execPath, [program, ...line.trim().split(/ +/)], {
    env: { PATH: process.env['PATH'], HOME: folder, ...env },
    cwd: folder,
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: 240_000,
  });
  let [stdout, stderr] = ['', ''];
  child.stdout.setEncoding('utf8').on('data', (part: string) => (stdout += part));
  child.stderr.setEncoding('utf8').on('data', (part: string) => (stderr += part));
  return new Promise((resolve, reject) => {
    child.on('error', reject).on('close', (code) => resolve({ code, stdout, stderr }));
  });
}

/** What the page says of each case: the command, what it prints, and its exit code. */
const told = readFileSync(join(ROOT, 'docs', 'troubleshooting.md'), 'utf8')
  .split(/^## /m)
  .slice(1)
  .map((section) => {
    const [, command, printed] = /^```console\n\$ mcpstack (.*)\n([^]*?)```$/m.exec(section) ?? [];
    const [, code] = /^Exit code (\d)/m.exec(section) ?? [];
    return { title: section.split('\n')[0]!, command: command!, printed: printed!, code: Number(code) };
  });

it('every case of the page is here, and the other way round', () => {
  expect(told.map(({ title }) => title)).toEqual(Object.keys(CASES));
});

it.each(told)('$title', async ({ title, command, printed, code }) => {
  const { trouble, fixed } = CASES[title]!;
  const env = await trouble();
  const result = await mcpstack(command, env);
  const seen = result.stderr
    .replaceAll(env['MCPSTACK_API_URL']!, API_URL)
    .replaceAll(folder, '~')
    .replaceAll(/\b(org|srv|key)_\w{22}/g, '$1_…')
    .replaceAll(/\d{4}-\d{2}-\d{2}T[\d:.]+Z/g, '2030-01-31T12:00:00.000Z')
    // Said after a second, so not always.
    .replace(/^Waiting for .*\n/m, '');
  expect([result.code, result.stdout, seen]).toEqual([code, '', printed]);
  const corrected = { command, more: '', ...(await fixed(env)) };
  const after = await mcpstack(`${corrected.command} ${corrected.more}`, corrected.env);
  expect([after.code, after.stderr.includes('Error')]).toEqual([0, false]);
});
