/**
 * Peppers: the secrets without which nothing stored says anything about a token (G1). Issuance makes
 * credentials under the current one; checks try every version, so that a rotation fails none.
 */
import { createHmac } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { ConfigError } from './config.ts';

const PEPPER_BYTES = 32;
/** A check looks for one candidate per version. */
const MAX_VERSIONS = 16;
const SHAPE = `{"current": 1, "peppers": {"1": "<${PEPPER_BYTES} random bytes in base64>"}}`;
const MAKE_ONE = `make one with: node -e 'console.log(JSON.stringify({current:1,peppers:{1:require("crypto").randomBytes(${PEPPER_BYTES}).toString("base64")}}))'`;

const base64Pepper = z.string().refine((text) => {
  const bytes = Buffer.from(text, 'base64');
  // Node skips what is no base64; the way back shows whether anything was skipped.
  return bytes.length === PEPPER_BYTES && bytes.toString('base64') === text;
});
const pepperFile = z.strictObject({
  current: z.int().min(1),
  peppers: z.record(z.string().regex(/^[1-9]\d{0,8}$/), base64Pepper),
});

export class Peppers {
  readonly #current: number;
  readonly #versions: ReadonlyMap<number, Buffer>;

  /** @param versions 32 bytes for each version; `current` is one of them. */
  constructor(current: number, versions: Readonly<Record<number, Buffer>>) {
    this.#current = current;
    const newestFirst = Object.entries(versions).sort(([a], [b]) => Number(b) - Number(a));
    this.#versions = new Map(newestFirst.map(([version, pepper]) => [Number(version), pepper]));
    if (!this.#versions.has(current)) throw new RangeError(`no pepper of version ${current}`);
  }

  /** What is stored of a new token: HMAC-SHA-256 under the current pepper of the ASCII of its digest. */
  credential(tokenDigest: string): { digest: string; pepperVersion: number } {
    const digest = hmac(this.#versions.get(this.#current)!, tokenDigest);
    return { digest, pepperVersion: this.#current };
  }

  /** What may be stored of a token with this digest: one candidate per pepper, newest first. */
  candidates(tokenDigest: string): string[] {
    return [...this.#versions.values()].map((pepper) => hmac(pepper, tokenDigest));
  }
}

function hmac(pepper: Buffer, tokenDigest: string): string {
  return createHmac('sha256', pepper).update(tokenDigest, 'ascii').digest('hex');
}

/**
 * Reads a PEPPER_FILE.
 * @throws ConfigError that says what is wrong and what to do, and nothing of what the file holds.
 */
export function readPeppers(file: string): Peppers {
  const { current, peppers } = parse(read(file));
  if (!Object.hasOwn(peppers, String(current)))
    throw new ConfigError(['PEPPER_FILE has no pepper of the version that "current" names: add it there.']);
  if (Object.keys(peppers).length > MAX_VERSIONS)
    throw new ConfigError([`PEPPER_FILE holds more than ${MAX_VERSIONS} peppers: remove the oldest ones.`]);
  const versions = Object.entries(peppers).map(([version, text]) => [version, Buffer.from(text, 'base64')]);
  return new Peppers(current, Object.fromEntries(versions) as Record<number, Buffer>);
}

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    throw new ConfigError([
      code === 'ENOENT'
        ? `PEPPER_FILE names a file that is not there: name the one that issuance and the authorizers share, or ${MAKE_ONE}.`
        : `PEPPER_FILE cannot be read (${code}): let this process read it.`,
    ]);
  }
}

function parse(text: string): z.infer<typeof pepperFile> {
  try {
    return pepperFile.parse(JSON.parse(text));
  } catch {
    // Neither error is kept as cause: JSON's quotes the text, and the text is secret.
    throw new ConfigError([`PEPPER_FILE is not of the form ${SHAPE}: ${MAKE_ONE}.`]);
  }
}
