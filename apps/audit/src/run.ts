/** Runs what a command does: gives it its context, and tells failures in one sentence with the next step. */
import { InvalidEventError, UnknownEventError } from '@mcpstack/domain';
import { painter } from '@mcpstack/terminal';
import { CommanderError, type Command } from 'commander';
import { makeContext, type Context, type GlobalOptions, type World } from './context.ts';
import { AuditError, EXIT, type Outcome } from './errors.ts';
import { type AuditedLog } from './log.ts';

/** What a command finds: `fine`, or `wrong` where the answer is no. */
export type Found = Extract<Outcome, 'fine' | 'wrong'>;

/**
 * Makes the action of a command.
 * @example
 * program.command('verify').action(run(async ({ openLog, out }, options) => { …; return 'fine'; }));
 */
export type Run = <Args extends unknown[]>(
  act: (context: Context, ...args: Args) => Promise<Found>,
) => (...args: Args) => Promise<void>;

/** @param onFound told what the command found, for the exit code. */
export function makeRun(world: World, onFound: (found: Found) => void): Run {
  return (act) =>
    async (...args) => {
      // The last argument of every action is its command.
      const command = args.at(-1) as Command;
      const logs: AuditedLog[] = [];
      const context = makeContext(command.optsWithGlobals<GlobalOptions>(), world, (log) => logs.push(log));
      try {
        onFound(await act(context, ...args));
      } finally {
        context.progress.clear();
        await Promise.all(logs.map((log) => log.close()));
      }
    };
}

/** Tells a failure on stderr; with --json as one line of JSON. Returns the exit code. */
export function report(error: unknown, { json, color }: GlobalOptions, { stderr, env }: World): number {
  if (error instanceof CommanderError && error.exitCode === 0) return EXIT.fine;
  // A group without a command: its help has been shown.
  if (error instanceof CommanderError && error.code === 'commander.help') return EXIT.usage;
  const { outcome, code, message, next } = failureOf(error);
  const exitCode = EXIT[outcome];
  if (json) {
    stderr.write(`${JSON.stringify({ error: { code, message, next, exitCode } })}\n`);
    return exitCode;
  }
  stderr.write(`${painter(stderr, env, color)('red', 'Error:')} ${message}\n`);
  if (next !== undefined) stderr.write(`${next}\n`);
  if (env['MCPSTACK_DEBUG'] === 'true' && error instanceof Error) stderr.write(`${error.stack}\n`);
  return exitCode;
}

function failureOf(error: unknown): AuditError {
  if (error instanceof AuditError) return error;
  if (error instanceof CommanderError) {
    const text = error.message
      .replace(/^error: /, '')
      .replace(/\n\(Did you mean (.+)\?\)$/s, '; did you mean $1?');
    const message = text.charAt(0).toUpperCase() + text.slice(1);
    return new AuditError('usage', /[.?!]$/.test(message) ? message : `${message}.`, {
      next: 'See "mcpstack-audit help".',
    });
  }
  if (error instanceof UnknownEventError)
    return new AuditError(
      'unknown',
      `The log holds an event that this version does not know: ${error.message}.`,
      {
        code: 'unknown-event',
        next: 'Use the mcpstack-audit of the version that runs, or a newer one: skipping an event could hide what it did.',
      },
    );
  if (error instanceof InvalidEventError)
    return new AuditError('wrong', `The log holds what nothing of ours wrote: ${error.message}.`, {
      code: 'invalid-event',
      next: 'See whether somebody touched it: mcpstack-audit verify.',
    });
  const what = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  return new AuditError('unknown', `Something went wrong in mcpstack-audit itself (${what}).`, {
    code: 'internal',
    next: 'MCPSTACK_DEBUG=true shows where; please report it.',
    cause: error,
  });
}
