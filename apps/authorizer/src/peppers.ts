/** Peppers: with them a token's digest becomes what is stored of it (G1). Every version stays good for checks. */
import { createHmac } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { ConfigError } from '@mcpstack/service-kit';

const PEPPER_BYTES = 32;
/** A read-model look-up takes this many candidates at most. */
const MAX_VERSIONS = 16;
const VERSION = /^[1-9]\d{0,8}$/;
const SHAPE = `{"current": 1, "peppers": {"1": "<${PEPPER_BYTES} bytes in base64>"}}`;

export class Peppers {
  readonly #newestFirst: readonly Buffer[];

  constructor(newestFirst: readonly Buffer[]) {
    this.#newestFirst = newestFirst;
  }

  /** What may be stored of a token with this digest: one candidate per pepper, newest first. */
  candidates(tokenDigest: string): string[] {
    return this.#newestFirst.map((pepper) =>
      createHmac('sha256', pepper).update(tokenDigest, 'ascii').digest('hex'),
    );
  }
}

/**
 * Reads all peppers of a PEPPER_FILE.
 * @throws ConfigError that says what is wrong, and nothing of what the file holds.
 */
export function readPeppers(file: string): Peppers {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new ConfigError([`PEPPER_FILE cannot be read (${code}): name the file that issuance uses.`]);
  }
  const peppers = parse(text);
  if (!peppers) throw new ConfigError([`PEPPER_FILE is not of the form ${SHAPE}.`]);
  if (peppers.length > MAX_VERSIONS)
    throw new ConfigError([`PEPPER_FILE holds more than ${MAX_VERSIONS} peppers: remove the oldest ones.`]);
  return new Peppers(peppers);
}

function parse(text: string): Buffer[] | undefined {
  let file: { peppers?: unknown };
  try {
    file = JSON.parse(text) as typeof file;
  } catch {
    // The parser's error quotes the text, and the text is secret.
    return undefined;
  }
  if (typeof file?.peppers !== 'object' || file.peppers === null) return undefined;
  const entries = Object.entries(file.peppers as Record<string, unknown>).sort(
    ([a], [b]) => Number(b) - Number(a),
  );
  const peppers = entries.map(([version, base64]) => {
    const bytes = typeof base64 === 'string' ? Buffer.from(base64, 'base64') : Buffer.alloc(0);
    // Node skips what is no base64; the way back shows whether anything was skipped.
    const isSound = bytes.length === PEPPER_BYTES && bytes.toString('base64') === base64;
    return VERSION.test(version) && isSound ? bytes : undefined;
  });
  return peppers.length > 0 && peppers.every((pepper) => pepper !== undefined) ? peppers : undefined;
}
