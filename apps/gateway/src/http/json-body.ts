/** Reads a JSON body: strict UTF-8, an object, each key once, no prototype tricks, and bounded. */
import { ProblemError } from '@mcpstack/contracts';
import { refuseOddJson } from './json-scan.ts';

/** Parses JSON text and refuses `__proto__` and `constructor.prototype`; throws on any fault. */
export type SafeParse = (text: string) => unknown;

/**
 * The body as an object, or `undefined` when there is none. Another reader of the same bytes may take the first
 * of two equal keys, or see 0 where we see -0; what can be read in two ways is refused.
 * @throws ProblemError `bad-request`, or `validation-failed` that names the field.
 */
export function readJsonBody(bytes: Buffer, parse: SafeParse): Record<string, unknown> | undefined {
  if (bytes.length === 0) return undefined;
  const text = decode(bytes);
  const body = parseText(text, parse);
  if (typeof body !== 'object' || body === null || Array.isArray(body))
    throw new ProblemError('bad-request', 'The body must be a JSON object.');
  refuseOddJson(text);
  return body as Record<string, unknown>;
}

/**
 * Validation reports every unknown field, so huge bodies end before it. How much is huge depends on the route.
 * @throws ProblemError `bad-request`
 */
export function refuseMoreValues(body: unknown, most: number): void {
  let level: readonly unknown[] = [body];
  let values = 0;
  while (level.length > 0) {
    level = level.flatMap((value): unknown[] =>
      typeof value === 'object' && value !== null ? Object.values(value) : [],
    );
    values += level.length;
    if (values > most) throw new ProblemError('bad-request', `The body holds more than ${most} values.`);
  }
}

function decode(bytes: Buffer): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (cause) {
    throw new ProblemError('bad-request', 'The body is not valid UTF-8.', { cause });
  }
}

function parseText(text: string, parse: SafeParse): unknown {
  try {
    return parse(text);
  } catch (cause) {
    throw new ProblemError('bad-request', 'The body is not valid JSON.', { cause });
  }
}
