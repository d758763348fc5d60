/** A person lets a device in, and nobody else can make them do it. */
import type { Browser } from '../../../test/browser.ts';
import type { Answer } from '../../../test/harness.ts';
import { expectPage, sessionOf, startLogin, type LoginHarness } from '../../../test/login-harness.ts';

let login: LoginHarness;
let person: Browser;
beforeAll(async () => {
  login = await startLogin({
    deviceLimits: {
      begin: { perAddress: 1_000, windowS: 60 },
      token: { perAddress: 1_000, windowS: 60 },
      wrongCodes: { perSession: 5, perAddress: 1_000, windowS: 60 },
    },
  });
});
afterAll(() => login.stop());
beforeEach(async () => {
  person = login.browser();
  await person.login();
});
afterEach(() => login.provider.reset());

const PAGE = '/auth/device';
const OURS = ['Sec-Fetch-Site', 'same-origin'];

interface Device {
  deviceCode: string;
  userCode: string;
  verificationUri: string;
  verificationUriComplete: string;
}

async function ask(clientName?: string): Promise<Device> {
  const { body } = await login.harness.call('POST', '/api/v1/auth/device', { json: { clientName } });
  return body as unknown as Device;
}

const token = (deviceCode: string): Promise<Answer> =>
  login.harness.call('POST', '/api/v1/auth/token', { json: { grantType: 'device-code', deviceCode } });

const decide = (
  browser: Browser,
  form: Record<string, string>,
  headers: readonly string[] = OURS,
): Promise<Answer> => browser.visit(PAGE, { method: 'POST', form, headers });

describe('letting a device in', () => {
  it('without a session: to the login and back to the page of this device', async () => {
    const { userCode, verificationUriComplete } = await ask('laptop');
    const browser = login.browser();
    const { status, headers } = await browser.visit(verificationUriComplete);
    const returnTo = encodeURIComponent(`${PAGE}?userCode=${userCode}`);
    expect([status, headers.location]).toEqual([303, `${login.publicUrl}/auth/login?returnTo=${returnTo}`]);
    const back = await browser.login(`${PAGE}?userCode=${userCode}`);
    expect(back.headers.location).toBe(verificationUriComplete);
    expectPage(await browser.visit(back.headers.location!), 200, userCode);
  });

  it('shows what asks, and approves: the device gets a session of this person', async () => {
    const { deviceCode, userCode, verificationUriComplete } = await ask('laptop <b>of</b> Ada');
    const shown = await person.visit(verificationUriComplete);
    expectPage(shown, 200, userCode);
    expect(shown.text).toContain('laptop &lt;b&gt;of&lt;/b&gt; Ada');
    expect(shown.text).toContain('127.0.0.1');
    const userId = await login.userOf(person);
    expect(shown.text).toContain(userId);
    login.harness.models.addProfile({ userId, email: 'ada@example.com' });
    expect((await person.visit(verificationUriComplete)).text).toContain('ada@example.com');
    const done = await decide(person, { userCode, decision: 'approve' });
    expectPage(done, 200, 'The device is in');
    expect(done.text).toContain('mcpstack auth sessions end');
    const { body } = await token(deviceCode);
    expect(body['userId']).toBe(await login.userOf(person));
    // Decided: the page has nothing to decide any more.
    expectPage(await person.visit(verificationUriComplete), 404, 'No device waits');
    expectPage(await decide(person, { userCode, decision: 'deny' }), 404, 'No device waits');
  });

  it('denies: the device is told so', async () => {
    const { deviceCode, userCode } = await ask();
    expectPage(await decide(person, { userCode, decision: 'deny' }), 200, 'stays out');
    expect((await token(deviceCode)).problem.code).toBe('authorization-denied');
  });

  it('takes a code that is typed, in any case and without its hyphen', async () => {
    const { userCode, verificationUri } = await ask('typed');
    const empty = await person.visit(verificationUri);
    expectPage(empty, 200, 'Type the code');
    expect(empty.text).toMatch(/<label for="userCode">/);
    const typed = userCode.toLowerCase().replace('-', ' ');
    expectPage(
      await person.visit(`${PAGE}?${new URLSearchParams({ userCode: typed }).toString()}`),
      200,
      userCode,
    );
  });

  it('429: whoever guesses codes is stopped, and somebody else is not', async () => {
    const statuses = [];
    for (const letter of 'BCDFGHJK')
      statuses.push((await person.visit(`${PAGE}?userCode=${letter.repeat(8)}`)).status);
    expect(statuses).toEqual([404, 404, 404, 404, 404, 429, 429, 429]);
    const { userCode, verificationUriComplete } = await ask();
    const answer = await person.visit(verificationUriComplete);
    expectPage(answer, 429, 'Too many codes');
    const other = login.browser();
    await other.login();
    expectPage(await other.visit(verificationUriComplete), 200, userCode);
  });
});

