import { execFileSync, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { publint } from 'publint';
import { formatMessage } from 'publint/utils';
import { CLI, Installation } from './installed.ts';

const ROUNDS = 20;
const LIMIT = 3;

let installation: Installation;
beforeAll(() => {
  installation = new Installation();
});
afterAll(() => installation.remove());

const program = () => join(installation.bin, 'mcpstack');
interface Times {
  /** By the clock on the wall. Milliseconds. */
  wallMs: number;
  /** Of the processor. Milliseconds. */
  cpuMs: number;
}

/** How long a process takes. */
function timeOf(command: string, ...args: string[]): Times {
  const line = 'TIMEFORMAT=\'%R %U %S\'; time "$@" > /dev/null';
  const { stderr, status } = spawnSync('bash', ['-c', line, 'bash', command, ...args], {
    env: { ...installation.env, LC_ALL: 'C' },
    encoding: 'utf8',
  });
  expect(status).toBe(0);
  const [wall, user, system] = stderr
    .trim()
    .split(' ')
    .map((text) => Number(text) * 1_000);
  return { wallMs: wall!, cpuMs: user! + system! };
}

/** The shortest of each: what else the machine does only ever adds to it. */
function shortest(times: readonly Times[]): Times {
  const least = (of: (one: Times) => number) => Math.min(...times.map(of));
  return { wallMs: least(({ wallMs }) => wallMs), cpuMs: least(({ cpuMs }) => cpuMs) };
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

  // The processor's time is held to it: a machine that does much else stretches what is longer by more.
  it('prints help in at most three times what an empty Node takes, in the same run', () => {
    const rounds = Array.from({ length: ROUNDS }, () => ({
      empty: timeOf(process.execPath, '-e', '0'),
      help: timeOf(program(), '--help'),
    }));
    const empty = shortest(rounds.map((round) => round.empty));
    const help = shortest(rounds.map((round) => round.help));
    const told = (ms: (times: Times) => number) =>
      `${ms(help).toFixed(0)} ms : ${ms(empty).toFixed(0)} ms = ${(ms(help) / ms(empty)).toFixed(2)}x`;
    process.stderr.write(
      `mcpstack --help : node -e 0: ${told(({ wallMs }) => wallMs)}, of the processor ${told(({ cpuMs }) => cpuMs)}\n`,
    );
    expect(help.cpuMs / empty.cpuMs).toBeLessThanOrEqual(LIMIT);
  });
});

const manifest = () => JSON.parse(readFileSync(join(CLI, 'package.json'), 'utf8')) as { version: string };
