/** Logging in with a browser, at a provider that keeps to the protocol. */
import { get } from 'node:http';
import { IdentityProvider } from '../../../test/identity-provider.ts';
import { Harness } from '../../../test/harness.ts';
import { expectPage, sessionOf, startLogin, type LoginHarness } from '../../../test/login-harness.ts';
import { makeSessionToken, newSessionName } from '../session-tokens.ts';
import { userIdOf } from '../oidc/user-id.ts';

let login: LoginHarness;
beforeAll(async () => {
  login = await startLogin();
});
afterAll(() => login.stop());
afterEach(() => login.provider.reset());

const CALLBACK = '/auth/callback';

describe('a login', () => {
  it('goes to the provider with code, PKCE, state and nonce, and to nobody else', async () => {
    const { status, headers } = await login.browser().visit('/auth/login');
    expect(status).toBe(303);
    const url = new URL(headers.location!);
    expect(url.origin + url.pathname).toBe(`${login.provider.issuer}/authorize`);
    const asked = Object.fromEntries(url.searchParams);
    expect(asked).toEqual({
      response_type: 'code',
      client_id: 'mcpstack',
      redirect_uri: `${login.publicUrl}${CALLBACK}`,
      scope: 'openid profile email',
      state: expect.stringMatching(/^[\w-]{43}$/) as string,
      nonce: expect.stringMatching(/^[\w-]{43}$/) as string,
      code_challenge: expect.stringMatching(/^[\w-]{43}$/) as string,
      code_challenge_method: 'S256',
    });
  });

  it('comes back with a session of who the provider says it is, and goes where it was to lead', async () => {
    const browser = login.browser();
    const answer = await browser.login('/auth/device?userCode=BCDF-GHJK');
    expect(answer.status).toBe(303);
    expect(answer.headers.location).toBe(`${login.publicUrl}/auth/device?userCode=BCDF-GHJK`);
    expect(await login.userOf(browser)).toBe(userIdOf(login.provider.issuer, 'subject-1'));
  });

  it('makes one user of one person, however often and from wherever they come', async () => {
    const [one, two] = [login.browser(), login.browser()];
    await one.login();
    await two.login();
    expect(await login.userOf(one)).toBe(await login.userOf(two));
    expect(sessionOf(one)).not.toBe(sessionOf(two));
  });

  it('begins under the name that browsers are told, or its cookie would not be found again', async () => {
    const { harness, publicUrl, provider } = login;
    const path = '/auth/login?returnTo=%2Fauth%2Fdevice%3FuserCode%3DBCDF-GHJK';
    const goesTo = (host: string): Promise<string | undefined> =>
      new Promise((resolve, reject) => {
        const asked = get(harness.url + path, { headers: { host } }, (answer) => {
          answer.resume();
          resolve(answer.headers.location);
        });
        asked.once('error', reject);
      });
    const { host, port } = new URL(publicUrl);
    expect(await goesTo(`127.0.0.1:${port}`)).toBe(publicUrl + path);
    expect(await goesTo(host)).toMatch(`${provider.issuer}/authorize`);
  });

  it('two windows of one browser log in at once', async () => {
    const browser = login.browser();
    const [first, second] = [await browser.toCallback('/first'), await browser.toCallback('/second')];
    expect((await browser.visit(first)).headers.location).toBe(`${login.publicUrl}/first`);
    expect((await browser.visit(second)).headers.location).toBe(`${login.publicUrl}/second`);
  });

  it.each([
    '//evil.example',
    'https:evil.example',
    '/\\evil.example',
    '/%2e//evil.example',
    'https://evil.example',
  ])('leads nowhere but here: %s', async (returnTo) => {
    const answer = await login.browser().login(returnTo);
    expect(answer.headers.location).toBe(`${login.publicUrl}/`);
  });

  it('control: a path of ours is gone to', async () => {
    const answer = await login.browser().login('/evil.example');
    expect(answer.headers.location).toBe(`${login.publicUrl}/evil.example`);
  });
});

