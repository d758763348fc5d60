import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { digestHex, type DigestEncoding } from './digest-encoding.ts';

const digest = createHash('sha256').update('a token of another make').digest();
const hex = digest.toString('hex');

describe('a digest as others store it', () => {
  it.each<[string, string, DigestEncoding | undefined]>([
    ['hexadecimal', hex, 'hex'],
    ['hexadecimal in upper case', hex.toUpperCase(), 'hex'],
    ['hexadecimal, not named', hex, undefined],
    ['base64', digest.toString('base64'), 'base64'],
    ['base64 without padding', digest.toString('base64').replace('=', ''), 'base64'],
    ['base64, not named', digest.toString('base64'), undefined],
    ['base64url', digest.toString('base64url'), 'base64url'],
    ['base64url with padding', `${digest.toString('base64url')}=`, 'base64url'],
    ['base64url, not named', digest.toString('base64url'), undefined],
  ])('in %s', (_, text, encoding) => {
    expect(digestHex(text, encoding)).toBe(hex);
  });

  it.each<[string, string, DigestEncoding | undefined]>([
    ['nothing', '', undefined],
    ['one digit less', hex.slice(1), undefined],
    ['one digit more', `${hex}0`, 'hex'],
    ['another encoding than named', hex, 'base64'],
    ['base64 named as hexadecimal', digest.toString('base64'), 'hex'],
    ['two characters of padding', `${digest.toString('base64')}=`, 'base64'],
    ['white space', ` ${hex.slice(1)}`, undefined],
    ['both alphabets in one', `+_${'A'.repeat(41)}`, undefined],
    ['the token itself', 'acme_live_0123456789', undefined],
    // 43 characters carry 258 bits: the last two must be zero.
    ['a last character with bits too many', `${'A'.repeat(42)}B`, 'base64'],
  ])('is refused with %s', (_, text, encoding) => {
    expect(digestHex(text, encoding)).toBeUndefined();
  });

  it('is the same digest in every encoding, for any digest', () => {
    const digests = fc.uint8Array({ minLength: 32, maxLength: 32 }).map((bytes) => Buffer.from(bytes));
    fc.assert(
      fc.property(digests, (bytes) => {
        for (const encoding of ['hex', 'base64', 'base64url'] as const) {
          expect(digestHex(bytes.toString(encoding), encoding)).toBe(bytes.toString('hex'));
          expect(digestHex(bytes.toString(encoding))).toBe(bytes.toString('hex'));
        }
      }),
    );
  });
});
