/** G1 while people log in: what would let somebody else in stands in no log, no event and no referrer. */
import { Log } from '@mcpstack/service-kit';
import { sessionOf, startLogin, type LoginHarness } from '../../../test/login-harness.ts';

let login: LoginHarness;
beforeAll(async () => {
  login = await startLogin();
});
afterAll(() => login.stop());

describe('G1: codes, states, tokens and sessions', () => {
  it('stand in no log line and no command, whatever comes of the login', async () => {
    const { harness, provider } = login;
    const sessions: string[] = [];
    const browser = login.browser();
    const commands = await harness.commandsDuring(async () => {
      await browser.login('/keys');
      sessions.push(sessionOf(browser)!, browser.cookies.get('mcpstack_login')!);
      await browser.visit(await browser.toCallback());
      const used = await browser.toCallback();
      await browser.visit(used);
      await browser.visit(used);
      provider.refusal = { error: 'access_denied', error_description: 'written-by-somebody' };
      await browser.login();
      provider.refusal = undefined;
      for (const path of ['/token', '/jwks']) {
        provider.answers = (asked) =>
          asked === path ? { status: 500, body: 'written-by-somebody' } : undefined;
        await login.browser().login();
      }
      provider.answers = () => undefined;
      provider.claims = (claims) => ({ ...claims, nonce: 'written-by-somebody' });
      await browser.login();
      provider.claims = (claims) => ({ ...claims, aud: 'written-by-somebody' });
      await browser.login();
      provider.reset();
    });
    const secrets = [...provider.secrets, ...sessions, 'written-by-somebody'];
    expect(secrets.length).toBeGreaterThan(30);
    expect(commands.length).toBeGreaterThan(0);
    const told = JSON.stringify(commands);
    for (const secret of secrets.filter((one) => one !== '')) {
      expect(harness.log).not.toContain(secret);
      expect(told).not.toContain(secret);
    }
    expect(harness.log).not.toMatch(/ada@example\.com|"Ada"/);
    // Control: the search finds what somebody logs.
    harness.app.get(Log).info('planted', { reason: provider.secrets[0]! });
    expect(harness.log).toContain(provider.secrets[0]);
  });

  it('do not leave in a referrer, and no page is kept', async () => {
    const browser = login.browser();
    const callback = await browser.toCallback();
    const answers = [
      await browser.visit('/auth/login'),
      await browser.visit(callback),
      await browser.visit(callback),
    ];
    expect(answers.map(({ status }) => status)).toEqual([303, 303, 400]);
    for (const { headers } of answers) {
      expect(headers['referrer-policy']).toBe('no-referrer');
      expect(headers['cache-control']).toBe('no-store');
    }
    expect(login.provider.referrers).toEqual([]);
  });

  it('are kept as little as they have to: states, browsers and sessions by their digests alone', async () => {
    const browser = login.browser();
    const callback = new URL(await browser.toCallback());
    const kept = await login.kept();
    expect(kept.length).toBeGreaterThan(0);
    for (const secret of [callback.searchParams.get('state')!, browser.cookies.get('mcpstack_login')!])
      expect(kept.join('\n')).not.toContain(secret);
  });
});
