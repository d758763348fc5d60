/** Objects as YAML, with comments, and with what a template has besides: expressions, blocks, conditions. */
import { stringify } from 'yaml';

/** Stands in an object for what YAML has no word for; the printer puts it there. */
const OPEN = '⟦';
const CLOSE = '⟧';

export type Manifest = Record<string, unknown>;

/** An expression of a template, in the place of a value or in a piece of one. */
export function expression(text: string): string {
  return `${OPEN}= ${text}${CLOSE}`;
}

/** A value that is a map or a list, and is printed where it belongs. */
export function block(text: string): string {
  return `${OPEN}block ${text}${CLOSE}`;
}

/** A line of its own in a list: the beginning or end of a condition. */
export function control(text: string): string {
  return `${OPEN}- ${text}${CLOSE}`;
}

/** The entry of a map that is printed as a comment above what follows it. */
export function comment(...lines: string[]): Record<string, null> {
  return Object.fromEntries(lines.map((line) => [`${OPEN}# ${line}${CLOSE}`, null]));
}

/**
 * The entries of a map, printed only where the condition holds. A name stands in a map once: there is no other entry of that
 * name for where it does not hold.
 */
export function conditional(text: string, entries: Manifest): Manifest {
  const name = Object.keys(entries).join(' ');
  return {
    [`${OPEN}- if ${text} ${OPEN}${name}${CLOSE}`]: null,
    ...entries,
    [`${OPEN}- end ${OPEN}${name}${CLOSE}`]: null,
  };
}

/** What was printed is read as YAML by people and programs alike, so that lines stay whole and nothing is an anchor. */
export function print(manifest: Manifest | readonly Manifest[]): string {
  const text = stringify(manifest, { lineWidth: 0, aliasDuplicateObjects: false, nullStr: '' });
  return text.split('\n').map(line).join('\n');
}

function line(text: string): string {
  const [, indent = '', dash = '', rest = ''] = /^( *)(- )?(.*)$/.exec(text)!;
  const alone = new RegExp(`^(?:\\? )?"?${OPEN}([#-]) (.*?)(?: ${OPEN}.*)?${CLOSE}"?:? *$`).exec(rest);
  if (alone)
    return `${indent}${alone[1] === '#' ? `# ${unescape(alone[2]!)}` : `{{- ${unescape(alone[2]!)} }}`}`;
  const held = new RegExp(`^(.*?): "?${OPEN}block (.*)${CLOSE}"?$`).exec(rest);
  if (held) {
    const depth = indent.length + dash.length + 2;
    return `${indent}${dash}${held[1]}:\n${' '.repeat(depth)}{{- toYaml ${argument(held[2]!)} | nindent ${depth} }}`;
  }
  return text.replaceAll(new RegExp(`${OPEN}= (.*?)${CLOSE}`, 'g'), '{{ $1 }}');
}

const argument = (text: string): string => (text.includes(' ') ? `(${unescape(text)})` : text);
const unescape = (text: string): string => text.replaceAll('\\"', '"');
