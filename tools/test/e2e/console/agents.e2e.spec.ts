/** Agents, their domains and public keys, and servers, in a browser: what the product page says of embedding. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createAgent } from '@mcpstack/agent-sdk';
import { waitFor } from '@mcpstack/local-servers';
import type { Locator, Page } from 'playwright-core';
// eslint-disable-next-line no-restricted-imports -- a peer for tests, which no room shows
import { DnsServer } from '../../../../apps/scheduler/test/dns-server.ts';
// eslint-disable-next-line no-restricted-imports -- a peer for tests, which no room shows
import { ProofServer } from '../../../../apps/scheduler/test/proof-server.ts';
import { newMember, newPerson } from '../people.ts';
import { FAST } from '../product.ts';
import { Console, describeInBrowser, SIZES } from './browser.ts';

const READS_CLIPBOARD = { permissions: ['clipboard-read', 'clipboard-write'] };
/** Markup, letters from right to left, and as long as a name may be. */
const HOSTILE = `<img src=x onerror=alert(1)> שלום ${'W'.repeat(66)}`;

describeInBrowser('agents, domains and public keys', () => {
  let dns: DnsServer;
  let web: ProofServer;
  let here: Console;
  let page: Page;
  beforeAll(async () => {
    [dns, web] = await Promise.all([DnsServer.start(), ProofServer.start()]);
    here = await Console.start({
      instances: { scheduler: 1 },
      env: {
        ...FAST,
        DNS_SERVERS: dns.address,
        DOMAIN_POLL_MS: '200',
        DOMAIN_CHECK_ALLOW_PRIVATE: 'true',
        DOMAIN_CHECK_SCHEME: 'http',
        DOMAIN_CHECK_PORT: String(web.port),
      },
    });
    page = await here.openAs(undefined, here.at('agents'), READS_CLIPBOARD);
  }, 1_200_000);
  afterAll(async () => {
    await here?.stop();
    await Promise.all([dns?.stop(), web?.stop()]);
  });
  afterEach(() => {
    // Refusals that a case asks for are told by the browser as well.
    const complaints = here.complaints.splice(0).filter((text) => !/status of 4\d\d/.test(text));
    expect(complaints).toEqual([]);
  });

  const button = (name: string | RegExp, within: Page | Locator = page) =>
    within.getByRole('button', { name });
  const dialog = () => page.getByRole('dialog');
  const copied = () => page.evaluate<string>('navigator.clipboard.readText()');
  const base = () => `/api/v1/organizations/${here.product.organizationId}`;

  /** What a checking service is told of the key at this origin. */
  const verdict = async (key: string, origin: string) => (await here.product.verify({ key, origin })).code;

  async function createAgentNamed(name: string): Promise<string> {
    const { body } = await here.product.http('POST', `${base()}/agents`, { body: { name } });
    return body['id'] as string;
  }

  /** By the API: an agent whose domain is proven. */
  async function embeddable(name: string, domain: string): Promise<{ agentId: string; domainPath: string }> {
    const agentId = await createAgentNamed(name);
    const domains = `${base()}/agents/${agentId}/domains`;
    const { body } = await here.product.http('POST', domains, { body: { domain } });
    const { dns: record } = (body as unknown as { proof: { dns: { name: string; value: string } } }).proof;
    dns.set('TXT', record.name, [record.value]);
    const domainPath = `${domains}/${body['id'] as string}`;
    const checked = await here.product.http('POST', `${domainPath}/check`);
    expect(checked.body).toMatchObject({ state: 'verified' });
    return { agentId, domainPath };
  }

  async function keyFor(
    agentId: string,
    name: string,
    origins: string[],
  ): Promise<{ id: string; value: string }> {
    const { status, body } = await here.product.http('POST', `${base()}/public-keys`, {
      body: { name, agentId, origins },
    });
    expect(status).toBe(201);
    return body as { id: string; value: string };
  }

  /** A page with this in it, and the files of the SDK beside it. */
  async function servePage(html: string): Promise<void> {
    const folder = join(import.meta.dirname, '../../../../libs/agent-sdk/dist');
    const files = new Map<string | undefined, string>([['/', `<!doctype html><title>Page</title>${html}`]]);
    for (const name of ['index.js', 'agent.js', 'errors.js'])
      files.set(`/agent-sdk/${name}`, await readFile(join(folder, name), 'utf8'));
    web.handle = ({ url }, response) => {
      const type = url === '/' ? 'text/html' : 'text/javascript';
      response.writeHead(files.has(url) ? 200 : 404, { 'content-type': type }).end(files.get(url));
    };
  }

  it('verifies a domain in the Embed tab, creates a public key for an exact origin, and finds it again', async () => {
    await page.getByText('No agents yet').waitFor();
    await here.expectFine(page, 'agents-empty');
    await button('Create agent').click();
    await dialog().getByLabel('Name').fill('Support bot');
    await button('Create agent', dialog()).click();
    await page.waitForURL(/\/agents\/agent_[^/]+\/embed$/);

    await page.getByText('No domains yet').waitFor();
    await here.expectFine(page, 'embed-empty');
    await page.getByRole('tab', { name: 'Keys' }).click();
    await page.getByRole('link', { name: 'Go to the Embed tab' }).waitFor();
    await here.expectFine(page, 'agent-keys-empty');

    // Without a domain there is nothing to create a key for, and the way to one is told.
    await page.goto(here.at('public-keys/new'));
    await page.getByRole('combobox', { name: 'Agent' }).click();
    await page.getByRole('option', { name: 'Support bot' }).click();
    await page.getByText('No domain of this agent is verified').waitFor();
    await page.getByRole('link', { name: 'Embed tab' }).click();
    await page.waitForURL(/\/embed$/);

    await page.getByLabel('Domain of your pages').fill('https://shop.example.com/');
    await button('Add domain').click();
    await page.getByText('Only the name: shop.example.com').waitFor();
    await page.getByLabel('Domain of your pages').fill('shop.example.com');
    await button('Add domain').click();
    const card = page.getByRole('region', { name: 'shop.example.com' });
    await card.getByText('pending').waitFor();

    await button('Check now', card).click();
    await card.getByText('Not found yet').waitFor();
    await button('Copy the value for shop.example.com', card).click();
    const value = await copied();
    dns.set('TXT', '_mcpstack-challenge.shop.example.com', [value.slice(0, -3)]);
    await button('Check now', card).click();
    await card.getByText('the last 3 characters are missing').waitFor();
    await card.getByText('no TXT value is the challenge').waitFor();
    await here.expectFine(page, 'embed-wrong-record');

    dns.set('TXT', '_mcpstack-challenge.shop.example.com', ['v=spf1 -all', value]);
    await button('Check now', card).click();
    await card.getByText('the record is there').waitFor();
    await card.getByText('verified', { exact: true }).waitFor();

    await card.getByRole('link', { name: 'Create public key' }).click();
    await page.getByText('Verified for this agent').waitFor();
    await page.getByLabel('Name').fill('our shop');
    await page.getByRole('textbox', { name: 'Origin 1' }).fill('https://app.shop.example.com');
    await button('Create public key').click();
    await page.waitForURL(/\/public-keys\/key_[^/]+$/);
    await page.getByText('The public key works').waitFor();
    await here.expectFine(page, 'public-key-created');
    await button('Copy the public key').click();
    const key = await copied();
    expect(key).toMatch(/^mcpstack_pk_[0-9A-Za-z]{49}$/);

    expect(await verdict(key, 'https://app.shop.example.com')).toBe('VALID');
    for (const other of [
      'https://shop.example.com',
      'http://app.shop.example.com',
      'https://app.example.com',
    ])
      expect([other, await verdict(key, other)]).toEqual([other, 'ORIGIN_NOT_ALLOWED']);

    // Later, by way of the list.
    await page.goto(here.at('api-keys'));
    const row = page.getByRole('row', { name: /our shop/ });
    await row.getByText('https://app.shop.example.com').waitFor();
    await row.getByText('Support bot').waitFor();
    await button('Copy the public key our shop', row).click();
    expect(await copied()).toBe(key);
    await row.getByRole('link', { name: 'our shop' }).click();
    await button('Copy the embed snippet').click();
    const snippet = await copied();
    expect(snippet).toContain("from '@mcpstack/agent-sdk'");
    const baseUrl = /baseUrl: '([^']+)'/.exec(snippet)![1]!;
    const inPage: typeof fetch = (url, init) =>
      fetch(url, {
        ...init,
        headers: { ...(init?.headers as Record<string, string>), origin: 'https://app.shop.example.com' },
      });
    const inSnippet = /key: '([^']+)'/.exec(snippet)![1]!;
    const embedded = await createAgent({ key: inSnippet, baseUrl, fetch: inPage }).load();
    expect(embedded.name).toBe('Support bot');
    // Its use shows by itself.
    await page.getByText(/^\d+ times?$/).waitFor({ timeout: 120_000 });
    await page.getByRole('img', { name: /^Uses from/ }).waitFor();
    const history = page.getByRole('table', { name: 'History of the key' });
    await history.getByText(/^publishable key created/).waitFor();

    // Revoked where it is listed.
    await page.goto(here.at('api-keys'));
    await button('Revoke our shop', row).click();
    await dialog().getByText('https://app.shop.example.com').waitFor();
    await dialog()
      .getByText(/^Last used/)
      .waitFor();
    await button('Revoke public key', dialog()).click();
    await row.waitFor({ state: 'detached' });
    expect(await verdict(key, 'https://app.shop.example.com')).toBe('REVOKED');
  }, 1_200_000);

  it('says at the field what is wrong with an origin, as it is typed; the snippet, pasted, embeds the agent', async () => {
    const { agentId } = await embeddable('Fields', 'fields.example.com');
    await page.goto(here.at(`public-keys/new?agent=${agentId}`));
    await page.getByText('Verified for this agent').waitFor();
    const field = page.getByRole('textbox', { name: 'Origin 1' });
    for (const [text, words] of [
      ['app.fields.example.com', 'Begin with the scheme: https://app.fields.example.com'],
      ['http://app.fields.example.com', 'Begin with https://'],
      ['https://app.fields.example.com/shop', 'Only scheme, host and port'],
      ['https://*.fields.example.com', 'There are no wildcards'],
      ['https://fields.example.com.evil.net', 'is under no verified domain of the agent: fields.example.com'],
      [`http://127.0.0.1:${web.port}`, 'localhost works on development keys only'],
    ] as const) {
      await field.fill(text);
      await page.getByText(words).waitFor();
      const isMarked = async (): Promise<boolean> => (await field.getAttribute('aria-invalid')) === 'true';
      await waitFor(isMarked, { what: `the field to be marked for ${text}` });
    }
    await page.getByLabel('Development key').check();
    await button('Add another origin').click();
    // What only the API knows comes back to the same field.
    await page.getByRole('textbox', { name: 'Origin 2' }).fill('https://under_score.fields.example.com');
    await page.getByLabel('Name').fill('both');
    await button('Create public key').click();
    await page.getByText('The origin must be made of letters, digits and dashes.').waitFor();
    const second = page.getByRole('textbox', { name: 'Origin 2' });
    await waitFor(async () => (await second.getAttribute('aria-invalid')) === 'true', {
      what: 'the field to be marked',
    });
    expect(here.complaints.splice(0)).toEqual([expect.stringContaining('status of 400')]);
    await here.expectFine(page, 'public-key-bad-origin');
    // The form looks at what was typed a moment later, and finds nothing wrong itself: that takes nothing away.
    expect(await second.getAttribute('aria-invalid')).toBe('true');
    await second.fill('https://app.fields.example.com');
    await button('Create public key').click();
    await page.waitForURL(/\/public-keys\/key_/);
    await button('Copy the public key').click();
    expect(await verdict(await copied(), 'https://app.fields.example.com')).toBe('VALID');
    // Ready to paste: the snippet alone makes a page that embeds the agent, at this origin and at no other.
    await page.getByRole('tab', { name: 'HTML' }).click();
    await button('Copy the embed snippet').click();
    await servePage(await copied());
    const visitor = await here.open();
    const said = visitor.waitForEvent('console', (message) => message.type() === 'log');
    await visitor.goto(`http://127.0.0.1:${web.port}/`);
    expect((await said).text()).toBe(`Embedded: Fields (${agentId})`);
    const refused = visitor.waitForEvent('pageerror');
    await visitor.goto(`http://localhost:${web.port}/`);
    expect(String(await refused)).toContain('AgentError');
    here.complaints.splice(0);
    await visitor.context().close();
  }, 1_200_000);

  it('takes origins away, allows one for a while, suspends, resumes, renames and revokes a public key', async () => {
    const { agentId } = await embeddable('Life', 'life.example.com');
    const [first, second, preview] = ['a', 'b', 'p'].map((name) => `https://${name}.life.example.com`) as [
      string,
      string,
      string,
    ];
    const { id, value } = await keyFor(agentId, 'life', [first, second]);
    await page.goto(here.at(`public-keys/${id}`));
    await button(`Remove ${second}`).click();
    await button('Remove origin', dialog()).click();
    await dialog().waitFor({ state: 'hidden' });
    expect(await verdict(value, second)).toBe('ORIGIN_NOT_ALLOWED');
    expect(await verdict(value, first)).toBe('VALID');

    await button('Allow one more for a while').click();
    await dialog().getByLabel('Origin').fill('https://p.other.example.com');
    await dialog().getByText('is under no verified domain').waitFor();
    await dialog().getByLabel('Origin').fill(preview);
    await dialog().getByRole('combobox', { name: 'For' }).click();
    await page.getByRole('option', { name: 'Seven days' }).click();
    await button('Allow origin', dialog()).click();
    await page.getByText('Temporary: ends').waitFor();
    expect(await verdict(value, preview)).toBe('VALID');

    await button('Rename').click();
    await dialog().getByLabel('Name').fill('long life');
    await button('Rename', dialog()).click();
    await page.getByRole('heading', { name: 'long life' }).waitFor();

    await button('Suspend').click();
    await dialog().getByText(first).waitFor();
    await dialog()
      .getByText(/^Last used/)
      .waitFor();
    await here.expectFine(page, 'public-key-suspend');
    await button('Suspend public key', dialog()).click();
    await button('Resume').waitFor();
    expect(await verdict(value, first)).toBe('SUSPENDED');
    await button('Resume').click();
    await button('Suspend').waitFor();
    expect(await verdict(value, first)).toBe('VALID');

    await button('Revoke').click();
    await button('Revoke public key', dialog()).click();
    await page.getByText('The pages that use it are refused').waitFor();
    expect(await verdict(value, first)).toBe('REVOKED');
    expect(await page.getByText(value).count()).toBe(0);
    await page.goto(here.at('api-keys'));
    const list = page.getByRole('region', { name: 'Public keys' });
    await list.getByRole('switch').click();
    await page
      .getByRole('row', { name: /long life/ })
      .getByText('revoked')
      .waitFor();
    await list.getByRole('switch').click();
    await page.getByRole('row', { name: /long life/ }).waitFor({ state: 'detached' });
  }, 1_200_000);

  it('says what to do in each state of a domain, and what an agent takes with it', async () => {
    await createAgentNamed('Another');
    const { agentId, domainPath } = await embeddable(HOSTILE, 'states.example.com');
    const { value } = await keyFor(agentId, HOSTILE, ['https://app.states.example.com']);
    await page.goto(here.at(`agents/${agentId}/embed`));
    const card = page.getByRole('region', { name: 'states.example.com' });
    await card.getByText('verified', { exact: true }).waitFor();

    dns.set('TXT', '_mcpstack-challenge.states.example.com', []);
    await button('Check now', card).click();
    await card.getByText('Pages still work; they are refused').waitFor();

    // Another organization proves it: told by the stream of changes alone.
    const rival = await newPerson(here.product, 'rival');
    const theirs = `/api/v1/organizations/${rival.organizationId}/agents`;
    const as = { token: rival.token };
    const agent = await here.product.http('POST', theirs, { ...as, body: { name: 'Rival' } });
    const domains = `${theirs}/${agent.body['id'] as string}/domains`;
    const added = await here.product.http('POST', domains, { ...as, body: { domain: 'states.example.com' } });
    const proof = added.body['proof'] as { dns: { value: string } };
    dns.set('TXT', '_mcpstack-challenge.states.example.com', [proof.dns.value]);
    await here.product.http('POST', `${domains}/${added.body['id'] as string}/check`, as);
    await card.getByText('Another organization proved this domain').waitFor();
    await here.expectFine(page, 'embed-contested');
    expect(await verdict(value, 'https://app.states.example.com')).toBe('ORIGIN_NOT_ALLOWED');

    const { body: ours } = await here.product.http('GET', domainPath);
    web.serve((ours['proof'] as { file: { content: string } }).file.content);
    dns.set('A', 'states.example.com', ['127.0.0.1']);
    await button('Check now', card).click();
    await card.getByText('by the file').waitFor();

    await button('Remove domain', card).click();
    await dialog().getByText('https://app.states.example.com').waitFor();
    await button('Remove domain', dialog()).click();
    await page.getByText('No domains yet').waitFor();
    await page.getByRole('tab', { name: 'Keys' }).click();
    await page.getByRole('row', { name: /onerror/ }).waitFor();
    await page
      .getByRole('row', { name: /onerror/ })
      .getByRole('link')
      .click();
    await page.getByText('Refused now').waitFor();
    await page.goBack();

    await button('Rename').click();
    await dialog().getByLabel('Name').fill('Short');
    await button('Rename', dialog()).click();
    await page.getByRole('heading', { name: 'Short' }).waitFor();
    await button('Remove').click();
    await dialog().getByText('Its public keys are revoked').waitFor();
    await dialog().getByText('https://app.states.example.com').waitFor();
    await here.expectFine(page, 'agent-remove');
    await button('Remove agent', dialog()).click();
    await page.waitForURL(here.at('agents'));
    await page.getByRole('link', { name: 'Another' }).waitFor();
    expect(await page.getByRole('link', { name: 'Short' }).count()).toBe(0);
    expect(await verdict(value, 'https://app.states.example.com')).toBe('REVOKED');
  }, 1_200_000);

  it('who looks at a public key is told when its agent is removed, though no event of the key says so', async () => {
    const { agentId } = await embeddable('Leaving', 'leaving.example.com');
    const { id } = await keyFor(agentId, 'stays behind', ['https://leaving.example.com']);
    const tab = await here.openTold(`public-keys/${id}`);
    await tab.getByRole('heading', { name: 'stays behind' }).waitFor();
    expect((await here.product.http('DELETE', `${base()}/agents/${agentId}`)).status).toBe(204);
    await tab.getByText('It ended with its agent').waitFor();
    await tab.context().close();
  }, 1_200_000);

  it('creates, changes and removes servers', async () => {
    await page.goto(here.at('servers'));
    await button('Create server').click();
    await dialog().getByLabel('Name').fill(HOSTILE);
    await dialog().getByLabel('URL').fill('mcp.example.com');
    await button('Create server', dialog()).click();
    await dialog().getByText('Begin with https://').waitFor();
    await dialog().getByLabel('URL').fill('https://ada:secret@mcp.example.com');
    await button('Create server', dialog()).click();
    await dialog()
      .getByText('The url must be an absolute http or https URL without user and password.')
      .waitFor();
    await dialog().getByLabel('URL').fill('https://mcp.example.com');
    await button('Create server', dialog()).click();
    await page.getByText('https://mcp.example.com').waitFor();
    await button(`Change ${HOSTILE}`).click();
    await dialog().getByLabel('Name').fill('Search');
    await dialog().getByLabel('URL').fill('https://mcp.example.com/v2');
    await button('Save', dialog()).click();
    await page
      .getByRole('row', { name: /Search/ })
      .getByText('https://mcp.example.com/v2')
      .waitFor();
    await button('Remove Search').click();
    await button('Remove server', dialog()).click();
    await page.getByText('No servers yet').waitFor();
  }, 1_200_000);

  it('offers nothing to a viewer, and says what is missing; a key that is none is not there', async () => {
    const { agentId } = await embeddable('Seen', 'seen.example.com');
    const { id } = await keyFor(agentId, 'seen', ['https://seen.example.com']);
    const viewer = await newMember(here.product, 'viewer', 'viewer');
    const theirs = await here.openAs(viewer, here.at('agents'));
    const name = /Create|Add|Check|Remove|Rename|Suspend|Revoke|Allow/;
    const offered = (tab: Page) => tab.getByRole('button', { name }).or(tab.getByRole('link', { name }));
    for (const path of [
      `agents/${agentId}`,
      `agents/${agentId}/embed`,
      `public-keys/${id}`,
      'servers',
      'agents',
    ]) {
      await theirs.goto(here.at(path));
      const shown = theirs.getByText(/seen|No servers yet/i);
      await shown.first().waitFor();
      expect([path, await offered(theirs).allTextContents()]).toEqual([path, []]);
      // Control: the owner is offered something there.
      await page.goto(here.at(path));
      await offered(page).first().waitFor();
    }
    await theirs.goto(here.at('public-keys/new'));
    await theirs.getByText('api-keys:write').waitFor();
    await here.expectFine(theirs, 'public-key-new-viewer');
    await theirs.context().close();
    await page.goto(here.at('public-keys/key_0000000000000000000000'));
    await page.getByText('There is no such public key').waitFor();
    expect(here.complaints.join()).toMatch(/status of 404/);
    // The page asks again every few seconds, as the key may come.
    await here.expectFine(page, 'public-key-none', /status of 404/);
    await page.goto(here.at('agents'));
  }, 1_200_000);

  it('looks fine at 360 px with hostile names', async () => {
    const { agentId } = await embeddable(HOSTILE, `${'long-'.repeat(10)}name.example.com`);
    const { id } = await keyFor(agentId, HOSTILE, [
      `https://${'very-'.repeat(10)}deep.${'long-'.repeat(10)}name.example.com:8443`,
    ]);
    await here.product.http('POST', `${base()}/servers`, {
      body: { name: HOSTILE, url: 'https://mcp.example.com' },
    });
    const pending = { body: { domain: 'pending.example.com' } };
    await here.product.http('POST', `${base()}/agents/${agentId}/domains`, pending);
    const pages = [
      ['api-keys', 'Public keys'],
      [`public-keys/new?agent=${agentId}`, 'Verified for this agent'],
      [`public-keys/${id}`, 'Embed snippet'],
      ['agents', HOSTILE],
      [`agents/${agentId}`, HOSTILE],
      [`agents/${agentId}/embed`, 'A record in the DNS'],
      ['servers', 'https://mcp.example.com'],
    ] as const;
    const tab = await here.openAs(undefined, here.at('agents'));
    // Where there is the least room; the other looks are those of all-pages.
    const [viewport] = SIZES;
    await tab.emulateMedia({ colorScheme: 'dark' });
    await tab.setViewportSize(viewport!);
    for (const [path, shown] of pages) {
      await tab.goto(here.at(path));
      await tab.getByText(shown).filter({ visible: true }).first().waitFor();
      const name = path.replace(agentId, 'agent').replace(id, 'key').replaceAll(/\W+/g, '-');
      await here.expectFine(tab, `${name}-${viewport!.width}-dark`);
    }
    await tab.context().close();
  }, 1_200_000);
});
