/** The routes of devices, named by status. */
import { newId } from '@mcpstack/contracts';
import { expectProblem, Harness, type Answer } from '../../../test/harness.ts';
import { Sessions } from '../sessions.ts';
import { makeDeviceCode } from './device-codes.ts';
import { DEFAULT_DEVICE_LIMITS } from './device-limits.ts';
import { Devices } from './devices.ts';

const DEVICE = '/api/v1/auth/device';
const TOKEN = '/api/v1/auth/token';
/** Nobody asks it here: people are let in by the class. */
const OIDC_ISSUER = 'http://localhost:1';

let harness: Harness;
beforeAll(async () => {
  harness = await Harness.start({
    env: { OIDC_ISSUER, PUBLIC_URL: 'https://keys.example.com', ACCESS_TOKEN_LIFE_MS: '60000' },
  });
});
afterAll(() => harness.stop());

const begin = (json?: unknown): Promise<Answer> => harness.call('POST', DEVICE, { json });
const tokens = (json: unknown): Promise<Answer> => harness.call('POST', TOKEN, { json });
const ofDevice = (deviceCode: unknown): Promise<Answer> => tokens({ grantType: 'device-code', deviceCode });
const refreshed = (refreshToken: unknown): Promise<Answer> =>
  tokens({ grantType: 'refresh-token', refreshToken });
const asker = () => ({ sessionId: newId('session'), address: '192.0.2.1' });
const approve = async (userCode: unknown): Promise<boolean> => {
  const { userId } = harness;
  const { sessionId } = await harness.app
    .get(Sessions)
    .begin({ userId, kind: 'browser', label: 'a browser' });
  return harness.app.get(Devices).approve(userCode as string, userId, { ...asker(), sessionId });
};

/** A device of the owner. */
async function letIn(): Promise<Record<string, unknown>> {
  const { body } = await begin({ clientName: 'laptop' });
  expect(await approve(body['userCode'])).toBe(true);
  const answer = await ofDevice(body['deviceCode']);
  expect(answer.status).toBe(200);
  return answer.body;
}

describe('POST /auth/device', () => {
  it('200: codes, and where a person types them; with a name, without, and without a body', async () => {
    for (const json of [{ clientName: 'laptop' }, {}, undefined]) {
      const { status, headers, body } = await begin(json);
      expect(status).toBe(200);
      expect(headers['cache-control']).toBe('no-store');
      expect(body).toEqual({
        deviceCode: expect.stringMatching(/^mcpstack_dc_[0-9A-Za-z]{43}$/) as string,
        userCode: expect.stringMatching(/^[A-Z]{4}-[A-Z]{4}$/) as string,
        verificationUri: 'https://keys.example.com/auth/device',
        verificationUriComplete: `https://keys.example.com/auth/device?userCode=${body['userCode'] as string}`,
        expiresIn: 600,
        interval: 5,
      });
      const found = await harness.app.get(Devices).find(body['userCode'] as string, asker());
      expect(found).toMatchObject({ clientName: json?.clientName, address: '127.0.0.1' });
    }
  });

  it.each<[string, unknown, string]>([
    ['a name that is a number', { clientName: 1 }, 'clientName'],
    ['a name that reads as another', { clientName: 'a\u202eb' }, 'clientName'],
    ['a name of 101 characters', { clientName: 'x'.repeat(101) }, 'clientName'],
    ['an empty name', { clientName: '' }, 'clientName'],
    ['an unknown field', { client: 'x' }, 'client'],
  ])('400: %s', async (_, json, field) => {
    const answer = await begin(json);
    expectProblem(answer, 400, 'validation-failed');
    expect(answer.problem.errors?.[0]?.field).toBe(field);
  });
});

describe('POST /auth/token with a device code', () => {
  it('400 until somebody decides; 200 once, with tokens that work; 400 from then on', async () => {
    const { body } = await begin({ clientName: 'laptop' });
    const pending = await ofDevice(body['deviceCode']);
    expectProblem(pending, 400, 'authorization-pending');
    expect(pending.headers['retry-after']).toBe('5');
    const early = await ofDevice(body['deviceCode']);
    expectProblem(early, 400, 'slow-down');
    expect(early.headers['retry-after']).toBe('10');

    const session = await letIn();
    expect(Object.keys(session).sort()).toEqual([
      ...['accessToken', 'expiresIn', 'refreshToken', 'sessionId', 'tokenType', 'userId'],
    ]);
    expect(session).toMatchObject({ tokenType: 'Bearer', expiresIn: 60, userId: harness.userId });
    const me = await harness.call('GET', '/api/v1/me', { token: session['accessToken'] as string });
    expect(me.body).toEqual({ type: 'user', id: harness.userId });
  });

  it('400: used, denied, unknown, no code', async () => {
    const { body } = await begin();
    await approve(body['userCode']);
    expect((await ofDevice(body['deviceCode'])).status).toBe(200);
    // Too early as well; a second gateway, which has not seen the first poll, says that it is used.
    expect((await ofDevice(body['deviceCode'])).status).toBe(400);
    const other = await begin();
    await harness.app.get(Devices).deny(other.body['userCode'] as string, asker());
    expectProblem(await ofDevice(other.body['deviceCode']), 400, 'authorization-denied');
    expectProblem(await ofDevice(makeDeviceCode('mcpstack')), 400, 'grant-expired');
    expectProblem(await ofDevice('x'), 400, 'grant-expired');
  });
});

