/**
 * Peppers: the secrets without which nothing stored says anything about a token (G1). Issuance makes
 * credentials under the current one; checks try every version, so that a rotation fails none.
 */
import { createHmac } from 'node:crypto';
import { readVersionedKeys } from './versioned-keys.ts';

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
export function readPeppers(path: string): Peppers {
  const { current, versions } = readVersionedKeys(path, {
    setting: 'PEPPER_FILE',
    field: 'peppers',
    noun: 'pepper',
    sharedBy: 'issuance and the authorizers',
  });
  return new Peppers(current, versions);
}