describe('who a person is', () => {
  const inAs = async (at: LoginHarness): Promise<string> => {
    const browser = at.browser();
    await browser.login();
    return at.userOf(browser);
  };

  it('never an e-mail address: one address at one provider, two subjects, two users', async () => {
    const first = await inAs(login);
    login.provider.account = { ...login.provider.account, sub: 'subject-2' };
    expect(await inAs(login)).not.toBe(first);
  });

  it('two providers: one address and one subject are two users', async () => {
    const other = await startLogin();
    const users = [await inAs(login), await inAs(other)];
    expect(other.provider.account).toEqual(login.provider.account);
    await other.stop();
    expect(new Set(users).size).toBe(2);
  });

  it('the same after a change of name and address', async () => {
    const before = await inAs(login);
    login.provider.account = { sub: 'subject-1', name: 'Countess', email: 'other@example.org' };
    expect(await inAs(login)).toBe(before);
  });
});

describe('the profile', () => {
  const sent = async (claims: object): Promise<unknown[]> => {
    login.provider.account = { sub: 'subject-1', ...claims };
    const commands = await login.harness.commandsDuring(() => login.browser().login());
    return commands.map(({ name, envelope }) => [name, envelope.actor.id, envelope.input]);
  };

  it('takes name and verified address over, in the name of the person', async () => {
    const claims = { name: ' Ada ', email: 'ada@example.com', email_verified: true };
    const id = userIdOf(login.provider.issuer, 'subject-1');
    expect(await sent(claims)).toEqual([
      ['changeProfile', id, { name: 'Ada', email: 'ada@example.com', atLogin: true }],
    ]);
  });

  it.each<[string, object, object | undefined]>([
    ['an address that is not verified', { name: 'Ada', email: 'a@example.com' }, { name: 'Ada' }],
    ['verified by a word', { name: 'Ada', email: 'a@example.com', email_verified: 'true' }, { name: 'Ada' }],
    [
      'a name that is none',
      { name: 'A\u202eda', email: 'a@example.com', email_verified: true },
      { email: 'a@example.com' },
    ],
    ['nothing', {}, undefined],
  ])('leaves out what cannot be trusted: %s', async (_, claims, expected) => {
    expect((await sent(claims)).map((one) => (one as unknown[])[2])).toEqual(
      expected ? [{ ...expected, atLogin: true }] : [],
    );
  });

  it('is read at the userinfo endpoint where the id token has none of it', async () => {
    login.provider.metadata = { userinfo_endpoint: `${login.provider.issuer}/userinfo` };
    login.provider.claims = ({ name: _name, email: _email, email_verified: _verified, ...claims }) => claims;
    const other = await startLogin({}, login.provider);
    const commands = await other.harness.commandsDuring(() => other.browser().login());
    await other.stop();
    expect(commands.map(({ envelope }) => envelope.input)).toEqual([
      { name: 'Ada', email: 'ada@example.com', atLogin: true },
    ]);
  });

  it('is sent once: what is known already is not sent again', async () => {
    const id = userIdOf(login.provider.issuer, 'subject-1');
    login.harness.models.addProfile({ userId: id, name: 'Ada', email: 'ada@example.com' });
    expect(await sent({ name: 'Ada', email: 'ada@example.com', email_verified: true })).toEqual([]);
  });

  it('keeps nobody out: issuance that fails is logged, and the login stands', async () => {
    login.harness.issuance.override = () => {
      throw new Error('down');
    };
    const browser = login.browser();
    login.provider.account = { sub: 'subject-3', name: 'Grace' };
    const { status } = await browser.login();
    login.harness.issuance.override = undefined;
    expect(status).toBe(303);
    expect(login.harness.log).toContain('a profile could not be brought up to date');
    expect(login.harness.log).not.toContain('Grace');
  });
});

