import { FakeApi, problem } from '../../test/fake-api.ts';
import { runCli } from '../../test/run-cli.ts';

let api: FakeApi;
beforeAll(async () => {
  api = await FakeApi.start();
});
afterAll(() => api.stop());
beforeEach(() => api.reset());

const KEY = 'key_0aB3dE5gH7jK9mN1pQ3sT5';
const run = (line: string, stdin?: string) =>
  runCli(line.split(' '), { api, ...(stdin !== undefined && { stdin }) });
const usage = async (line: string) => {
  const { code, stderr } = await run(line);
  expect([code, api.asked.length]).toEqual([2, 0]);
  return stderr;
};

describe('api-keys create and update', () => {
  it('sends what was said, names turned into ids', async () => {
    const line = ['api-keys', 'create', '--name', 'my bot', '--role', 'developer', '--server', 'Search'];
    await runCli([...line, '--rate-limit', 'burst=50/1s,steady=600/1m', '--ip', '192.0.2.7'], { api });
    expect(api.last('createApiKey')?.body).toEqual({
      name: 'my bot',
      role: 'developer',
      scope: { servers: ['srv_5f7H9j1L3n5P7r9T1v3X5z'] },
      allowedIps: ['192.0.2.7'],
      limits: [
        { name: 'burst', limit: 50, windowMs: 1_000 },
        { name: 'steady', limit: 600, windowMs: 60_000 },
      ],
    });
  });

  it('what is wrong is told before anything is sent', async () => {
    expect(await usage('api-keys create --name bot --role amin')).toContain('Did you mean admin?');
    expect(await usage('api-keys create --name bot')).toContain('--role');
    expect(await usage('api-keys create --name bot --role viewer --expires soon')).toContain('90d');
    expect(await usage('api-keys create --name bot --role viewer --permission agent:read')).toContain(
      'agents:read',
    );
    expect(await usage(`api-keys update ${KEY}`)).toContain('Nothing to change');
    expect(await usage(`api-keys rotate ${KEY} --keep-old 1h --until-new-used`)).toContain('--keep-old');
    expect(await usage('api-keys bulk-revoke --yes')).toContain('which keys');
  });

  it('--no-tags takes them; --if-revision changes only that one', async () => {
    await run(`api-keys update ${KEY} --no-tags --if-revision 3`);
    const { body, headers } = api.last('updateApiKey')!;
    expect([body, headers['if-match']]).toEqual([{ tags: [] }, '"3"']);
    api.on('updateApiKey', () => problem(412, 'precondition-failed', 'It has changed since.'));
    expect((await run(`api-keys update ${KEY} --name new --if-revision 3`)).code).toBe(6);
  });

  it('each way in which the secret before ends', async () => {
    await run(`api-keys rotate ${KEY}`);
    expect(api.last('rotateApiKey')?.body).toEqual({});
    await run(`api-keys rotate ${KEY} --keep-old 1h`);
    expect(api.last('rotateApiKey')?.body).toEqual({ previous: { validForSeconds: 3_600 } });
    await run(`api-keys rotate ${KEY} --until-new-used`);
    expect(api.last('rotateApiKey')?.body).toEqual({ previous: { untilNextSeen: true } });
  });

  it('a policy that stands in the way is named', async () => {
    api.on('createApiKey', () =>
      problem(403, 'policy-violation', 'Keys must expire within 90 days.', { rule: 'longestKeyLifeDays' }),
    );
    const { code, stderr } = await run('api-keys create --name bot --role viewer');
    expect([code, stderr.includes('within 90 days')]).toEqual([4, true]);
  });
});

