/** The pages as browsers get them: nothing from elsewhere, no script, and whatever they repeat is text. */
import { Browser, type ShownPage } from '@mcpstack/local-servers';
import { EMAIL, Harness } from './harness.ts';

const NASTY = `"><script>alert('x')</script><img src=x onerror=alert(1)>`;

let harness: Harness;
beforeAll(async () => {
  const loginLimits = { perEmailAndAddress: 2, perAddress: 1_000, perEmail: 1_000, windowS: 60 };
  harness = await Harness.start({ loginLimits });
});
afterAll(() => harness.stop());

const tried = async (email: string, browser = new Browser()): Promise<ShownPage> =>
  browser.submit(await harness.loginPage(browser), { email, password: 'wrong' });

/** Every page that there is, each with something nasty where it repeats what was sent. */
const PAGES: Record<string, () => Promise<ShownPage>> = {
  login: () => new Browser().open(harness.ask({ login_hint: NASTY, state: NASTY }).url),
  'a wrong password': () => tried(NASTY),
  'too many attempts': async () => {
    for (let times = 0; times < 2; times += 1) await tried(`${NASTY}2`);
    return tried(`${NASTY}2`);
  },
  'a login that has ended': () => new Browser().open(`${harness.issuer}/login/${encodeURIComponent(NASTY)}`),
  'an unknown client': () => new Browser().open(harness.ask({ client_id: NASTY }).url),
  'a foreign redirect': () => new Browser().open(harness.ask({ redirect_uri: `https://x/${NASTY}` }).url),
  'no redirect': () => new Browser().open(`${harness.issuer}/auth?client_id=${encodeURIComponent(NASTY)}`),
  'an unknown address': () => new Browser().open(`${harness.issuer}/${encodeURIComponent(NASTY)}`),
  'an unknown login': () => new Browser().open(`${harness.issuer}/login/x/y?${encodeURIComponent(NASTY)}`),
  'log out': async () => {
    const browser = new Browser();
    await harness.logIn(browser);
    return browser.open(`${harness.issuer}/session/end?state=${encodeURIComponent(NASTY)}`);
  },
  'log out, to elsewhere': () =>
    new Browser().open(
      `${harness.issuer}/session/end?client_id=mcpstack&post_logout_redirect_uri=${encodeURIComponent(`https://x/${NASTY}`)}`,
    ),
  'still logged in': async () => {
    const browser = new Browser();
    await harness.logIn(browser);
    return browser.submit(await browser.open(`${harness.issuer}/session/end`), {});
  },
  'logged out': async () => {
    const browser = new Browser();
    await harness.logIn(browser);
    return browser.submit(await browser.open(`${harness.issuer}/session/end`), {}, 'yes');
  },
};

describe.each(Object.keys(PAGES))('the page: %s', (name) => {
  let page: ShownPage;
  beforeAll(async () => {
    page = await PAGES[name]!();
  });

  it('is a page of ours, whose policy lets nothing run or load', () => {
    expect(page.headers.get('content-type')).toBe('text/html; charset=utf-8');
    const policy = page.headers.get('content-security-policy');
    expect(policy).toMatch(/^default-src 'none'; style-src 'sha256-[\w+/=]+'; img-src data:; form-action /);
    expect(policy).toContain("frame-ancestors 'none'; base-uri 'none'");
    expect(policy).not.toMatch(/unsafe|\*|https?:\/\/(?!localhost)/);
    expect(page.headers.get('cache-control')).toContain('no-store');
    expect(page.headers.get('x-content-type-options')).toBe('nosniff');
    expect(page.text).toMatch(/^<!doctype html>\s*<html lang="en">/);
    expect(page.text).toContain('<h1>');
  });

  it('loads nothing from anywhere', () => {
    expect(page.text).not.toMatch(/\b(src|srcset|poster)\s*=\s*"/);
    expect(page.text.match(/href="(?!data:,)[^"]*"/g) ?? []).toEqual([]);
    expect(page.text).not.toMatch(/url\(|@import/);
  });

  it('repeats what was sent as text alone', () => {
    expect(page.text).not.toMatch(/<script|<img|onerror=alert\(1\)>/);
    expect(page.text.match(/<form/g)?.length ?? 0).toBeLessThanOrEqual(1);
  });
});

describe('control', () => {
  it('what was sent is repeated where one wants to see it again', async () => {
    const browser = new Browser();
    const page = await browser.open(harness.ask({ login_hint: EMAIL }).url);
    expect(page.text).toContain(`value="${EMAIL}"`);
    expect((await PAGES['a wrong password']!()).text).toContain('&quot;&gt;&lt;script&gt;');
  });
});

describe('the form to log in', () => {
  it('has a label for each field, tells password managers what they are, and names what is wrong', async () => {
    const { text } = await tried('someone@localhost');
    for (const [id, autocomplete] of [
      ['email', 'username'],
      ['password', 'current-password'],
    ] as const) {
      expect(text).toContain(`<label for="${id}">`);
      expect(text).toMatch(
        new RegExp(`<input\\s+id="${id}"[^>]*autocomplete="${autocomplete}"[^>]*aria-describedby="problem"`),
      );
    }
    expect(text).toContain('id="problem" role="alert"');
  });

  it('may lead back to the client, and nowhere else', async () => {
    const { headers } = await harness.loginPage(new Browser());
    const { origin } = new URL(harness.redirectUri);
    expect(headers.get('content-security-policy')).toContain(`form-action 'self' ${origin};`);
  });
});
