import { Browser, type ShownPage } from '@mcpstack/local-servers';
import { createRemoteJWKSet, jwtVerify } from 'jose';
import { EMAIL, Harness, PASSWORD } from './harness.ts';

let harness: Harness;
beforeAll(async () => {
  const loginLimits = { perEmailAndAddress: 3, perAddress: 1_000, perEmail: 1_000, windowS: 120 };
  harness = await Harness.start({ loginLimits });
});
afterAll(() => harness.stop());
afterEach(() => harness.writeUsers([harness.owner]));

const signed = (token: unknown) =>
  jwtVerify(String(token), createRemoteJWKSet(new URL('/jwks', harness.issuer)), {
    issuer: harness.issuer,
    audience: 'mcpstack',
  });

const tried = async (email: string, password: string, browser = new Browser()): Promise<ShownPage> =>
  browser.submit(await harness.loginPage(browser), { email, password });

describe('logging in', () => {
  it('leads back with a code, for which the client gets who it is: the id, never the address', async () => {
    const asked = harness.ask();
    const got = await harness.logIn(new Browser(), asked);
    expect(Object.fromEntries(got)).toEqual({
      code: expect.any(String) as string,
      state: asked.state,
      iss: harness.issuer,
    });
    const { status, body } = await harness.redeem(got.get('code')!, asked.verifier);
    expect(status).toBe(200);
    const { payload, protectedHeader } = await signed(body['id_token']);
    expect(protectedHeader.alg).toBe('ES256');
    expect(payload).toMatchObject({
      sub: harness.owner.id,
      nonce: asked.nonce,
      email: EMAIL,
      email_verified: true,
      name: 'Ada Owner',
    });
    expect(body).not.toHaveProperty('refresh_token');
    const me = await fetch(`${harness.issuer}/me`, {
      headers: { authorization: `Bearer ${String(body['access_token'])}` },
    });
    expect(await me.json()).toMatchObject({ sub: harness.owner.id, email: EMAIL, name: 'Ada Owner' });
  });

  it('says nothing of a name where the file has none', async () => {
    const { name: _name, ...nameless } = harness.owner;
    harness.writeUsers([nameless]);
    const asked = harness.ask();
    const got = await harness.logIn(new Browser(), asked);
    const { body } = await harness.redeem(got.get('code')!, asked.verifier);
    expect((await signed(body['id_token'])).payload).not.toHaveProperty('name');
  });

  it('is done once for a browser, until it logs out there', async () => {
    const browser = new Browser();
    await harness.logIn(browser);
    harness.returned(await browser.open(harness.ask().url));
    const asks = await browser.open(`${harness.issuer}/session/end`);
    expect(asks.text).toContain('Log out of this identity provider');
    const stayed = await browser.submit(asks, {});
    expect(stayed.text).toContain('Still logged in');
    harness.returned(await browser.open(harness.ask().url));
    const left = await browser.submit(await browser.open(`${harness.issuer}/session/end`), {}, 'yes');
    expect(left.text).toContain('Logged out');
    expect((await harness.loginPage(browser)).text).toContain('type="password"');
  });

  it('takes the e-mail in whatever case', async () => {
    harness.returned(await tried('OWNER@localhost', PASSWORD));
  });

  it('asks again once the person is taken out of the file', async () => {
    const browser = new Browser();
    await harness.logIn(browser);
    harness.writeUsers([]);
    const page = await harness.loginPage(browser);
    expect(page.text).toContain('type="password"');
    const again = await browser.submit(page, { email: EMAIL, password: PASSWORD });
    expect([again.status, again.url]).toEqual([403, page.url]);
  });

  it('takes no time to speak of', async () => {
    await harness.logIn();
    let quickestMs = Infinity;
    for (let times = 0; times < 4; times += 1) {
      const begunMs = performance.now();
      await harness.logIn();
      quickestMs = Math.min(quickestMs, performance.now() - begunMs);
    }
    expect(quickestMs).toBeLessThan(5_000);
  });
});