describe('the state', () => {
  it('is good once: a second use is refused', async () => {
    const browser = login.browser();
    const callback = await browser.toCallback('/keys');
    expect((await browser.visit(callback)).status).toBe(303);
    const again = await browser.visit(callback);
    expectPage(again, 400, 'finished already');
  });

  it('is good once: of ten at the same moment, one', async () => {
    const browser = login.browser();
    const callback = await browser.toCallback();
    const answers = await Promise.all(Array.from({ length: 10 }, () => browser.visit(callback)));
    expect(answers.map(({ status }) => status).sort()).toEqual([303, ...Array<number>(9).fill(400)]);
  });

  it('belongs to a browser: another one cannot use it, and the own one still can', async () => {
    const [own, other] = [login.browser(), login.browser()];
    const callback = await own.toCallback();
    expectPage(await login.browser().visit(callback), 400, 'another browser');
    await other.visit('/auth/login');
    expectPage(await other.visit(callback), 400, 'another browser');
    expect(sessionOf(other)).toBeUndefined();
    expect((await own.visit(callback)).status).toBe(303);
  });

  it.each<[string, (state: string) => [string, string][]]>([
    ['missing', () => []],
    ['empty', () => [['state', '']]],
    ['made up', () => [['state', 'x'.repeat(43)]]],
    [
      'sent twice',
      (state) => [
        ['state', state],
        ['state', state],
      ],
    ],
    ['of another case', (state) => [['State', state]]],
  ])('is refused where it is %s', async (_, states) => {
    const browser = login.browser();
    const callback = await browser.toCallback();
    const { searchParams } = new URL(callback);
    const query = new URLSearchParams([
      ['code', searchParams.get('code')!],
      ...states(searchParams.get('state')!),
    ]);
    expectPage(await browser.visit(`${CALLBACK}?${query.toString()}`), 400, 'cannot be finished');
    // Control: as the provider sent it, it is taken.
    expect((await browser.visit(callback)).status).toBe(303);
  });

  it('of a callback that nobody sent: nothing to see', async () => {
    expectPage(await login.browser().visit(CALLBACK), 400, 'Begin again');
  });
});

describe('the code', () => {
  it('is good once: the code of a finished login does not finish another', async () => {
    const browser = login.browser();
    const first = new URL(await browser.toCallback());
    expect((await browser.visit(first.href)).status).toBe(303);
    const second = new URL(await browser.toCallback('/keys'));
    second.searchParams.set('code', first.searchParams.get('code')!);
    const answer = await browser.visit(second.href);
    expectPage(answer, 400, 'used already');
    expect(answer.text).toContain('/auth/login?returnTo=%2Fkeys');
  });

  it('of somebody else does not fit: PKCE binds it to the login that it was given for', async () => {
    const [own, other] = [login.browser(), login.browser()];
    const stolen = new URL(await other.toCallback()).searchParams.get('code')!;
    const callback = new URL(await own.toCallback());
    callback.searchParams.set('code', stolen);
    expectPage(await own.visit(callback.href), 400, 'cannot be finished');
    expect(sessionOf(own)).toBeUndefined();
  });
});

describe('the cookies', () => {
  it('on this machine: not readable by scripts, not sent from other sites', async () => {
    const browser = login.browser();
    await browser.login();
    expect(browser.setCookies).toEqual([
      expect.stringMatching(/^mcpstack_login=[\w-]{43}; Path=\/; Max-Age=600; HttpOnly; SameSite=Lax$/),
      expect.stringMatching(
        /^mcpstack_session=mcpstack_st_\w+; Path=\/; Max-Age=43(200|199); HttpOnly; SameSite=Lax$/,
      ),
    ]);
  });

  it('over https: of this host alone, and never sent in the clear', async () => {
    const secure = await startLogin({ env: { PUBLIC_URL: 'https://keys.example.com' } });
    const browser = secure.browser();
    await browser.login();
    await secure.stop();
    expect(browser.setCookies).toHaveLength(2);
    for (const line of browser.setCookies)
      expect(line).toMatch(
        /^__Host-mcpstack_(login|session)=[^;]+; Path=\/; Max-Age=\d+; HttpOnly; SameSite=Lax; Secure$/,
      );
  });

  it('a session that was put there beforehand does not become that of who logs in', async () => {
    const planted = await login.harness.login();
    const browser = login.browser();
    browser.cookies.set('mcpstack_session', planted);
    await browser.login();
    expect(sessionOf(browser)).not.toBe(planted);
    const me = await login.harness.call('GET', '/api/v1/me', { token: planted });
    expect(me.status).toBe(401);
    expect(await login.userOf(browser)).not.toBe(login.harness.userId);
  });

  it('a token that nobody gave out is not taken for a session', async () => {
    const browser = login.browser();
    const chosen = makeSessionToken('mcpstack', newSessionName(login.harness.userId));
    browser.cookies.set('mcpstack_session', chosen);
    await browser.login();
    expect(sessionOf(browser)).not.toBe(chosen);
    expect((await login.harness.call('GET', '/api/v1/me', { token: chosen })).status).toBe(401);
  });
});

