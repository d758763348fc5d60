/** The package as people install it: packed, installed globally into a prefix of its own, and run. */
import { execFile, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { publint } from 'publint';
import { formatMessage } from 'publint/utils';

const CLI = fileURLToPath(new URL('..', import.meta.url));
const ROUNDS = 15;
const run = promisify(execFile);
const LIMITS = { timeout: 60_000, maxBuffer: 16 * 1_024 * 1_024 };

let folder: string;
let tarball: string;
let program: string;
let files: { path: string }[];
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'mcpstack-package-'));
  const clean = { ...process.env, NODE_OPTIONS: '' };
  await run(process.execPath, [join(CLI, 'bundle.mjs')], { ...LIMITS, env: clean });
  const args = ['pack', CLI, '--json', '--offline', '--pack-destination', folder];
  const { stdout } = await run('npm', args, { ...LIMITS, cwd: folder, env: clean });
  const [packed] = JSON.parse(stdout) as [{ filename: string; files: { path: string }[] }];
  files = packed.files;
  tarball = join(folder, packed.filename);
  const prefix = join(folder, 'prefix');
  mkdirSync(prefix);
  // Offline: it depends on nothing.
  await run('npm', ['install', '--global', '--offline', '--prefix', prefix, tarball], {
    ...LIMITS,
    cwd: folder,
    env: clean,
  });
  program = join(prefix, 'bin', 'mcpstack');
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const plainEnv = () => ({ PATH: process.env['PATH']!, HOME: folder });
/** How long a process takes. Milliseconds. */
function timeOf(command: string, args: string[]): number {
  const beganMs = performance.now();
  const { status } = spawnSync(command, args, { env: plainEnv() });
  expect(status).toBe(0);
  return performance.now() - beganMs;
}
const median = (values: number[]) => values.sort((a, b) => a - b)[values.length >> 1]!;

describe('@mcpstack/cli', () => {
  it('is one file without dependencies, with what a registry wants', async () => {
    expect(files.map(({ path }) => path).sort()).toEqual(['README.md', 'dist/mcpstack.js', 'package.json']);
    const bytes = new Uint8Array(readFileSync(tarball)).buffer;
    const { messages, pkg } = await publint({ pack: { tarball: bytes }, level: 'suggestion', strict: true });
    expect(messages.map((message) => formatMessage(message, pkg, { color: false }) ?? message.code)).toEqual(
      [],
    );
    expect(pkg).not.toHaveProperty('dependencies');
    expect(pkg.engines).toEqual({ node: '>=20.19' });
  });

  it('installs globally without a registry and runs from any folder', async () => {
    const at = { cwd: tmpdir(), env: plainEnv(), ...LIMITS };
    expect((await run(program, ['--version'], at)).stdout).toBe(`${manifest().version}\n`);
    expect((await run(program, ['--help'], at)).stdout).toContain('Usage: mcpstack [options] [command]');
  });

  it('holds no secret, no path of this machine and no test', () => {
    const text = readFileSync(join(CLI, 'dist', 'mcpstack.js'), 'utf8');
    expect(text).not.toContain(CLI);
    expect(text).not.toMatch(/mcpstack_[sp]k_[0-9A-Za-z]{40}/);
  });

  it('prints help in at most three times what an empty Node takes, in the same run', () => {
    const empty: number[] = [];
    const help: number[] = [];
    for (let round = 0; round < ROUNDS; round += 1) {
      empty.push(timeOf(process.execPath, ['-e', '0']));
      help.push(timeOf(program, ['--help']));
    }
    const ratio = median(help) / median(empty);
    process.stderr.write(
      `mcpstack --help ${median(help).toFixed(0)} ms, node -e 0 ${median(empty).toFixed(0)} ms: ${ratio.toFixed(2)}x\n`,
    );
    expect(ratio).toBeLessThanOrEqual(3);
  });
});

const manifest = () => JSON.parse(readFileSync(join(CLI, 'package.json'), 'utf8')) as { version: string };
