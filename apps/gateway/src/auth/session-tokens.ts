/**
 * The tokens of sessions: made, recognised and digested. They name their session, so that one read finds its record;
 * what proves them is the secret behind it. Only digests are stored.
 *
 *   `<prefix>_st_<user>_<session>_<secret>`            lets in; of a browser for its session, of a device for minutes
 *   `<prefix>_rt_<user>_<session>_<family>_<secret>`   gets a device its next two tokens; `family` stays the same, so
 *                                                      that a token of ours that is out of date is told from a forged one
 */
import { createHash, createHmac, randomBytes } from 'node:crypto';
import { base62, ID_PREFIXES, isId, newId } from '@mcpstack/contracts';

const SECRET_BYTES = 32;
const SECRET_LENGTH = 43;
const FAMILY_BYTES = 16;
const FAMILY_LENGTH = 22;
/** Longer input is refused before it is looked at. */
const MAX_LENGTH = 300;

/** Where a session's record is. */
export interface SessionName {
  userId: string;
  sessionId: string;
}

/** A token that may let in, as it was shown; its digest proves it. */
export interface SessionCredential extends SessionName {
  type: 'session';
  digest: string;
}

export interface RefreshCredential extends SessionName {
  type: 'refresh';
  digest: string;
  /** The digest of what all refresh tokens of one session share. */
  family: string;
}

/** A new name for a session of this person. */
export function newSessionName(userId: string): SessionName {
  return { userId, sessionId: newId('session') };
}

/** A new access token, shown once: 256 random bits. */
export function makeSessionToken(prefix: string, name: SessionName): string {
  return spellSession(prefix, name, randomBytes(SECRET_BYTES));
}

/** The first refresh token of a session. */
export function makeRefreshToken(prefix: string, name: SessionName): string {
  const family = base62(randomBytes(FAMILY_BYTES), FAMILY_LENGTH);
  return spellRefresh(prefix, name, family, randomBytes(SECRET_BYTES));
}

export interface NextTokens {
  accessToken: string;
  refreshToken: string;
}

/**
 * The two tokens that follow on a refresh token, always the same for one salt: whoever lost the reply, or asked at the
 * same time as others, gets what the first one got. The salt alone tells nobody anything.
 * @param refreshToken as `parseRefreshToken` took it.
 */
export function nextTokens(prefix: string, refreshToken: string, salt: string): NextTokens {
  const credential = parseRefreshToken(refreshToken, prefix);
  if (!credential) throw new TypeError('only a refresh token has tokens that follow');
  const family = refreshToken.split('_').at(-2)!;
  const derive = (use: string): Buffer =>
    createHmac('sha256', refreshToken).update(`${use}:${salt}`).digest();
  return {
    accessToken: spellSession(prefix, credential, derive('access')),
    refreshToken: spellRefresh(prefix, credential, family, derive('refresh')),
  };
}

/** By its spelling alone; `undefined` for what can be no access token of ours. */
export function parseSessionToken(text: string, prefix: string): SessionCredential | undefined {
  const parts = partsOf(text, `${prefix}_st_`);
  const name = nameOf(parts);
  if (!name || parts.length !== 3 || !isBase62(parts[2], SECRET_LENGTH)) return undefined;
  return { type: 'session', ...name, digest: secretDigest(text) };
}

/** By its spelling alone; `undefined` for what can be no refresh token of ours. */
export function parseRefreshToken(text: string, prefix: string): RefreshCredential | undefined {
  const parts = partsOf(text, `${prefix}_rt_`);
  const name = nameOf(parts);
  if (!name || parts.length !== 4) return undefined;
  const [, , family, secret] = parts;
  if (!isBase62(family, FAMILY_LENGTH) || !isBase62(secret, SECRET_LENGTH)) return undefined;
  return { type: 'refresh', ...name, digest: secretDigest(text), family: secretDigest(family) };
}

/** SHA-256, hexadecimal: the only form in which a token is stored. */
export function secretDigest(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

function spellSession(prefix: string, name: SessionName, secret: Uint8Array): string {
  return `${prefix}_st_${spellName(name)}_${base62(secret, SECRET_LENGTH)}`;
}

function spellRefresh(prefix: string, name: SessionName, family: string, secret: Uint8Array): string {
  return `${prefix}_rt_${spellName(name)}_${family}_${base62(secret, SECRET_LENGTH)}`;
}

function spellName({ userId, sessionId }: SessionName): string {
  return [userId, sessionId].map((id) => id.slice(id.indexOf('_') + 1)).join('_');
}

function partsOf(text: string, start: string): string[] {
  if (text.length > MAX_LENGTH || !text.startsWith(start)) return [];
  return text.slice(start.length).split('_');
}

function nameOf([user, session]: readonly string[]): SessionName | undefined {
  const userId = `${ID_PREFIXES.user}_${user}`;
  const sessionId = `${ID_PREFIXES.session}_${session}`;
  return isId('user', userId) && isId('session', sessionId) ? { userId, sessionId } : undefined;
}

function isBase62(text: string | undefined, length: number): text is string {
  return text !== undefined && text.length === length && /^[0-9A-Za-z]+$/.test(text);
}
