/** The check of an id token by itself: what the protocol's library refuses before is refused here as well. */
import { generateKeyPair, SignJWT, type CryptoKey } from 'jose';
import { checkIdToken, type IdTokenChecks } from './id-token.ts';

const NOW_MS = Date.parse('2026-01-01T12:00:00.000Z');
const NOW_S = NOW_MS / 1000;
const CLAIMS = {
  iss: 'https://login.example.com',
  aud: 'mcpstack',
  sub: 'subject-1',
  nonce: 'nonce',
  iat: NOW_S,
  exp: NOW_S + 300,
};

let pair: { privateKey: CryptoKey; publicKey: CryptoKey };
beforeAll(async () => {
  pair = await generateKeyPair('RS256');
});

const check = (token: string, change: Partial<IdTokenChecks> = {}): Promise<string> =>
  checkIdToken(token, {
    keys: () => Promise.resolve(pair.publicKey),
    issuer: CLAIMS.iss,
    clientId: CLAIMS.aud,
    nonce: CLAIMS.nonce,
    nowMs: NOW_MS,
    ...change,
  }).then(
    () => 'taken',
    (error: unknown) => (error as { code: string }).code,
  );
const signed = (change: Record<string, unknown>): Promise<string> =>
  new SignJWT({ ...CLAIMS, ...change }).setProtectedHeader({ alg: 'RS256' }).sign(pair.privateKey);

it('takes the token of this login, and no other', async () => {
  expect(await check(await signed({}))).toBe('taken');
  expect(await check(await signed({ nonce: 'of-another' }))).toBe('token-refused');
  expect(await check(await signed({ sub: '' }))).toBe('token-refused');
  for (const change of [
    { iss: 'https://evil.example' },
    { aud: 'another' },
    { nonce: undefined },
    { sub: undefined },
  ])
    expect(await check(await signed(change))).toBe('ERR_JWT_CLAIM_VALIDATION_FAILED');
});

it('takes key pairs alone: not an HMAC, though somebody handed out its secret as a key', async () => {
  const secret = new TextEncoder().encode('a secret of thirty-two bytes, or more');
  const token = await new SignJWT(CLAIMS).setProtectedHeader({ alg: 'HS256' }).sign(secret);
  const keys = () => Promise.resolve(secret);
  expect(await check(token, { keys })).toBe('ERR_JOSE_ALG_NOT_ALLOWED');
});

it.each([
  ['a minute behind', -60, 'taken'],
  ['a minute ahead', 60, 'taken'],
  ['an hour behind', -3_600, 'clock-off'],
  ['an hour ahead', 3_600, 'clock-off'],
  ['61 seconds ahead', 61, 'clock-off'],
])('a provider whose clock is %s', async (_, offS, outcome) => {
  expect(await check(await signed({ iat: NOW_S + offS, exp: NOW_S + offS + 300 }))).toBe(outcome);
});
