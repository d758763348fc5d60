/** Lines of words that fit a terminal. */
import { plain, widthOf } from '@mcpstack/terminal';

/** What most terminals have at least, and what a file is read in. */
export const COLUMNS = 80;

/**
 * The text in lines of so many columns, without what would steer a terminal. A word that is longer than a line stays
 * whole, so that it can be copied.
 * @param indent of all lines; `hanging`: of all but the first.
 */
export function wrapped(
  text: string,
  { indent = '', hanging, columns = COLUMNS }: { indent?: string; hanging?: string; columns?: number } = {},
): string[] {
  const lines: string[] = [];
  let line = indent;
  let isEmpty = true;
  for (const word of plain(text).split(/ +/)) {
    if (!isEmpty && widthOf(line) + 1 + widthOf(word) > columns) {
      lines.push(line);
      [line, isEmpty] = [hanging ?? indent, true];
    }
    line += isEmpty ? word : ` ${word}`;
    isEmpty = false;
  }
  lines.push(line);
  return lines;
}

/** @example counted(1, 'key'); // '1 key' @example counted(2, 'key'); // '2 keys' */
export function counted(count: number, noun: string): string {
  return `${count.toLocaleString('en')} ${noun}${count === 1 ? '' : 's'}`;
}
