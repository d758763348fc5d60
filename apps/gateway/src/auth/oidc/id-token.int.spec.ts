/** What the provider's answer must prove. Each wrong id token is refused, and the right one is taken before and after. */
import { createHmac } from 'node:crypto';
import { generateKeyPair, SignJWT, UnsecuredJWT, type JWTPayload } from 'jose';
import * as client from 'openid-client';
import { CLIENT_ID, type IdentityProvider, signed } from '../../../test/identity-provider.ts';
import { expectPage, sessionOf, startLogin, type LoginHarness } from '../../../test/login-harness.ts';

let login: LoginHarness;
beforeAll(async () => {
  login = await startLogin();
});
afterAll(() => login.stop());
afterEach(() => login.provider.reset());

async function expectTaken(): Promise<void> {
  const browser = login.browser();
  const { status, headers } = await browser.login('/keys');
  expect([status, headers.location]).toEqual([303, `${login.publicUrl}/keys`]);
  expect(sessionOf(browser)).toBeDefined();
}

async function expectRefused(words: string): Promise<void> {
  const browser = login.browser();
  const answer = await browser.login('/keys');
  expectPage(answer, 400, words);
  expect(sessionOf(browser)).toBeUndefined();
  expect(answer.headers.location).toBeUndefined();
}

const without =
  (name: string) =>
  (claims: JWTPayload): JWTPayload =>
    Object.fromEntries(Object.entries(claims).filter(([one]) => one !== name));

const HOUR_S = 3_600;

describe('the claims of an id token', () => {
  it.each<[string, (claims: JWTPayload) => JWTPayload]>([
    ['the wrong aud', (claims) => ({ ...claims, aud: 'somebody-else' })],
    ['an aud that begins like ours', (claims) => ({ ...claims, aud: `${CLIENT_ID}2` })],
    [
      'two in aud, and it was made for the other',
      (claims) => ({ ...claims, aud: [CLIENT_ID, 'x'], azp: 'x' }),
    ],
    ['an empty aud', (claims) => ({ ...claims, aud: [] })],
    ['no aud', without('aud')],
    ['the wrong iss', (claims) => ({ ...claims, iss: 'https://evil.example' })],
    ['an iss with a slash more', (claims) => ({ ...claims, iss: `${claims.iss}/` })],
    ['no iss', without('iss')],
    ['the wrong nonce', (claims) => ({ ...claims, nonce: 'of-another-login' })],
    ['no nonce', without('nonce')],
    ['no sub', without('sub')],
    ['an empty sub', (claims) => ({ ...claims, sub: '' })],
    ['a sub that is a number', (claims) => ({ ...claims, sub: 1 as never })],
    ['an endless sub', (claims) => ({ ...claims, sub: 'x'.repeat(256) })],
    ['no exp', without('exp')],
    ['an exp that is a text', (claims) => ({ ...claims, exp: '9999999999' as never })],
    ['no iat', without('iat')],
  ])('%s: refused', async (_, change) => {
    await expectTaken();
    login.provider.claims = change;
    await expectRefused('does not prove who you are');
  });

  it('two in aud, and it was made for us: taken', async () => {
    login.provider.claims = (claims) => ({ ...claims, aud: ['x', CLIENT_ID], azp: CLIENT_ID });
    await expectTaken();
  });
});

describe('the time of an id token', () => {
  const at =
    (offS: number, lifeS: number) =>
    ({ iat, ...claims }: JWTPayload): JWTPayload => ({
      ...claims,
      iat: iat! + offS,
      exp: iat! + offS + lifeS,
    });

  it.each<[string, number, number]>([
    ['expired two minutes ago', -420, 300],
    ['issued two minutes ahead', 120, 300],
    ['issued long ago, and still good', -HOUR_S, 2 * HOUR_S],
  ])('%s: refused', async (_, offS, lifeS) => {
    login.provider.claims = at(offS, lifeS);
    await expectRefused('do not agree');
  });

  it.each<[string, number, number]>([
    ['a minute behind', -55, 300],
    ['a minute ahead', 55, 300],
    ['expired half a minute ago', -60, 30],
  ])('%s: within the tolerance', async (_, offS, lifeS) => {
    login.provider.claims = at(offS, lifeS);
    await expectTaken();
  });

  it('one that had expired when it was made: refused, and no clock is blamed', async () => {
    login.provider.claims = (claims) => ({ ...claims, exp: claims.iat! - HOUR_S });
    await expectRefused('does not prove who you are');
  });

  it('not good yet: refused', async () => {
    login.provider.claims = (claims) => ({ ...claims, nbf: claims.iat! + HOUR_S });
    await expectRefused('does not prove who you are');
  });

  it.each([-HOUR_S, HOUR_S])(
    'a clock that is off by %i s: the page and the log say so, and by how much',
    async (offS) => {
      await expectTaken();
      login.provider.clockOffS = offS;
      await expectRefused('They are about 60 minutes apart');
      expect(login.harness.log).toContain(
        'the clocks here and at the identity provider are 60 minutes apart',
      );
    },
  );
});

