/** One call of the command, from its arguments to its exit code. */
import { type GlobalOptions, type World } from './context.ts';
import { EXIT } from './errors.ts';
import { makeProgram } from './program.ts';
import { makeRun, report, type Found } from './run.ts';

/** @returns the exit code. Nothing is thrown: failures are told on stderr. */
export async function execute(args: readonly string[], world: World): Promise<number> {
  let outcome: Found = 'fine';
  const program = makeProgram(makeRun(world, (found) => (outcome = found)));
  try {
    await program.parseAsync(args, { from: 'user' });
    return EXIT[outcome];
  } catch (error) {
    return report(error, program.opts<GlobalOptions>(), world);
  }
}
