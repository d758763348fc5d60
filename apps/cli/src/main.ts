/** `mcpstack`: the process around the program. */
import { thisWorld } from './context.ts';
import { type Command } from 'commander';
import { listenForSignals } from './interrupt.ts';
import { makeProgram } from './program.ts';
import { makeRun, report } from './run.ts';
import { type GlobalOptions } from './settings.ts';

const world = thisWorld();
listenForSignals();
// A reader that wants no more, such as `head`, is no failure.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(0);
  throw error;
});

const program = makeProgram(makeRun(world));
const args = process.argv.slice(2);
try {
  await program.parseAsync(args, { from: 'user' });
} catch (error) {
  process.exitCode = report(error, program.opts<GlobalOptions>(), world, helpFor(program, args));
}

/** What to type for help on the command that the words lead to. */
function helpFor(root: Command, words: readonly string[]): string {
  const path = [root.name()];
  let at = root;
  for (const word of words) {
    const next = at.commands.find((command) => command.name() === word || command.aliases().includes(word));
    if (!next) continue;
    path.push(next.name());
    at = next;
  }
  return `${path.join(' ')} --help`;
}
