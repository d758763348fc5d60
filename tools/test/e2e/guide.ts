/** The guides in docs/, as their readers run them: block by block, in one shell. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { repositoryRoot } from '@mcpstack/local-servers';

/** The blocks of commands in a guide of docs/. */
export function guide(name: string): string[] {
  return commandsOf(textOf(name));
}

export function textOf(name: string): string {
  return readFileSync(join(repositoryRoot(), 'docs', name), 'utf8');
}

/** The blocks of commands in a guide: what is indented by four or more after an empty line. */
export function commandsOf(markdown: string): string[] {
  const blocks: string[][] = [];
  let last: 'empty' | 'code' | 'text' = 'empty';
  for (const line of markdown.split('\n')) {
    if (line.trim() === '') {
      if (last === 'text') last = 'empty';
      continue;
    }
    const isCode: boolean = /^ {4,}\S/.test(line) && last !== 'text';
    if (isCode && last === 'empty') blocks.push([]);
    if (isCode) blocks.at(-1)!.push(line);
    last = isCode ? 'code' : 'text';
  }
  return blocks.map((lines) => lines.join('\n')).filter((block) => !block.trimStart().startsWith('import '));
}

/** The program in a guide: from its first import to the next line that is not indented. */
export function programOf(markdown: string): string {
  const [, program = ''] = /\n\n(( {4}import .*\n)( {4}.*\n|\n)*)/.exec(markdown) ?? [];
  return program.replace(/^ {4}/gm, '');
}
