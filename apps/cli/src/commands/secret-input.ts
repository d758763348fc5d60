/** The token of an invitation as it is handed over: an argument, standard input, or asked for without an echo. */
import { text } from 'node:stream/consumers';
import { type Context } from '../context.ts';
import { CliError } from '../errors.ts';

export async function secretFrom(
  { ask, world }: Context,
  given: string | undefined,
  fromStdin: true | undefined,
): Promise<string> {
  if (given !== undefined && fromStdin)
    throw new CliError('usage', 'Two tokens are given.', {
      next: 'Leave out --token-stdin or the argument.',
    });
  if (given !== undefined) return given;
  if (!fromStdin && ask.isPossible) return ask.hidden('Token');
  if (!fromStdin)
    throw new CliError('usage', 'No token was given.', { next: 'Pass --token-stdin, or the token itself.' });
  const token = (await text(world.stdin)).trim();
  if (token === '')
    throw new CliError('usage', 'stdin ended before a token came.', {
      next: 'See that the command before the pipe prints the token.',
    });
  return token;
}
