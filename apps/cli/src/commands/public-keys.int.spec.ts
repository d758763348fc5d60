import { FakeApi, problem } from '../../test/fake-api.ts';
import { runCli } from '../../test/run-cli.ts';

let api: FakeApi;
beforeAll(async () => {
  api = await FakeApi.start();
});
afterAll(() => api.stop());
beforeEach(() => api.reset());

const AGENT = 'agent_3d5F7h9J1l3N5p7R9t1V3x';
const VALUE = `mcpstack_pk_${'a'.repeat(49)}`;
const publicKey = (more: object) => ({
  ...{ id: 'key_1', organizationId: 'org_1', kind: 'publishable', name: 'web', agentId: AGENT, value: VALUE },
  ...{ origins: [{ origin: 'https://app.example.com' }], development: false, state: 'active', revision: '0' },
  ...{ createdAt: '2026-01-01T00:00:00.000Z', createdBy: { type: 'user', id: 'user_1' } },
  ...more,
});
const run = (line: string) => runCli(line.split(' '), { api });

describe('agents embed', () => {
  it('prints what a page needs, with the newest key in force', async () => {
    const data = [publicKey({ id: 'key_2', state: 'revoked' }), publicKey({})];
    api.on('listPublicKeys', () => ({ body: { data } }));
    const { code, stdout, stderr } = await run(`agents embed ${AGENT}`);
    expect([code, api.last('listPublicKeys')?.query['agentId']]).toEqual([0, AGENT]);
    expect(stdout).toBe(
      [
        `import { createAgent } from '@mcpstack/agent-sdk';`,
        '',
        `const agent = createAgent({ key: '${VALUE}', baseUrl: '${api.url}' });`,
        'const { id, name } = await agent.load();',
        '',
      ].join('\n'),
    );
    expect(stderr).toContain('https://app.example.com');
    const { snippet, keyId } = JSON.parse((await run(`agents embed ${AGENT} --json`)).stdout) as {
      snippet: string;
      keyId: string;
    };
    expect([`${snippet}\n`, keyId]).toEqual([stdout, 'key_1']);
  });

  it('without a key in force it says how to make one; a key of another agent is none', async () => {
    api.on('listPublicKeys', () => ({ body: { data: [] } }));
    const none = await run(`agents embed ${AGENT}`);
    expect([none.code, none.stderr.includes('mcpstack public-keys create')]).toEqual([5, true]);
    api.on('getPublicKey', () => ({ body: publicKey({ agentId: 'agent_other' }) }));
    const other = await run(`agents embed ${AGENT} --key key_1`);
    expect([other.code, other.stderr.includes('of another agent')]).toEqual([2, true]);
    api.on('getPublicKey', () => ({ body: publicKey({ state: 'suspended' }) }));
    expect((await run(`agents embed ${AGENT} --key key_1`)).stderr).toContain('is suspended');
  });
});

describe('public-keys', () => {
  it('create shows the value, which is no secret, and where it goes', async () => {
    api.on('createPublicKey', () => ({ status: 201, body: publicKey({}) }));
    const line = `public-keys create --name web --agent ${AGENT} --origin https://app.example.com,https://b.example.com`;
    const { code, stdout, stderr } = await run(line);
    expect([code, stdout]).toEqual([0, expect.stringContaining(VALUE)]);
    expect(stderr).toContain(`mcpstack agents embed ${AGENT} --key key_1`);
    expect(api.last('createPublicKey')?.body).toEqual({
      name: 'web',
      agentId: AGENT,
      origins: ['https://app.example.com', 'https://b.example.com'],
    });
  });

  it('try asks as the page would: with the key alone, at the origin', async () => {
    await run(`public-keys try ${VALUE} --origin https://app.example.com`);
    const { headers } = api.last('getEmbeddedAgent')!;
    expect([headers.authorization, headers.origin]).toEqual([`Bearer ${VALUE}`, 'https://app.example.com']);
    expect(api.asked).toHaveLength(1);
    api.on('getEmbeddedAgent', () => problem(403, 'forbidden', 'The key may not be used at this origin.'));
    const refused = await run(`public-keys try ${VALUE} --origin https://evil.example.com`);
    expect([refused.code, refused.stderr.includes('at this origin')]).toEqual([4, true]);
  });

  it('try: a refusal is of the publishable key, not of who asks', async () => {
    api.on('getEmbeddedAgent', () => problem(401, 'unauthenticated', 'The key is revoked.'));
    const { code, stderr } = await run('public-keys try key_1 --origin https://app.example.com');
    expect(code).toBe(4);
    expect(stderr).toContain('does not accept the publishable key: The key is revoked.');
    expect(stderr).toContain('mcpstack public-keys explain key_1 --origin https://app.example.com');
    expect(stderr).not.toMatch(/MCPSTACK_API_KEY|auth login/);
  });

  it('update names the origins that stay; add-origin takes a while', async () => {
    await run('public-keys update key_1 --keep-origin https://app.example.com');
    expect(api.last('updatePublicKey')?.body).toEqual({ origins: ['https://app.example.com'] });
    await run('public-keys add-origin key_1 https://preview.example.com --expires 12h');
    const { origin, expiresAt } = api.last('addTemporaryOrigin')!.body as Record<string, string>;
    expect(origin).toBe('https://preview.example.com');
    expect(Math.round((Date.parse(expiresAt!) - Date.now()) / 3_600_000)).toBe(12);
  });
});

describe('domains', () => {
  it('add prints what to publish, each value whole, and the command that comes next', async () => {
    const { code, stdout, stderr } = await runCli(
      ['domains', 'add', 'example.com', '--agent', 'Support agent'],
      {
        api,
      },
    );
    expect(code).toBe(0);
    expect(stdout).toMatch(/^TXT record: +_mcpstack-challenge\.example\.com$/m);
    expect(stdout).toMatch(/value: +mcpstack-verify=\w+$/m);
    expect(stdout).toMatch(/file at: +https:\/\/example\.com\/\.well-known\/mcpstack-challenge\.txt$/m);
    expect(stderr).toMatch(/mcpstack domains check example\.com --agent agent_\w+$/m);
  });

  it('check says what was seen; a proof that is not there fails, so that a script can wait for it', async () => {
    const found = (ok: boolean) => ({
      ...{ id: 'dom_1', organizationId: 'org_1', agentId: AGENT, domain: 'example.com' },
      ...{ state: ok ? 'verified' : 'pending', createdAt: '2026-01-01T00:00:00.000Z' },
      proof: {
        dns: { type: 'TXT', name: '_x', value: 'v' },
        file: { url: 'https://example.com/f', content: 'v' },
      },
      found: {
        dns: {
          name: '_x.example.com',
          ok,
          values: ok ? ['v'] : ['other'],
          ...(!ok && { problem: 'has other values' }),
        },
        file: { url: 'https://example.com/f', ok: false, problem: 'answered 404' },
      },
    });
    api.on('checkDomain', () => ({ body: found(false) }));
    const missing = await run(`domains check example.com --agent ${AGENT}`);
    expect(missing.code).toBe(1);
    expect(missing.stdout).toMatch(/has other values \(seen: other\)[^]*answered 404/);
    expect(missing.stderr).toContain('mcpstack domains show example.com');
    api.on('checkDomain', () => ({ body: found(true) }));
    expect((await run(`domains check example.com --agent ${AGENT}`)).code).toBe(0);
  });
});
