/** What a terminal can show: colours, width, and texts of others without what would steer it. */
import { type WriteStream } from 'node:tty';

/** A stream that results or messages go to; a file, a pipe or a terminal. */
export type Sink = Pick<NodeJS.WritableStream, 'write'> & Partial<Pick<WriteStream, 'isTTY' | 'columns'>>;

export type Style = 'bold' | 'dim' | 'red' | 'green' | 'yellow';
const CODES: Record<Style, number> = { bold: 1, dim: 2, red: 31, green: 32, yellow: 33 };

export type Paint = (style: Style, text: string) => string;

/** Colour only on a terminal, and not where NO_COLOR (no-color.org), TERM or the person say otherwise. */
export function painter(sink: Sink, env: NodeJS.ProcessEnv, wanted = true): Paint {
  const inColour = wanted && Boolean(sink.isTTY) && !env['NO_COLOR'] && env['TERM'] !== 'dumb';
  return inColour ? (style, text) => `\u001b[${CODES[style]}m${text}\u001b[0m` : (_style, text) => text;
}

/** Whether lines can be erased and written anew. */
export function isLive(sink: Sink, env: NodeJS.ProcessEnv): boolean {
  return Boolean(sink.isTTY) && env['TERM'] !== 'dumb';
}

/** One line without control characters and bidirectional controls: names come from other people. */
export function plain(text: string): string {
  return text.replace(/[\p{Control}\u2028\u2029\p{Bidi_Control}]/gu, '\u{fffd}');
}

const WIDE =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{20000}-\u{3fffd}]|\p{Emoji_Presentation}/u;
const segments = (text: string) => new Intl.Segmenter().segment(text);

/** How many columns the text takes on a terminal. */
export function widthOf(text: string): number {
  if (/^[\u0020-\u007e]*$/.test(text)) return text.length;
  let width = 0;
  for (const { segment } of segments(text)) width += widthOfOne(segment);
  return width;
}

/** The text in at most so many columns; an ellipsis tells that there is more. */
export function cutTo(text: string, columns: number): string {
  if (widthOf(text) <= columns) return text;
  let kept = '';
  let width = 1;
  for (const { segment } of segments(text)) {
    width += widthOfOne(segment);
    if (width > columns) break;
    kept += segment;
  }
  return `${kept}…`;
}

function widthOfOne(segment: string): number {
  if (/^[\p{Mark}\p{Format}]+$/u.test(segment)) return 0;
  return WIDE.test(segment) ? 2 : 1;
}
