/** What a service asks about a key. */
import type { VerifyRequest } from '@mcpstack/contracts';

/**
 * One check. Exactly one of `key` and `digest` is given; the key itself never leaves the process. A field of the
 * wrong shape is answered MALFORMED.
 */
export type Question = Omit<VerifyRequest, 'reused' | 'refresh'>;
