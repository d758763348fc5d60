/** API Keys in a browser: what the product page says of the dashboard. */
import { readFile } from 'node:fs/promises';
import { waitFor } from '@mcpstack/local-servers';
import type { Page } from 'playwright-core';
import { Console, describeInBrowser } from './browser.ts';
import { heapOf, tracesOf } from './traces.ts';

interface Created {
  id: string;
  secret: string;
}

describeInBrowser('API Keys', () => {
  let here: Console;
  beforeAll(async () => {
    here = await Console.start();
  }, 1_200_000);
  afterAll(() => here?.stop());
  beforeEach(() => here.complaints.splice(0));

  const list = (page: Page) => page.getByRole('table', { name: 'Service account keys' });
  const rowOf = (page: Page, name: string) => list(page).getByRole('row').filter({ hasText: name });
  const button = (page: Page, name: string | RegExp) => page.getByRole('button', { name });

  /** Presses the button, and hears what the API answers: the page itself is not asked for the secret. */
  const made = async (page: Page, press: () => Promise<void>): Promise<Created> => {
    const answered = page.waitForResponse(
      (response) => response.request().method() === 'POST' && response.status() === 201,
    );
    await press();
    const created = (await (await answered).json()) as Created;
    await page.getByLabel('Secret', { exact: true }).waitFor();
    return created;
  };
  const done = async (page: Page) => {
    await page.getByLabel('I have kept the secret').check();
    await button(page, 'Done').click();
    await page.getByRole('dialog').waitFor({ state: 'detached' });
  };

  it('the walk of the product page: a key is made, its secret copied, used, listed, and revoked', async () => {
    const page = await here.openAs(undefined, here.at('members'));
    await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
    await page.getByRole('link', { name: 'API Keys' }).click();
    await page.getByRole('link', { name: 'Create service key' }).click();
    await page.getByLabel('Name').fill('ci-smoke-prod');
    expect(await page.getByLabel('Developer').isChecked()).toBe(true);
    await page.getByLabel('Environment').fill('production');
    const { secret, id } = await made(page, () => button(page, 'Create service key').click());
    // It closes by nothing but the word that the secret was kept.
    const dialog = page.getByRole('dialog');
    await page.keyboard.press('Escape');
    await page.mouse.click(5, 5);
    expect(await dialog.isVisible()).toBe(true);
    // Nor does it go with the page that asked for it.
    await page.goBack();
    await page.getByRole('heading', { level: 1, name: 'API Keys', includeHidden: true }).waitFor();
    expect(await dialog.isVisible()).toBe(true);
    expect(await button(page, 'Done').isDisabled()).toBe(true);
    // Nor with the tab, which asks first.
    const asked = page.waitForEvent('dialog');
    await page.close({ runBeforeUnload: true });
    const question = await asked;
    expect(question.type()).toBe('beforeunload');
    await question.dismiss();
    expect(await page.getByLabel('Secret', { exact: true }).inputValue()).toBe(secret);
    await button(page, 'Copy').click();
    await page.getByText('Copied. It stays').waitFor();
    expect(await page.evaluate('navigator.clipboard.readText()')).toBe(secret);
    const downloading = page.waitForEvent('download');
    await button(page, 'Download as an env file').click();
    const file = await (await downloading).path();
    expect(await readFile(file, 'utf8')).toBe(`MCPSTACK_API_KEY=${secret}\n`);
    await expectUses(page, secret);
    await done(page);
    await page.waitForURL(here.at(`api-keys/${id}`));

    const reply = await here.product.verify({ key: secret });
    expect(reply).toMatchObject({ valid: true, code: 'VALID', role: 'developer', keyId: id });
    const { product } = here;
    await waitFor(async () => (await product.http('GET', `${product.keysPath}/${id}`)).body['lastUsedAt'], {
      what: 'the use to be counted',
    });
    await page.getByRole('link', { name: 'API Keys' }).first().click();
    await rowOf(page, 'ci-smoke-prod').getByText('developer').waitFor();
    await rowOf(page, 'ci-smoke-prod')
      .getByText(/just now|seconds? ago/)
      .waitFor();

    // Revoked from the same page, and no other with it.
    const kept = await product.create('ci-smoke-staging');
    await rowOf(page, 'ci-smoke-staging').waitFor();
    await button(page, 'Revoke ci-smoke-prod').click();
    await dialog.getByText(/It was last used (just now|\d+ \w+ ago)/).waitFor();
    await here.expectFine(page, 'revoke-from-the-list');
    await dialog.getByRole('button', { name: 'Revoke key' }).click();
    await dialog.waitFor({ state: 'detached' });
    await rowOf(page, 'ci-smoke-prod').waitFor({ state: 'detached' });
    expect((await product.verify({ key: secret })).code).toBe('REVOKED');
    expect((await product.verify({ key: kept.secret })).code).toBe('VALID');
    expect(await button(page, 'Revoke ci-smoke-staging').isVisible()).toBe(true);
    // Where it is still listed, nothing is left to be revoked.
    await page.getByLabel('State').selectOption('All');
    await rowOf(page, 'ci-smoke-prod').getByText('Revoked').waitFor();
    expect(await button(page, 'Revoke ci-smoke-prod').count()).toBe(0);
    expect(here.complaints).toEqual([]);
    await page.context().close();
  }, 1_200_000);

  const expectUses = async (page: Page, secret: string) => {
    for (const [title, line] of [
      ['Shell', 'mcpstack auth service-account login --key "$MCPSTACK_API_KEY"'],
      ['curl', 'X-API-Key: $MCPSTACK_API_KEY'],
      ['GitHub Actions', '${{ secrets.MCPSTACK_API_KEY }}'],
    ] as const) {
      await page.getByRole('tab', { name: title }).click();
      const lines = await page.getByRole('tabpanel').innerText();
      expect(lines).toContain(line);
      expect(lines).not.toContain(secret.slice(0, 20));
    }
  };

  it('G1: once the dialog is closed, the secret is nowhere in the page', async () => {
    const page = await here.openAs(undefined, here.at('api-keys/new'));
    const said: string[] = [];
    page.on('console', (message) => said.push(message.text()));
    await page.getByLabel('Name').fill('searched-for');
    const { secret } = await made(page, () => button(page, 'Create service key').click());
    // Its core alone, so that no piece of it is overlooked.
    const core = secret.slice(12, 44);
    // Controls: the searches find it while it is shown.
    expect((await heapOf(page)).includes(core)).toBe(true);
    expect((await tracesOf(page)).includes(core)).toBe(true);
    await done(page);
    await page.getByRole('heading', { name: 'History' }).waitFor();
    expect((await tracesOf(page)).includes(core)).toBe(false);
    expect((await heapOf(page)).includes(core)).toBe(false);
    expect(said.join('\n')).not.toContain(core);
    // The way back leads to an empty form.
    await page.goBack();
    expect(await page.getByLabel('Name').inputValue()).toBe('');
    expect((await tracesOf(page)).includes(core)).toBe(false);
    // Control: were it kept in a variable, deep in another text, it would be found.
    await page.evaluate(`globalThis.planted = { text: ['x'.repeat(5000), '${secret}'].join('') }`);
    expect((await heapOf(page)).includes(core)).toBe(true);
    await page.context().close();
  }, 1_200_000);

  /** How many keys of this name there are. */
  const countOf = async (name: string): Promise<number> => {
    const { body } = await here.product.http('GET', `${here.product.keysPath}?limit=100`);
    return (body['data'] as { name: string }[]).filter((key) => key.name === name).length;
  };

  it('G2: two clicks make one key, and so does who tries again after the answers were lost', async () => {
    const page = await here.openAs(undefined, here.at('api-keys/new'));
    await page.getByLabel('Name').fill('clicked-twice');
    await made(page, () => button(page, 'Create service key').dblclick());
    await done(page);
    expect(await countOf('clicked-twice')).toBe(1);

    await page.goto(here.at('api-keys/new'));
    const path = (url: URL) => url.pathname === here.product.keysPath;
    await page.route(path, async (route) => {
      if (route.request().method() !== 'POST') return route.fallback();
      await route.fetch();
      await route.abort();
    });
    await page.getByLabel('Name').fill('answer-lost');
    await page.getByText('Viewer').click();
    await button(page, 'Create service key').click();
    await page.getByText('The service cannot be reached').waitFor();
    expect(await countOf('answer-lost')).toBe(1);
    await page.unroute(path);
    // What was typed is still there, and the secret comes after all.
    expect(await page.getByLabel('Name').inputValue()).toBe('answer-lost');
    const { secret } = await made(page, () => button(page, 'Create service key').click());
    expect(await here.product.verify({ key: secret })).toMatchObject({ code: 'VALID', role: 'viewer' });
    expect(await countOf('answer-lost')).toBe(1);
    await done(page);
    // Control: the same form filled in anew is another key, so that the count can tell.
    await page.goto(here.at('api-keys/new'));
    await page.getByLabel('Name').fill('answer-lost');
    await made(page, () => button(page, 'Create service key').click());
    expect(await countOf('answer-lost')).toBe(2);
    here.complaints.splice(0);
    await page.context().close();
  }, 1_200_000);

  it('offers what the policy allows, and says beside each field what is wrong with it', async () => {
    const { product } = here;
    const page = await here.openAs(undefined, here.at('api-keys/new'));
    await page.getByLabel('Never').waitFor();
    const policy = `/api/v1/organizations/${product.organizationId}/policy`;
    const setPolicy = (body: object) => product.insist('PUT', policy, { body });
    const ruled = { longestKeyLifeDays: 60, allowedKeyRoles: ['developer', 'viewer'], onMakerLoss: 'list' };
    expect((await setPolicy(ruled)).status).toBe(200);
    // Told by the stream: the page asks again by itself.
    await page.getByLabel('Admin').waitFor({ state: 'detached' });
    expect(await page.getByLabel('Never').count()).toBe(0);
    expect(await page.getByLabel('In 30 days').isChecked()).toBe(true);
    await page.getByLabel('Name').fill('\u202eright-to-left');
    await button(page, 'Create service key').click();
    await page.getByText('must not contain bidirectional control characters').waitFor();
    await expectTooLong(page);
    await page.getByLabel('Name').fill('limited');
    await button(page, /^Advanced/).click();
    await page.getByLabel('servers:write').uncheck();
    await page.getByLabel('Allowed IP addresses').fill('203.0.113.0/24\nnowhere');
    await button(page, 'Add a rate limit').click();
    await button(page, 'Create service key').click();
    await page.getByText(/^Number 2 /).waitFor();
    expect(await button(page, /^Advanced/).getAttribute('aria-expanded')).toBe('true');
    await page.getByLabel('Allowed IP addresses').fill('203.0.113.0/24');
    const { id } = await made(page, () => button(page, 'Create service key').click());
    const { body } = await product.http('GET', `${product.keysPath}/${id}`);
    expect(body).toMatchObject({
      allowedIps: ['203.0.113.0/24'],
      limits: [{ name: 'requests', limit: 100, windowMs: 60_000 }],
    });
    expect(body['permissions']).not.toContain('servers:write');
    expect(Date.parse(body['expiresAt'] as string)).toBeGreaterThan(Date.now() + 29 * 86_400_000);
    expect((await setPolicy({ onMakerLoss: 'list' })).status).toBe(200);
    here.complaints.splice(0);
    await page.context().close();
  }, 1_200_000);

  /** The form says it itself, at the field: nothing is sent, and nothing of what was typed is lost. */
  const expectTooLong = async (page: Page) => {
    const sent: string[] = [];
    page.on('request', (request) => {
      if (request.method() === 'POST') sent.push(request.url());
    });
    const name = page.getByLabel('Name');
    await name.fill('n'.repeat(200));
    await button(page, 'Create service key').click();
    await page.getByText('The name must have at most 100 characters.').waitFor();
    expect(await name.getAttribute('aria-invalid')).toBe('true');
    const about = (await name.getAttribute('aria-describedby'))!.split(' ').map((id) => `[id="${id}"]`);
    expect((await page.locator(about.join(',')).allInnerTexts()).join()).toContain('at most 100');
    expect(await name.inputValue()).toBe('n'.repeat(200));
    expect(sent).toEqual([]);
    expect(page.url()).toBe(here.at('api-keys/new'));
  };

  it('names are texts, however long and from wherever; dialogs are readable by everybody, in the dark too', async () => {
    const viewport = { width: 360, height: 740 };
    const page = await here.openAs(undefined, here.at('api-keys'), { viewport, colorScheme: 'dark' });
    const ids: string[] = [];
    for (const name of HOSTILE) ids.push((await here.product.create(name)).id);
    for (const name of HOSTILE) await page.getByRole('link', { name }).waitFor();
    await here.expectFine(page, 'hostile-list');
    for (const [index, id] of ids.entries()) {
      await page.goto(here.at(`api-keys/${id}`));
      await page.getByRole('heading', { level: 1, name: HOSTILE[index]! }).waitFor();
      await page.getByText('key created').waitFor();
      await here.expectFine(page, `hostile-key-${index}`);
    }
    expect(await page.evaluate('globalThis.owned')).toBeUndefined();
    // Control: as markup the name would do it. The page's own policy refuses that too, and says so.
    await page.evaluate(`document.querySelector('h1').innerHTML = ${JSON.stringify(HOSTILE[0])}`);
    await waitFor(() => here.complaints.some((one) => one.includes('Content Security Policy')), {
      what: 'the complaint of the browser',
    });
    here.complaints.splice(0);

    await page.goto(here.at('api-keys/new'));
    await button(page, /^Advanced/).click();
    await button(page, 'Add a rate limit').click();
    await here.expectFine(page, 'new-advanced');
    await page.getByLabel('Name').first().fill('looked-at');
    await made(page, () => button(page, 'Create service key').click());
    await here.expectFine(page, 'secret');
    await done(page);
    await page.context().close();
  }, 1_200_000);
});

/** As names are allowed to be: at most 100 characters, no control characters. */
const HOSTILE = [
  '<img src=x onerror="globalThis.owned = 1"><b>bold</b>',
  'W'.repeat(100),
  'مفتاح الخدمة ' + '🔑'.repeat(80),
];
