import { newId, ROLE_PERMISSIONS } from '@mcpstack/contracts';
import { expectProblem, Harness, type Answer } from '../../test/harness.ts';

let harness: Harness;
let session: string;
beforeAll(async () => {
  harness = await Harness.start();
  session = await harness.login();
});
afterAll(() => harness.stop());

const call = (method: string, path = '', json?: unknown, token = session): Promise<Answer> =>
  harness.call(method, `/api/v1/me${path}`, { token, json });
const lastSent = () => harness.issuance.commands.at(-1)!;

describe('GET /me', () => {
  it('200: a person', async () => {
    expect((await call('GET')).body).toEqual({ type: 'user', id: harness.userId });
  });

  it('200: a key, with what limits it', async () => {
    const keyId = newId('key');
    const scope = { agents: [newId('agent')] };
    const token = harness.key('viewer', harness.organizationId, { keyId, scope });
    expect((await call('GET', '', undefined, token)).body).toEqual({
      ...{ type: 'key', id: keyId, organizationId: harness.organizationId, role: 'viewer' },
      ...{ permissions: ROLE_PERMISSIONS.viewer, scope },
    });
  });
});

describe('/me/profile', () => {
  it('200: nothing but the id while there is none', async () => {
    const answer = await call('GET', '/profile');
    expect(answer.status).toBe(200);
    expect(answer.body).toEqual({ userId: harness.userId });
  });

  it('200: PATCH sends what was given, an empty text too, and answers what is known then', async () => {
    harness.models.addProfile({ userId: harness.userId, name: 'Ada' });
    const answer = await call('PATCH', '/profile', { name: 'Ada', email: '' });
    expect(answer.status).toBe(200);
    expect(answer.body).toEqual({ userId: harness.userId, name: 'Ada' });
    expect(answer.headers['mcpstack-position']).toBe('44');
    const { name, envelope } = lastSent();
    expect(name).toBe('changeProfile');
    expect(envelope.input).toEqual({ name: 'Ada', email: '' });
    expect(harness.models.waits.at(-1)).toBe('44');
  });

  it('503: PATCH says so when the read models do not follow; the change is made', async () => {
    harness.issuance.override = () => ({ position: '999' });
    const answer = await call('PATCH', '/profile', { name: 'Ada' });
    harness.issuance.override = undefined;
    expectProblem(answer, 503, 'unavailable');
    expect(lastSent().name).toBe('changeProfile');
  });

  it('204: DELETE erases one’s own', async () => {
    expect((await call('DELETE', '/profile')).status).toBe(204);
    expect(lastSent().envelope.input).toEqual({ userId: harness.userId });
  });

  it.each<[string, unknown, string | undefined]>([
    ['nothing', {}, undefined],
    ['a name that is null', { name: null }, 'name'],
    ['a control character', { name: 'a\u0000' }, 'name'],
    ['no address', { email: 'ada' }, 'email'],
    ['somebody else’s id', { name: 'x', userId: newId('user') }, 'userId'],
  ])('400: PATCH with %s', async (_, json, field) => {
    const before = harness.issuance.commands.length;
    const answer = await call('PATCH', '/profile', json);
    expectProblem(answer, 400, 'validation-failed');
    expect(answer.problem.errors?.[0]?.field).toBe(field);
    expect(harness.issuance.commands).toHaveLength(before);
  });

  it('403: keys have none', async () => {
    const token = harness.key('owner');
    for (const [method, json] of [
      ['GET', undefined],
      ['PATCH', { name: 'x' }],
      ['DELETE', undefined],
    ] as const)
      expectProblem(await call(method, '/profile', json, token), 403, 'forbidden');
  });

  it('G1: neither name nor e-mail reaches the log', async () => {
    await call('PATCH', '/profile', { name: 'Grace Hopper', email: 'grace@example.com' });
    expect(harness.log).not.toContain('Grace Hopper');
    expect(harness.log).not.toContain('grace@example.com');
  });
});
