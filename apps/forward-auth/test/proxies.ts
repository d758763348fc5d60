/**
 * nginx and Caddy for specs, run from the examples in deploy/proxies. Where this machine has none, Debian's packages
 * are fetched and unpacked beside the other caches: nothing is installed, and no package starts a service.
 */
import { execFile } from 'node:child_process';
import { access, constants, mkdir, mkdtemp, readdir, rename, rm } from 'node:fs/promises';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import { freePort, ManagedProcess, repositoryRoot, waitFor } from '@mcpstack/local-servers';

const run = promisify(execFile);
const FETCH_TIMEOUT_MS = 60_000;
const ROOT = repositoryRoot();
const CACHE = join(ROOT, 'node_modules', '.cache', 'mcpstack-proxies');

export type ProxyName = 'nginx' | 'caddy';

/** Which of Debian's packages may hold the program, and how it is asked for its version. */
const PROXIES = {
  nginx: { packages: ['nginx', 'nginx-core', 'nginx-light'], ask: ['-V'], has: /auth_request/ },
  caddy: { packages: ['caddy'], ask: ['version'], has: /\d/ },
} as const;

/** The path of the program, or why there is none. */
export async function findProxy(name: ProxyName): Promise<{ path: string } | { missing: string }> {
  const places = [...(process.env.PATH ?? '').split(delimiter), '/usr/sbin', '/usr/bin', '/usr/local/bin'];
  const unpacked = ['usr/sbin', 'usr/bin'].map((folder) => join(CACHE, name, folder));
  const look = async () => {
    for (const folder of [...places, ...unpacked]) {
      if (await works(name, join(folder, name))) return { path: join(folder, name) };
    }
    return undefined;
  };
  const found = await look();
  if (found) return found;
  if (process.env.MCPSTACK_NO_INSTALL)
    return { missing: `there is no ${name}, and MCPSTACK_NO_INSTALL is set` };
  const reasons: string[] = [];
  for (const debianPackage of PROXIES[name].packages) {
    try {
      await unpack(name, debianPackage);
    } catch (error) {
      reasons.push(`${debianPackage}: ${(error as Error).message.split('\n')[0]}`);
      continue;
    }
    const now = await look();
    if (now) return now;
    reasons.push(`${debianPackage} does not run here`);
  }
  return { missing: `there is no ${name}, and apt-get gives none (${reasons.join('; ')})` };
}

/** `describe` for specs of this proxy; where it cannot be had, they are skipped, and the reason is printed. */
export async function describeWith(name: ProxyName): Promise<{ describe: jest.Describe; path: string }> {
  const found = await findProxy(name);
  if ('path' in found) return { describe, path: found.path };
  process.stderr.write(`Skipped: the specs of ${name}, because ${found.missing}.\n`);
  return { describe: describe.skip, path: '' };
}

async function works(name: ProxyName, path: string): Promise<boolean> {
  try {
    await access(path, constants.X_OK);
    const { stdout, stderr } = await run(path, [...PROXIES[name].ask], { timeout: 10_000 });
    return PROXIES[name].has.test(stdout + stderr);
  } catch {
    return false;
  }
}

async function unpack(name: ProxyName, debianPackage: string): Promise<void> {
  await mkdir(CACHE, { recursive: true });
  const workshop = await mkdtemp(join(CACHE, 'fetch-'));
  const apt = (...args: string[]) => run('apt-get', args, { cwd: workshop, timeout: FETCH_TIMEOUT_MS });
  try {
    await apt('download', debianPackage).catch(async () => {
      // A fresh machine has no package lists yet.
      await apt('update');
      await apt('download', debianPackage);
    });
    const file = (await readdir(workshop)).find((entry) => entry.endsWith('.deb'));
    if (!file) throw new Error('nothing was fetched');
    const tree = join(workshop, 'tree');
    await run('dpkg-deb', ['--extract', join(workshop, file), tree], { timeout: FETCH_TIMEOUT_MS });
    await rm(join(CACHE, name), { recursive: true, force: true });
    // Another spec may have been as quick; its tree is as good.
    await rename(tree, join(CACHE, name)).catch(() => undefined);
  } finally {
    await rm(workshop, { recursive: true, force: true });
  }
}

