import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ConfigError } from '@mcpstack/service-kit';
import { identityProvider } from './identity-provider.ts';

const folder = mkdtempSync(join(tmpdir(), 'mcpstack-identity-'));
afterAll(() => rmSync(folder, { recursive: true }));
const loginFile = join(folder, 'logins.json');
writeFileSync(loginFile, '{"users":[]}', { mode: 0o600 });

const GOOD = {
  ISSUER: 'http://localhost:8090',
  REDIRECT_URIS: 'http://localhost:8080/auth/callback,https://keys.example.com/auth/callback',
  LOCAL_LOGIN_FILE: loginFile,
};

const refusal = async (env: NodeJS.ProcessEnv): Promise<string> => {
  const error: unknown = await identityProvider({ ...GOOD, ...env }).then(
    () => undefined,
    (caught: unknown) => caught,
  );
  expect(error).toBeInstanceOf(ConfigError);
  return (error as ConfigError).message;
};

describe('the identity provider', () => {
  it('does not start in production, and leaves nothing behind; control: elsewhere it does', async () => {
    expect(await refusal({ NODE_ENV: 'production' })).toMatch(
      /does not start with NODE_ENV=production: let OIDC_ISSUER of the gateway name a provider of yours\.$/,
    );
    expect(readdirSync(folder)).toEqual(['logins.json']);
    for (const NODE_ENV of ['development', 'test', ''])
      expect(await identityProvider({ ...GOOD, NODE_ENV })).toMatchObject({ port: 8080 });
  });

  it.each([
    ['ISSUER', 'http://idp.example.com'],
    ['ISSUER', 'http://192.168.0.1:8090'],
    ['ISSUER', 'http://localhost.example.com'],
    ['ISSUER', 'http://localhost:8090/'],
    ['ISSUER', 'http://user@localhost:8090'],
    ['ISSUER', 'ftp://localhost'],
    ['ISSUER', 'localhost:8090'],
    ['REDIRECT_URIS', '/auth/callback'],
    ['REDIRECT_URIS', 'http://localhost:8080/auth/callback,'],
    ['REDIRECT_URIS', 'http://localhost:8080/auth/callback#x'],
    ['REDIRECT_URIS', 'javascript:alert(1)'],
    ['LOCAL_LOGIN_FILE', join(folder, 'none.json')],
  ])('says in one sentence what is wrong with %s=%s', async (name, value) => {
    expect(await refusal({ [name]: value })).toMatch(new RegExp(`^${name} cannot be used: `));
  });

  it.each(Object.keys(GOOD))('says that %s is not set', async (name) => {
    expect(await refusal({ [name]: '' })).toMatch(new RegExp(`^${name} is not set(: write .*)?\\.$`));
  });

  it.each(['http://127.0.0.1:8090', 'http://[::1]:8090', 'https://idp.example.com'])(
    'takes ISSUER=%s',
    async (ISSUER) => {
      await identityProvider({ ...GOOD, ISSUER });
    },
  );
});
