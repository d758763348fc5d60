import { join } from 'node:path';
import { FakeApi } from '../../test/fake-api.ts';
import { ORG, runCli } from '../../test/run-cli.ts';
import { credentialsFolder } from '../context.ts';
import { Credentials } from '../credentials.ts';

let api: FakeApi;
beforeAll(async () => {
  api = await FakeApi.start();
});
afterAll(() => api.stop());

const list = async (env?: Record<string, string>) => {
  const { stdout } = await runCli(['config', 'list', '--json'], { api, ...(env && { env }) });
  return (JSON.parse(stdout) as { data: { id: string; value: string; from: string }[] }).data;
};

describe('mcpstack config list', () => {
  it('says where the credential is from', async () => {
    expect(await list()).toContainEqual({ id: 'login', value: 'service key', from: 'MCPSTACK_API_KEY' });
  });

  it('shows a login for another address, which is not used', async () => {
    const apiUrl = 'https://other.example.com';
    const login = {
      kind: 'key',
      apiUrl,
      key: 'k',
      keyId: 'key_1',
      organizationId: ORG,
      role: 'viewer',
    } as const;
    const credentials = new Credentials(credentialsFolder());
    await credentials.change('default', () => ({ login }));
    const value = `for ${apiUrl}: not used here`;
    expect(await list({})).toContainEqual({ id: 'login', value, from: 'profile default' });
    await credentials.change('default', () => ({}));
  });
});

it('"org list" tells what MCPSTACK_ORG_ID should be, also where it holds a name', async () => {
  const env = { MCPSTACK_API_KEY: '', MCPSTACK_ORG_ID: 'Acme' };
  const login = {
    kind: 'session' as const,
    ...{ apiUrl: api.url, accessToken: 'a', refreshToken: 'r', sessionId: 's' },
    ...{ userId: 'user_1', expiresInS: 900, obtainedAtMs: Date.now() },
  };
  await new Credentials(credentialsFolder()).change('default', () => ({ login }));
  expect((await runCli(['org', 'list'], { api, env })).code).toBe(0);
  expect((await runCli(['org', 'show'], { api, env })).code).toBe(2);
  await new Credentials(credentialsFolder()).change('default', () => ({}));
});

it.each(['linux', 'darwin', 'win32'])('XDG_CONFIG_HOME counts on %s', (platform) => {
  const own = Object.getOwnPropertyDescriptor(process, 'platform')!;
  Object.defineProperty(process, 'platform', { ...own, value: platform });
  try {
    expect(credentialsFolder()).toBe(join(process.env['XDG_CONFIG_HOME']!, 'mcpstack'));
  } finally {
    Object.defineProperty(process, 'platform', own);
  }
});
