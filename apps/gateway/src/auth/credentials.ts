/** Reads the one credential of a request. Pure; whether it is any good is decided elsewhere. */
import { createHash, randomBytes } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { base62, ProblemError, tokenDigest, tokenKind } from '@mcpstack/contracts';
import { headerValues } from '../http/headers.ts';
import { unauthenticated } from '../http/problem-response.ts';

/** Only digests leave this file: whatever stores or forwards them never sees a secret. */
export type Credential = { type: 'session'; digest: string } | { type: 'key'; digest: string };

const SESSION_LENGTH = 43;

/** A new session token: `<prefix>_st_` and 256 random bits. Shown once, stored as its digest alone. */
export function makeSessionToken(prefix: string): string {
  return `${prefix}_st_${base62(randomBytes(32), SESSION_LENGTH)}`;
}

/** SHA-256 of a session token, hexadecimal. */
export function sessionDigest(token: string): string {
  return createHash('sha256').update(token).digest('hex');
}

/**
 * `Authorization: Bearer` takes a session token or a service key, `X-API-Key` a service key.
 * @throws ProblemError `ambiguous-credentials` for more than one, `unauthenticated` for none or for a
 *   value that can be no credential (seen without any I/O).
 */
export function readCredential(request: IncomingMessage, prefix: string): Credential {
  const authorization = headerValues(request, 'authorization');
  const apiKey = headerValues(request, 'x-api-key');
  if (authorization.length + apiKey.length > 1) {
    throw new ProblemError('ambiguous-credentials', 'Send one credential: Authorization or X-API-Key, once.');
  }
  if (apiKey.length === 1) return asKey(apiKey[0]!.trim(), prefix);
  if (authorization.length === 0) throw unauthenticated('missing');
  const bearer = /^Bearer +([\x21-\x7e]+) *$/i.exec(authorization[0]!)?.[1];
  if (bearer === undefined) throw unauthenticated('missing');
  if (bearer.startsWith(`${prefix}_st_`)) {
    if (!/^[0-9A-Za-z]{43}$/.test(bearer.slice(prefix.length + 4))) throw unauthenticated('invalid');
    return { type: 'session', digest: sessionDigest(bearer) };
  }
  return asKey(bearer, prefix);
}

function asKey(token: string, prefix: string): Credential {
  // A publishable key is no secret, so it proves nothing here.
  if (tokenKind(token, prefix) !== 'service') throw unauthenticated('invalid');
  return { type: 'key', digest: tokenDigest(token) };
}
