import { execFileSync, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { publint } from 'publint';
import { formatMessage } from 'publint/utils';
import { CLI, Installation } from './installed.ts';

const ROUNDS = 20;
/** Where the machine does much else, it takes longer until each has run undisturbed once. */
const MOST_ROUNDS = 100;
const LIMIT = 3;

let installation: Installation;
beforeAll(() => {
  installation = new Installation();
});
afterAll(() => installation.remove());

const program = () => join(installation.bin, 'mcpstack');
/** How long a process takes. Milliseconds. */
function timeOf(command: string, args: string[]): number {
  const beganMs = performance.now();
  const { status } = spawnSync(command, args, { env: installation.env });
  expect(status).toBe(0);
  return performance.now() - beganMs;
}

describe('@mcpstack/cli', () => {
  it('is one file without dependencies, with what a registry wants', async () => {
    expect(installation.files).toEqual(['README.md', 'dist/mcpstack.js', 'package.json']);
    const bytes = new Uint8Array(readFileSync(installation.tarball)).buffer;
    const { messages, pkg } = await publint({ pack: { tarball: bytes }, level: 'suggestion', strict: true });
    expect(messages.map((message) => formatMessage(message, pkg, { color: false }) ?? message.code)).toEqual(
      [],
    );
    expect(pkg).not.toHaveProperty('dependencies');
    expect(pkg.engines).toEqual({ node: '>=20.19' });
  });

  it('installs globally without a registry and runs from any folder', () => {
    const run = (option: string) =>
      execFileSync(program(), [option], { cwd: tmpdir(), env: installation.env, encoding: 'utf8' });
    expect(run('--version')).toBe(`${manifest().version}\n`);
    expect(run('--help')).toContain('Usage: mcpstack [options] [command]');
  });

  it('holds no secret, no path of this machine and no test', () => {
    const text = readFileSync(join(CLI, 'dist', 'mcpstack.js'), 'utf8');
    expect(text).not.toContain(CLI);
    expect(text).not.toMatch(/mcpstack_[sp]k_[0-9A-Za-z]{40}/);
  });

  it('prints help in at most three times what an empty Node takes, in the same run', () => {
    // The shortest of each: what else the machine does only ever adds to it.
    let [least, most, ratio] = [Infinity, Infinity, Infinity];
    for (let round = 0; round < ROUNDS || (ratio > LIMIT && round < MOST_ROUNDS); round += 1) {
      least = Math.min(least, timeOf(process.execPath, ['-e', '0']));
      most = Math.min(most, timeOf(program(), ['--help']));
      ratio = most / least;
    }
    process.stderr.write(
      `mcpstack --help ${most.toFixed(0)} ms, node -e 0 ${least.toFixed(0)} ms: ${ratio.toFixed(2)}x\n`,
    );
    expect(ratio).toBeLessThanOrEqual(LIMIT);
  });
});

const manifest = () => JSON.parse(readFileSync(join(CLI, 'package.json'), 'utf8')) as { version: string };
