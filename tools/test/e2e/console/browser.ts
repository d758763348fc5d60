/** The console in a real browser, before real services: who logs in there, and what the browser complains about. */
import { randomUUID } from 'node:crypto';
import { faultsOf, findChromium, launch, picture, type StackOptions } from '@mcpstack/testing';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { PASSWORD, type Person } from '../people.ts';
import { OWNER, Product } from '../product.ts';

export const CHROMIUM = await findChromium();
/** A machine without a browser has the specs of the gateway. */
export const describeInBrowser = CHROMIUM === undefined ? describe.skip : describe;

/** Telephone and desk, in both schemes. */
export const SIZES = [
  { width: 360, height: 740 },
  { width: 1280, height: 800 },
];

/** So that snapshots of the heap hold each string whole: by default V8 cuts them at 1,024 characters. */
const WHOLE_STRINGS = ['--js-flags=--heap-snapshot-string-limit=10000000'];

/** What a browser says of every page that asks who is there, before anybody is. */
const EXPECTED = /status of 401/;

export class Console {
  /** What the browsers complained about since the last look: errors of scripts, and of the page's own policy. */
  readonly complaints: string[] = [];

  private constructor(
    readonly product: Product,
    readonly browser: Browser,
  ) {}

  static async start(options: StackOptions = {}): Promise<Console> {
    const product = await Product.start(options);
    return new Console(product, await launch(CHROMIUM!, WHOLE_STRINGS));
  }

  async stop(): Promise<void> {
    await this.browser.close();
    await this.product.stop();
  }

  /** The gateway, by the name that browsers are told. */
  get url(): string {
    return this.product.stack.gatewayUrl.replace('127.0.0.1', 'localhost');
  }

  /** The address of a page of the organization: `at('api-keys')`. */
  at(path: string, organizationId = this.product.organizationId): string {
    return `${this.url}/organizations/${organizationId}/${path}`;
  }

  /** A tab of a browser of its own, in which nobody is logged in. */
  async open(options: BrowserContextOptions = {}): Promise<Page> {
    const context = await this.browser.newContext({
      viewport: { width: 1280, height: 800 },
      reducedMotion: 'reduce',
      ...options,
    });
    context.setDefaultTimeout(150_000);
    const page = await context.newPage();
    page.on('pageerror', (error) => this.complaints.push(String(error)));
    page.on('console', (message) => {
      if (message.type() === 'error' && !EXPECTED.test(message.text()))
        this.complaints.push(`${message.text()} (${message.location().url})`);
    });
    return page;
  }

  /** A tab in which this person, or the owner, is logged in, at this address. */
  async openAs(
    person: Pick<Person, 'email'> | undefined,
    url = this.at('api-keys'),
    options: BrowserContextOptions = {},
  ): Promise<Page> {
    const page = await this.open(options);
    await page.goto(url);
    await page.getByRole('link', { name: 'Log in', exact: true }).click();
    await this.logIn(page, person);
    await page.waitForURL(url);
    await page.getByRole('heading', { level: 1 }).waitFor();
    return page;
  }

  /** On the page of the identity provider. */
  async logIn(page: Page, person?: Pick<Person, 'email'>): Promise<void> {
    await page.getByLabel('E-mail').fill(person?.email ?? OWNER.email);
    await page.getByLabel('Password').fill(person ? PASSWORD : OWNER.password);
    await page.getByRole('button', { name: 'Log in' }).click();
  }

  /** Somebody else ends it: the session of this tab's browser. */
  async endSessionOf(page: Page): Promise<void> {
    const cookies = await page.context().cookies();
    const cookie = cookies.map(({ name, value }) => `${name}=${value}`).join('; ');
    const { body } = await this.product.http('GET', '/api/v1/me/sessions', {
      token: '',
      headers: { cookie },
    });
    const current = (body['data'] as { id: string; current: boolean }[]).find((one) => one.current)!;
    const { status } = await this.product.http('DELETE', `/api/v1/me/sessions/${current.id}`);
    expect(status).toBe(204);
  }

  /** In the dialog that a page shows once its session has ended, and on with the page as it stands. */
  async logInAgain(page: Page): Promise<void> {
    const dialog = page.getByRole('dialog', { name: 'Your session has ended' });
    const [other] = await Promise.all([
      page.waitForEvent('popup'),
      dialog.getByRole('link', { name: 'Log in again' }).click(),
    ]);
    await other.waitForURL(/\/signed-in$|\/interaction\/|\/login/);
    if (!other.isClosed() && !other.url().endsWith('/signed-in')) await this.logIn(other);
    await dialog.waitFor({ state: 'detached' });
  }

  /** From its next address on the page asks for nothing by the clock: what it shows all the same, it was told. */
  async stopPolling(page: Page): Promise<void> {
    await page.addInitScript(`
      const every = window.setInterval;
      window.setInterval = (act, ms, ...rest) => (ms >= 10_000 ? 0 : every(act, ms, ...rest));
    `);
  }

  /**
   * A tab of the owner that polls nothing, and is told of changes by now. The name of the organization says so: it is asked
   * for alone, so that nothing else is on its way to the page any more.
   */
  async openTold(path: string): Promise<Page> {
    const page = await this.openAs(undefined, `${this.url}/account`);
    await this.stopPolling(page);
    await page.goto(this.at(path));
    await page.getByRole('heading', { level: 1 }).waitFor();
    const name = `Acme ${randomUUID().slice(0, 8)}`;
    await this.product.http('PATCH', `/api/v1/organizations/${this.product.organizationId}`, {
      body: { name },
    });
    await page.getByRole('button', { name: `Organization: ${name}` }).waitFor();
    return page;
  }

  /**
   * axe finds nothing, nothing is wider than the window, and the browser had nothing to complain about, `despite` what the
   * case itself asks for: a page that asks again is told so again, also while it is looked at.
   */
  async expectFine(page: Page, name: string, despite?: RegExp): Promise<void> {
    expect([name, await faultsOf(page)]).toEqual([name, []]);
    const width = page.viewportSize()!.width;
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(width);
    const complaints = this.complaints.splice(0).filter((one) => !despite?.test(one));
    expect([name, complaints]).toEqual([name, []]);
    await picture(page, name);
  }
}
