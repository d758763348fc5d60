import { newId, ProblemError } from '@mcpstack/contracts';
import { expectProblem, Harness, type Answer } from '../../test/harness.ts';

let harness: Harness;
let session: string;
beforeAll(async () => {
  harness = await Harness.start();
  session = await harness.login();
});
afterAll(() => harness.stop());
afterEach(() => (harness.issuance.override = undefined));

const JOINED = '2026-01-01T00:00:00.000Z';
const call = (method: string, path: string, json?: unknown, token = session): Promise<Answer> =>
  harness.call(method, `${harness.organizationPath}/members${path}`, { token, json });
const lastSent = () => harness.issuance.commands.at(-1)!;

describe('GET /organizations/{orgId}/members', () => {
  it('200: pages through all, with name and e-mail where there are some', async () => {
    const ids = [newId('user'), newId('user')];
    harness.models.addMember(harness.organizationId, ids[0]!, { role: 'admin' });
    harness.models.addMember(harness.organizationId, ids[1]!, { state: 'suspended' });
    harness.models.addProfile({ userId: ids[0]!, name: 'Ada', email: 'ada@example.com' });
    const first = await call('GET', '?limit=2');
    expect(first.status).toBe(200);
    const { organizationId, userId } = harness;
    expect(first.body).toEqual({
      data: [
        { organizationId, userId, role: 'owner', state: 'active', joinedAt: JOINED },
        {
          ...{ organizationId, userId: ids[0], role: 'admin', state: 'active', joinedAt: JOINED },
          ...{ name: 'Ada', email: 'ada@example.com' },
        },
      ],
      nextCursor: expect.any(String) as string,
    });
    const second = await call('GET', `?limit=2&cursor=${first.body['nextCursor'] as string}`);
    expect(second.body).toEqual({
      data: [{ organizationId, userId: ids[1], role: 'viewer', state: 'suspended', joinedAt: JOINED }],
    });
  });

  it('400: a cursor of another list', async () => {
    for (let more = 0; more < 2; more += 1)
      harness.models.addAgent({
        ...{ id: newId('agent'), organizationId: harness.organizationId, name: 'x', state: 'active' },
        ...{ createdAt: JOINED, createdBy: { type: 'user', id: harness.userId }, revision: '0' },
      });
    const agents = await harness.call('GET', `${harness.organizationPath}/agents?limit=1`, {
      token: session,
    });
    const answer = await call('GET', `?cursor=${agents.body['nextCursor'] as string}`);
    expectProblem(answer, 400, 'validation-failed');
    expect(answer.problem.errors?.[0]?.field).toBe('cursor');
  });
});

describe('/organizations/{orgId}/members/{userId}', () => {
  it('200: GET answers one, with the profile', async () => {
    const userId = newId('user');
    harness.models.addMember(harness.organizationId, userId);
    harness.models.addProfile({ userId, name: 'Grace' });
    const answer = await call('GET', `/${userId}`, undefined, harness.key('viewer'));
    expect(answer.status).toBe(200);
    expect(answer.body).toMatchObject({ userId, name: 'Grace', role: 'viewer' });
  });

  it('200: PATCH changes the role, and names the keys that it cost', async () => {
    const userId = newId('user');
    const revoked = newId('key');
    harness.issuance.override = () => ({
      member: { organizationId: harness.organizationId, userId, role: 'viewer', state: 'active' },
      revokedKeyIds: [revoked],
      position: '9',
    });
    const answer = await call('PATCH', `/${userId}`, { role: 'viewer' });
    expect(answer.status).toBe(200);
    expect(answer.body).toMatchObject({ userId, role: 'viewer', revokedKeyIds: [revoked] });
    expect(answer.headers['mcpstack-position']).toBe('9');
    const { name, envelope } = lastSent();
    expect(name).toBe('changeMemberRole');
    const { organizationId } = harness;
    expect(envelope.input).toEqual({ organizationId, userId, role: 'viewer' });
  });

  it('200: suspend and resume', async () => {
    const userId = newId('user');
    for (const [act, state] of [
      ['suspend', 'suspended'],
      ['resume', 'active'],
    ]) {
      const answer = await call('POST', `/${userId}/${act}`);
      expect(answer.status).toBe(200);
      expect(answer.body).toMatchObject({ userId, state, revokedKeyIds: [] });
      expect(lastSent().name).toBe(`${act}Member`);
    }
  });

  it('204: DELETE removes', async () => {
    const userId = newId('user');
    const answer = await call('DELETE', `/${userId}`);
    expect(answer.status).toBe(204);
    expect(answer.headers['mcpstack-position']).toBe('44');
    expect(lastSent().envelope.input).toEqual({ organizationId: harness.organizationId, userId });
  });

  it.each<[string, unknown]>([
    ['an unknown role', { role: 'root' }],
    ['no role', {}],
    ['a list of roles', { role: ['viewer'] }],
  ])('400: %s', async (_, json) => {
    const before = harness.issuance.commands.length;
    const answer = await call('PATCH', `/${newId('user')}`, json);
    expectProblem(answer, 400, 'validation-failed');
    expect(answer.problem.errors?.[0]?.field).toBe('role');
    expect(harness.issuance.commands).toHaveLength(before);
  });

  it('403: for whoever may only read; nothing is sent', async () => {
    const id = newId('user');
    const before = harness.issuance.commands.length;
    for (const [method, path, json] of [
      ['PATCH', `/${id}`, { role: 'viewer' }],
      ['DELETE', `/${id}`, undefined],
      ['POST', `/${id}/suspend`, undefined],
      ['POST', `/${id}/resume`, undefined],
    ] as const) {
      const answer = await call(method, path, json, harness.key('developer'));
      expectProblem(answer, 403, 'forbidden');
      expect(answer.problem.permission).toBe('members:write');
    }
    expect(harness.issuance.commands).toHaveLength(before);
  });

  it('404: what is no id of a user reaches nobody', async () => {
    const before = harness.issuance.commands.length;
    for (const [method, path, json] of [
      ['GET', '/nonsense', undefined],
      ['PATCH', '/key_1', { role: 'viewer' }],
      ['DELETE', '/user_', undefined],
      ['POST', '/user_%2f/suspend', undefined],
    ] as const)
      expectProblem(await call(method, path, json), 404, 'not-found');
    expect(harness.issuance.commands).toHaveLength(before);
  });

  it('409: the last owner stays, as issuance decides', async () => {
    harness.issuance.override = () => {
      throw new ProblemError('conflict', 'The last owner cannot leave.');
    };
    expectProblem(await call('DELETE', `/${harness.userId}`), 409, 'conflict');
  });
});