/** Text of an example with its addresses replaced; each must be there, so that none is missed. */
export function example(file: string, replaced: Readonly<Record<string, string>> = {}): string {
  let text = readFileSync(join(ROOT, 'deploy', 'proxies', file), 'utf8');
  for (const [from, to] of Object.entries(replaced)) {
    if (!text.includes(from)) throw new Error(`deploy/proxies/${file} has no "${from}" to replace`);
    text = text.replaceAll(from, to);
  }
  return text;
}

/** Where the proxy asks and what it protects; ports on 127.0.0.1. */
export interface Behind {
  forwardAuthPort: number;
  upstreamPort: number;
  /** Changes the example, to show what a line of it is for. */
  change?: (text: string) => string;
}

export interface RunningProxy {
  url: string;
  stop: () => Promise<void>;
}

export async function startNginx(path: string, behind: Behind): Promise<RunningProxy> {
  const { forwardAuthPort, upstreamPort, change = (text) => text } = behind;
  const folder = mkdtempSync(join(tmpdir(), 'mcpstack-nginx-'));
  const port = await freePort();
  const keys = join(folder, 'keys.conf');
  writeFileSync(keys, change(example('nginx-keys.conf')));
  const site = example('nginx.conf', {
    'listen 8000': `listen 127.0.0.1:${port}`,
    'server 127.0.0.1:8081': `server 127.0.0.1:${forwardAuthPort}`,
    'server 127.0.0.1:3000': `server 127.0.0.1:${upstreamPort}`,
    'snippets/mcpstack-keys.conf': keys,
  });
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']
    .map((kind) => `${kind}_temp_path ${join(folder, kind)};`)
    .join('\n');
  const config = join(folder, 'nginx.conf');
  // One process, no files but its own, no change of user: it runs for whoever runs the specs.
  writeFileSync(
    config,
    `daemon off; master_process off; pid ${join(folder, 'pid')}; error_log stderr;
     events {}
     http { access_log off; ${temporary}\n${change(site)}\n}`,
  );
  const args = ['-p', folder, '-c', config, '-e', 'stderr'];
  return start('nginx', { command: path, args, env: process.env }, { folder, port });
}

export async function startCaddy(path: string, behind: Behind): Promise<RunningProxy> {
  const { forwardAuthPort, upstreamPort, change = (text) => text } = behind;
  const folder = mkdtempSync(join(tmpdir(), 'mcpstack-caddy-'));
  const port = await freePort();
  const site = example('Caddyfile', {
    ':8000 {': `:${port} {\n\tbind 127.0.0.1`,
    'forward_auth 127.0.0.1:8081': `forward_auth 127.0.0.1:${forwardAuthPort}`,
    'reverse_proxy 127.0.0.1:3000': `reverse_proxy 127.0.0.1:${upstreamPort}`,
  });
  const config = join(folder, 'Caddyfile');
  writeFileSync(config, `{\n\tadmin off\n\tauto_https off\n}\n${change(site)}`);
  const env = { ...process.env, HOME: folder, XDG_CONFIG_HOME: folder, XDG_DATA_HOME: folder };
  const args = ['run', '--config', config, '--adapter', 'caddyfile'];
  return start('Caddy', { command: path, args, env }, { folder, port });
}

async function start(
  name: string,
  what: { command: string; args: string[]; env: NodeJS.ProcessEnv },
  { folder, port }: { folder: string; port: number },
): Promise<RunningProxy> {
  const child = await ManagedProcess.start({ name, ...what });
  const url = `http://127.0.0.1:${port}`;
  const stop = async () => {
    await child.stop();
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    await waitFor(
      async () => {
        if (!child.running) return true;
        await (await fetch(url, { signal: AbortSignal.timeout(5_000) })).text();
        return true;
      },
      { what: `${name} to answer` },
    );
    if (!child.running) throw new Error(`${name} ended: ${child.lastLines(5).join(' | ')}`);
    return { url, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}
