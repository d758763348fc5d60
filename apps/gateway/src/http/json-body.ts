/** Reads a JSON body: strict UTF-8, an object, no prototype tricks, and bounded in depth and size. */
import { ProblemError } from '@mcpstack/contracts';

const MAX_DEPTH = 8;
const MAX_VALUES = 1_000;

/** Parses JSON text and refuses `__proto__` and `constructor.prototype`; throws on any fault. */
export type SafeParse = (text: string) => unknown;

/**
 * The body as an object, or `undefined` when there is none. Of a repeated key the last value counts, as in
 * every JSON parser of JavaScript; all that follows sees this one object.
 * @throws ProblemError `bad-request`
 */
export function readJsonBody(bytes: Buffer, parse: SafeParse): Record<string, unknown> | undefined {
  if (bytes.length === 0) return undefined;
  const body = parseText(decode(bytes), parse);
  if (typeof body !== 'object' || body === null || Array.isArray(body))
    throw new ProblemError('bad-request', 'The body must be a JSON object.');
  refuseExcess(body);
  return body as Record<string, unknown>;
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

/** Validation recurses and reports every unknown field, so deep or huge bodies end here, without recursion. */
function refuseExcess(body: object): void {
  let level: readonly object[] = [body];
  let values = 0;
  for (let depth = 1; level.length > 0; depth += 1) {
    if (depth > MAX_DEPTH)
      throw new ProblemError('bad-request', `The body is nested deeper than ${MAX_DEPTH} levels.`);
    const below: unknown[] = level.flatMap((value) => Object.values(value) as unknown[]);
    values += below.length;
    if (values > MAX_VALUES)
      throw new ProblemError('bad-request', `The body holds more than ${MAX_VALUES} values.`);
    level = below.filter((value): value is object => typeof value === 'object' && value !== null);
  }
}
