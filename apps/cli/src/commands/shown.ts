/** How commands ask, and show one thing: the same words for the same matter under every noun. */
import { type Context } from '../context.ts';
import { type Field } from '../output.ts';
import { plain } from '@mcpstack/terminal';
import { type Answers } from './lists.ts';
import { exactly } from './times.ts';

/** Shows one thing whole; --quiet prints its id, and nothing where it has none. */
export function show<Value extends object>(
  { out, options }: Context,
  value: Value,
  fields: readonly Field<Value>[],
  { id = (value as { id?: string }).id }: { id?: string | undefined } = {},
): void {
  if (options.quiet) out.done('', { id });
  else out.item(value, fields);
}

/** A text of several lines, such as a piece of code, as it stands. */
export function print(
  { out, options, world }: Context,
  text: string,
  { id, value }: { id: string; value: object },
): void {
  if (options.quiet || options.json) out.done('', { id, value });
  else world.stdout.write(`${text}\n`);
}

/** Asks before something ends. What is asked is looked up only where somebody is asked. */
export async function confirmed(
  { ask, options }: Context,
  question: () => string | Promise<string>,
): Promise<void> {
  if (options.yes) return;
  // Where nobody can be asked, that is said first.
  await ask.confirm(ask.isPossible ? await question() : '');
}

/** `the server "search" (srv_…)`. Names come from other people. */
export const named = (noun: string, { name, id }: { name: string; id: string }): string =>
  `the ${noun} "${plain(name)}" (${id})`;

/** `user_…` or `key_…`; the system itself has no id. */
export const actor = ({ type, id }: { type: string; id?: string }): string => id ?? `the ${type}`;

type Made = Pick<Answers['ServerAnswer'], 'createdAt' | 'createdBy' | 'revision'>;

/** Who made it, when, and the revision that `--if-revision` takes. */
export const ORIGIN: readonly Field<Made>[] = [
  { title: 'Created', of: ({ createdAt }) => exactly(createdAt) },
  { title: 'Created by', of: ({ createdBy }) => actor(createdBy) },
  { title: 'Revision', of: ({ revision }) => revision },
];

/** `1 key`, `3 keys`. */
export const counted = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? '' : 's'}`;
