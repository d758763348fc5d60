/** Peppers: the secrets without which nothing stored says anything about a token (G1). */
import { createHmac } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { makeToken, tokenDigest } from '@mcpstack/contracts';
import type { Credential } from '@mcpstack/domain';
import { ConfigError } from '@mcpstack/service-kit';
import { z } from 'zod';

const PEPPER_BYTES = 32;
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
  readonly #version: number;
  readonly #pepper: Buffer;

  constructor(version: number, pepper: Buffer) {
    this.#version = version;
    this.#pepper = pepper;
  }

  /** What is stored of a token: HMAC-SHA-256 under the current pepper of the ASCII of its digest. */
  credential(token: string): Credential {
    const digest = createHmac('sha256', this.#pepper).update(tokenDigest(token), 'ascii').digest('hex');
    return { digest, pepperVersion: this.#version };
  }
}

/** Makes secrets. What it answers exists nowhere else: show the token once, store the credential. */
export class Mint {
  constructor(
    private readonly peppers: Peppers,
    private readonly tokenPrefix: string,
  ) {}

  serviceKey(): { token: string; credential: Credential } {
    const token = makeToken('service', this.tokenPrefix);
    return { token, credential: this.peppers.credential(token) };
  }
}

/**
 * Reads the current pepper of a PEPPER_FILE.
 * @throws ConfigError that says what is wrong and what to do, and nothing of what the file holds.
 */
export function readPeppers(file: string): Peppers {
  const { current, peppers } = parse(read(file));
  const pepper = peppers[String(current)];
  if (!pepper)
    throw new ConfigError(['PEPPER_FILE has no pepper of the version that "current" names: add it there.']);
  return new Peppers(current, Buffer.from(pepper, 'base64'));
}

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    throw new ConfigError([
      code === 'ENOENT'
        ? `PEPPER_FILE names a file that is not there: ${MAKE_ONE}.`
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
