import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ConfigError, readConfig } from '@mcpstack/service-kit';
import {
  LOGIN_SETTINGS,
  providerSettings,
  readClientSecret,
  type ProviderSettings,
} from './login-settings.ts';

const folder = mkdtempSync(join(tmpdir(), 'mcpstack-login-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function settingsOf(env: Record<string, string>): ProviderSettings | undefined {
  return providerSettings(readConfig(LOGIN_SETTINGS, env), env);
}

function problemOf(env: Record<string, string>): string {
  try {
    settingsOf(env);
  } catch (error) {
    if (error instanceof ConfigError) return error.message;
    throw error;
  }
  return 'none';
}

const ISSUER = { OIDC_ISSUER: 'https://login.example.com/realms/x' };

describe('the settings of login', () => {
  it('nothing set: login is off', () => {
    expect(settingsOf({})).toBeUndefined();
  });

  it('an issuer: a public client with the usual scopes', () => {
    const provider = settingsOf(ISSUER);
    expect({ ...provider, issuer: provider!.issuer.href }).toEqual({
      issuer: 'https://login.example.com/realms/x',
      clientId: 'mcpstack',
      scopes: 'openid profile email',
      isLocal: false,
    });
  });

  it.each(['http://localhost:9', 'http://127.0.0.1:9', 'http://[::1]:9', 'http://login.localhost:9'])(
    'http on this machine: %s',
    (url) => {
      expect(problemOf({ OIDC_ISSUER: url, OIDC_LOCAL: 'true' })).toBe('none');
    },
  );

  it.each<[string, Record<string, string>, string]>([
    ['http elsewhere', { OIDC_ISSUER: 'http://login.example.com' }, 'OIDC_ISSUER'],
    [
      'a name that only begins like this machine',
      { OIDC_ISSUER: 'http://localhost.example.com' },
      'https://',
    ],
    ['an address that only begins like one', { OIDC_ISSUER: 'http://127.example.com' }, 'https://'],
    ['no URL', { OIDC_ISSUER: 'login.example.com' }, 'OIDC_ISSUER'],
    ['another scheme', { OIDC_ISSUER: 'file:///etc/passwd' }, 'OIDC_ISSUER'],
    ['an issuer with a query', { OIDC_ISSUER: 'https://login.example.com?x=1' }, 'no query'],
    ['a password in it', { OIDC_ISSUER: 'https://a:b@login.example.com' }, 'no user'],
    ['scopes without openid', { ...ISSUER, OIDC_SCOPES: 'profile email' }, 'openid'],
    ['OIDC_LOCAL of another word', { ...ISSUER, OIDC_LOCAL: 'yes' }, 'write true or false'],
    ['a secret that is not there', { ...ISSUER, OIDC_CLIENT_SECRET_FILE: join(folder, 'no') }, 'ENOENT'],
    [
      'the provider of one machine in production',
      { ...ISSUER, OIDC_LOCAL: 'true', NODE_ENV: 'production' },
      'docs/login.md',
    ],
  ])('refused in a sentence: %s', (_, env, words) => {
    expect(problemOf(env)).toContain(words);
    // Control: without what is wrong, it is taken.
    expect(problemOf({ ...ISSUER, NODE_ENV: 'production' })).toBe('none');
  });

  it('the client secret is what the file holds, without the end of its line', () => {
    const path = join(folder, 'secret');
    writeFileSync(path, 's3cret-of-the-client\n');
    expect(readClientSecret(path)).toBe('s3cret-of-the-client');
    for (const text of ['', '\n', 'two\nlines', 'zwölf']) {
      writeFileSync(path, text);
      expect(() => readClientSecret(path)).toThrow(/alone, on one line/);
    }
  });
});
