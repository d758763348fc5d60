/** What surrounds the pages: the way in and back, and what happens when the session, the service or the network goes. */
import { waitFor } from '@mcpstack/local-servers';
import type { Page } from 'playwright-core';
import { newPerson } from '../people.ts';
import { Console, describeInBrowser } from './browser.ts';

describeInBrowser('the console', () => {
  let here: Console;
  beforeAll(async () => {
    here = await Console.start();
  }, 1_200_000);
  afterAll(() => here?.stop());
  beforeEach(() => here.complaints.splice(0));

  const heading = (page: Page, name: string | RegExp) =>
    page.getByRole('heading', { level: 1, name }).waitFor();
  const link = (page: Page, name: string) => page.getByRole('link', { name, exact: true });
  const listOf = (page: Page) => page.getByRole('table', { name: 'Service account keys' });

  it('leads back to where one wanted to go; back and forward work; the keyboard alone is enough', async () => {
    const page = await here.open();
    await page.goto(here.at('members'));
    await heading(page, 'Log in to MCPStack Keys');
    await here.expectFine(page, 'sign-in');
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    await here.logIn(page);
    await heading(page, 'Members');
    expect(page.url()).toBe(here.at('members'));
    // The first thing that the keyboard reaches leads past the menu.
    await page.reload();
    await heading(page, 'Members');
    await page.keyboard.press('Tab');
    expect(await page.evaluate('document.activeElement.textContent')).toBe('Skip to the content');
    await link(page, 'API Keys').focus();
    await page.keyboard.press('Enter');
    await heading(page, 'API Keys');
    expect(await page.title()).toBe('API Keys · MCPStack Keys');
    await page.goBack();
    await heading(page, 'Members');
    await page.goForward();
    await heading(page, 'API Keys');
    await page.goto(`${here.url}/`);
    await page.waitForURL(here.at('api-keys'));
    await page.goto(`${here.url}/organizations/org_none/api-keys`);
    await heading(page, 'There is no such organization');
    await page.goto(here.at('nowhere'));
    await heading(page, 'There is no such page');
    expect(here.complaints).toEqual([]);
    await page.context().close();
  }, 1_200_000);

  it('shows what others do within a second, also after an outage, and says while it cannot', async () => {
    const page = await here.openAs(undefined, `${here.url}/account`);
    await here.stopPolling(page);
    const streams: string[] = [];
    page.on('request', (request) => {
      if (request.url().endsWith('/changes')) streams.push(request.url());
    });
    await page.goto(here.at('api-keys'));
    await heading(page, 'API Keys');
    // On a machine that stands still now and then, some of them come later.
    let quick = 0;
    for (let tries = 1; tries <= 12 && quick < 4; tries += 1) {
      await here.product.create(`made-elsewhere-${tries}`);
      const toldMs = performance.now();
      await link(page, `made-elsewhere-${tries}`).waitFor();
      if (performance.now() - toldMs < 1_000) quick += 1;
    }
    expect(quick).toBe(4);
    // It was told: a stream that was cut and opened again would show it, too.
    expect(streams).toHaveLength(1);
    await expectNothingUntold(page);
    const gateway = here.product.stack.service('gateway');
    // It hangs: connections stay open, and nobody answers.
    await gateway.pause();
    await page.getByText('The service cannot be reached').waitFor();
    expect(await link(page, 'made-elsewhere-1').isVisible()).toBe(true);
    await gateway.resume();
    await page.getByText('The service cannot be reached').waitFor({ state: 'detached' });
    // It is gone, and comes back; what happened meanwhile is shown.
    await gateway.kill();
    await page.getByText('The service cannot be reached').waitFor();
    await gateway.restart();
    await here.product.create('made-after-the-outage');
    await link(page, 'made-after-the-outage').waitFor();
    await page.getByText('The service cannot be reached').waitFor({ state: 'detached' });
    await page.context().close();
  }, 1_200_000);

  it('a session that ends in the middle of a form takes nothing of it', async () => {
    const page = await here.openAs(undefined, `${here.url}/new-organization`);
    await page.getByLabel('Name').fill('Typed with care');
    await here.endSessionOf(page);
    await page.getByRole('button', { name: /^Create/ }).click();
    const dialog = page.getByRole('dialog', { name: 'Your session has ended' });
    await dialog.waitFor();
    await here.expectFine(page, 'session-ended', /401/);
    await here.logInAgain(page);
    expect(await page.getByLabel('Name').inputValue()).toBe('Typed with care');
    await page.getByRole('button', { name: /^Create/ }).click();
    await heading(page, 'API Keys');
    await page.getByRole('button', { name: 'Organization: Typed with care' }).waitFor();
    await page.context().close();
  }, 1_200_000);

  it('two tabs show two organizations, and each its own', async () => {
    const person = await newPerson(here.product, 'ada');
    const made = await here.product.http('POST', '/api/v1/organizations', {
      body: { name: 'Second of Ada' },
      token: person.token,
    });
    const second = (made.body as { id: string }).id;
    const keyIn = (orgId: string, name: string) =>
      here.product.http('POST', `/api/v1/organizations/${orgId}/api-keys`, {
        body: { name, role: 'viewer' },
        token: person.token,
      });
    const one = await here.openAs(person, here.at('api-keys', person.organizationId));
    const two = await one.context().newPage();
    await two.goto(here.at('api-keys', second));
    await heading(two, 'API Keys');
    await Promise.all([keyIn(person.organizationId, 'key-of-one'), keyIn(second, 'key-of-two')]);
    await Promise.all([link(one, 'key-of-one').waitFor(), link(two, 'key-of-two').waitFor()]);
    expect(await link(one, 'key-of-two').count()).toBe(0);
    expect(await link(two, 'key-of-one').count()).toBe(0);
    await one.context().close();
  }, 1_200_000);

  it('says what is wrong when something else answers, and when the page is older than what is served', async () => {
    const page = await here.openAs(undefined);
    await listOf(page).waitFor();
    await page.route('**/api-keys?*', (route) =>
      route.fulfill({ status: 502, contentType: 'text/html', body: '<html>Bad gateway</html>' }),
    );
    await page.reload();
    await page.getByText('Something else answered').first().waitFor({ timeout: 150_000 });
    await page.unroute('**/api-keys?*');
    await page.reload();
    await listOf(page).waitFor();
    await page.route('**/console-assets/servers-page*', (route) => route.fulfill({ status: 404, body: '' }));
    await link(page, 'Servers').click();
    await heading(page, 'This page could not be shown');
    await page.unroute('**/console-assets/servers-page*');
    await page.getByRole('button', { name: 'Reload the page' }).click();
    await heading(page, 'Servers');
    await page.context().close();
  }, 1_200_000);

  it('says nothing of what somebody may do before it knows it; where it cannot be told, it says that', async () => {
    const page = await here.openAs(undefined, `${here.url}/account`);
    let answer = (): void => undefined;
    const held = new Promise<void>((resolve) => (answer = resolve));
    await page.route('**/api/v1/permissions', async (route) => {
      await held;
      await route.continue();
    });
    const organizations = page.waitForResponse('**/api/v1/organizations');
    await page.goto(here.at('api-keys/new'));
    await (await organizations).finished();
    const denied = page.getByText(/You may not|does not hold/);
    await page.getByLabel('Loading', { exact: true }).waitFor();
    expect(await denied.count()).toBe(0);
    answer();
    await page.getByLabel('Name').waitFor();
    expect(await denied.count()).toBe(0);

    await page.unroute('**/api/v1/permissions');
    await page.route('**/api/v1/permissions', (route) => route.fulfill({ status: 404, body: 'gone' }));
    await page.reload();
    await heading(page, 'The service does not answer as it should');
    expect(await denied.count()).toBe(0);
    await here.expectFine(page, 'permissions-unknown', /status of 404/);
    await page.unroute('**/api/v1/permissions');
    await page.getByRole('button', { name: 'Try again' }).click();
    await page.getByLabel('Name').waitFor();
    await page.context().close();
  }, 1_200_000);

  it('shows what it knows when asking again who one is a member of fails', async () => {
    const page = await here.openAs(undefined);
    await listOf(page).waitFor();
    let asked = 0;
    await page.route('**/api/v1/organizations', (route) => {
      asked += 1;
      return route.fulfill({ status: 404, contentType: 'text/html', body: 'gone' });
    });
    const path = `/api/v1/organizations/${here.product.organizationId}`;
    await here.product.http('PATCH', path, { body: { name: 'Acme, renamed' } });
    await waitFor(() => asked > 0, { what: 'the page to ask again' });
    await here.product.create('made-meanwhile');
    await link(page, 'made-meanwhile').waitFor();
    await page.context().close();
  }, 1_200_000);

  it('waits in sight for a slow answer, and gives times in the zone of the reader', async () => {
    const page = await here.openAs(undefined, here.at('api-keys'), {
      timezoneId: 'Asia/Tokyo',
      locale: 'en-GB',
    });
    await listOf(page).waitFor();
    let answer = (): void => undefined;
    const held = new Promise<void>((resolve) => (answer = resolve));
    await page.route('**/api-keys?*', async (route) => {
      await held;
      await route.continue();
    });
    await page.reload();
    await page.getByLabel('Loading the list').first().waitFor();
    answer();
    await listOf(page).waitFor();
    const key = await here.product.create('used-in-tokyo');
    await here.product.verify({ key: key.secret });
    const used = page
      .getByRole('row', { name: /used-in-tokyo/ })
      .locator('time')
      .first();
    await used.waitFor({ timeout: 150_000 });
    expect(await used.getAttribute('title')).toMatch(/GMT\+9|Japan/);
    expect(await used.innerText()).toMatch(/just now|seconds? ago/);
    await page.context().close();
  }, 1_200_000);

  it('a key is made and revoked with the keyboard alone, on a very large screen', async () => {
    const page = await here.openAs(undefined, here.at('api-keys'), {
      viewport: { width: 3840, height: 2160 },
    });
    await listOf(page).waitFor();
    await here.expectFine(page, 'api-keys-3840');
    await goTo(page, 'Create service key');
    await page.keyboard.press('Enter');
    await heading(page, 'Create service key');
    await goTo(page, /^Name/);
    await page.keyboard.type('by-keyboard');
    await goTo(page, 'Create service key');
    await page.keyboard.press('Enter');
    await page.getByRole('dialog').waitFor();
    // The keyboard does not leave the dialog, and Escape does not close it.
    await page.keyboard.press('Escape');
    await goTo(page, /^I have kept/);
    await page.keyboard.press('Space');
    await goTo(page, 'Done');
    await page.keyboard.press('Enter');
    await heading(page, 'by-keyboard');
    await goTo(page, 'Revoke');
    await page.keyboard.press('Enter');
    await page.getByRole('dialog', { name: /by-keyboard/ }).waitFor();
    await goTo(page, /^Revoke/);
    await page.keyboard.press('Enter');
    await page.getByText('Revoked', { exact: true }).first().waitFor();
    expect(here.complaints).toEqual([]);
    await page.context().close();
  }, 1_200_000);

  it('control: the policy is in force: what is put into the page does not run, and the browser says so', async () => {
    const page = await here.openAs(undefined);
    await page.evaluate(`
      const script = document.createElement('script');
      script.textContent = 'window.wasRun = true';
      document.body.append(script);
      const style = document.createElement('style');
      style.textContent = 'body { display: none }';
      document.head.append(style);
    `);
    await waitFor(() => here.complaints.length >= 2, { what: 'the browser to refuse both' });
    expect(here.complaints.join('\n')).toMatch(/script-src[\s\S]*style-src/);
    expect(await page.evaluate('window.wasRun')).toBeUndefined();
    await page.context().close();
  }, 1_200_000);

  /** Control: where no stream comes through, the page shows nothing new; once one does, it catches up. */
  async function expectNothingUntold(page: Page): Promise<void> {
    await page.route('**/changes', (route) => route.abort());
    await page.reload();
    await link(page, 'made-elsewhere-1').waitFor();
    await here.product.create('told-to-nobody');
    await page.getByText('The service cannot be reached').waitFor();
    expect(await link(page, 'told-to-nobody').count()).toBe(0);
    await page.unroute('**/changes');
    await link(page, 'told-to-nobody').waitFor();
    await page.getByText('The service cannot be reached').waitFor({ state: 'detached' });
  }

  /** Goes on with the Tab key to what has this name, as a screen reader says it. */
  async function goTo(page: Page, name: string | RegExp): Promise<void> {
    const seen: string[] = [];
    for (let presses = 0; presses < 60; presses += 1) {
      await page.keyboard.press('Tab');
      const here = await page.evaluate<string>(`(() => {
        const at = document.activeElement;
        return (at.getAttribute('aria-label') ?? at.labels?.[0]?.textContent ?? at.textContent).trim();
      })()`);
      if (typeof name === 'string' ? here === name : name.test(here)) return;
      seen.push(here);
    }
    throw new Error(`the keyboard does not reach ${String(name)}; it reached ${seen.join(' | ')}`);
  }
});
