/** The command line in this process, against a server of the spec: a world of its own for each run. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { makeToken } from '@mcpstack/contracts';
import { type Command } from 'commander';
import { type World } from '../src/context.ts';
import { makeProgram } from '../src/program.ts';
import { makeRun, report } from '../src/run.ts';
import { type GlobalOptions } from '../src/settings.ts';

export interface Result {
  code: number;
  stdout: string;
  stderr: string;
}

export interface RunOptions {
  api: { url: string };
  /** What comes in. */
  stdin?: string;
  /** Whether somebody sits at a terminal and types it. */
  tty?: boolean;
  /** Whether what goes to stderr is on a terminal. */
  screen?: boolean;
  /** Instead of a key and an organization. */
  env?: Record<string, string>;
}

export const ORG = 'org_4fZ0q2m1c8bVdJw5rT7yXa';
const KEY_ENV = { MCPSTACK_API_KEY: makeToken('service'), MCPSTACK_ORG_ID: ORG };

/** A folder for logins, so that none of this machine is read. */
const home = mkdtempSync(join(tmpdir(), 'mcpstack-commands-'));
process.env['XDG_CONFIG_HOME'] = home;
afterAll(() => rmSync(home, { recursive: true, force: true }));

export async function runCli(
  args: readonly string[],
  { api, stdin = '', tty = false, screen = false, env = KEY_ENV }: RunOptions,
): Promise<Result> {
  const result: Result = { code: 0, stdout: '', stderr: '' };
  const world: World = {
    env: { MCPSTACK_API_URL: api.url, ...env },
    cwd: home,
    stdin: Object.assign(Readable.from([stdin]), { isTTY: tty }) as unknown as NodeJS.ReadStream,
    stdout: sinkOf((text) => (result.stdout += text)),
    stderr: { ...sinkOf((text) => (result.stderr += text)), isTTY: screen },
  };
  const program = makeProgram(makeRun(world));
  try {
    await program.parseAsync(args, { from: 'user' });
  } catch (error) {
    result.code = report(error, program.opts<GlobalOptions>(), world, 'mcpstack --help');
  }
  return result;
}

/** `api-keys create`: every command that does something. */
export function commandPaths(): string[] {
  const leavesOf = (command: Command, path: readonly string[]): string[] =>
    command.commands.length === 0
      ? [path.join(' ')]
      : command.commands.flatMap((one) => leavesOf(one, [...path, one.name()]));
  return leavesOf(aProgram(), []);
}

/** The tree of commands, to be looked at. */
export function aProgram(): Command {
  return makeProgram(() => () => Promise.resolve());
}

const sinkOf = (take: (text: string) => void): World['stdout'] => ({
  write: (text: string | Uint8Array) => {
    take(String(text));
    return true;
  },
});
