import { newId } from '@mcpstack/contracts';
import { Sessions } from '../auth/sessions.ts';
import { expectProblem, Harness, type Answer } from '../../test/harness.ts';

let harness: Harness;
beforeAll(async () => {
  harness = await Harness.start();
});
afterAll(() => harness.stop());

const SESSIONS = '/api/v1/me/sessions';
const list = async (token: string): Promise<Record<string, unknown>[]> => {
  const { status, body } = await harness.call('GET', SESSIONS, { token });
  expect(status).toBe(200);
  return body['data'] as Record<string, unknown>[];
};
const end = (token: string, id: unknown): Promise<Answer> =>
  harness.call('DELETE', `${SESSIONS}/${id as string}`, { token });
const device = (userId: string) =>
  harness.app.get(Sessions).begin({ userId, kind: 'device', label: 'mcpstack on build-7' });

describe('GET /me/sessions', () => {
  it('200: where one is logged in, the newest first, and nothing that lets in', async () => {
    const { token, userId } = await harness.loginAs('viewer');
    const { sessionId, accessToken } = await device(userId);
    const [newest, first, ...rest] = await list(token);
    expect(rest).toEqual([]);
    const time = expect.stringMatching(/^\d{4}-.*Z$/) as string;
    const times = { createdAt: time, lastUsedAt: time, expiresAt: time };
    const label = 'mcpstack on build-7';
    expect(newest).toEqual({ id: sessionId, kind: 'device', label, ...times, current: false });
    expect(first).toMatchObject({ kind: 'browser', label: 'A browser', current: true });
    expect((await list(accessToken)).map(({ current }) => current)).toEqual([true, false]);
    const lifeMs = (one: Record<string, unknown>) =>
      Date.parse(one['expiresAt'] as string) - Date.parse(one['createdAt'] as string);
    expect([lifeMs(first!), lifeMs(newest!)].map((ms) => ms / 3_600_000)).toEqual([12, 720]);
  });

  it('403: keys have none', async () => {
    const token = harness.key('owner');
    expectProblem(await harness.call('GET', SESSIONS, { token }), 403, 'forbidden');
    expectProblem(await end(token, newId('session')), 403, 'forbidden');
  });
});

describe('DELETE /me/sessions/:sessionId', () => {
  it('204: ends it at once; again is no error; the others go on', async () => {
    const { token, userId } = await harness.loginAs('viewer');
    const { sessionId, accessToken } = await device(userId);
    const other = await device(userId);
    expect((await harness.call('GET', '/api/v1/me', { token: accessToken })).status).toBe(200);
    expect((await end(token, sessionId)).status).toBe(204);
    expectProblem(await harness.call('GET', '/api/v1/me', { token: accessToken }), 401, 'unauthenticated');
    expect((await end(token, sessionId)).status).toBe(204);
    expect((await list(token)).map(({ id }) => id)).toContain(other.sessionId);
    expect((await list(token)).map(({ id }) => id)).not.toContain(sessionId);
  });

  it('204: one’s own, which is to log out', async () => {
    const { token } = await harness.loginAs('viewer');
    const [own] = await list(token);
    expect((await end(token, own!['id'])).status).toBe(204);
    expectProblem(await end(token, own!['id']), 401, 'unauthenticated');
  });

  it('404: somebody else’s, one that never was and a misspelled one, word for word; theirs goes on', async () => {
    const { token } = await harness.loginAs('owner');
    const theirs = await device(newId('user'));
    const texts = [];
    for (const id of [theirs.sessionId, newId('session'), 'nonsense', '*', '%3E', 'ses_..'])
      texts.push(
        (await harness.call('DELETE', `${SESSIONS}/${id}`, { token, headers: ['X-Request-Id', 'r'] })).text,
      );
    expect(new Set(texts).size).toBe(1);
    expect(texts[0]).toContain('"code":"not-found"');
    expect((await harness.call('GET', '/api/v1/me', { token: theirs.accessToken })).status).toBe(200);
  });
});