describe('the signature of an id token', () => {
  it.each<[string, NonNullable<IdentityProvider['sign']>]>([
    ['alg none', (claims) => Promise.resolve(new UnsecuredJWT(claims).encode())],
    [
      'alg none in other letters',
      (claims, { kid }) => Promise.resolve(`${encode({ alg: 'nOnE', kid })}.${encode(claims)}.`),
    ],
    [
      'HS256 with the public key as the secret',
      (claims, key) => hmac(claims, key.kid, JSON.stringify(key.public)),
    ],
    ['HS256 with the modulus as the secret', (claims, key) => hmac(claims, key.kid, key.public.n!)],
    ['HS256 with the client id as the secret', (claims, key) => hmac(claims, key.kid, CLIENT_ID)],
    ['an unknown kid', (claims, key) => signed(claims, { ...key, kid: 'unknown' })],
    [
      'a key of somebody else under the right kid',
      async (claims, key) => {
        const { privateKey } = await generateKeyPair('RS256');
        return signed(claims, { ...key, private: privateKey });
      },
    ],
    [
      'a key that the token brings along',
      async (claims, { kid }) => {
        const own = await generateKeyPair('RS256');
        const jwk = await crypto.subtle.exportKey('jwk', own.publicKey);
        const header = { alg: 'RS256', kid: `${kid}x`, jwk: jwk as never };
        return new SignJWT(claims).setProtectedHeader(header).sign(own.privateKey);
      },
    ],
    [
      'claims changed after signing',
      async (claims, key) => {
        const [header, , signature] = (await signed(claims, key)).split('.');
        return `${header}.${encode({ ...claims, sub: 'somebody-else' })}.${signature}`;
      },
    ],
  ])('%s: refused', async (_, sign) => {
    // Also where the provider says that it signs so.
    login.provider.metadata = { id_token_signing_alg_values_supported: ['RS256', 'HS256', 'none'] };
    const other = await startLogin({}, login.provider);
    const browser = other.browser();
    expect((await browser.login()).status).toBe(303);
    login.provider.sign = sign;
    const refused = other.browser();
    expectPage(await refused.login(), 400, 'does not prove who you are');
    expect(sessionOf(refused)).toBeUndefined();
    login.provider.sign = undefined;
    expect((await browser.login()).status).toBe(303);
    await other.stop();
  });

  it('control: the protocol alone does not look at it, so the check is ours', async () => {
    const { issuer } = login.provider;
    const configuration = await client.discovery(new URL(issuer), CLIENT_ID, undefined, client.None(), {
      execute: [client.allowInsecureRequests],
    });
    const verifier = client.randomPKCECodeVerifier();
    const asked = client.buildAuthorizationUrl(configuration, {
      redirect_uri: `${login.publicUrl}/auth/callback`,
      scope: 'openid',
      state: 'state',
      nonce: 'nonce',
      code_challenge: await client.calculatePKCECodeChallenge(verifier),
      code_challenge_method: 'S256',
    });
    login.provider.sign = async (claims, key) => `${(await signed(claims, key)).slice(0, -8)}AAAAAAAA`;
    const back = await fetch(asked, { redirect: 'manual' });
    const tokens = await client.authorizationCodeGrant(
      configuration,
      new URL(back.headers.get('location')!),
      {
        pkceCodeVerifier: verifier,
        expectedState: 'state',
        expectedNonce: 'nonce',
      },
    );
    expect(tokens.claims()!.sub).toBe('subject-1');
    await expectRefused('does not prove who you are');
  });
});

function encode(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}

function hmac(claims: JWTPayload, kid: string, secret: string): Promise<string> {
  const text = `${encode({ alg: 'HS256', kid })}.${encode(claims)}`;
  return Promise.resolve(`${text}.${createHmac('sha256', secret).update(text).digest('base64url')}`);
}

describe('a provider of this machine', () => {
  it('its subjects are user ids, and what is none is refused', async () => {
    const userId = login.harness.userId;
    const local = await startLogin({ env: { OIDC_LOCAL: 'true' } }, login.provider);
    const refused = await local.browser().login();
    login.provider.account = { sub: userId };
    const browser = local.browser();
    await browser.login();
    const found = await local.userOf(browser);
    await local.stop();
    expectPage(refused, 400, 'does not prove who you are');
    expect(found).toBe(userId);
    // Control: elsewhere the same subject is not that user.
    const elsewhere = login.browser();
    await elsewhere.login();
    expect(await login.userOf(elsewhere)).not.toBe(userId);
  });
});
