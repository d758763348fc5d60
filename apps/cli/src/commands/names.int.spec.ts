import { FakeApi, problem } from '../../test/fake-api.ts';
import { runCli } from '../../test/run-cli.ts';

let api: FakeApi;
beforeAll(async () => {
  api = await FakeApi.start();
});
afterAll(() => api.stop());
beforeEach(() => api.reset());

const id = (kind: string, letter: string) => `${kind}_${letter.repeat(22)}`;
const key = (letter: string, name: string, state = 'active') => ({
  ...{ id: id('key', letter), name, state, role: 'viewer', permissions: [], tags: [], secrets: [] },
  ...{ organizationId: id('org', '1'), kind: 'service', revision: '0' },
  ...{ createdAt: '2026-01-01T00:00:00.000Z', createdBy: { type: 'user', id: id('user', '1') } },
});
const keys = (...data: object[]) => api.on('listApiKeys', () => ({ body: { data } }));
const member = (letter: string, more: object) => ({
  ...{ userId: id('user', letter), role: 'viewer', state: 'active', joinedAt: '2026-01-01T00:00:00.000Z' },
  ...more,
});
const run = (line: string) => runCli(line.split(' '), { api });
const asked = (operationId: string) => api.last(operationId)?.path.split('/').at(-1);

describe('what stands for a thing', () => {
  it('an id is taken as it stands: no list is read', async () => {
    expect((await run(`api-keys show ${id('key', 'a')}`)).code).toBe(0);
    expect([asked('getApiKey'), api.last('listApiKeys')]).toEqual([id('key', 'a'), undefined]);
  });

  it('a name is looked up, on every page', async () => {
    api.on('listApiKeys', ({ query }) => ({
      body: query['cursor'] ? { data: [key('b', 'bot')] } : { data: [key('a', 'other')], nextCursor: 'more' },
    }));
    expect((await run('api-keys show bot')).code).toBe(0);
    expect(asked('getApiKey')).toBe(id('key', 'b'));
  });

  it('of several with one name it takes none, and names them', async () => {
    keys(key('a', 'bot'), key('b', 'bot'));
    const { code, stderr } = await run('api-keys revoke bot --yes');
    expect([code, api.last('revokeApiKey')]).toEqual([2, undefined]);
    expect(stderr).toContain('2 service keys have the name "bot".');
    expect(stderr).toContain(`${id('key', 'a')} or ${id('key', 'b')}`);
  });

  it('one in force goes before those that were revoked; revoked ones are found where there is none', async () => {
    keys(key('a', 'bot', 'revoked'), key('b', 'bot'), key('c', 'bot', 'revoked'));
    await run('api-keys revoke bot --yes');
    expect(asked('revokeApiKey')).toBe(id('key', 'b'));
    keys(key('a', 'bot', 'revoked'));
    await run('api-keys show bot');
    expect(asked('getApiKey')).toBe(id('key', 'a'));
  });

  it('a name that is not there: not found, with the one that comes near', async () => {
    keys(key('a', 'automation-bot'));
    const { code, stderr } = await run('api-keys show automaton-bot');
    expect(code).toBe(5);
    expect(stderr).toContain('There is no service key "automaton-bot". Did you mean automation-bot?');
  });

  it('members go by address and by name, invitations by address, domains by domain', async () => {
    expect((await run('members show ada@example.com')).code).toBe(0);
    expect((await run('members show Ada')).code).toBe(0);
    expect(asked('getMember')).toBe('user_1b3D5f7H9j1L3n5P7r9T1v');
    expect((await run('invitations show ada@example.com')).code).toBe(0);
    expect((await run('agents list')).code).toBe(0);
    expect((await runCli(['domains', 'show', 'EXAMPLE.com', '--agent', 'Support agent'], { api })).code).toBe(
      0,
    );
    expect(asked('getDomain')).toBe('dom_6g8I0k2M4o6Q8s0U2w4Y6a');
  });

  it('a name that looks like an address is nobody’s address', async () => {
    api.on('listMembers', () => ({
      body: { data: [member('a', { name: 'ada@example.com' }), member('b', { email: 'ada@example.com' })] },
    }));
    expect((await run('members suspend ada@example.com')).code).toBe(0);
    expect(api.last('suspendMember')?.path).toContain(id('user', 'b'));
    api.on('listMembers', () => ({ body: { data: [member('a', { name: 'ada@example.com' })] } }));
    expect((await run('members show ada@example.com')).code).toBe(5);
  });

  it('where the list may not be read, that is what is told', async () => {
    api.on('listApiKeys', () =>
      problem(403, 'forbidden', 'The credential lacks api-keys:read.', { permission: 'api-keys:read' }),
    );
    const { code, stderr } = await run('api-keys show bot');
    expect([code, stderr.includes('api-keys:read')]).toEqual([4, true]);
  });
});
