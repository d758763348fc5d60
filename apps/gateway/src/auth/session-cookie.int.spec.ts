/** The cookie as a person's session: where it counts, and that no other site can change anything with it. */
import { makeToken, newId } from '@mcpstack/contracts';
import { expectProblem, Harness, type Answer } from '../../test/harness.ts';
import { makeSessionToken, newSessionName } from './session-tokens.ts';
import { Sessions } from './sessions.ts';

const PUBLIC_URL = 'http://localhost:8080';
const COOKIE = 'mcpstack_session';
const ME = '/api/v1/me';
const PROFILE = '/api/v1/me/profile';

let harness: Harness;
let session: string;
beforeAll(async () => {
  harness = await Harness.start({ env: { PUBLIC_URL } });
  session = await harness.login();
});
afterAll(() => harness.stop());

const withCookie = (
  method: string,
  path: string,
  {
    headers = [],
    json,
    value = session,
  }: { headers?: readonly string[]; json?: unknown; value?: string } = {},
): Promise<Answer> =>
  harness.call(method, path, { json, headers: ['Cookie', `other=1; ${COOKIE}=${value}`, ...headers] });

const OURS: [string, string[]][] = [
  ['Sec-Fetch-Site says so', ['Sec-Fetch-Site', 'same-origin']],
  ['Sec-Fetch-Site says so, whatever else', ['Sec-Fetch-Site', 'same-origin', 'Origin', 'null']],
  ['Origin says so, without Sec-Fetch-Site', ['Origin', PUBLIC_URL]],
];
const NOT_OURS: [string, string[]][] = [
  ['nothing says where it is from', []],
  ['another site', ['Sec-Fetch-Site', 'cross-site', 'Origin', 'https://evil.example']],
  ['a neighbor under one domain', ['Sec-Fetch-Site', 'same-site', 'Origin', 'http://localhost:9000']],
  ['no page at all', ['Sec-Fetch-Site', 'none']],
  ['another site that claims our origin', ['Sec-Fetch-Site', 'cross-site', 'Origin', PUBLIC_URL]],
  ['two that contradict each other', ['Sec-Fetch-Site', 'same-origin', 'Sec-Fetch-Site', 'cross-site']],
  ['the same twice', ['Sec-Fetch-Site', 'same-origin', 'Sec-Fetch-Site', 'same-origin']],
  ['another case', ['Sec-Fetch-Site', 'Same-Origin']],
  ['a foreign Origin', ['Origin', 'https://evil.example']],
  ['an Origin that begins like ours', ['Origin', `${PUBLIC_URL}.evil.example`]],
  ['another port', ['Origin', 'http://localhost:8081']],
  ['another scheme', ['Origin', 'https://localhost:8080']],
  ['a sandbox', ['Origin', 'null']],
  ['two Origins', ['Origin', PUBLIC_URL, 'Origin', 'https://evil.example']],
];

describe('a change with the cookie', () => {
  it.each(OURS)('200 from a page of ours: %s', async (_, headers) => {
    expect((await withCookie('PATCH', PROFILE, { headers, json: { name: 'Ada' } })).status).toBe(200);
  });

  it.each(NOT_OURS)('403 and nothing is sent: %s', async (_, headers) => {
    const calls: [string, string, unknown][] = [
      ['PATCH', PROFILE, { name: 'Ada' }],
      ['DELETE', PROFILE, undefined],
      ['POST', harness.keysPath, { name: 'x', role: 'viewer' }],
      ['PUT', `${harness.organizationPath}/policy`, { onMakerLoss: 'list' }],
      ['POST', '/api/v1/auth/logout', undefined],
    ];
    const sent = await harness.commandsDuring(async () => {
      for (const [method, path, json] of calls)
        expectProblem(await withCookie(method, path, { headers, json }), 403, 'cross-site');
    });
    expect(sent).toEqual([]);
    // Control: what nobody adds unasked needs none of it.
    const answer = await harness.call('PATCH', PROFILE, { token: session, headers, json: { name: 'Ada' } });
    expect(answer.status).toBe(200);
  });

  it('204: logs out, and the cookie is worth nothing from then on', async () => {
    const value = await harness.login();
    const headers = ['Sec-Fetch-Site', 'same-origin'];
    expect((await withCookie('POST', '/api/v1/auth/logout', { headers, value })).status).toBe(204);
    expectProblem(await withCookie('GET', ME, { value }), 401, 'unauthenticated');
  });
});

