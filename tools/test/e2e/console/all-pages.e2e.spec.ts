/**
 * Every page, filled as an organization fills it: axe finds nothing, nothing is cut off, the browser complains about
 * nothing. `npm run screenshots` keeps what was seen in docs/console.
 */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
// eslint-disable-next-line no-restricted-imports -- a peer for tests, which no room shows
import { DnsServer } from '../../../../apps/scheduler/test/dns-server.ts';
import { waitFor } from '@mcpstack/local-servers';
import { picture } from '@mcpstack/testing';
import type { Page } from 'playwright-core';
import { FAST, WHOLE } from '../product.ts';
import { Console, describeInBrowser } from './browser.ts';
import { makeSamples, type Samples } from './samples.ts';

const DESK = { width: 1280, height: 800 };
const TELEPHONE = { width: 360, height: 740 };
/** The first is looked at by people alone, in the pictures: axe has the others. */
const LOOKS = [
  { name: 'light', viewport: DESK, colorScheme: 'light', isScanned: false },
  { name: 'dark', viewport: DESK, colorScheme: 'dark', isScanned: true },
  { name: '360', viewport: TELEPHONE, colorScheme: 'light', isScanned: true },
] as const;

describeInBrowser('every page', () => {
  let dns: DnsServer;
  let here: Console;
  let samples: Samples;
  const receiver = createServer((_request, response) => response.writeHead(204).end());
  beforeAll(async () => {
    dns = await DnsServer.start();
    here = await Console.start({
      instances: WHOLE,
      env: { ...FAST, DNS_SERVERS: dns.address, WEBHOOK_ALLOW_PRIVATE: 'true' },
    });
    await once(receiver.listen(0, '127.0.0.1'), 'listening');
    samples = await makeSamples(here.product, dns, (receiver.address() as AddressInfo).port);
  }, 1_200_000);
  afterAll(async () => {
    await here?.stop();
    await dns?.stop();
    receiver.close();
  });

  const pages = (): Record<string, string> => ({
    'api-keys': here.at('api-keys'),
    'create-service-key': here.at('api-keys/new'),
    'service-key': here.at(`api-keys/${samples.keyId}`),
    'create-public-key': here.at(`public-keys/new?agent=${samples.agentId}`),
    'public-key': here.at(`public-keys/${samples.publicKeyId}`),
    agents: here.at('agents'),
    agent: here.at(`agents/${samples.agentId}`),
    embed: here.at(`agents/${samples.agentId}/embed`),
    servers: here.at('servers'),
    members: here.at('members'),
    'audit-trail': here.at('events'),
    settings: here.at('settings'),
    policy: here.at('settings/policy'),
    webhooks: here.at('settings/webhooks'),
    webhook: here.at(`settings/webhooks/${samples.webhookId}`),
    account: `${here.url}/account`,
    invitation: `${here.url}/invitation`,
    'new-organization': `${here.url}/new-organization`,
  });

  async function isShown(page: Page, title: string): Promise<void> {
    await page.getByRole('heading', { level: 1 }).waitFor();
    const loading = page.locator('[aria-busy="true"], [aria-label^="Loading"]');
    await waitFor(async () => (await loading.count()) === 0, { what: `${title} to be loaded` });
  }

  async function look(page: Page, title: string, url: string): Promise<void> {
    await page.goto(url);
    for (const { name, viewport, colorScheme, isScanned } of LOOKS) {
      if (!isScanned && !process.env['SCREENSHOTS']) continue;
      await page.emulateMedia({ colorScheme });
      await page.setViewportSize(viewport);
      await isShown(page, title);
      if (isScanned) await here.expectFine(page, `${title}-${name}`);
      else await picture(page, `${title}-${name}`);
    }
  }

  it('is fine on a telephone and at a desk, in light and in dark', async () => {
    const stranger = await here.open();
    await look(stranger, 'sign-in', here.url);
    await stranger.context().close();
    const page = await here.openAs(undefined);
    for (const [title, url] of Object.entries(pages())) await look(page, title, url);
    await page.context().close();
  }, 1_200_000);
});
