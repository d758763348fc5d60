import { createHash } from 'node:crypto';
import { FakeApi, problem } from '../../test/fake-api.ts';
import { runCli } from '../../test/run-cli.ts';

let api: FakeApi;
beforeAll(async () => {
  api = await FakeApi.start();
});
afterAll(() => api.stop());
beforeEach(() => api.reset());

const KEY = 'key_0aB3dE5gH7jK9mN1pQ3sT5';
const SECRET = `mcpstack_sk_${'s'.repeat(49)}`;
const TOKEN = `mcpstack_it_${'1'.repeat(22)}_${'2'.repeat(22)}_${'3'.repeat(43)}`;
const key = (more: object) => ({
  ...{ id: KEY, name: 'bot', role: 'developer', state: 'active', kind: 'service', revision: '0' },
  ...{ organizationId: 'org_1', permissions: [], tags: [], createdAt: '2026-01-01T00:00:00.000Z' },
  ...{
    createdBy: { type: 'user', id: 'user_1' },
    secrets: [{ version: 1, createdAt: '2026-01-01T00:00:00.000Z' }],
  },
  ...more,
});

const MAKING: readonly (readonly [line: string, operationId: string, body: object, secret: string])[] = [
  ['api-keys create --name bot --role developer', 'createApiKey', key({ secret: SECRET }), SECRET],
  [`api-keys rotate ${KEY}`, 'rotateApiKey', key({ secret: SECRET }), SECRET],
  [
    'invitations create --email ada@example.com --role viewer',
    'inviteMember',
    {
      ...{ id: 'inv_1', organizationId: 'org_1', role: 'viewer', state: 'pending', token: TOKEN },
      ...{ expiresAt: '2030-01-01T00:00:00.000Z', createdAt: '2026-01-01T00:00:00.000Z' },
      createdBy: { type: 'user', id: 'user_1' },
    },
    TOKEN,
  ],
];

describe('secrets that are made', () => {
  it.each(MAKING)(
    '%s: alone on standard output; what to do next beside it',
    async (line, id, body, secret) => {
      api.on(id, () => ({ body }));
      const { code, stdout, stderr } = await runCli(line.split(' '), { api });
      expect([code, stdout]).toEqual([0, `${secret}\n`]);
      expect(stderr).toContain('shown this once');
      expect(stderr).not.toContain(secret);
    },
  );

  it.each(MAKING)('%s: with --json it is in the object', async (line, id, body, secret) => {
    api.on(id, () => ({ body }));
    const { stdout, stderr } = await runCli([...line.split(' '), '--json'], { api });
    expect(JSON.parse(stdout)).toEqual(body);
    expect(stderr).not.toContain(secret);
  });

  it.each(MAKING)('%s: with --quiet it is lost, and that is said', async (line, id, body, secret) => {
    api.on(id, () => ({ body }));
    for (const tty of [false, true]) {
      const { stdout, stderr } = await runCli([...line.split(' '), '--quiet'], { api, tty, screen: tty });
      expect(stdout).toBe(`${(body as { id: string }).id}\n`);
      expect(stderr).toContain(id === 'inviteMember' ? 'mcpstack invitations create' : `rotate ${KEY}`);
      expect(stderr).not.toContain(secret);
    }
  });

  it('a key with a secret of one’s own has none to show', async () => {
    api.on('createApiKey', () => ({ body: key({}) }));
    const digest = 'a'.repeat(64);
    const line = `api-keys create --name bot --role developer --digest ${digest}`;
    const { code, stdout, stderr } = await runCli(line.split(' '), { api });
    expect(code).toBe(0);
    expect(stdout + stderr).toContain('secret that you made');
    expect(api.last('createApiKey')?.body).toMatchObject({ digest });
  });

  it('one that was shown before says how to get a new one', async () => {
    api.on('createApiKey', () => ({ body: key({ secretAlreadyShown: true }) }));
    const line = 'api-keys create --name bot --role developer --idempotency-key step-7';
    const { stdout, stderr } = await runCli(line.split(' '), { api });
    expect(stdout + stderr).toContain(`mcpstack api-keys rotate ${KEY}`);
    expect(api.last('createApiKey')?.headers['idempotency-key']).toBe('step-7');
  });
});

describe('secrets that are handed over', () => {
  it('import digests a token here and sends the digest alone', async () => {
    const token = 'acme_live_0123456789abcdef';
    const lines = [{ name: 'old', role: 'viewer', token, hint: 'acme_live_' }];
    await runCli(['api-keys', 'import', '-'], { api, stdin: JSON.stringify(lines) });
    const sent = api.last('importApiKeys')!.body;
    const digest = createHash('sha256').update(token).digest('hex');
    expect(sent).toEqual({ keys: [{ name: 'old', role: 'viewer', digest, hint: 'acme_live_' }] });
    expect(JSON.stringify(api.asked)).not.toContain(token);
  });

  it('a file that is no JSON is not quoted', async () => {
    const { code, stdout, stderr } = await runCli(['api-keys', 'import', '-'], { api, stdin: `[${SECRET}` });
    expect([code, api.asked.length]).toEqual([2, 0]);
    expect(stdout + stderr).not.toContain(SECRET);
  });

  it('leaked keys go in a body, without a login, a thousand at a time; nothing repeats them', async () => {
    api.on('revokeCredentials', ({ body }) => ({
      body: { accepted: (body as { credentials: string[] }).credentials.length },
    }));
    const stdin = Array.from({ length: 1_001 }, (_, index) => `${SECRET}${index}`).join('\n');
    const { code, stdout, stderr } = await runCli(['credentials', 'revoke'], { api, stdin, env: {} });
    expect([code, api.asked.length]).toEqual([0, 2]);
    expect(api.asked.map(({ headers }) => headers.authorization)).toEqual([undefined, undefined]);
    expect(stdout + stderr).not.toContain(SECRET);
  });

  it('an invitation’s token from standard input; an end of input is told', async () => {
    const accepted = await runCli(['invitations', 'accept', '--token-stdin'], { api, stdin: `${TOKEN}\n` });
    expect([accepted.code, api.last('acceptInvitation')?.body]).toEqual([0, { token: TOKEN }]);
    const early = await runCli(['invitations', 'accept', '--token-stdin'], { api, stdin: '' });
    expect([early.code, early.stderr.includes('before a token came')]).toEqual([2, true]);
    const both = await runCli(['invitations', 'accept', TOKEN, '--token-stdin'], { api, stdin: TOKEN });
    expect(both.code).toBe(2);
  });

  it('a refusal does not repeat what was sent', async () => {
    api.on('acceptInvitation', () => problem(404, 'not-found', 'There is no such invitation.'));
    const { code, stdout, stderr } = await runCli(['invitations', 'accept', TOKEN], { api });
    expect([code, (stdout + stderr).includes(TOKEN)]).toEqual([5, false]);
  });
});
