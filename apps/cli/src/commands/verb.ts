/** A command of a noun: a line for the list of commands, a text for its own help, and examples. */
import { Option, type Command } from 'commander';
import { ROLES } from '@mcpstack/contracts';
import { example } from '../help.ts';
import { roleOf } from './values.ts';

export interface Verb {
  /** Lower case, as it stands in a list. */
  summary: string;
  /** Whole sentences. */
  about: string;
  examples: readonly string[];
}

export function addVerb(noun: Command, name: string, { summary, about, examples }: Verb): Command {
  return noun
    .command(name)
    .summary(summary)
    .description(about)
    .addHelpText('after', example(...examples));
}

/** An option that takes a role: shells complete it, and an unknown one is told what there is. */
export function roleOption(about: string): Option {
  return new Option('--role <role>', about).choices(ROLES).argParser(roleOf);
}

/** The same of any words. */
export function wordOption<Word extends string>(
  flags: string,
  about: string,
  words: readonly Word[],
  parse: (text: string) => Word,
): Option {
  return new Option(flags, about).choices(words).argParser(parse);
}
