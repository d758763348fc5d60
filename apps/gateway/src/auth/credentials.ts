/** Reads the one credential of a request. Pure; whether it is any good is decided elsewhere. */
import type { IncomingMessage } from 'node:http';
import { mayBeKey, ProblemError, tokenDigest, tokenKind } from '@mcpstack/contracts';
import { headerValues } from '../http/headers.ts';
import { unauthenticated } from '../http/problem-response.ts';
import { type SessionCookie } from './session-cookie.ts';
import { parseSessionToken, type SessionCredential } from './session-tokens.ts';

/** Only digests leave this file: whatever stores or forwards them never sees a secret. */
export type Credential = SessionCredential | { type: 'key'; digest: string };

/** A credential, and whether the browser added it by itself. */
export type ReadCredential = Credential & { fromCookie: boolean };

/** What a request shows, whatever it is good for. `none`: nothing, or nothing that can be a credential. */
export type ShownCredential = Credential | { type: 'publishable'; digest: string } | { type: 'none' };

/**
 * `Authorization: Bearer` takes a session token or a service key, `X-API-Key` a service key. A publishable key is
 * no secret, so it proves nothing here. The cookie counts only where neither header is sent: who names a credential
 * means that one.
 * @throws ProblemError `ambiguous-credentials` for more than one, `unauthenticated` for none or for a
 *   value that can be no credential (seen without any I/O).
 */
export function readCredential(
  request: IncomingMessage,
  prefix: string,
  cookie?: SessionCookie,
): ReadCredential {
  const shown = shownCredential(request, prefix);
  if (shown.type === 'publishable') throw unauthenticated('publishable');
  if (shown.type !== 'none') return { ...shown, fromCookie: false };
  if (isNamed(request)) throw unauthenticated(spelled(request) === undefined ? 'missing' : 'invalid');
  const kept = cookie?.read(request);
  if (kept === undefined) throw unauthenticated('missing');
  const session = parseSessionToken(kept, prefix);
  if (!session) throw unauthenticated('invalid');
  return { ...session, fromCookie: true };
}

/**
 * The digest of the publishable key that a web page shows, in either header.
 * @throws ProblemError as `readCredential` does, also for every other kind of credential.
 */
export function readPublishableKey(request: IncomingMessage, prefix: string): string {
  const shown = shownCredential(request, prefix);
  if (shown.type === 'publishable') return shown.digest;
  if (shown.type !== 'none') throw unauthenticated('not-publishable');
  throw unauthenticated(spelled(request) === undefined ? 'missing' : 'invalid');
}

/** @throws ProblemError `ambiguous-credentials` */
export function shownCredential(request: IncomingMessage, prefix: string): ShownCredential {
  const text = spelled(request);
  if (text === undefined) return { type: 'none' };
  const isBearer = headerValues(request, 'authorization').length === 1;
  return (isBearer && parseSessionToken(text, prefix)) || keyCredential(text, prefix);
}

/** A text as a key, if it may be one. What was imported has another spelling, and is a service key. */
export function keyCredential(text: string, prefix: string): Exclude<ShownCredential, { type: 'session' }> {
  if (!mayBeKey(text, prefix)) return { type: 'none' };
  const type = tokenKind(text, prefix) === 'publishable' ? 'publishable' : 'key';
  return { type, digest: tokenDigest(text) };
}

/** The one value that was sent as a credential. */
function spelled(request: IncomingMessage): string | undefined {
  const authorization = headerValues(request, 'authorization');
  const apiKey = headerValues(request, 'x-api-key');
  if (authorization.length + apiKey.length > 1) {
    throw new ProblemError('ambiguous-credentials', 'Send one credential: Authorization or X-API-Key, once.');
  }
  if (apiKey.length === 1) return apiKey[0]!.trim();
  return /^Bearer +([\x21-\x7e]+) *$/i.exec(authorization[0] ?? '')?.[1];
}

function isNamed(request: IncomingMessage): boolean {
  return ['authorization', 'x-api-key'].some((name) => headerValues(request, name).length > 0);
}
