/** One call of the command, from its arguments to its exit code. */
import type { Writable } from 'node:stream';
import { parseArgs } from 'node:util';
import {
  AccessDeniedError,
  EventStoreUnavailableError,
  EventStoreUrlError,
  LogCorruptError,
} from '@mcpstack/event-store';
import { ConfigError } from '@mcpstack/service-kit';
import { backupCommand, compareCommand, copyCommand, restoreCommand } from './commands.ts';
import { CommandError, EXIT } from './errors.ts';

export const USAGE = `Backs the event log of MCPStack Keys up, restores it, moves it to another server, and compares logs.

Usage:
  mcpstack-log backup --to FILE|- [--after FILE]   all events to a file; with --after, those since that one
  mcpstack-log restore --from FILE [--from FILE]…  into an empty log; goes on where it was interrupted
  mcpstack-log copy [--follow | --finish]          into the empty log TARGET_EVENT_STORE_URL; goes on likewise
  mcpstack-log compare [--from FILE]…              with the log TARGET_EVENT_STORE_URL, or with a backup

  --follow   goes on copying what is appended, until it is interrupted
  --finish   the source is written to no more: compares all, and makes the target a log that services take
  --longer   compare: the log may go on after the end of the backup, the target after that of the log
  --json     the result as JSON (of backup --to -, on stderr)
  --quiet    says nothing of how far it is

Exit codes:
  0 done, or the same    1 the answer is no: a difference, a damaged file, a target that holds something else
  2 wrong usage          3 it could not be done: no log, no permission, no space

Environment: EVENT_STORE_URL, EVENT_STORE_USER, EVENT_STORE_PASSWORD_FILE, EVENT_STORE_CREDS_FILE, EVENT_STORE_CA_FILE as
of the services; of the target the same with TARGET_ in front.
`;

export interface World {
  env: NodeJS.ProcessEnv;
  stdout: Writable;
  stderr: Writable;
  /** ISO 8601, UTC. */
  now: () => string;
  /** Asks to end. */
  signal: AbortSignal;
}

export interface Options {
  to?: string;
  from?: string[];
  after?: string;
  follow?: boolean;
  finish?: boolean;
  longer?: boolean;
  json?: boolean;
  quiet?: boolean;
}

/** What a command comes to: fields for people and programs. */
export interface Result {
  outcome: 'fine' | 'wrong';
  /** For people, a line each. */
  lines: readonly string[];
  json: Record<string, unknown>;
}

const COMMANDS: Record<
  string,
  { takes: readonly string[]; run: (options: Options, world: World) => Promise<Result> }
> = {
  backup: { takes: ['to', 'after'], run: backupCommand },
  restore: { takes: ['from'], run: restoreCommand },
  copy: { takes: ['follow', 'finish'], run: copyCommand },
  compare: { takes: ['from', 'longer'], run: compareCommand },
};

/** @returns the exit code. Nothing is thrown: failures are told on stderr. */
export async function execute(args: readonly string[], world: World): Promise<number> {
  let isJson = args.includes('--json');
  try {
    const { verb, options } = read(args);
    if (options.help) {
      world.stdout.write(USAGE);
      return EXIT.fine;
    }
    const { outcome, lines, json } = await COMMANDS[verb]!.run(options, world);
    const out = options.to === '-' ? world.stderr : world.stdout;
    isJson = options.json ?? false;
    if (isJson) out.write(`${JSON.stringify(json)}\n`);
    else for (const line of lines) out.write(`${line}\n`);
    return EXIT[outcome];
  } catch (error) {
    const { outcome, message } = failureOf(error);
    const exitCode = EXIT[outcome];
    world.stderr.write(
      isJson ? `${JSON.stringify({ error: { message, exitCode } })}\n` : `Error: ${message}\n`,
    );
    return exitCode;
  }
}

function read(args: readonly string[]): { verb: string; options: Options & { help?: boolean } } {
  const text = { type: 'string' } as const;
  const flag = { type: 'boolean' } as const;
  try {
    const { values, positionals } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        ...{ to: text, after: text, from: { ...text, multiple: true } },
        ...{
          follow: flag,
          finish: flag,
          longer: flag,
          json: flag,
          quiet: flag,
          help: { ...flag, short: 'h' },
        },
      },
    });
    const [verb = '', ...more] = positionals;
    if (values.help) return { verb, options: values };
    const command = COMMANDS[verb];
    if (!command || more.length > 0)
      throw new TypeError(verb === '' ? 'No command is given' : `There is no command ${verb}`);
    for (const name of Object.keys(values))
      if (!['json', 'quiet', ...command.takes].includes(name))
        throw new TypeError(`${verb} takes no --${name}`);
    return { verb, options: values };
  } catch (error) {
    throw new CommandError(
      'usage',
      `${(error as Error).message.replace(/\.$/, '')}: see mcpstack-log --help.`,
    );
  }
}

/** Texts of ours hold no address; of anybody else's errors only the name is shown. */
function failureOf(error: unknown): Pick<CommandError, 'outcome' | 'message'> {
  if (error instanceof CommandError) return error;
  if (error instanceof ConfigError || error instanceof EventStoreUrlError)
    return { outcome: 'usage', message: error.message };
  if (error instanceof LogCorruptError) return { outcome: 'wrong', message: error.message };
  if (error instanceof EventStoreUnavailableError || error instanceof AccessDeniedError)
    return { outcome: 'failed', message: error.message };
  const { name, code, message } = error as NodeJS.ErrnoException;
  const what = code ?? (name === 'RangeError' || name === 'ConflictError' ? message : name);
  return { outcome: 'failed', message: `It could not be done (${what}).` };
}