describe('a read with the cookie', () => {
  it.each([...OURS, ...NOT_OURS])('200: %s', async (_, headers) => {
    const answer = await withCookie('GET', ME, { headers });
    expect(answer.body).toEqual({ type: 'user', id: harness.userId });
    // No other site can read it.
    expect(Object.keys(answer.headers).filter((name) => name.startsWith('access-control'))).toEqual([]);
  });

  it('200 within organizations, and what only people may see', async () => {
    expect((await withCookie('GET', harness.organizationPath)).status).toBe(200);
    expect((await withCookie('GET', '/api/v1/me/sessions')).status).toBe(200);
  });

  it.each([
    ['of a session that never was', () => makeSessionToken('mcpstack', newSessionName(newId('user')))],
    ['of half a session', () => session.slice(0, 60)],
    ['that is empty', () => ''],
    ['with a service key', () => harness.key('owner')],
    ['with a publishable key', () => makeToken('publishable')],
    ['with a quoted session', () => `"${session}"`],
  ])('401: a cookie %s', async (_, value) => {
    expectProblem(await withCookie('GET', ME, { value: value() }), 401, 'unauthenticated');
  });

  it('401: a cookie with a device’s token, which is good in a header alone', async () => {
    const { userId } = harness;
    const device = await harness.app.get(Sessions).begin({ userId, kind: 'device', label: 'laptop' });
    expectProblem(await withCookie('GET', ME, { value: device.accessToken }), 401, 'unauthenticated');
    expect((await harness.call('GET', ME, { token: device.accessToken })).status).toBe(200);
    // Control: a browser's is good in both.
    expect((await harness.call('GET', ME, { token: session })).status).toBe(200);
  });

  it('401: two cookies of the name, in one header or in two; which is ours is not guessed', async () => {
    const one = `${COOKIE}=${session}`;
    for (const headers of [
      ['Cookie', `${one}; ${one}`],
      ['Cookie', one, 'Cookie', one],
    ])
      expectProblem(await harness.call('GET', ME, { headers }), 401, 'unauthenticated');
    expect((await harness.call('GET', ME, { headers: ['Cookie', one] })).status).toBe(200);
  });
});

describe('a credential in a header and the cookie', () => {
  it('the header counts', async () => {
    const { token, userId } = await harness.loginAs('viewer');
    const bearer = ['Authorization', `Bearer ${token}`];
    expect((await withCookie('GET', ME, { headers: bearer })).body).toEqual({ type: 'user', id: userId });
    const key = ['X-API-Key', harness.key('viewer')];
    expect((await withCookie('GET', ME, { headers: key })).body).toMatchObject({ type: 'key' });
    // And with it the request is no browser's own doing.
    const answer = await withCookie('PATCH', PROFILE, { headers: bearer, json: { name: 'Ada' } });
    expect(answer.status).toBe(200);
  });

  it('401: one that is no good, and the cookie does not help', async () => {
    const unknown = makeSessionToken('mcpstack', newSessionName(newId('user')));
    for (const headers of [
      ['Authorization', `Bearer ${unknown}`],
      ['Authorization', 'Bearer '],
      ['Authorization', 'Basic eDp5'],
      ['X-API-Key', ''],
      ['X-API-Key', makeToken('service')],
    ])
      expectProblem(await withCookie('GET', ME, { headers }), 401, 'unauthenticated');
  });
});

describe('over https', () => {
  it('only the __Host- cookie counts, which no neighbor can plant; and only our origin', async () => {
    const other = await Harness.start({ env: { PUBLIC_URL: 'https://keys.example.com' } });
    const token = await other.login();
    const call = (name: string, origin: string): Promise<Answer> =>
      other.call('DELETE', PROFILE, { headers: ['Cookie', `${name}=${token}`, 'Origin', origin] });
    const answers = [
      await call('__Host-mcpstack_session', 'https://keys.example.com'),
      await call('mcpstack_session', 'https://keys.example.com'),
      await call('__Host-mcpstack_session', 'https://example.com'),
    ];
    await other.stop();
    expect(answers.map(({ status }) => status)).toEqual([204, 401, 403]);
  });
});
