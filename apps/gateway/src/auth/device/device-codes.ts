/** The two codes of a device that asks to be let in: a long one that it keeps, a short one that a person types. */
import { randomBytes, randomInt } from 'node:crypto';
import { base62 } from '@mcpstack/contracts';

const SECRET_BYTES = 32;
const SECRET_LENGTH = 43;
/** No vowels, so that no word comes out, and nothing that looks like a digit (RFC 8628, section 6.1). */
const ALPHABET = 'BCDFGHJKLMNPQRSTVWXZ';
const USER_CODE_LENGTH = 8;
const USER_CODE = new RegExp(`^[${ALPHABET}]{${USER_CODE_LENGTH}}$`);
/** Typed with whatever stands between letters; longer is none. */
const MAX_TYPED_LENGTH = 32;

/** 256 random bits: whoever holds it gets the session. */
export function makeDeviceCode(prefix: string): string {
  return `${prefix}_dc_${base62(randomBytes(SECRET_BYTES), SECRET_LENGTH)}`;
}

export function isDeviceCode(text: string, prefix: string): boolean {
  const start = `${prefix}_dc_`;
  return text.startsWith(start) && /^[0-9A-Za-z]{43}$/.test(text.slice(start.length));
}

/** As it is shown: `BCDF-GHJK`. One of 20^8; guesses are limited. */
export function makeUserCode(): string {
  const letters = Array.from({ length: USER_CODE_LENGTH }, () => ALPHABET[randomInt(ALPHABET.length)]!);
  return shownCode(letters.join(''));
}

/** A typed code as it is shown, in whatever case and with or without hyphens and spaces; `undefined` for what is none. */
export function readUserCode(typed: string): string | undefined {
  if (typed.length > MAX_TYPED_LENGTH) return undefined;
  const letters = typed.replace(/[\s-]/g, '').toUpperCase();
  return USER_CODE.test(letters) ? shownCode(letters) : undefined;
}

function shownCode(letters: string): string {
  const half = USER_CODE_LENGTH / 2;
  return `${letters.slice(0, half)}-${letters.slice(half)}`;
}
