/** Parts of help texts. */

/** Examples below the help of a command. */
export function example(...lines: string[]): string {
  return `\nExample${lines.length === 1 ? '' : 's'}:\n${lines.map((line) => `  $ ${line}`).join('\n')}`;
}
