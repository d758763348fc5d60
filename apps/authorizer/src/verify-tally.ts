/**
 * Counts what checks come to, in plain fields: a check on a held reading takes a few microseconds, and to count it is one
 * addition. Prometheus reads the fields when it scrapes.
 */
import type { VerifyReply } from '@mcpstack/contracts';

export class VerifyTally {
  /** VALID on a reading that was held: decided in the turn in which the message came. */
  held = 0;
  /** Digests that were looked up in Redis. */
  lookups = 0;
  /** Looks at records that a trusted reading showed and that prove nothing. */
  broken = 0;
  readonly #byCode = new Map<VerifyReply['code'], number>();

  /** Any other answer than those on held readings. */
  answered(code: VerifyReply['code'], checks = 1): void {
    this.#byCode.set(code, (this.#byCode.get(code) ?? 0) + checks);
  }

  /** By code, without those on held readings. */
  get codes(): ReadonlyMap<VerifyReply['code'], number> {
    return this.#byCode;
  }
}
