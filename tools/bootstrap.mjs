// What must work before anything is installed or built: plain Node, no packages.
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = dirname(dirname(fileURLToPath(import.meta.url)));
const NEEDED_NODE = [20, 19];
const [CLI, AUDIT, CONSOLE] = ['apps/cli', 'apps/audit', 'apps/console'];
const SERVICES = 'tools/bundle-services.mjs';

/** One sentence if this Node is too old, else nothing. */
export function nodeProblem(version = process.versions.node) {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const [needMajor, needMinor] = NEEDED_NODE;
  if (major > needMajor || (major === needMajor && minor >= needMinor)) return undefined;
  return `Node ${NEEDED_NODE.join('.')} or newer is needed and this is ${version}: install a newer Node.`;
}

/** Checks Node, installs and builds. Says what stands in the way of that; whether nothing does. */
export async function isReady(progress) {
  try {
    const problem = nodeProblem();
    if (problem) throw new Error(problem);
    await prepare(progress);
    return true;
  } catch (error) {
    progress.clear();
    if (error.output) progress.say(error.output.trimEnd());
    progress.say(error.message);
    return false;
  }
}

/** Installs the packages of the lock file unless exactly these are there, and builds what has changed. */
export async function prepare(progress) {
  if (!isInstalled()) {
    const done = progress.step('installing packages (npm ci)');
    await run('npm', ['ci', '--no-progress'], 'npm ci failed');
    done();
  }
  const stamp = join(root, 'node_modules', '.cache', 'mcpstack-build');
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === sourceDigest()) return;
  const done = progress.step('building');
  await run(
    process.execPath,
    [join(root, 'node_modules', 'typescript', 'bin', 'tsc'), '-b'],
    'the build failed',
  );
  const at = (...parts) => join(root, ...parts);
  await run(process.execPath, [at(CLI, 'bundle.mjs')], 'mcpstack could not be bundled');
  await run(process.execPath, [at(AUDIT, 'bundle.mjs')], 'mcpstack-audit could not be bundled');
  await run(process.execPath, [at(SERVICES)], 'the services could not be bundled');
  const vite = [at('node_modules', 'vite', 'bin', 'vite.js'), 'build', '--logLevel', 'warn', at(CONSOLE)];
  await run(process.execPath, vite, 'the console could not be built');
  mkdirSync(dirname(stamp), { recursive: true });
  writeFileSync(stamp, sourceDigest());
  done();
}

/** Compares the lock file with what npm noted about node_modules when it last finished. */
function isInstalled() {
  const noted = join(root, 'node_modules', '.package-lock.json');
  if (!existsSync(noted)) return false;
  const { packages: wanted } = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8'));
  const { packages: present } = JSON.parse(readFileSync(noted, 'utf8'));
  return Object.entries(wanted).every(([path, { version, link, optional, devOptional, peer }]) => {
    if (!path.startsWith('node_modules/')) return true;
    const found = present[path];
    // Packages for other platforms are left out by npm.
    if (!found) return Boolean(optional || devOptional || peer);
    return link ? found.link === true : found.version === version;
  });
}

/** Changes whenever a source, a manifest or a compiler setting does; reads no file but the lock. */
function sourceDigest() {
  const hash = createHash('sha256').update(process.version);
  const visit = (path) => {
    const stat = statSync(path, { throwIfNoEntry: false });
    if (!stat) return hash.update(`${path} is absent\n`);
    if (!stat.isDirectory()) return hash.update(`${path} ${stat.size} ${stat.mtimeMs}\n`);
    for (const name of readdirSync(path).sort()) visit(join(path, name));
  };
  for (const name of ['package-lock.json', 'tsconfig.base.json', 'tsconfig.json']) visit(join(root, name));
  for (const room of rooms()) {
    for (const name of ['src', 'package.json', 'tsconfig.json']) visit(join(root, room, name));
    // A dist that was deleted must be built again.
    hash.update(String(existsSync(join(root, room, 'dist', '.tsbuildinfo'))));
  }
  for (const made of [
    `${CLI}/bundle.mjs`,
    `${AUDIT}/bundle.mjs`,
    SERVICES,
    `${CONSOLE}/index.html`,
    `${CONSOLE}/vite.config.ts`,
  ])
    visit(join(root, made));
  for (const made of [
    `${CLI}/dist/mcpstack.js`,
    `${AUDIT}/dist/mcpstack-audit.js`,
    'apps/gateway/dist/service.js',
    `${CONSOLE}/dist/index.html`,
  ])
    hash.update(String(existsSync(join(root, made))));
  return hash.digest('hex');
}

function rooms() {
  const inside = (folder) => readdirSync(join(root, folder)).map((name) => `${folder}/${name}`);
  return [...inside('apps'), ...inside('libs'), 'tools', 'tools/bench'].filter((room) =>
    existsSync(join(root, room, 'tsconfig.json')),
  );
}

/** Runs a command; shows what it said only when it fails. */
function run(command, args, failure) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] });
    let said = '';
    const keep = (chunk) => (said = (said + chunk).slice(-20_000));
    child.stdout.on('data', keep);
    child.stderr.on('data', keep);
    const pass = (signal) => child.kill(signal);
    for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, pass);
    child.once('error', (error) => reject(new PrepareError(`${failure}: ${error.message}`, '')));
    child.once('close', (code, signal) => {
      for (const name of ['SIGINT', 'SIGTERM']) process.removeListener(name, pass);
      if (code === 0) resolve();
      else reject(new PrepareError(`${failure} (${signal ?? `exit code ${code}`})`, said));
    });
  });
}

class PrepareError extends Error {
  constructor(message, output) {
    super(`${message}.`);
    this.output = output;
  }
}
