import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  chownSync,
  copyFileSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { text } from 'node:stream/consumers';
import { freePort, Stack, waitFor } from '@mcpstack/local-servers';
import { createAccount, createCurve } from '@nats-io/nkeys';
import { SERVICES } from '../src/manifests/services.ts';
import { buildImageTree } from './image-tree.ts';
import { asSecret, startPlainly, USER_ID, whyNoPlainUser } from './plain-user.ts';

const ROOT = join(import.meta.dirname, '..', '..');
/** Building takes a minute or two, and much longer on a machine that does other things beside. Milliseconds. */
const BUILD_TIMEOUT_MS = 1_200_000;

const whyNotPlain = whyNoPlainUser();

/** Each service that Kubernetes runs, beside those that run already: as user 10001, on a read-only root, without a right. */
async function startsPlainly(stack: Stack, image: string): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'mcpstack-plain-'));
  chownSync(folder, USER_ID, USER_ID);
  // Folders that mkdtemp made are their maker's alone; an image's root is everybody's.
  for (const path of [dirname(image), image]) chmodSync(path, 0o755);
  const secrets = mkdtempSync(join(tmpdir(), 'mcpstack-mounted-'));
  chmodSync(secrets, 0o755);
  const files = ['PEPPER_FILE', 'CHECKPOINT_KEY_FILE', 'WEBHOOK_KEY_FILE'].map((name) => {
    const path = join(secrets, basename(stack.env[name]!));
    copyFileSync(stack.env[name]!, path);
    asSecret(path);
    return [name, path];
  });
  for (const [name, key] of [
    ['LOGIN_ISSUER_FILE', createAccount()],
    ['LOGIN_XKEY_FILE', createCurve()],
  ] as const) {
    const path = join(secrets, name);
    writeFileSync(path, key.getSeed());
    asSecret(path);
    files.push([name, path]);
  }
  try {
    expect(await whatIsWritten(folder, image)).toEqual(['EROFS', 'written']);
    for (const { name: app } of SERVICES) {
      const port = String(await freePort());
      const env = {
        ...stack.env,
        ...(Object.fromEntries(files) as Record<string, string>),
        CHECKPOINT_FILE: join(folder, 'checkpoint.txt'),
        CHECKPOINT_VKEY_FILE: join(folder, 'checkpoint-vkeys.txt'),
        HOST: '127.0.0.1',
        PORT: port,
        HEALTH_PORT: port,
      };
      const child = startPlainly({ folder, image, env }, ['node', `apps/${app}/dist/service.js`]);
      let said = '';
      for (const stream of [child.stdout, child.stderr]) stream!.on('data', (data) => (said += String(data)));
      const ended = new Promise((resolve) => child.once('exit', resolve));
      const isReady = async () => {
        if (child.exitCode !== null) throw new Error(`${app} ended: ${said}`);
        const answer = await fetch(`http://127.0.0.1:${port}/health/ready`).catch(() => undefined);
        return answer?.status === 200;
      };
      await waitFor(isReady, { timeoutMs: 240_000 });
      expect(readFileSync(`/proc/${child.pid}/status`, 'utf8')).toMatch(
        /^Uid:\t10001\t10001\t[^]*^CapEff:\t0+$/m,
      );
      child.kill('SIGTERM');
      expect(await ended).toBe(0);
      expect(said).not.toMatch(/EACCES|EROFS|EPERM/);
    }
    // The first checkpoint comes within its interval; the public keys are written at the start.
    expect(readdirSync(folder)).toContain('checkpoint-vkeys.txt');
  } finally {
    for (const path of [folder, secrets]) rmSync(path, { recursive: true, force: true });
  }
}

/** What comes of writing to a file of the image that permissions leave open to all, and to the folder that may be written to. */
async function whatIsWritten(folder: string, image: string): Promise<string[]> {
  const open = join(image, 'apps', 'gateway', 'dist', 'open-to-all');
  writeFileSync(open, '');
  chmodSync(open, 0o666);
  const script = `
    const { appendFileSync } = require('node:fs');
    for (const path of process.argv.slice(1))
      try { appendFileSync(path, 'x'); console.log('written'); } catch ({ code }) { console.log(code); }`;
  const command = [process.execPath, '-e', script, open, join(folder, 'scratch')];
  const child = startPlainly({ folder, image, env: process.env }, command);
  const [said] = await Promise.all([text(child.stdout!), once(child, 'exit')]);
  rmSync(open);
  return said.trim().split('\n');
}

