/** The tree of commands, with the options that all of them take. */
import { Command, Option } from 'commander';
import { addAsOf } from './commands/as-of.ts';
import { addConsistency } from './commands/consistency.ts';
import { addExport } from './commands/export.ts';
import { addHead } from './commands/head.ts';
import { addHistory } from './commands/history.ts';
import { addProof } from './commands/proof.ts';
import { addReport } from './commands/report.ts';
import { addReplay } from './commands/replay.ts';
import { addVerifyProof } from './commands/verify-proof.ts';
import { addVerify } from './commands/verify.ts';
import { type Run } from './run.ts';

declare const MCPSTACK_VERSION: string | undefined;
/** Of the package; set when it is bundled. */
export const VERSION = typeof MCPSTACK_VERSION === 'string' ? MCPSTACK_VERSION : '0.0.0';

const EXIT_CODES = `
Exit codes:
  0 nothing is wrong with what was looked at
  1 the answer is no: an event does not fit, a difference, a proof that does not hold
  2 wrong usage or input
  3 it could not be found out: no log, no permission, an event that this version does not know

Environment:
  EVENT_STORE_URL  the log, as --log; credentials that may read are enough
  EVENT_STORE_USER, EVENT_STORE_PASSWORD_FILE, EVENT_STORE_CREDS_FILE, EVENT_STORE_CA_FILE
                   how to log in there, as of the services; not with --log
  REDIS_URL        the read models, as --redis of replay --compare
  NO_COLOR         no colour
  MCPSTACK_DEBUG   true: where an error is from`;

/** In the order in which help shows them. */
const COMMANDS: readonly ((program: Command, run: Run) => void)[] = [
  addHead,
  addReplay,
  addAsOf,
  addHistory,
  addReport,
  addExport,
  addVerify,
  addProof,
  addConsistency,
  addVerifyProof,
];

export function makeProgram(run: Run): Command {
  const global = (flags: string, text: string) => new Option(flags, text).helpGroup('Global options:');
  const program = new Command('mcpstack-audit')
    .description(
      'Replays the event log of MCPStack Keys: who could do what, when, and whether anyone has touched it.',
    )
    .version(VERSION, '-V, --version', 'print the version')
    .helpOption('-h, --help', 'print help')
    .helpCommand('help [command]', 'print help of a command')
    .addOption(global('--log <url>', 'the log: kurrentdb://host:2113, or nats://host:4222'))
    .addOption(global('--json', 'print JSON'))
    .addOption(global('--no-progress', 'say nothing of how far it is'))
    .addOption(global('--no-color', 'print without colour'))
    .configureHelp({ showGlobalOptions: true })
    // Failures are told in one place, by main.
    .configureOutput({ outputError: () => undefined })
    .exitOverride()
    .showSuggestionAfterError()
    .addHelpText('after', EXIT_CODES);
  for (const add of COMMANDS) add(program, run);
  return program;
}
