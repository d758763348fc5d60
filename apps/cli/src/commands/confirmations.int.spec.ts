import { FakeApi } from '../../test/fake-api.ts';
import { runCli } from '../../test/run-cli.ts';

let api: FakeApi;
beforeAll(async () => {
  api = await FakeApi.start();
});
afterAll(() => api.stop());
beforeEach(() => {
  api.reset();
  api.on('bulkRevokeApiKeys', ({ body }) => ({
    body: {
      dryRun: (body as { dryRun?: boolean }).dryRun === true,
      keys: [{ id: 'key_old', name: 'nightly' }],
      count: 1,
    },
  }));
});

const [AGENT, KEY] = ['agent_3d5F7h9J1l3N5p7R9t1V3x', 'key_0aB3dE5gH7jK9mN1pQ3sT5'];

/** What ends something: the command, the operation, and what the question names. */
const ENDING: readonly (readonly [line: string, operationId: string, named: string])[] = [
  [`api-keys revoke ${KEY}`, 'revokeApiKey', KEY],
  [`api-keys rotate ${KEY} --keep-old 0s`, 'rotateApiKey', KEY],
  ['api-keys bulk-revoke --role viewer', 'bulkRevokeApiKeys', 'nightly'],
  [`public-keys revoke ${KEY}`, 'revokePublicKey', 'https://app.example.com'],
  ['servers remove Search', 'removeServer', '"Search"'],
  [`agents remove ${AGENT}`, 'removeAgent', '"Support agent"'],
  [`domains remove example.com --agent ${AGENT}`, 'removeDomain', 'example.com'],
  ['members remove ada@example.com', 'removeMember', 'Ada'],
  ['invitations withdraw ada@example.com', 'revokeInvitation', 'ada@example.com'],
  ['org suspend', 'suspendOrganization', '"Acme"'],
  ['org leave', 'removeMember', '"Acme"'],
  ['auth sessions end ses_7h9J1l3N5p7R9t1V3x5Z7b', 'endSession', 'ses_7h9J1l3N5p7R9t1V3x5Z7b'],
  ['profile erase', 'eraseProfile', 'Ada'],
];
/** What it did besides looking. */
const done = (operationId: string) =>
  api.asked.filter(
    (one) =>
      one.operationId === operationId && (one.body as { dryRun?: boolean } | undefined)?.dryRun !== true,
  ).length;

describe('commands that end something', () => {
  it.each(ENDING)('%s: without a terminal it says --yes, and ends nothing', async (line, operationId) => {
    const { code, stderr, stdout } = await runCli(line.split(' '), { api });
    expect([code, stdout, done(operationId)]).toEqual([2, '', 0]);
    expect(stderr).toContain('--yes');
  });

  it.each(ENDING)('%s: on a terminal it names what ends, and no is no', async (line, operationId, named) => {
    const { stderr } = await runCli(line.split(' '), { api, tty: true, stdin: 'n\n' });
    expect(stderr).toContain(named);
    expect(done(operationId)).toBe(0);
  });

  it.each(ENDING)('%s: control: yes is yes, and so is --yes', async (line, operationId) => {
    expect((await runCli(line.split(' '), { api, tty: true, stdin: 'y\n' })).code).toBe(0);
    expect(done(operationId)).toBe(1);
    const { code } = await runCli([...line.split(' '), '--yes'], { api });
    expect([code, done(operationId)]).toEqual([0, 2]);
  });

  describe('a higher role for somebody who is not given by id', () => {
    const USER = 'user_1b3D5f7H9j1L3n5P7r9T1v';
    const raise = (who: string, tty = false, stdin = '') =>
      runCli(['members', 'update', who, '--role', 'owner'], { api, tty, stdin });
    beforeEach(() => {
      const body = { userId: USER, name: 'Ada', role: 'developer', state: 'active', revokedKeyIds: [] };
      api.on('getMember', () => ({ body }));
      api.on('changeMemberRole', () => ({ body: { ...body, role: 'owner' } }));
    });

    it('is asked about, with the id and the role; no is no', async () => {
      expect((await raise('Ada')).code).toBe(2);
      const { stderr } = await raise('ada@example.com', true, 'n\n');
      expect(stderr).toContain(`Make Ada (${USER}), now developer, owner?`);
      expect(done('changeMemberRole')).toBe(0);
      expect((await raise('ada@example.com', true, 'y\n')).stdout).toContain(`Ada (${USER}) is now owner.`);
    });

    it('control: an id, --yes and a lower role need no question', async () => {
      expect((await raise(USER)).code).toBe(0);
      const update = ['members', 'update', 'ada@example.com', '--role'];
      expect((await runCli([...update, 'owner', '--yes'], { api })).code).toBe(0);
      expect((await runCli([...update, 'viewer'], { api })).code).toBe(0);
      expect(done('changeMemberRole')).toBe(3);
    });
  });

  it('bulk-revoke by a time says which, and takes none within the last day', async () => {
    const line = ['api-keys', 'bulk-revoke', '--unused-since'];
    const { stderr } = await runCli([...line, '2026-01-31'], { api, tty: true, stdin: 'n\n' });
    expect(stderr).toContain('1 service key, not used since 2026-01-31 00:00:00 UTC');
    expect((await runCli([...line, '23h', '--yes'], { api })).code).toBe(2);
    expect(done('bulkRevokeApiKeys')).toBe(0);
    expect((await runCli([...line, '1d', '--yes'], { api })).code).toBe(0);
  });

  it('--yes looks nothing up by itself: who may only end need not read', async () => {
    await runCli(['api-keys', 'revoke', KEY, '--yes'], { api });
    expect(api.asked.map(({ operationId }) => operationId)).not.toContain('getApiKey');
  });
});