describe('the image of deploy/Dockerfile, built as a file tree', () => {
  let image: string;
  beforeAll(async () => {
    image = await buildImageTree(ROOT);
  }, BUILD_TIMEOUT_MS);
  afterAll(() => image && rmSync(dirname(image), { recursive: true, force: true }));

  it('holds what runs and neither sources nor development packages', () => {
    for (const app of [...SERVICES.map(({ name }) => name), 'identity-provider']) {
      expect(existsSync(join(image, 'apps', app, 'dist', 'service.js'))).toBe(true);
      expect(existsSync(join(image, 'apps', app, 'src'))).toBe(false);
    }
    for (const name of ['jest', '@swc/core', 'eslint', 'nx', 'prettier']) {
      expect(existsSync(join(image, 'node_modules', name))).toBe(false);
    }
    expect(existsSync(join(image, '.git'))).toBe(false);
    expect(existsSync(join(image, '.mcpstack'))).toBe(false);
  });

  it(`is enough for the services and the setup, started as the image starts them, and each that Kubernetes runs as user 10001 on a read-only root${whyNotPlain ? ` (not that: ${whyNotPlain})` : ''}`, async () => {
    const stack = new Stack({
      root: image,
      instances: { 'forward-auth': 1 },
      env: { TRUSTED_PROXIES: '127.0.0.1', GRPC_PORT: '0' },
    });
    try {
      await stack.start();
      const owner = { email: 'owner@localhost', password: 'long enough', organization: 'My organization' };
      const made = await stack.setUp(owner);
      expect(made.organizationId).toMatch(/^org_/);
      // The setup of compose runs at each start, and finds what it made.
      expect(await stack.setUp(owner)).toEqual(made);
      const health = (port: string) =>
        spawnSync(process.execPath, ['deploy/health.mjs'], { cwd: image, env: { PORT: port } }).status;
      expect(health(new URL(stack.gatewayUrl).port)).toBe(0);
      if (whyNotPlain === undefined) await startsPlainly(stack, image);
      await stack.service('gateway').kill();
      expect(health(new URL(stack.gatewayUrl).port)).toBe(1);
    } finally {
      await stack.stop();
    }
  }, 240_000);

  it('makes its secrets once, for its own user alone', () => {
    const folder = mkdtempSync(join(tmpdir(), 'mcpstack-secrets-'));
    const env = {
      PEPPER_FILE: join(folder, 'peppers.json'),
      CHECKPOINT_KEY_FILE: join(folder, 'checkpoint-keys.json'),
      WEBHOOK_KEY_FILE: join(folder, 'webhook-keys.json'),
      LOCAL_LOGIN_FILE: join(folder, 'logins.json'),
    };
    const make = () =>
      spawnSync(process.execPath, ['deploy/make-secrets.mjs'], { cwd: image, env, encoding: 'utf8' });
    expect(make().status).toBe(0);
    const pepper = readFileSync(env.PEPPER_FILE, 'utf8');
    const { current, peppers } = JSON.parse(pepper) as { current: number; peppers: Record<string, string> };
    expect(Buffer.from(peppers[current]!, 'base64')).toHaveLength(32);
    expect(statSync(env.PEPPER_FILE).mode & 0o777).toBe(0o600);
    const { keys } = JSON.parse(readFileSync(env.CHECKPOINT_KEY_FILE, 'utf8')) as {
      keys: { private: string }[];
    };
    expect(Buffer.from(keys[0]!.private, 'base64')).toHaveLength(32);
    expect(statSync(env.CHECKPOINT_KEY_FILE).mode & 0o777).toBe(0o600);
    const again = make();
    expect(again.status).toBe(0);
    expect(again.stdout).not.toContain(peppers[current]);
    expect(again.stdout).not.toContain(keys[0]!.private);
    expect(readFileSync(env.PEPPER_FILE, 'utf8')).toBe(pepper);
    rmSync(folder, { recursive: true });
  });
});
