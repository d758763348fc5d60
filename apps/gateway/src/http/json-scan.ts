/**
 * Looks at JSON text that a parser has accepted for what the parser hides: a key that is given twice, numbers
 * that do not come out as they were written, text that has no UTF-8 form, and depth. Linear, without recursion.
 */
import { ProblemError } from '@mcpstack/contracts';
import { fieldProblem, shown } from './problem-response.ts';

export const MAX_DEPTH = 8;

/** An open object or list: where the scan is in it. */
interface Level {
  /** Of an object: the keys so far. */
  keys?: Set<string>;
  /** What the next value is under. */
  at: string | number;
}

/**
 * @param text valid JSON.
 * @throws ProblemError `bad-request` for depth, `validation-failed` that names the field for the rest.
 */
export function refuseOddJson(text: string): void {
  const levels: Level[] = [];
  let expectsKey = false;
  for (let at = 0; at < text.length; at += 1) {
    const level = levels.at(-1);
    switch (text[at]) {
      case '{':
      case '[': {
        if (levels.length === MAX_DEPTH)
          throw new ProblemError('bad-request', `The body is nested deeper than ${MAX_DEPTH} levels.`);
        expectsKey = text[at] === '{';
        levels.push(expectsKey ? { keys: new Set(), at: '' } : { at: 0 });
        break;
      }
      case '}':
      case ']':
        levels.pop();
        expectsKey = false;
        break;
      case ',':
        if (typeof level!.at === 'number') level!.at += 1;
        expectsKey = level!.keys !== undefined;
        break;
      case '"': {
        const end = endOfString(text, at);
        const value = JSON.parse(text.slice(at, end + 1)) as string;
        if (expectsKey) takeKey(levels, value);
        if (/\p{Surrogate}/u.test(value))
          throw fieldProblem(pathOf(levels), 'must not contain a lone surrogate');
        expectsKey = false;
        at = end;
        break;
      }
      default:
        if (/[-0-9]/.test(text[at]!)) at = takeNumber(levels, text, at);
    }
  }
}

function takeKey(levels: readonly Level[], key: string): void {
  const level = levels.at(-1)!;
  level.at = key;
  if (level.keys!.has(key)) throw fieldProblem(pathOf(levels), 'is given twice');
  level.keys!.add(key);
}

/** Where the number ends. */
function takeNumber(levels: readonly Level[], text: string, from: number): number {
  let end = from + 1;
  while (end < text.length && /[0-9.eE+-]/.test(text[end]!)) end += 1;
  const value = Number(text.slice(from, end));
  if (!Number.isFinite(value)) throw fieldProblem(pathOf(levels), 'is too large for a number');
  if (Object.is(value, -0)) throw fieldProblem(pathOf(levels), 'must not be minus zero');
  return end - 1;
}

/** The closing quotation mark: the first that no odd number of backslashes stands before. */
function endOfString(text: string, from: number): number {
  for (let end = text.indexOf('"', from + 1); ; end = text.indexOf('"', end + 1)) {
    let backslashes = 0;
    while (text[end - 1 - backslashes] === '\\') backslashes += 1;
    if (backslashes % 2 === 0) return end;
  }
}

/** Such as `limits.0.name`. */
function pathOf(levels: readonly Level[]): string {
  return shown(levels.map(({ at }) => String(at)).join('.')) || 'body';
}
