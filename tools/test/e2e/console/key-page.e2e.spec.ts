/** The page of a service key: what is done there holds everywhere, and others see it at once. */
import { waitFor } from '@mcpstack/local-servers';
import type { Page } from 'playwright-core';
import { newMember } from '../people.ts';
import { Console, describeInBrowser } from './browser.ts';

describeInBrowser('the page of a service key', () => {
  let here: Console;
  beforeAll(async () => {
    here = await Console.start();
  }, 1_200_000);
  afterAll(() => here?.stop());
  beforeEach(() => here.complaints.splice(0));

  const list = (page: Page) => page.getByRole('table', { name: 'Service account keys' });
  const link = (page: Page, name: string) => list(page).getByRole('link', { name, exact: true });
  const press = (page: Page, name: string) => page.getByRole('button', { name, exact: true }).click();
  const inDialog = (page: Page, name: string) =>
    page.getByRole('dialog').getByRole('button', { name, exact: true }).click();
  const codeOf = async (secret: string) => (await here.product.verify({ key: secret })).code;
  const dialogGone = (page: Page) => page.getByRole('dialog').waitFor({ state: 'detached' });

  it('G3: revoked here, refused there, and gone from the list of somebody else, who is told of it', async () => {
    const { id, secret } = await here.product.create('to-be-revoked');
    await here.product.create('to-stay');
    const bea = await newMember(here.product, 'bea', 'admin');
    const other = await here.openAs(bea, `${here.url}/account`);
    await here.stopPolling(other);
    await other.goto(here.at('api-keys'));
    const page = await here.openAs(undefined, here.at(`api-keys/${id}`));
    // Controls: it works, and the other sees it.
    expect(await codeOf(secret)).toBe('VALID');
    await link(other, 'to-be-revoked').waitFor();
    await press(page, 'Revoke');
    await page
      .getByRole('dialog')
      .getByText(/never used so far|last used .*(just now|ago)/)
      .waitFor();
    await inDialog(page, 'Revoke key');
    await dialogGone(page);
    expect(await codeOf(secret)).toBe('REVOKED');
    await link(other, 'to-be-revoked').waitFor({ state: 'detached' });
    expect(await link(other, 'to-stay').isVisible()).toBe(true);
    await page.getByText('Revoked', { exact: true }).first().waitFor();
    expect(await page.getByRole('button', { name: 'Rotate secret' }).count()).toBe(0);
    await page.getByRole('table', { name: 'History' }).getByText('key revoked: on request').waitFor();
    // Who looks at the same page elsewhere, and for revoked ones, finds it.
    await other.goto(here.at('api-keys?state=revoked'));
    await link(other, 'to-be-revoked').click();
    await other.getByText('Revoked', { exact: true }).first().waitFor();
    expect(here.complaints).toEqual([]);
    await other.context().close();
    await page.context().close();
  }, 1_200_000);

  it('suspends and resumes; narrows, and offers only less; renames; each holds when the page says so', async () => {
    const { id, secret } = await here.product.create('to-be-changed');
    const page = await here.openAs(undefined, here.at(`api-keys/${id}`));
    await press(page, 'Suspend');
    await inDialog(page, 'Suspend key');
    await dialogGone(page);
    expect(await codeOf(secret)).toBe('SUSPENDED');
    await press(page, 'Resume');
    await inDialog(page, 'Resume key');
    await dialogGone(page);
    await waitFor(async () => (await codeOf(secret)) === 'VALID', { what: 'the resumed key to work' });

    await press(page, 'Narrow');
    const dialog = page.getByRole('dialog');
    expect(await dialog.getByRole('button', { name: 'Narrow key' }).isDisabled()).toBe(true);
    expect(await dialog.getByLabel('Role').locator('option').allTextContents()).toEqual([
      'Developer',
      'Viewer',
    ]);
    await dialog.getByLabel('servers:write').uncheck();
    await dialog.getByLabel('Allowed IP addresses').fill('203.0.113.0/24');
    await here.expectFine(page, 'narrow');
    await inDialog(page, 'Narrow key');
    await dialogGone(page);
    expect(await codeOf(secret)).toBe('IP_NOT_ALLOWED');
    const at = { key: secret, ip: '203.0.113.7' };
    expect(await here.product.verify({ ...at, permission: 'servers:write' })).toMatchObject({
      code: 'FORBIDDEN',
    });
    expect((await here.product.verify(at)).code).toBe('VALID');
    await press(page, 'Narrow');
    expect(await dialog.getByLabel('servers:write').count()).toBe(0);
    await dialog.getByLabel('Allowed IP addresses').fill('0.0.0.0/0');
    await inDialog(page, 'Narrow key');
    await dialog.getByText(/^Number 1 .*can only be narrowed/).waitFor();
    await inDialog(page, 'Cancel');

    await press(page, 'Explain');
    await page.getByText('IP_NOT_ALLOWED').waitFor();
    await press(page, 'Edit name and tags');
    await dialog.getByLabel('Name').fill('renamed');
    await dialog.getByLabel('Tags').fill('team:payments');
    await dialog.getByLabel('Tags').press('Enter');
    await inDialog(page, 'Save');
    await page.getByRole('heading', { level: 1, name: 'renamed' }).waitFor();
    await page.getByText('key renamed: "renamed"').waitFor();
    await page.context().close();
  }, 1_200_000);

  it('rotates: the secret before ends when it was asked to, and the new one is shown once', async () => {
    const { id, secret } = await here.product.create('to-be-rotated');
    const page = await here.openAs(undefined, here.at(`api-keys/${id}`));
    const rotate = async (how: string): Promise<string> => {
      await press(page, 'Rotate secret');
      await page.getByLabel(how, { exact: true }).check();
      const answered = page.waitForResponse((response) => response.url().endsWith('/rotate'));
      await inDialog(page, 'Rotate secret');
      const { secret: next } = (await (await answered).json()) as { secret: string };
      await page.getByLabel('I have kept the secret').check();
      await press(page, 'Done');
      await dialogGone(page);
      return next;
    };
    const second = await rotate('After a while');
    expect([await codeOf(secret), await codeOf(second)]).toEqual(['VALID', 'VALID']);
    const third = await rotate('Now');
    expect([await codeOf(secret), await codeOf(second)]).toEqual(['EXPIRED', 'EXPIRED']);
    const fourth = await rotate('Once the new one is in use');
    expect(await codeOf(third)).toBe('VALID');
    expect(await codeOf(fourth)).toBe('VALID');
    await waitFor(async () => (await codeOf(third)) === 'EXPIRED', { what: 'the secret before to end' });
    await waitFor(
      async () => (await here.product.http('GET', `${here.product.keysPath}/${id}/usage`)).body['count'],
      { what: 'the uses to be counted' },
    );
    await page.reload();
    await page.getByRole('img', { name: /^Uses from/ }).waitFor();
    await page.getByRole('table', { name: /^Uses from/ }).waitFor({ state: 'attached' });
    await page.getByText('number 4, made').waitFor();
    await page.context().close();
  }, 1_200_000);

  it('filters stand in the address; what a filter finds is revoked together, after a look at it', async () => {
    const { product } = here;
    const make = async (name: string, environment: string) =>
      (await product.insist('POST', product.keysPath, { body: { name, role: 'viewer', environment } })).body;
    const old = [await make('staging-1', 'staging'), await make('staging-2', 'staging')];
    const kept = await make('production-1', 'production');
    const page = await here.openAs(undefined);
    await page.getByLabel('Environment').fill('staging');
    await page.getByLabel('Environment').press('Enter');
    await link(page, 'production-1').waitFor({ state: 'detached' });
    // The keyboard goes on where it was.
    expect(await page.evaluate('document.activeElement.labels[0].textContent')).toBe('Environment');
    await page.getByLabel('Role').selectOption('viewer');
    await page.waitForURL(/role=viewer/);
    expect(page.url()).toBe(here.at('api-keys?environment=staging&role=viewer'));
    // Sent to somebody else, the address shows the same.
    await page.reload();
    await link(page, 'staging-1').waitFor();
    expect(await list(page).getByRole('row').count()).toBe(3);
    await page.getByLabel('Not used for').selectOption('30 days');
    await page.getByText('No service key is like this').waitFor();
    await page.getByLabel('Not used for').selectOption('Any time');
    // It is offered only where the list is of what it would revoke.
    await page.getByLabel('State').selectOption('All');
    await link(page, 'staging-1').waitFor();
    const offered = page.getByRole('button', { name: 'Revoke what this filter finds…' });
    await offered.waitFor({ state: 'detached' });
    await page.getByLabel('State').selectOption('Active and suspended');
    await offered.click();
    await page.getByRole('dialog').getByText('staging-2').waitFor();
    await here.expectFine(page, 'revoke-listed');
    await inDialog(page, 'Revoke 2 keys');
    await dialogGone(page);
    for (const { secret } of old) expect(await codeOf(String(secret))).toBe('REVOKED');
    expect(await codeOf(String(kept['secret']))).toBe('VALID');
    await page.getByText('No service key is like this').waitFor();
    await page.context().close();
  }, 1_200_000);

  it('marks what somebody should look after: a secret in a web page, a key beyond its maker', async () => {
    const { product } = here;
    const max = await newMember(product, 'max', 'admin');
    const body = { name: 'of-max', role: 'admin' };
    await product.insist('POST', product.keysPath, { body, token: max.token });
    const { secret } = await product.create('sent-by-a-page');
    const page = await here.openTold('api-keys');
    // Control: neither is marked yet.
    await link(page, 'of-max').waitFor();
    expect(
      await list(page)
        .getByText(/^(Exposed|Beyond its maker)$/)
        .count(),
    ).toBe(0);
    const member = `/api/v1/organizations/${product.organizationId}/members/${max.userId}`;
    expect((await product.insist('PATCH', member, { body: { role: 'viewer' } })).status).toBe(200);
    const rowOf = (name: string) => list(page).getByRole('row').filter({ hasText: name });
    // No event of the key says so.
    await rowOf('of-max').getByText('Beyond its maker').waitFor();
    const fromPage = { token: secret, headers: { origin: 'https://shop.example.com' } };
    expect((await product.http('GET', '/api/v1/me', fromPage)).status).toBe(403);
    await rowOf('sent-by-a-page').getByText('Exposed').waitFor();
    await here.expectFine(page, 'marks');
    await link(page, 'sent-by-a-page').click();
    await page.getByText('A web page has sent its secret').waitFor();
    await page.context().close();
  }, 1_200_000);

  it('a viewer looks, is offered nothing else, and is told why at an address of somebody who may more', async () => {
    const { id } = await here.product.create('looked-at');
    const viewer = await newMember(here.product, 'vera', 'viewer');
    const page = await here.openAs(viewer, here.at('api-keys/new'));
    await page.getByText('You may not create service keys here').waitFor();
    await page.getByText('api-keys:write').waitFor();
    expect(await page.getByLabel('Name').count()).toBe(0);
    await here.expectFine(page, 'viewer-new');
    await page.getByRole('link', { name: 'See the keys that there are' }).click();
    await link(page, 'looked-at').waitFor();
    expect(await page.getByRole('link', { name: 'Create service key' }).count()).toBe(0);
    expect(await page.getByRole('button', { name: /^Revoke/ }).count()).toBe(0);
    await link(page, 'looked-at').click();
    await page.waitForURL(here.at(`api-keys/${id}`));
    await page.getByText('audit:read').waitFor();
    for (const name of ['Revoke', 'Rotate secret', 'Suspend', 'Explain'])
      expect(await page.getByRole('button', { name }).count()).toBe(0);
    await page.goto(here.at('api-keys/key_none'));
    await page.getByRole('heading', { name: 'There is no such service key' }).waitFor();
    await page.context().close();
  }, 1_200_000);
});
