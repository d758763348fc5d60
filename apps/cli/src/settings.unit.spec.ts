import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { makeToken } from '@mcpstack/contracts';
import { Credentials, type Profile } from './credentials.ts';
import { checkOrg, readSettings, type GlobalOptions } from './settings.ts';

const ORG = (number: number) => `org_${String(number).repeat(22)}`;
const KEY = makeToken('service');

let folder: string;
let credentials: Credentials;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'mcpstack-settings-'));
  credentials = new Credentials(join(folder, 'config'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const read = (options: GlobalOptions = {}, env: NodeJS.ProcessEnv = {}) =>
  readSettings(options, { env, cwd: folder, credentials });
const keep = (profile: Profile, name = 'default') => credentials.change(name, () => profile);
const keyLogin = (apiUrl: string): Profile => ({
  apiUrl,
  organizationId: ORG(3),
  login: { kind: 'key', apiUrl, key: KEY, keyId: 'key_1', organizationId: ORG(4), role: 'viewer' },
});

describe('the address', () => {
  it('flag > environment > profile > checkout > default', async () => {
    expect(read().apiUrl).toEqual({ value: 'http://localhost:8080', from: 'default' });
    checkout({ gatewayUrl: 'http://localhost:1' });
    expect(read().apiUrl).toEqual({
      value: 'http://localhost:1',
      from: join(folder, '.mcpstack', 'local.json'),
    });
    await keep({ apiUrl: 'http://localhost:2' });
    expect(read().apiUrl).toEqual({ value: 'http://localhost:2', from: 'profile default' });
    const env = { MCPSTACK_API_URL: 'http://localhost:3' };
    expect(read({}, env).apiUrl).toEqual({ value: 'http://localhost:3', from: 'MCPSTACK_API_URL' });
    expect(read({ apiUrl: 'http://localhost:4' }, env).apiUrl.value).toBe('http://localhost:4');
    // Empty is as good as absent: that is how a pipeline without the variable has it.
    expect(read({}, { MCPSTACK_API_URL: '' }).apiUrl.value).toBe('http://localhost:2');
  });

  it('is found from a folder below a checkout', () => {
    checkout({ gatewayUrl: 'http://127.0.0.1:5' });
    const cwd = join(folder, 'a', 'b');
    mkdirSync(cwd, { recursive: true });
    expect(readSettings({}, { env: {}, cwd, credentials }).apiUrl.value).toBe('http://127.0.0.1:5');
  });

  it.each([
    ['another machine', { gatewayUrl: 'https://evil.example' }],
    ['a name that only looks like this machine', { gatewayUrl: 'http://localhost.evil.example' }],
    ['something else', { gatewayUrl: 7 }],
    ['no address', {}],
  ])('a checkout that names %s is not believed', (_name, content) => {
    checkout(content);
    expect(read({}, { MCPSTACK_API_KEY: KEY }).apiUrl.from).toBe('default');
  });

  it('is one spelling', () => {
    expect(read({ apiUrl: 'HTTPS://Keys.Example.com:443/' }).apiUrl.value).toBe('https://keys.example.com');
    expect(read({ apiUrl: 'https://example.com/keys//' }).apiUrl.value).toBe('https://example.com/keys');
  });

  it.each(['ftp://x', 'keys', 'http://example.com', 'https://a:b@example.com', 'https://example.com?x'])(
    '%s is refused',
    (apiUrl) => expect(() => read({ apiUrl })).toThrow('The address of --api-url'),
  );
});

describe('a flag that is empty', () => {
  it.each([
    ['--org', { org: '' }],
    ['--profile', { profile: '' }],
    ['--api-url', { apiUrl: ' ' }],
  ])('%s is refused, also where the environment has a value', (name, options) => {
    const env = { MCPSTACK_ORG_ID: ORG(1), MCPSTACK_PROFILE: 'ci', MCPSTACK_API_URL: 'http://localhost:3' };
    expect(() => read(options, env)).toThrow(`${name} is empty.`);
  });
});

describe('the organization', () => {
  it('flag > environment > profile', async () => {
    expect(read().org).toBeUndefined();
    await keep({ organizationId: ORG(1) });
    expect(read().org).toEqual({ value: ORG(1), from: 'profile default' });
    expect(read({}, { MCPSTACK_ORG_ID: ORG(2) }).org!.value).toBe(ORG(2));
    expect(read({ org: ORG(3) }, { MCPSTACK_ORG_ID: ORG(2) }).org!.value).toBe(ORG(3));
    expect(read({ org: 'org_123' }).org!.value).toBe('org_123');
    // The choice belongs to the profile's login, not to a key from elsewhere.
    expect(read({}, { MCPSTACK_API_KEY: KEY }).org).toBeUndefined();
  });

  it('must look like one, where it is needed', () => {
    // "org list", which says what it should be, must not fail of it.
    const { org } = read({}, { MCPSTACK_ORG_ID: 'acme' });
    expect(() => checkOrg(org!)).toThrow('MCPSTACK_ORG_ID is no organization id');
    expect(() => read({ org: 'acme' })).toThrow('--org is no organization id');
  });
});

describe('the credential', () => {
  it('environment > profile, and a login of another address is none', async () => {
    expect(read().credential).toBeUndefined();
    await keep(keyLogin('http://localhost:8080'));
    expect(read().credential).toMatchObject({ from: 'profile default', organizationId: ORG(4) });
    const other = makeToken('service');
    expect(read({}, { MCPSTACK_API_KEY: other }).credential).toEqual({
      kind: 'key',
      key: other,
      from: 'MCPSTACK_API_KEY',
    });
    const elsewhere = read({ apiUrl: 'https://example.com' });
    expect([elsewhere.credential, elsewhere.foreignLogin]).toEqual([undefined, 'http://localhost:8080']);
  });

  it('is of the profile that is named', async () => {
    await keep(keyLogin('http://localhost:8080'), 'ci');
    expect(read().credential).toBeUndefined();
    expect(read({ profile: 'ci' }).credential).toBeDefined();
    expect(read({}, { MCPSTACK_PROFILE: 'ci' }).credential).toBeDefined();
    expect(read({ profile: 'default' }, { MCPSTACK_PROFILE: 'ci' }).credential).toBeUndefined();
    for (const profile of ['__proto__', 'constructor/', '', '-x', 'a'.repeat(65)].filter(Boolean))
      expect(() => read({ profile })).toThrow('The profile name of --profile');
    // A name that every object has is a name like any other.
    expect(read({ profile: 'constructor' }).credential).toBeUndefined();
  });
});

function checkout(content: object): void {
  mkdirSync(join(folder, '.mcpstack'), { recursive: true });
  const path = join(folder, '.mcpstack', 'local.json');
  writeFileSync(path, JSON.stringify(content));
  chmodSync(path, 0o600);
}