describe('a wrong password', () => {
  it('and an unknown e-mail are answered alike', async () => {
    const [wrong, unknown] = [await tried(EMAIL, 'wrong'), await tried('nobody@localhost', 'wrong')];
    const same = ({ status, text }: ShownPage, email: string) => [
      status,
      text.replace(email, '').replace(/\/login\/[\w-]+/, ''),
    ];
    expect(same(wrong, EMAIL)).toEqual(same(unknown, 'nobody@localhost'));
    expect(wrong.status).toBe(403);
    expect(wrong.text).toContain('The e-mail or the password is wrong.');
    expect(wrong.text).not.toContain('value="wrong"');
  });

  it('takes as long as an unknown e-mail', async () => {
    const many = Array.from({ length: 7 }, (_, at) => ({ ...harness.owner, email: `known${at}@localhost` }));
    harness.writeUsers(many);
    const took = async (email: string): Promise<number> => {
      const browser = new Browser();
      const page = await harness.loginPage(browser);
      const begunMs = performance.now();
      await browser.submit(page, { email, password: 'wrong' });
      return performance.now() - begunMs;
    };
    const [known, unknown]: [number[], number[]] = [[], []];
    // In turn: what else the machine does falls on both.
    for (const { email } of many) {
      known.push(await took(email));
      unknown.push(await took(`un${email}`));
    }
    // Without the same work an unknown e-mail would be answered in a small part of the time.
    const ratio = Math.min(...unknown) / Math.min(...known);
    expect(ratio).toBeGreaterThan(1 / 2);
    expect(ratio).toBeLessThan(2);
  });

  it('is limited per e-mail and address; then the right one does not help, and others get in', async () => {
    harness.writeUsers([harness.owner, { ...harness.owner, email: 'guessed@localhost' }]);
    const statuses: number[] = [];
    for (let times = 0; times < 4; times += 1)
      statuses.push((await tried('guessed@localhost', 'wrong')).status);
    expect(statuses).toEqual([403, 403, 403, 429]);
    const right = await tried('guessed@localhost', PASSWORD);
    expect(right.status).toBe(429);
    expect(right.text).toContain('Try again in 2 minutes.');
    expect(Number(right.headers.get('retry-after'))).toBeGreaterThan(60);
    harness.returned(await tried(EMAIL, PASSWORD));
  });

  it.each<[string, Record<string, string>]>([
    ['no password', { email: EMAIL }],
    ['nothing', {}],
    ['an overlong e-mail', { email: `${'x'.repeat(300)}@localhost`, password: PASSWORD }],
    ['an overlong password', { email: EMAIL, password: 'x'.repeat(2_000) }],
  ])('is also %s', async (_, fields) => {
    const browser = new Browser();
    const page = await harness.loginPage(browser);
    const answer = await browser.submit(page, { email: '', password: '', ...fields });
    expect(answer.status).toBe(403);
  });

  it('may be 16 KiB and no more', async () => {
    const browser = new Browser();
    const page = await harness.loginPage(browser);
    const answer = await browser.submit(page, { email: EMAIL, password: 'x'.repeat(20_000) });
    expect(answer.status).toBe(413);
  });
});

describe('the file of users', () => {
  it('that becomes unusable lets nobody in, makes the service not ready, and is read again', async () => {
    harness.writeUsers([harness.owner], 0o644);
    const answer = await tried(EMAIL, PASSWORD);
    expect(answer.status).toBe(503);
    expect(answer.text).toContain('Nobody can log in now');
    const ready = await fetch(`${harness.issuer}/health/ready`);
    expect(ready.status).toBe(503);
    expect(await ready.text()).toContain('chmod 600');
    harness.writeUsers([harness.owner]);
    harness.returned(await tried(EMAIL, PASSWORD));
    expect((await fetch(`${harness.issuer}/health/ready`)).status).toBe(200);
  });
});

describe('G1: the log', () => {
  it('holds neither passwords nor addresses, codes, tokens or cookies', async () => {
    const browser = new Browser();
    const asked = harness.ask();
    const got = await harness.logIn(browser, asked);
    const { body } = await harness.redeem(got.get('code')!, asked.verifier);
    await harness.redeem(got.get('code')!, asked.verifier);
    await tried('someone@localhost', 'hunter2hunter2');
    const secrets = [
      ...[PASSWORD, EMAIL, 'someone@localhost', 'hunter2hunter2', asked.verifier, asked.state],
      ...[got.get('code')!, body['id_token'] as string, body['access_token'] as string],
      browser.cookies.get('mcpstack_idp_session')!,
    ];
    expect(harness.log).toContain('a code was refused');
    for (const secret of secrets) expect(harness.log).not.toContain(secret);
  });
});
