/** The ways in which others store a SHA-256: hexadecimal, base64, base64url. */

export const DIGEST_ENCODINGS = ['hex', 'base64', 'base64url'] as const;
export type DigestEncoding = (typeof DIGEST_ENCODINGS)[number];

/** 32 bytes: 64 hexadecimal digits, or 43 characters of base64 and one of padding that may be left out. */
const SPELLINGS: Readonly<Record<DigestEncoding, RegExp>> = {
  hex: /^[0-9A-Fa-f]{64}$/,
  base64: /^[A-Za-z0-9+/]{43}=?$/,
  base64url: /^[A-Za-z0-9_-]{43}=?$/,
};

/**
 * The digest as 64 hexadecimal digits in lower case; `undefined` for a text that is none. The length tells
 * hexadecimal from base64; what is spelled alike in both alphabets of base64 means the same in both.
 */
export function digestHex(text: string, encoding?: DigestEncoding): string | undefined {
  const spelled = (encoding ? [encoding] : DIGEST_ENCODINGS).find((one) => SPELLINGS[one].test(text));
  if (spelled === undefined) return undefined;
  if (spelled === 'hex') return text.toLowerCase();
  const bytes = Buffer.from(text, spelled);
  // The last character carries two bits too many: they must be zero, or one digest would have four spellings.
  return bytes.toString(spelled).replace('=', '') === text.replace('=', '')
    ? bytes.toString('hex')
    : undefined;
}
