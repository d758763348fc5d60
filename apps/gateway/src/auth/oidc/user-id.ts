/** Who a person is: an issuer and a subject. Nothing else identifies, least of all an e-mail address. */
import { createHash } from 'node:crypto';
import { base62 } from '@mcpstack/contracts';

/** 128 bits of the digest in base62, as long as every other id. */
const ID_BYTES = 16;
const ID_LENGTH = 22;

/**
 * The id of the user whom this issuer calls by this subject: the same at every login and in every gateway. Issuers
 * and subjects are compared byte by byte (OpenID Connect Core 1.0, section 5.7).
 */
export function userIdOf(issuer: string, subject: string): string {
  const digest = createHash('sha256')
    .update(JSON.stringify([issuer, subject]))
    .digest();
  return `user_${base62(digest.subarray(0, ID_BYTES), ID_LENGTH)}`;
}