describe('POST /auth/token with a refresh token', () => {
  it('200: the next tokens; the same again for a lost reply', async () => {
    const first = await letIn();
    const second = await refreshed(first['refreshToken']);
    expect(second.status).toBe(200);
    expect(second.body).toMatchObject({ sessionId: first['sessionId'], userId: harness.userId });
    const again = await refreshed(first['refreshToken']);
    expect({ ...again.body, expiresIn: 0 }).toEqual({ ...second.body, expiresIn: 0 });
    const me = await harness.call('GET', '/api/v1/me', { token: again.body['accessToken'] as string });
    expect(me.status).toBe(200);
  });

  it('401: an old one, which ends the session; unknown ones; an access token', async () => {
    const first = await letIn();
    const second = await refreshed(first['refreshToken']);
    const third = await refreshed(second.body['refreshToken']);
    const used = await refreshed(first['refreshToken']);
    expectProblem(used, 401, 'unauthenticated');
    expect(used.headers['www-authenticate']).toContain('error="invalid_token"');
    expectProblem(await refreshed(third.body['refreshToken']), 401, 'unauthenticated');
    for (const token of ['accessToken', 'refreshToken'])
      expectProblem(
        await harness.call('GET', '/api/v1/me', { token: third.body[token] as string }),
        401,
        'unauthenticated',
      );
    for (const text of ['x', first['accessToken'], 'mcpstack_rt_a_b_c_d'])
      expectProblem(await refreshed(text), 401, 'unauthenticated');
    expect(harness.lines().some(({ msg }) => (msg as string).startsWith('a refresh token came again'))).toBe(
      true,
    );
  });

  it('401: a refresh token lets in nowhere', async () => {
    const { refreshToken } = await letIn();
    const headers = [`Bearer ${refreshToken as string}`];
    expectProblem(
      await harness.call('GET', '/api/v1/me', { headers: ['Authorization', ...headers] }),
      401,
      'unauthenticated',
    );
    expectProblem(
      await harness.call('GET', '/api/v1/me', { headers: ['X-API-Key', refreshToken as string] }),
      401,
      'unauthenticated',
    );
  });

  it('400: no token belongs into a URL', async () => {
    const { refreshToken } = await letIn();
    for (const token of [refreshToken as string, makeDeviceCode('mcpstack')])
      expectProblem(await harness.call('GET', `/api/v1/me?x=${token}`), 400, 'bad-request');
  });
});

describe('POST /auth/token', () => {
  it.each<[string, unknown, string]>([
    ['no grant type', {}, 'grantType'],
    ['an unknown one', { grantType: 'password' }, 'grantType'],
    ['no device code', { grantType: 'device-code' }, 'deviceCode'],
    ['no refresh token', { grantType: 'refresh-token' }, 'refreshToken'],
    ['a code that is a list', { grantType: 'device-code', deviceCode: ['x'] }, 'deviceCode'],
    ['an overlong code', { grantType: 'device-code', deviceCode: 'x'.repeat(301) }, 'deviceCode'],
    ['null', { grantType: 'refresh-token', refreshToken: null }, 'refreshToken'],
    ['both', { grantType: 'device-code', deviceCode: 'x', refreshToken: 'x' }, 'refreshToken'],
    ['both, the other way', { grantType: 'refresh-token', deviceCode: 'x', refreshToken: 'x' }, 'deviceCode'],
    ['an unknown field', { grantType: 'device-code', deviceCode: 'x', scope: 'x' }, 'scope'],
  ])('400: %s', async (_, json, field) => {
    const answer = await tokens(json);
    expectProblem(answer, 400, 'validation-failed');
    expect(answer.problem.errors?.map((one) => one.field)).toContain(field);
  });

  it('429: an address that asks too often, of each route by itself', async () => {
    const other = await Harness.start({
      env: { OIDC_ISSUER },
      deviceLimits: {
        ...DEFAULT_DEVICE_LIMITS,
        begin: { perAddress: 2, windowS: 60 },
        token: { perAddress: 3, windowS: 60 },
      },
    });
    const statuses: number[] = [];
    const json = { grantType: 'device-code', deviceCode: 'x' };
    for (const [path, body, times] of [
      [DEVICE, {}, 3],
      [TOKEN, json, 4],
    ] as const)
      for (let count = 0; count < times; count += 1)
        statuses.push((await other.call('POST', path, { json: body })).status);
    const limited = await other.call('POST', DEVICE);
    await other.stop();
    expect(statuses).toEqual([200, 200, 429, 400, 400, 400, 429]);
    expectProblem(limited, 429, 'too-many-requests');
    expect(Number(limited.headers['retry-after'])).toBeGreaterThan(0);
  });
});

describe('where login is not set up', () => {
  it('404, with a sentence that says so; who is in already stays in', async () => {
    const other = await Harness.start();
    const { userId } = other;
    const session = await other.app.get(Sessions).begin({ userId, kind: 'device', label: 'laptop' });
    const token = (json: object): Promise<Answer> => other.call('POST', TOKEN, { json });
    const answers = [
      await other.call('POST', DEVICE, { json: {} }),
      await token({ grantType: 'device-code', deviceCode: makeDeviceCode('mcpstack') }),
    ];
    const kept = await token({ grantType: 'refresh-token', refreshToken: session.refreshToken });
    await other.stop();
    for (const answer of answers) {
      expectProblem(answer, 404, 'not-found');
      expect(answer.problem.detail).toContain('OIDC_ISSUER is not set');
    }
    expect(kept.status).toBe(200);
  });
});
