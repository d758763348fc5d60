/** `mcpstack-audit`: the process around the program. */
import { thisWorld } from './context.ts';
import { EXIT } from './errors.ts';
import { execute } from './execute.ts';

process.on('SIGINT', () => {
  if (process.stderr.isTTY) process.stderr.write('\n');
  process.exit(EXIT.interrupted);
});
// A reader that wants no more, such as `head`, is no failure.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(EXIT.fine);
  throw error;
});
process.exitCode = await execute(process.argv.slice(2), thisWorld());