describe('a decision that somebody else makes the browser send (CSRF)', () => {
  it.each<[string, string[]]>([
    ['from another site', ['Sec-Fetch-Site', 'cross-site', 'Origin', 'https://evil.example']],
    [
      'from another site that names us as its origin',
      ['Sec-Fetch-Site', 'cross-site', 'Origin', 'http://localhost:18080'],
    ],
    ['from a neighbor under the same domain', ['Sec-Fetch-Site', 'same-site']],
    ['by hand, from no page', ['Sec-Fetch-Site', 'none']],
    ['from a page that hides where it is', ['Origin', 'null']],
    ['from another origin, by an old browser', ['Origin', 'https://evil.example']],
    ['from another port', ['Origin', 'http://localhost:18081']],
    ['with the header twice', [...OURS, ...OURS]],
    ['that does not say from where', []],
  ])('403: %s', async (_, headers) => {
    const { deviceCode, userCode } = await ask();
    const answer = await decide(person, { userCode, decision: 'approve' }, headers);
    expectPage(answer, 403, 'must come from a page of this site');
    expect((await token(deviceCode)).problem.code).toBe('authorization-pending');
    // Control: the same from our page is carried out.
    expectPage(await decide(person, { userCode, decision: 'approve' }), 200, 'The device is in');
  });

  it('control: by an old browser from our page it is carried out', async () => {
    const { userCode } = await ask();
    const answer = await decide(person, { userCode, decision: 'approve' }, ['Origin', login.publicUrl]);
    expectPage(answer, 200, 'The device is in');
  });

  it('nothing is decided by opening an address', async () => {
    const { deviceCode, userCode } = await ask();
    await person.visit(`${PAGE}?userCode=${userCode}`);
    expectPage(await person.visit(`${PAGE}?userCode=${userCode}&decision=approve`), 400, 'decision');
    expect((await token(deviceCode)).problem.code).toBe('authorization-pending');
  });

  it('the page cannot be framed, and says with its form where that comes from', async () => {
    const { verificationUriComplete } = await ask();
    const { headers } = await person.visit(verificationUriComplete);
    expect(headers['x-frame-options']).toBe('DENY');
    expect(headers['content-security-policy']).toContain("form-action 'self'");
    // Not `no-referrer`: with that a browser would send `Origin: null`. Nobody but us gets the address.
    expect(headers['referrer-policy']).toBe('same-origin');
  });
});

describe('a form that is none of ours', () => {
  it.each<[string, string]>([
    ['no decision', 'userCode=BCDF-GHJK'],
    ['another decision', 'userCode=BCDF-GHJK&decision=maybe'],
    ['two decisions', 'userCode=BCDF-GHJK&decision=deny&decision=approve'],
    ['two codes', 'userCode=BCDF-GHJK&userCode=BCDF-GHJL&decision=approve'],
    ['more than we ask', 'userCode=BCDF-GHJK&decision=approve&userId=user_1'],
    ['nothing', ''],
  ])('400: %s', async (_, raw) => {
    const headers = ['Cookie', `mcpstack_session=${sessionOf(person)}`, ...OURS];
    const type = ['Content-Type', 'application/x-www-form-urlencoded'];
    const answer = await login.harness.call('POST', PAGE, { raw, headers: [...headers, ...type] });
    expectPage(answer, 400, 'one code and one decision');
  });

  it('400: JSON; 415: a form at any other address', async () => {
    const headers = ['Cookie', `mcpstack_session=${sessionOf(person)}`, ...OURS];
    const json = { userCode: 'BCDF-GHJK', decision: 'approve' };
    expectPage(await login.harness.call('POST', PAGE, { json, headers }), 400, 'one code and one decision');
    const form = ['Content-Type', 'application/x-www-form-urlencoded'];
    const answer = await login.harness.call('POST', '/api/v1/auth/device', {
      raw: 'clientName=x',
      headers: form,
    });
    expect([answer.status, answer.problem.code]).toEqual([415, 'unsupported-media-type']);
  });
});

describe('a device', () => {
  it('lets no other one in: its token in the cookie is no login', async () => {
    const first = await ask();
    await decide(person, { userCode: first.userCode, decision: 'approve' });
    const { body } = await token(first.deviceCode);
    const thief = login.browser();
    thief.cookies.set('mcpstack_session', body['accessToken'] as string);
    const { deviceCode, userCode, verificationUriComplete } = await ask();
    expect((await thief.visit(verificationUriComplete)).status).toBe(303);
    expectPage(await decide(thief, { userCode, decision: 'approve' }), 401, 'nothing was decided');
    expectPage(await thief.visit('/auth'), 200, 'Log in');
    expect((await token(deviceCode)).problem.code).toBe('authorization-pending');
    // Control: with a browser's session the same is carried out.
    thief.cookies.set('mcpstack_session', sessionOf(person)!);
    expectPage(await decide(thief, { userCode, decision: 'approve' }), 200, 'The device is in');
  });
});

describe('a session that has ended', () => {
  it('lets nothing in that it approved before and that has not asked since', async () => {
    const { deviceCode, userCode } = await ask();
    expectPage(await decide(person, { userCode, decision: 'approve' }), 200, 'The device is in');
    await person.visit('/api/v1/auth/logout', { method: 'POST', headers: OURS });
    expect((await token(deviceCode)).problem.code).toBe('grant-expired');
  });

  it('decides nothing: the page says so, and leads back by the login', async () => {
    const { deviceCode, userCode } = await ask();
    const out = await person.visit('/api/v1/auth/logout', { method: 'POST', headers: OURS });
    expect(out.status).toBe(204);
    expect(out.headers['set-cookie']).toEqual([
      expect.stringMatching(/^mcpstack_session=; Path=\/; Max-Age=0; HttpOnly/),
    ]);
    expect(sessionOf(person)).toBeUndefined();
    const answer = await decide(person, { userCode, decision: 'approve' });
    expectPage(answer, 401, 'nothing was decided');
    expect(answer.text).toContain(`returnTo=${encodeURIComponent(`${PAGE}?userCode=${userCode}`)}`);
    expect((await token(deviceCode)).problem.code).toBe('authorization-pending');
  });
});

it('codes and sessions stand in no log line', async () => {
  const { deviceCode, userCode } = await ask('name-of-a-laptop');
  await person.visit(`${PAGE}?userCode=${userCode}`);
  await decide(person, { userCode, decision: 'approve' });
  for (const secret of [deviceCode, userCode, sessionOf(person)!, 'name-of-a-laptop'])
    expect(login.harness.log).not.toContain(secret);
  // Control: who decided does.
  expect(login.harness.log).toContain('a device was decided about');
});