describe('many keys at once', () => {
  it('bulk-revoke goes on while there are more, and lists all', async () => {
    let left = 3;
    api.on('bulkRevokeApiKeys', () => {
      left -= 1;
      const keys = [{ id: `key_${left}`, name: `n${left}` }];
      return { body: { dryRun: false, keys, count: 1, ...(left > 0 && { more: true }) } };
    });
    const { code, stdout } = await run('api-keys bulk-revoke --tag old --yes --quiet');
    expect([code, stdout]).toEqual([0, 'key_2\nkey_1\nkey_0\n']);
  });

  const ended = { id: 'key_0', name: 'n0' };
  it.each([
    [
      'there are more, and none is found',
      () => ({ body: { dryRun: false, keys: [], count: 0, more: true } }),
    ],
    ['a later part fails', () => problem(500, 'internal', 'It broke.')],
  ])('bulk-revoke when %s: what has ended is told, and it fails', async (_name, later) => {
    let asked = 0;
    api.on('bulkRevokeApiKeys', () => {
      asked += 1;
      return asked > 1 ? later() : { body: { dryRun: false, keys: [ended], count: 1, more: true } };
    });
    const { code, stdout, stderr } = await run('api-keys bulk-revoke --tag old --yes --json');
    expect([code, JSON.parse(stdout)]).toEqual([1, { data: [ended] }]);
    expect(JSON.parse(stderr)).toMatchObject({ error: { code: 'incomplete', exitCode: 1 } });
  });

  it('bulk-revoke that is told of more from the first does not say that there are none', async () => {
    const body = { dryRun: false, keys: [], count: 0, more: true };
    api.on('bulkRevokeApiKeys', () => ({ body }));
    for (const how of ['--yes', '--dry-run']) {
      const { code, stdout, stderr } = await run(`api-keys bulk-revoke --tag old ${how}`);
      expect([code, stdout]).toEqual([1, '']);
      expect(stderr).toContain('Run the same command again');
      expect(stderr).not.toContain('No service key is like this');
    }
  });

  it('import --quiet prints no line for what has no id', async () => {
    const refused = { status: 'refused', problem: problem(400, 'validation-failed', 'No.').body };
    api.on('importApiKeys', () => ({ body: { results: [refused, refused] } }));
    const line = JSON.stringify([{ name: 'a' }, { name: 'b' }]);
    expect((await run('api-keys import - --quiet', line)).stdout).toBe('');
  });

  it('import: a thousand lines at a time; what is refused is told with its line, and fails', async () => {
    api.on('importApiKeys', ({ body }) => ({
      body: {
        results: (body as { keys: { name: string }[] }).keys.map(({ name }) =>
          name === 'n1000'
            ? { status: 'refused', problem: problem(400, 'validation-failed', 'No.').body }
            : { status: 'created' },
        ),
      },
    }));
    const lines = Array.from({ length: 1_001 }, (_, index) => ({
      ...{ name: `n${index}`, role: 'viewer', digest: 'a'.repeat(64) },
    }));
    const { code, stdout, stderr } = await run('api-keys import - --json', JSON.stringify({ keys: lines }));
    const { data } = JSON.parse(stdout) as { data: { line: number; status: string }[] };
    expect([code, data.length, data[1_000]]).toEqual([1, 1_001, expect.objectContaining({ line: 1_001 })]);
    expect(stderr).toContain('1 of 1001 lines were refused');
    expect(api.asked).toHaveLength(2);
  });

  it('import: a file that is not there, or holds something else', async () => {
    expect(await usage('api-keys import nowhere.json')).toContain('cannot be read');
    const { code } = await run('api-keys import -', '{"key":1}');
    expect(code).toBe(2);
  });
});

describe('api-keys list, show, explain', () => {
  it('an empty list says how to make the first; with a filter, that none meets it', async () => {
    api.on('listApiKeys', () => ({ body: { data: [] } }));
    expect((await run('api-keys list')).stderr).toContain('mcpstack api-keys create');
    expect((await run('api-keys list --tag a')).stderr).toContain('is like this');
    expect(JSON.parse((await run('api-keys list --json')).stdout)).toEqual({ data: [] });
    expect((await run('api-keys list --quiet')).stdout).toBe('');
  });

  it('--unused-since looks back', async () => {
    await run('api-keys list --unused-since 90d');
    const { unusedSince } = api.last('listApiKeys')!.query;
    const days = (Date.now() - Date.parse(unusedSince!)) / 86_400_000;
    expect(Math.round(days)).toBe(90);
  });

  it('explain shows each step', async () => {
    api.on('explainApiKey', () => ({
      body: {
        ...{ keyId: KEY, code: 'FORBIDDEN' },
        checks: [
          { check: 'state', passed: true, message: 'The key is in force.' },
          { check: 'permission', passed: false, code: 'FORBIDDEN', message: 'It lacks members:write.' },
        ],
      },
    }));
    const { stdout } = await run(`api-keys explain ${KEY} --permission members:write`);
    expect(stdout).toMatch(/FORBIDDEN[^]*passes: The key[^]*REFUSED: It lacks members:write/);
  });
});

describe('org policy set', () => {
  it('keeps what is not given, and changes only what was read', async () => {
    api.on('getPolicy', () => ({
      body: { longestKeyLifeDays: 30, expiryRequired: true, onMakerLoss: 'list' },
      headers: { etag: '"4"' },
    }));
    await run('org policy set --on-maker-loss revoke');
    const { body, headers } = api.last('replacePolicy')!;
    expect(body).toEqual({ longestKeyLifeDays: 30, expiryRequired: true, onMakerLoss: 'revoke' });
    expect(headers['if-match']).toBe('"4"');
    await run('org policy set --longest-key-life any --no-expiry-required --allowed-key-role viewer');
    expect(api.last('replacePolicy')?.body).toEqual({ allowedKeyRoles: ['viewer'], onMakerLoss: 'list' });
  });
});
