/** A digest that a client registers must be of no key yet: the key that was made first would go on answering to it. */
import { ProblemError, type IdentifiedKey } from '@mcpstack/contracts';
import { Injectable } from '@nestjs/common';
import { Identify } from '../leaks/identify.ts';

@Injectable()
export class FreeDigests {
  constructor(private readonly identify: Identify) {}

  /**
   * @param ownKeyId the key that this request makes or rotates: a retry meets its own digest.
   * @throws ProblemError `conflict`
   */
  async refuseUsedByOther(digest: string, ownKeyId: string): Promise<void> {
    const [key] = await this.keysOf([digest]);
    if (key && key.keyId !== ownKeyId) throw digestInUse();
  }

  /** The key that each digest is of, in order. At most 1,000. */
  keysOf(digests: readonly string[]): Promise<readonly (IdentifiedKey | undefined)[]> {
    return this.identify.keysOf(digests);
  }
}

/** Tells nothing to anybody who does not hold the token itself. */
export function digestInUse(): ProblemError {
  const errors = [{ field: 'digest', message: 'belongs to a key already' }];
  return new ProblemError('conflict', 'digest: belongs to a key already', { errors });
}
