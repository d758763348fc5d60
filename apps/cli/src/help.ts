/** Parts of help texts. */
import { type Command } from 'commander';

/** Examples below the help of a command. */
export function example(...lines: string[]): string {
  return `\nExample${lines.length === 1 ? '' : 's'}:\n${lines.map((line) => `  $ ${line}`).join('\n')}`;
}

/** The line that is typed, with the options that must be given: `mcpstack servers create --name <name> [options]`. */
export function usageOf(command: Command): string {
  const path: string[] = [];
  for (let at: Command | null = command; at; at = at.parent) path.unshift(at.name());
  const needed = command.options.filter(({ mandatory }) => mandatory).map(({ flags }) => flags);
  return [...path, ...needed, command.usage()].join(' ');
}