describe('the pages', () => {
  it('200: who is logged in; a login that leads nowhere else leads to the console', async () => {
    const browser = login.browser();
    expectPage(await browser.visit('/auth'), 200, 'href="/auth/login"');
    const { headers } = await browser.login();
    expect(headers.location).toBe(`${login.publicUrl}/`);
    expectPage(await browser.visit('/auth'), 200, await login.userOf(browser));
  });

  it('303: logs out by the form of the first page, and by that alone', async () => {
    const browser = login.browser();
    await browser.login();
    const session = sessionOf(browser)!;
    const isIn = async (): Promise<boolean> =>
      (await login.harness.call('GET', '/api/v1/me', { token: session })).status === 200;
    const home = await browser.visit('/auth');
    expectPage(home, 200, '<form method="post" action="/auth/logout">');
    // Or browsers would not say where the form comes from.
    expect(home.headers['referrer-policy']).not.toBe('no-referrer');
    const press = (...headers: string[]) =>
      browser.visit('/auth/logout', { method: 'POST', form: {}, headers });
    expectPage(await press('Sec-Fetch-Site', 'cross-site'), 403, 'must come from a page of this site');
    expect((await browser.visit('/auth/logout')).status).toBe(405);
    expect(await isIn()).toBe(true);
    for (let times = 0; times < 2; times += 1) {
      const { status, headers } = await press('Sec-Fetch-Site', 'same-origin');
      expect([status, headers.location]).toEqual([303, `${login.publicUrl}/auth`]);
      expect(sessionOf(browser)).toBeUndefined();
    }
    expect(await isIn()).toBe(false);
    expectPage(await browser.visit('/auth'), 200, 'href="/auth/login"');
  });

  it('an answer that is a refusal: what the provider said, as text', async () => {
    login.provider.refusal = { error: 'access_denied', error_description: '<b>not yours' };
    const answer = await login.browser().login('/keys');
    expectPage(answer, 400, 'access_denied: &lt;b&gt;not yours');
    expect(answer.text).toContain(`${login.publicUrl}/auth/login?returnTo=%2Fkeys`);
    login.provider.refusal = undefined;
    expect((await login.browser().login('/keys')).status).toBe(303);
  });

  it('404: where login is not set up, and keys work', async () => {
    const harness = await Harness.start();
    for (const path of ['/auth/login', CALLBACK]) {
      const answer = await harness.call('GET', path);
      expectPage(answer, 404, 'OIDC_ISSUER is not set');
    }
    expect((await harness.call('GET', '/api/v1/me', { token: harness.key('viewer') })).status).toBe(200);
    await harness.stop();
  });

  it('429: an address that begins too many logins; another one is not held up', async () => {
    const limited = await startLogin({ browserLoginLimit: { perAddress: 2, windowS: 60 } }, login.provider);
    const browser = limited.browser();
    const statuses = [];
    for (let times = 0; times < 3; times += 1) statuses.push((await browser.visit('/auth/login')).status);
    const answer = await browser.visit('/auth/login');
    await limited.stop();
    expect(statuses).toEqual([303, 303, 429]);
    expectPage(answer, 429, 'Too many requests');
    expect(Number(answer.headers['retry-after'])).toBeGreaterThan(0);
  });

  it('503: a store of logins that is away; it recovers by itself', async () => {
    const own = await IdentityProvider.start();
    const other = await startLogin({}, own);
    await other.harness.nats.pause();
    expectPage(await other.browser().visit('/auth/login'), 503, 'Nobody can log in at this moment');
    await other.harness.nats.resume();
    expect((await other.browser().login()).status).toBe(303);
    await other.stop();
    await own.down();
  }, 20_000);
});
