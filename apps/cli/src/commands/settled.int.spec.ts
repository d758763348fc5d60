import { FakeApi, problem } from '../../test/fake-api.ts';
import { runCli } from '../../test/run-cli.ts';

let api: FakeApi;
beforeAll(async () => {
  api = await FakeApi.start();
});
afterAll(() => api.stop());
beforeEach(() => {
  api.reset();
  api.on('createServer', () => ({ headers: { 'mcpstack-position': '7' } }));
});

const create = () => runCli(['servers', 'create', '--name', 'Search', '--quiet'], { api });
const settled = () => api.last('listOrganizations')?.headers['mcpstack-position'];

describe('a command that wrote', () => {
  it('ends once that can be read', async () => {
    expect((await create()).code).toBe(0);
    expect(settled()).toBe('7');
  });

  it('is done all the same where the read fails', async () => {
    api.on('listOrganizations', () => problem(401, 'unauthenticated', 'No valid credential.'));
    const { code, stdout, stderr } = await create();
    expect([code, stdout, stderr]).toEqual([0, 'srv_5f7H9j1L3n5P7r9T1v3X5z\n', '']);
  });

  it('control: one that read waits for nothing, nor does one that was refused', async () => {
    await runCli(['servers', 'list'], { api });
    api.on('createServer', () => problem(403, 'forbidden', 'No.'));
    await create();
    expect(api.last('listOrganizations')).toBeUndefined();
  });
});
