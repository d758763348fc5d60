/**
 * The pages of login in a real browser: they work without a script and with the keyboard alone, fit a telephone, and
 * give nothing to complain about to axe. SCREENSHOTS=<folder> keeps what was seen.
 */
import { faultsOf, findChromium, launch, picture } from '@mcpstack/testing';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { OWNER, Product } from './product.ts';

const CHROMIUM = await findChromium();
/** A machine without a browser has the specs of the gateway and of the identity provider, which read the same pages. */
const describeInBrowser = CHROMIUM === undefined ? describe.skip : describe;

const SIZES = [
  { width: 360, height: 740 },
  { width: 1280, height: 800 },
];

let product: Product;
let browser: Browser;

interface Device {
  deviceCode: string;
  userCode: string;
  verificationUri: string;
  verificationUriComplete: string;
}

async function ask(clientName = 'laptop of Ada'): Promise<Device> {
  const { body } = await product.http('POST', '/api/v1/auth/device', { body: { clientName }, token: '' });
  return body as unknown as Device;
}

const tokenStatus = async (deviceCode: string): Promise<number> =>
  (
    await product.http('POST', '/api/v1/auth/token', {
      body: { grantType: 'device-code', deviceCode },
      token: '',
    })
  ).status;

async function opened(options: BrowserContextOptions): Promise<Page> {
  const context = await browser.newContext(options);
  context.setDefaultTimeout(150_000);
  const page = await context.newPage();
  page.on('pageerror', (error) => complaints.push(String(error)));
  page.on('console', (message) => {
    if (message.type() === 'error') complaints.push(message.text());
  });
  return page;
}

/** What browsers say about a page that breaks its own policy. */
const complaints: string[] = [];

async function logIn(page: Page): Promise<void> {
  await page.getByLabel('E-mail').fill(OWNER.email);
  await page.getByLabel('Password').fill(OWNER.password);
  await page.getByRole('button', { name: 'Log in' }).click();
}

describeInBrowser('the pages of login in a browser', () => {
  beforeAll(async () => {
    product = await Product.start();
    browser = await launch(CHROMIUM!);
  }, 1_200_000);
  afterAll(async () => {
    await browser?.close();
    await product?.stop();
  });
  beforeEach(() => complaints.splice(0));

  it('a device is let in without a script', async () => {
    const { deviceCode, userCode, verificationUriComplete } = await ask();
    const page = await opened({ javaScriptEnabled: false });
    await page.goto(verificationUriComplete);
    await logIn(page);
    expect(page.url()).toBe(verificationUriComplete);
    expect(await page.locator('.code').innerText()).toBe(userCode);
    await page.getByRole('button', { name: 'Approve' }).click();
    expect(await page.getByRole('heading').innerText()).toBe('The device is in');
    expect(await tokenStatus(deviceCode)).toBe(200);
    await page.context().close();
  }, 1_200_000);

  it('and with the keyboard alone', async () => {
    const { deviceCode, userCode, verificationUri } = await ask();
    const page = await opened({});
    await page.goto(verificationUri);
    await logIn(page);
    await page.waitForURL(verificationUri);
    await page.keyboard.press('Tab');
    await page.keyboard.type(userCode.toLowerCase());
    await page.keyboard.press('Enter');
    await page.getByRole('button', { name: 'Approve' }).waitFor();
    // The first thing that the key reaches, and it can be seen that it does.
    await page.keyboard.press('Tab');
    expect(await page.evaluate('document.activeElement.value')).toBe('approve');
    expect(await page.evaluate('getComputedStyle(document.activeElement).outlineStyle')).toBe('solid');
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'The device stays out' }).waitFor();
    expect(await tokenStatus(deviceCode)).toBe(400);
    await page.context().close();
  }, 1_200_000);

  it.each(SIZES)(
    '$width px: axe finds nothing, nothing is cut off, nothing is blocked',
    async (viewport) => {
      for (const colorScheme of ['light', 'dark'] as const) {
        const page = await opened({ viewport, colorScheme });
        const look = async (name: string): Promise<void> => {
          expect([name, await faultsOf(page)]).toEqual([name, []]);
          expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(
            viewport.width,
          );
          await picture(page, `${name}-${viewport.width}-${colorScheme}`);
        };
        const at = (path: string): string => new URL(path, verificationUri).href;
        const { verificationUri, verificationUriComplete } = await ask('x'.repeat(100));
        await page.goto(at('/auth'));
        await look('home-stranger');
        await page.goto(verificationUriComplete);
        await look('log-in');
        await logIn(page);
        await look('device');
        await page.getByRole('button', { name: 'Approve' }).click();
        await look('device-approved');
        await page.goto(verificationUri);
        await look('device-code');
        await page.getByLabel('Code').fill('BBBB-BBBB');
        await page.getByRole('button').click();
        await look('device-unknown');
        await page.goto(at('/auth/callback?state=x&code=y'));
        await look('login-refused');
        await page.goto(at('/auth'));
        await look('home');
        await page.getByRole('button', { name: 'Log out' }).click();
        await page.getByRole('link', { name: 'Log in' }).waitFor();
        expect([page.url(), await page.context().cookies(page.url())]).toEqual([
          at('/auth'),
          expect.not.arrayContaining([expect.objectContaining({ name: 'mcpstack_session' })]),
        ]);
        // Those that answer no 200 are said so by the browser, and by nobody else.
        expect(complaints.filter((text) => !/status of (400|404)/.test(text))).toEqual([]);
        complaints.splice(0);
        await page.context().close();
      }
    },
    1_200_000,
  );

  it('control: axe finds a field without a name, and the browser a script that the policy blocks', async () => {
    const { verificationUri } = await ask();
    const page = await opened({});
    await page.goto(verificationUri);
    await logIn(page);
    await page.evaluate("document.querySelector('label').remove()");
    await page.evaluate("document.querySelector('input').removeAttribute('placeholder')");
    expect((await faultsOf(page)).join()).toContain('label: ');
    await page.evaluate(
      "document.body.append(Object.assign(document.createElement('script'), { text: '1' }))",
    );
    expect(complaints.join()).toContain('Content Security Policy');
    await page.context().close();
  }, 1_200_000);
});
