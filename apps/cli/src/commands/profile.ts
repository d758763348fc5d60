/** `mcpstack profile`: your own name and address. */
import { type Command } from 'commander';
import { type Context } from '../context.ts';
import { type Field } from '../output.ts';
import { type Run } from '../run.ts';
import { type Answers } from './lists.ts';
import { confirmed, show } from './shown.ts';
import { addVerb } from './verb.ts';
import { someOf } from './write-options.ts';

type Profile = Answers['ProfileAnswer'];

const FIELDS: readonly Field<Profile>[] = [
  { title: 'Id', of: ({ userId }) => userId },
  { title: 'Name', of: ({ name }) => name ?? '-' },
  { title: 'E-mail', of: ({ email }) => email ?? '-' },
];

export function addProfile(program: Command, run: Run): void {
  const noun = program
    .command('profile')
    .summary('show and change your name and e-mail')
    .description('Shows, changes and erases your own name and e-mail address, as others see them.');

  addVerb(noun, 'show', {
    summary: 'show your name and e-mail',
    about: 'Shows your name and e-mail address.',
    examples: ['mcpstack profile show'],
  }).action(
    run(async (context) => {
      const { data } = await context.api.GET('/api/v1/me/profile');
      show(context, data, FIELDS, { id: data.userId });
    }),
  );

  addVerb(noun, 'update', {
    summary: 'change your name or e-mail',
    about: 'Changes your name or e-mail address. An empty text removes it.',
    examples: ['mcpstack profile update --name "Ada Lovelace"', 'mcpstack profile update --email ""'],
  })
    .option('--name <name>', 'the new name')
    .option('--email <address>', 'the new address')
    .action(run(update));

  addVerb(noun, 'erase', {
    summary: 'erase your name and e-mail',
    about: 'Erases your name and e-mail address, everywhere and for good. Asks first.',
    examples: ['mcpstack profile erase'],
  }).action(run(erase));
}

async function update(context: Context, { name, email }: { name?: string; email?: string }): Promise<void> {
  const { data } = await context.api.PATCH('/api/v1/me/profile', { body: someOf({ name, email }) });
  context.out.done('Changed your profile.', { id: data.userId, value: data });
}

async function erase(context: Context): Promise<void> {
  const { data } = await context.api.GET('/api/v1/me/profile');
  const known = data.name ?? data.email ?? data.userId;
  await confirmed(context, () => `Erase your name and address (${known}), everywhere and for good?`);
  await context.api.DELETE('/api/v1/me/profile');
  context.out.done('Erased your name and address.', { id: data.userId });
}
