/** `mcpstack credentials`: secrets that got out. */
import { text as textOf } from 'node:stream/consumers';
import { type Command } from 'commander';
import { type Context } from '../context.ts';
import { CliError } from '../errors.ts';
import { type Run } from '../run.ts';
import { counted } from './shown.ts';
import { addVerb } from './verb.ts';

/** What one request of the API takes. */
const MOST = 1_000;

export function addCredentials(program: Command, run: Run): void {
  const noun = program
    .command('credentials')
    .summary('end secrets that got out')
    .description('Ends service keys by their secrets, whoever holds them.');

  addVerb(noun, 'revoke', {
    summary: 'end leaked service keys by their secrets',
    about:
      'Ends the service keys whose secrets come in on stdin, one a line. Needs no login: whoever holds a secret may end it. What is no service key is passed over, and the answer does not tell. Does not ask.',
    examples: ['mcpstack credentials revoke < leaked.txt'],
  }).action(run(revoke));
}

async function revoke(context: Context): Promise<void> {
  const { world, out, openApi, ask, progress } = context;
  if (ask.isPossible) out.note('One secret a line; Ctrl-D ends the list.');
  const input = textOf(world.stdin);
  const secrets = ask.isPossible
    ? await input
    : await progress.during('Waiting for secrets on stdin', () => input);
  const all = secrets.split('\n').map((line) => line.trim());
  const credentials = [...new Set(all.filter((line) => line !== ''))];
  if (credentials.length === 0)
    throw new CliError('usage', 'stdin ended before a secret came.', {
      next: 'Pipe them in: mcpstack credentials revoke < leaked.txt',
    });
  let accepted = 0;
  for (let from = 0; from < credentials.length; from += MOST) {
    const body = { credentials: credentials.slice(from, from + MOST) };
    accepted += (await openApi.POST('/api/v1/credentials/revoke', { body })).data.accepted;
  }
  out.done(`Took ${counted(accepted, 'secret')}: the service keys among them have ended, everywhere.`, {
    value: { accepted },
  });
}
