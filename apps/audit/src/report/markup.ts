/** HTML whose texts cannot become markup: whatever is put into a template is escaped, unless it is markup itself. */
import { plain } from '@mcpstack/terminal';

export class Markup {
  constructor(readonly text: string) {}
}

type Part = Markup | string | number | readonly Markup[] | undefined | false;

/** @example html`<td>${name}</td>` */
export function html(strings: TemplateStringsArray, ...parts: readonly Part[]): Markup {
  return new Markup(strings.reduce((text, string, index) => text + spelled(parts[index - 1]) + string));
}

function spelled(part: Part): string {
  if (part instanceof Markup) return part.text;
  if (part === undefined || part === false) return '';
  if (typeof part === 'string' || typeof part === 'number') return escaped(String(part));
  return part.map(({ text }) => text).join('');
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** Also without what would turn the line around: names come from other people. */
export function escaped(text: string): string {
  return plain(text).replace(/[&<>"']/g, (letter) => ENTITIES[letter]!);
}
