/** Base62 (digits, upper case, lower case), the alphabet of tokens and identifiers. */
const ALPHABET = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';

/**
 * Big-endian bytes as a base62 number of exactly `length` characters, padded with zeros.
 * @throws RangeError when the number needs more characters than `length`.
 */
export function base62(bytes: Uint8Array, length: number): string {
  let value = bytes.length === 0 ? 0n : BigInt(`0x${Buffer.from(bytes).toString('hex')}`);
  let text = '';
  while (value > 0n) {
    text = ALPHABET[Number(value % 62n)]! + text;
    value /= 62n;
  }
  if (text.length > length)
    throw new RangeError(`${bytes.length} bytes do not fit ${length} base62 characters`);
  return text.padStart(length, ALPHABET[0]);
}
