/** Writes whose answer is lost, a page whose reader has changed, and a page that nobody looks at, be it over night. */
import { waitFor } from '@mcpstack/local-servers';
import type { Page } from 'playwright-core';
import { newPerson } from '../people.ts';
import { Console, describeInBrowser } from './browser.ts';

describeInBrowser('a page of the console', () => {
  let here: Console;
  beforeAll(async () => {
    here = await Console.start();
  }, 1_200_000);
  afterAll(() => here?.stop());

  /** What a browser says when the page is looked at, or not any more. */
  const turnTo = (page: Page, state: 'visible' | 'hidden') =>
    page.evaluate(`
      Object.defineProperty(document, 'visibilityState', { value: '${state}', configurable: true });
      document.dispatchEvent(new Event('visibilitychange', { bubbles: true }));
    `);

  it('sends the same again as the same: what happened though nobody answered happens once', async () => {
    const page = await here.openAs(undefined, here.at('servers'));
    const keys = new Set<string | undefined>();
    let tries = 0;
    await page.route('**/servers', async (route) => {
      if (route.request().method() !== 'POST') return route.fallback();
      tries += 1;
      keys.add(route.request().headers()['idempotency-key']);
      await route.fetch();
      return route.abort();
    });
    await page.getByRole('button', { name: 'Create server' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Name').fill('made-once');
    await dialog.getByRole('button', { name: 'Create server' }).click();
    await dialog.getByText('The service cannot be reached').waitFor();
    expect(tries).toBeGreaterThan(1);
    await page.unroute('**/servers');
    const again = page.waitForRequest((request) => request.method() === 'POST');
    await dialog.getByRole('button', { name: 'Create server' }).click();
    keys.add((await again).headers()['idempotency-key']);
    await dialog.waitFor({ state: 'detached' });
    expect(keys.size).toBe(1);
    const servers = `/api/v1/organizations/${here.product.organizationId}/servers`;
    const namesOf = async () =>
      ((await here.product.http('GET', servers)).body['data'] as { name: string }[]).map(({ name }) => name);
    expect(await namesOf()).toEqual(['made-once']);
    // Control: once it was answered, the same again is another one.
    await page.getByRole('button', { name: 'Create server' }).click();
    await dialog.getByLabel('Name').fill('made-once');
    await dialog.getByRole('button', { name: 'Create server' }).click();
    await dialog.waitFor({ state: 'detached' });
    expect(await namesOf()).toEqual(['made-once', 'made-once']);
    await page.context().close();
  }, 1_200_000);

  it('shows nothing of one person to the next who logs in in the same browser', async () => {
    const ada = await newPerson(here.product, 'ada');
    const page = await here.openAs(undefined, `${here.url}/account`);
    await page.getByLabel('E-mail').fill('typed by the owner');
    const other = await page.context().newPage();
    await page.context().clearCookies();
    await other.goto(here.at('api-keys', ada.organizationId));
    await other.getByRole('link', { name: 'Log in', exact: true }).click();
    await here.logIn(other, ada);
    await other.getByRole('heading', { level: 1, name: 'API Keys' }).waitFor();
    await turnTo(page, 'visible');
    await page.waitForURL(here.at('api-keys', ada.organizationId));
    await page.context().close();
  }, 1_200_000);

  it('follows changes while it is seen, and catches up when it is looked at again', async () => {
    const page = await here.openAs(undefined);
    const opened: string[] = [];
    page.on('request', (request) => {
      if (request.url().endsWith('/changes')) opened.push(request.url());
    });
    const closed = page.waitForEvent('requestfailed', (request) => request.url().endsWith('/changes'));
    await turnTo(page, 'hidden');
    await closed;
    await here.product.create('made-while-hidden');
    await turnTo(page, 'visible');
    await page.getByRole('link', { name: 'made-while-hidden' }).waitFor();
    await waitFor(() => opened.length === 1, { what: 'the stream to be opened again' });
    await here.product.create('made-while-seen');
    await page.getByRole('link', { name: 'made-while-seen' }).waitFor();
    await page.context().close();
  }, 1_200_000);

  it('left open over night, asks to log in when it is looked at; what was typed stays, and it catches up', async () => {
    const page = await here.openAs(undefined);
    await page.getByRole('link', { name: 'Create service key' }).click();
    await page.getByLabel('Name').fill('typed in the evening');
    await turnTo(page, 'hidden');
    await here.endSessionOf(page);
    await here.product.create('made-over-night');
    const dialog = page.getByRole('dialog', { name: 'Your session has ended' });
    expect(await dialog.count()).toBe(0);
    await turnTo(page, 'visible');
    await dialog.waitFor();
    await here.logInAgain(page);
    expect(await page.getByLabel('Name').inputValue()).toBe('typed in the evening');
    // The list that it had shown in the evening is not taken for that of the morning.
    await page.getByRole('link', { name: 'API Keys' }).first().click();
    await page.getByRole('link', { name: 'made-over-night' }).waitFor();
    await page.context().close();
  }, 1_200_000);

  it('moves nothing for readers who asked for that; control: for others it does', async () => {
    const durationIn = async (reducedMotion: 'reduce' | 'no-preference') => {
      const page = await here.openAs(undefined, here.at('api-keys'), { reducedMotion });
      const seconds = await page.evaluate<number>(
        `parseFloat(getComputedStyle(document.querySelector('.mantine-Burger-burger')).transitionDuration)`,
      );
      await page.context().close();
      return seconds;
    };
    expect(await durationIn('reduce')).toBeLessThan(0.001);
    expect(await durationIn('no-preference')).toBeGreaterThan(0.05);
  }, 1_200_000);
});
