/** Runs what a command does: gives it its context, and tells failures in one sentence with the next step. */
import { ApiProblem } from '@mcpstack/api-client';
import { CommanderError, type Command } from 'commander';
import { makeContext, type Context, type World } from './context.ts';
import { CliError, EXIT, explain } from './errors.ts';
import { type GlobalOptions } from './settings.ts';
import { painter } from '@mcpstack/terminal';

/**
 * Makes the action of a command.
 * @example
 * servers
 *   .command('get <server-id>')
 *   .action(run(async ({ api, orgId, out }, serverId: string) => { … }));
 */
export type Run = <Args extends unknown[]>(
  act: (context: Context, ...args: Args) => Promise<void>,
) => (...args: Args) => Promise<void>;

export function makeRun(world: World): Run {
  return (act) =>
    async (...args) => {
      // The last argument of every action is its command.
      const command = args.at(-1) as Command;
      const context = makeContext(command.optsWithGlobals<GlobalOptions>(), world);
      try {
        await act(context, ...args);
      } catch (error) {
        const { apiUrl, credential } = context.settings;
        throw error instanceof ApiProblem ? explain(error, { apiUrl: apiUrl.value, credential }) : error;
      }
    };
}

/** Tells a failure on stderr; with --json as one line of JSON. Returns the exit code. */
export function report(
  error: unknown,
  { json, color }: GlobalOptions,
  { stderr, env }: World,
  /** What to type for help on the command that failed. */
  help: string,
): number {
  if (error instanceof CommanderError && error.exitCode === 0) return EXIT.done;
  // A group without a command: its help has been shown.
  if (error instanceof CommanderError && error.code === 'commander.help') return EXIT.usage;
  const failure = failureOf(error, help);
  const { exitCode, message, next, code, requestId } = failure;
  if (json) {
    stderr.write(`${JSON.stringify({ error: { code, message, next, requestId, exitCode } })}\n`);
    return exitCode;
  }
  const paint = painter(stderr, env, color);
  stderr.write(`${paint('red', 'Error:')} ${message}\n`);
  if (next !== undefined) stderr.write(`${next}\n`);
  if (env['MCPSTACK_DEBUG'] === 'true' && error instanceof Error) stderr.write(`${error.stack}\n`);
  return exitCode;
}

function failureOf(error: unknown, help: string): CliError {
  if (error instanceof CliError) return error;
  if (error instanceof CommanderError) {
    const text = error.message
      .replace(/^error: /, '')
      .replace(/\n\(Did you mean (.+)\?\)$/s, '; did you mean $1?');
    const message = text.charAt(0).toUpperCase() + text.slice(1);
    return new CliError('usage', /[.?!]$/.test(message) ? message : `${message}.`, {
      next: `See "${help}".`,
    });
  }
  const what = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  return new CliError('failed', `Something went wrong in mcpstack itself (${what}).`, {
    code: 'internal',
    next: 'MCPSTACK_DEBUG=true shows where; please report it.',
    cause: error,
  });
}
