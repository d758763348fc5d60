/**
 * The token: `<prefix>_sk_` or `<prefix>_pk_`, 43 base62 characters from a CSPRNG (256 bits), then six
 * base62 characters that are the CRC-32 of everything before. A typing error or a truncated paste is
 * refused without any I/O, and each secret has one spelling.
 */
import { createHash, randomBytes } from 'node:crypto';
import { crc32 } from 'node:zlib';
import { base62 } from './base62.ts';

/** `service` keys are secret (`sk`); `publishable` keys are for browsers and stay readable (`pk`). */
export type KeyKind = 'service' | 'publishable';

export const DEFAULT_TOKEN_PREFIX = 'mcpstack';

const MARK = { service: 'sk', publishable: 'pk' } as const;
const SECRET_LENGTH = 43;
const CHECKSUM_LENGTH = 6;
const SECRET_BYTES = 32;
/** Longer input is refused before it is looked at. */
const MAX_TOKEN_LENGTH = 128;
/** Visible ASCII, as any key is that a header can carry: shorter is guessed, longer is no key. */
const KEY = /^[!-~]{16,512}$/;

function checksum(body: string): string {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(crc32(body));
  return base62(bytes, CHECKSUM_LENGTH);
}

/** A new token with 256 random bits. The caller shows it once and forgets it. */
export function makeToken(kind: KeyKind, prefix = DEFAULT_TOKEN_PREFIX): string {
  const body = `${prefix}_${MARK[kind]}_${base62(randomBytes(SECRET_BYTES), SECRET_LENGTH)}`;
  return body + checksum(body);
}

/**
 * What kind of key the text spells, or `undefined` when it is no token: wrong prefix, wrong length, a
 * character outside base62, or a checksum that does not fit. Pure; no I/O.
 */
export function tokenKind(text: unknown, prefix = DEFAULT_TOKEN_PREFIX): KeyKind | undefined {
  if (typeof text !== 'string' || text.length > MAX_TOKEN_LENGTH) return undefined;
  for (const kind of ['service', 'publishable'] as const) {
    const start = `${prefix}_${MARK[kind]}_`;
    if (!text.startsWith(start)) continue;
    const rest = text.slice(start.length);
    if (rest.length !== SECRET_LENGTH + CHECKSUM_LENGTH || !/^[0-9A-Za-z]+$/.test(rest)) return undefined;
    const body = text.slice(0, -CHECKSUM_LENGTH);
    return checksum(body) === text.slice(-CHECKSUM_LENGTH) ? kind : undefined;
  }
  return undefined;
}

/**
 * Whether the text may be a key. One that begins like a token of ours must be one, so that its checksum tells a
 * typing error or a truncated paste; what sessions, devices and invitations show is no key. Anything else may have
 * been imported, which only its digest can tell. Pure; no I/O.
 */
export function mayBeKey(text: unknown, prefix = DEFAULT_TOKEN_PREFIX): text is string {
  if (typeof text !== 'string' || !KEY.test(text)) return false;
  switch (text.startsWith(`${prefix}_`) ? text.slice(prefix.length, prefix.length + 4) : '') {
    case '_sk_':
    case '_pk_':
      return tokenKind(text, prefix) !== undefined;
    case '_st_':
    case '_rt_':
    case '_dc_':
    case '_it_':
      return false;
    default:
      return true;
  }
}

/** Why a text is none, for people. */
export const NO_KEY = 'it is cut off or misspelled, a session, or not 16 to 512 visible ASCII characters';

/** SHA-256 of the token, 64 lower-case hexadecimal digits: the only form that travels to a verify. */
export function tokenDigest(token: string): string {
  return createHash('sha256').update(token).digest('hex');
}

/** What a token digest looks like, for people. */
export const DIGEST_SHAPE = "the key's SHA-256 in 64 lower-case hexadecimal digits";

/** Whether `value` is spelled as a token digest. */
export function isTokenDigest(value: unknown): value is string {
  return typeof value === 'string' && /^[0-9a-f]{64}$/.test(value);
}
