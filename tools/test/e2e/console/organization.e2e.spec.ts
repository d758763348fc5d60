/** Members, audit trail, settings and account in a browser: what one does is seen by the others, and told in words. */
import { createHmac } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { waitFor } from '@mcpstack/local-servers';
import type { Page } from 'playwright-core';
import { newMember, newPerson } from '../people.ts';
import { FAST } from '../product.ts';
import { Console, describeInBrowser } from './browser.ts';
import { heapOf, tracesOf } from './traces.ts';

/** As long as names may be, against the reading direction, and markup. */
const HOSTILE = `${'<img src=x onerror=alert(1)>'}${'שלום'.repeat(14)}${'M'.repeat(16)}`;

describeInBrowser('the organization', () => {
  let here: Console;
  let answers = 204;
  const told: { headers: IncomingHttpHeaders; body: string }[] = [];
  const receiver = createServer((request, response) => {
    let body = '';
    request.on('data', (part) => (body += String(part)));
    request.on('end', () => {
      told.push({ headers: request.headers, body });
      response.writeHead(answers).end();
    });
  });
  beforeAll(async () => {
    await once(receiver.listen(0, '127.0.0.1'), 'listening');
    here = await Console.start({
      instances: { webhooks: 1 },
      env: { ...FAST, WEBHOOK_ALLOW_PRIVATE: 'true' },
    });
  }, 1_200_000);
  afterAll(async () => {
    await here?.stop();
    receiver.close();
  });
  afterEach(async () => {
    for (const context of here.browser.contexts()) await context.close();
    // A page may ask once more for what has just been taken away.
    expect(here.complaints.splice(0).filter((one) => !/status of 404/.test(one))).toEqual([]);
  });

  const button = (page: Page, name: string | RegExp) => page.getByRole('button', { name, exact: true });
  const dialog = (page: Page, name: string | RegExp) => page.getByRole('dialog', { name });
  const row = (page: Page, text: string) => page.getByRole('row').filter({ hasText: text });
  const api = (method: string, path: string, body?: unknown, token = here.product.token) =>
    here.product.http(method, `/api/v1/organizations/${here.product.organizationId}/${path}`, {
      body,
      token,
    });
  const choose = async (page: Page, who: string, item: string) => {
    await row(page, who)
      .getByRole('button', { name: /^Actions for/ })
      .click();
    await page.getByRole('menuitem', { name: item }).click();
  };
  /** What the dialog shows once; afterwards it is nowhere. */
  const keepSecret = async (page: Page): Promise<string> => {
    const field = page.getByRole('textbox', { name: 'Secret' });
    await field.waitFor();
    const secret = await field.inputValue();
    // Control: the search finds it while it is shown.
    expect(await isInPage(page, secret)).toBe(true);
    await page.getByLabel('I have kept the secret').check();
    await button(page, 'Done').click();
    await field.waitFor({ state: 'detached' });
    expect(await isInPage(page, secret)).toBe(false);
    return secret;
  };

  it('invited, in, demoted, removed: seen at once by who it happens to, and told in the audit trail', async () => {
    expect((await api('PUT', 'policy', { onMakerLoss: 'revoke' })).status).toBe(200);
    const owner = await here.openAs(undefined, here.at('members'));
    await button(owner, 'Invite somebody').click();
    await owner.getByLabel('E-mail').fill('not an address');
    await button(owner, 'Make the invitation').click();
    await owner.getByText('An address such as ada@example.com').waitFor();
    await owner.getByLabel('E-mail').fill('grace@example.com');
    await owner.getByRole('radio', { name: 'admin' }).check();
    await button(owner, 'Make the invitation').click();
    const token = await keepSecret(owner);
    expect(token).toMatch(/^mcpstack_it_/);
    await row(owner, 'grace@example.com').getByText('pending').waitFor();

    const grace = await newPerson(here.product, 'grace');
    const hers = await here.openAs(grace, `${here.url}/invitation`);
    await hers.getByRole('textbox', { name: 'Token' }).fill(token);
    await button(hers, 'Accept the invitation').click();
    await hers.getByRole('heading', { level: 1, name: 'API Keys' }).waitFor();
    expect(hers.url()).toBe(here.at('api-keys'));
    expect(await isInPage(hers, token)).toBe(false);
    await row(owner, 'grace@example.com').getByText('admin', { exact: true }).waitFor();
    await owner.getByText('accepted', { exact: true }).waitFor();

    const made = await api('POST', 'api-keys', { name: 'of-grace', role: 'admin' }, grace.token);
    const keyId = made.body['id'] as string;
    await hers.goto(here.at('members'));
    await button(hers, 'Invite somebody').waitFor();
    await choose(owner, 'grace@example.com', 'Change the role…');
    const change = dialog(owner, 'Change the role of grace@example.com');
    await change.getByRole('radio', { name: 'viewer' }).check();
    await change.getByText('Keys that end with it').waitFor();
    await change.getByText('of-grace').waitFor();
    await button(owner, 'Change the role').click();
    await owner.getByText('grace@example.com is now viewer').waitFor();
    const demotedMs = performance.now();
    await owner.getByRole('link', { name: keyId }).waitFor();
    await button(hers, 'Invite somebody').waitFor({ state: 'detached' });
    await hers.getByRole('link', { name: 'Audit trail' }).waitFor({ state: 'detached' });
    expect(performance.now() - demotedMs).toBeLessThan(8_000);

    await choose(owner, 'grace@example.com', 'Remove…');
    await button(owner, 'Remove member').click();
    await row(owner, 'grace@example.com').waitFor({ state: 'detached' });
    await hers.getByRole('heading', { name: 'There is no such organization' }).waitFor();

    await owner.getByRole('link', { name: 'Audit trail' }).click();
    for (const words of [
      'Somebody invited as admin',
      `Invitation accepted: ${grace.userId} is a member now, as admin`,
      'Member given another role: viewer',
      'Key revoked: its maker lost the rights that it holds',
      'Member removed',
    ])
      await row(owner, words).waitFor();
    await owner.getByRole('combobox', { name: 'What' }).click();
    await owner.getByRole('option', { name: 'Member removed' }).click();
    await owner.getByText('1 in all.').waitFor();
    expect(owner.url()).toBe(here.at('events?type=MemberRemoved'));
    // Whoever is sent the address sees the same, also of somebody who has no name any more.
    await owner.goto(here.at(`events?subject=${grace.userId}`));
    await row(owner, 'Member removed').waitFor();
    await owner.getByText('2 in all.').waitFor();
    // From now on nothing has happened; the field is asked for once it is entered.
    const field = owner.getByLabel('From');
    await field.fill('2126-01-01T00:00');
    await field.press('Enter');
    await owner.getByText('Nothing like this has happened').waitFor();
    expect(owner.url()).toMatch(/[?&]from=2\d{3}-/);
    await owner.goBack();
    await row(owner, 'Member removed').waitFor();
    // Page by page, and at the end what is said of the time before.
    await owner.route('**/api/v1/**/events?*', async (route) => {
      const response = await route.fetch({ url: route.request().url().replace('limit=50', 'limit=1') });
      const json = (await response.json()) as object;
      await route.fulfill({ response, json: { ...json, droppedBefore: '1' } });
    });
    await owner.reload();
    await owner.getByText('The first 1 are shown.').waitFor();
    expect(await owner.getByText('Older events than these').count()).toBe(0);
    await button(owner, 'Show more').click();
    await row(owner, 'Member given another role').waitFor();
    // Whether more fit is known only after another look, which finds none.
    await button(owner, 'Show more').click();
    await owner.getByText('Older events than these').waitFor();
    await owner.unroute('**/api/v1/**/events?*');
    await button(owner, 'Show everything').click();
    await row(owner, 'Organization created').waitFor();
  }, 1_200_000);

  it('a policy that was saved refuses the keys that break it; what another sets meanwhile is not written over', async () => {
    const page = await here.openAs(undefined, here.at('settings'));
    await page.getByRole('tab', { name: 'Key policy' }).click();
    await page.waitForURL(here.at('settings/policy'));
    const key = { name: 'for-ever', role: 'developer' };
    // Control: before it, nothing stands in the way.
    expect((await api('POST', 'api-keys', key)).status).toBe(201);
    await page.getByLabel('Longest life of a new key, in days').fill('30');
    await page.getByRole('checkbox', { name: 'viewer' }).check();
    await button(page, 'Save policy').click();
    await page.getByText('Saved. It holds').waitFor();
    const refused = await api('POST', 'api-keys', { ...key, name: 'for-ever-2' });
    expect([refused.status, refused.body['code']]).toEqual([403, 'policy-violation']);
    expect((await api('GET', 'policy')).body).toMatchObject({
      longestKeyLifeDays: 30,
      allowedKeyRoles: ['viewer'],
    });

    // Nothing was typed: what somebody else sets is simply shown.
    await api('PUT', 'policy', { onMakerLoss: 'list' });
    await waitFor(async () => (await page.getByLabel('Longest life').inputValue()) === '', {
      what: 'the page to show the other policy',
    });
    await page.getByLabel('Longest life').fill('7');
    await api('PUT', 'policy', { onMakerLoss: 'list', longestKeyLifeDays: 90 });
    await page.getByText('Somebody has changed the policy meanwhile').waitFor();
    await button(page, 'Save policy').click();
    await page.getByText('Choose first').waitFor();
    expect((await api('GET', 'policy')).body['longestKeyLifeDays']).toBe(90);
    expect(await page.getByLabel('Longest life').inputValue()).toBe('7');
    await button(page, 'Go on with mine').click();
    await button(page, 'Save policy').click();
    await page.getByText('Saved. It holds').waitFor();
    expect((await api('GET', 'policy')).body['longestKeyLifeDays']).toBe(7);
    await api('PUT', 'policy', { onMakerLoss: 'list' });
  }, 1_200_000);

  it('a webhook: its secret is shown once and signs what the receiver is sent; disabled, enabled, removed', async () => {
    const page = await here.openAs(undefined, here.at('settings/webhooks'));
    await button(page, 'Create webhook').click();
    const form = dialog(page, 'Create webhook');
    await form.getByLabel('Name').fill('siem');
    const url = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/hooks`;
    await form.getByLabel('Address').fill(url);
    await form.getByRole('radio', { name: 'Only some types' }).check();
    await form.getByRole('combobox', { name: 'Types' }).click();
    await page.getByRole('option', { name: 'Key revoked' }).click();
    await form.getByRole('button', { name: 'Create webhook' }).click();
    const secret = await keepSecret(page);
    await page.getByRole('link', { name: 'siem' }).click();
    await button(page, 'Send a test').click();
    await page.getByText('The receiver took it').waitFor();
    expect(JSON.parse(told[0]!.body)).toMatchObject({ type: 'Ping' });
    expect(told[0]!.headers['webhook-signature']).toContain(signatureOf(told[0]!, secret));
    await dialog(page, 'The test').getByRole('button', { name: 'Close', exact: true }).last().click();
    await row(page, 'Ping').getByText('delivered').waitFor();

    await button(page, 'Rotate the secret').click();
    const rotate = dialog(page, 'Rotate the secret of siem');
    await rotate.getByRole('button', { name: 'Rotate the secret' }).click();
    const next = await keepSecret(page);
    expect(next).not.toBe(secret);
    await page.getByText('signs too').waitFor();

    await button(page, 'Disable').click();
    await button(page, 'Disable webhook').click();
    await page.getByText('Somebody has disabled it.').waitFor();
    const key = await api('POST', 'api-keys', { name: 'told-later', role: 'viewer' });
    await api('DELETE', `api-keys/${key.body['id'] as string}`);
    await button(page, 'Enable').click();
    await button(page, 'Enable webhook').click();
    await row(page, 'Key revoked').getByText('delivered').waitFor();
    const message = told.at(-1)!;
    expect(JSON.parse(message.body)).toMatchObject({ type: 'KeyRevoked' });
    expect(message.headers['webhook-signature']).toContain(signatureOf(message, next));

    // It fails: that is said, with what was answered, also to whoever tests.
    answers = 500;
    const another = await api('POST', 'api-keys', { name: 'told-again', role: 'viewer' });
    await api('DELETE', `api-keys/${another.body['id'] as string}`);
    await page.getByText('Nothing is taken').waitFor();
    await row(page, 'Key revoked').getByText('failed').first().waitFor();
    await button(page, 'Send a test').click();
    await page.getByText('It answered 500').waitFor();
    await page.keyboard.press('Escape');
    await here.expectFine(page, 'webhook-failing');

    await button(page, 'Remove').click();
    await button(page, 'Remove webhook').click();
    await page.getByText('No webhooks yet').waitFor();
  }, 1_200_000);

  it('another session is ended: its page says so, and keeps what was typed', async () => {
    const linus = await newPerson(here.product, 'linus');
    const one = await here.openAs(linus, `${here.url}/account`);
    const other = await here.openAs(linus, here.at('settings', linus.organizationId));
    await other.getByLabel('Name').fill('Half typed');
    await one.reload();
    await row(one, 'this one').waitFor();
    await row(one, 'browser')
      .getByRole('button', { name: /^End the session/ })
      .click();
    await button(one, 'End session').click();
    await dialog(one, /^End the session/).waitFor({ state: 'detached' });
    await dialog(other, 'Your session has ended').waitFor();
    expect(await other.getByLabel('Name').inputValue()).toBe('Half typed');
    // Control: the session that ended it goes on.
    await one.reload();
    await one.getByLabel('Name').fill('Linus of tests');
    await button(one, 'Save profile').click();
    await one.getByText('Saved.').waitFor();
    await button(one, 'Erase…').click();
    await button(one, 'Erase my profile').click();
    await one.getByText('Erased.').waitFor();
    expect(await one.getByLabel('Name').inputValue()).toBe('');
    await here.expectFine(one, 'account-erased', /401/);
  }, 1_200_000);

  it('a viewer is told plainly what is not for them; also in a suspended organization nothing is offered', async () => {
    const barbara = await newMember(here.product, 'barbara', 'viewer');
    const page = await here.openAs(barbara, here.at('events'));
    await page.getByText('You may not read the audit trail here').waitFor();
    await page.getByText('audit:read').waitFor();
    expect(await page.getByRole('search').count()).toBe(0);
    await page.goto(here.at('settings'));
    await page.getByText('organization:write').waitFor();
    expect(await page.getByRole('textbox').count()).toBe(0);
    await page.goto(here.at('settings/policy'));
    await page.getByText('organization:write').waitFor();
    expect(await page.getByLabel('Longest life').isDisabled()).toBe(true);
    await page.goto(here.at('settings/webhooks'));
    await page.getByText('webhooks:read').waitFor();
    await page.goto(here.at('settings/webhooks/whk_none'));
    await page.getByText('webhooks:read').waitFor();
    await here.expectFine(page, 'viewer-webhook');

    await page.goto(here.at('members'));
    await row(page, 'owner@localhost').waitFor();
    expect(await button(page, 'Invite somebody').count()).toBe(0);
    expect(await row(page, 'owner@localhost').getByRole('button').count()).toBe(0);
    await api('POST', `members/${barbara.userId}/suspend`);
    await page.getByRole('heading', { name: 'There is no such organization' }).waitFor();
    await api('POST', `members/${barbara.userId}/resume`);

    const owner = await here.openAs(undefined, here.at('settings'));
    await button(owner, 'Suspend the organization…').click();
    await button(owner, 'Suspend organization').click();
    await owner.getByText('This organization is suspended').waitFor();
    await owner.goto(here.at('members'));
    await row(owner, 'owner@localhost').waitFor();
    expect(await button(owner, 'Invite somebody').count()).toBe(0);
    await owner.goto(here.at('settings'));
    await button(owner, 'Resume the organization').click();
    await button(owner, 'Resume organization').click();
    await owner.getByText('This organization is suspended').waitFor({ state: 'detached' });
    await button(owner, 'Suspend the organization…').waitFor();
  }, 1_200_000);

  it('names of any length, direction and spelling break no page', async () => {
    const mallory = await newPerson(here.product, 'mallory');
    const base = `/api/v1/organizations/${mallory.organizationId}`;
    const call = async (method: string, path: string, body: unknown) => {
      const answer = await here.product.http(method, path, { body, token: mallory.token });
      if (answer.status > 201) throw new Error(`${path}: ${JSON.stringify(answer.body)}`);
      return answer.body as { id: string };
    };
    await call('PATCH', base, { name: HOSTILE });
    await call('PATCH', '/api/v1/me/profile', { name: HOSTILE });
    const key = await call('POST', `${base}/api-keys`, { name: HOSTILE, role: 'owner' });
    await call('POST', `${base}/invitations`, {
      email: `${'a'.repeat(64)}@${'b'.repeat(63)}.example`,
      role: 'viewer',
    });
    const path = `/${'c'.repeat(400)}`;
    const url = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}${path}`;
    const webhook = await call('POST', `${base}/webhooks`, { name: HOSTILE, url });
    const pages = {
      'hostile-members': ['members', HOSTILE],
      'hostile-events': [`events?subject=${key.id}`, 'Key created'],
      'hostile-settings': ['settings', 'Stop all of it'],
      'hostile-webhooks': ['settings/webhooks', HOSTILE],
      'hostile-webhook': [`settings/webhooks/${webhook.id}`, 'Deliveries'],
    } as const;
    const page = await here.openAs(mallory, here.at('members', mallory.organizationId));
    const look = async (width: number, colorScheme: 'light' | 'dark', names: readonly string[]) => {
      await page.setViewportSize({ width, height: 800 });
      await page.emulateMedia({ colorScheme });
      for (const name of names) {
        const [at, text] = pages[name as keyof typeof pages];
        await page.goto(here.at(at, mallory.organizationId));
        await page.getByRole('main').getByText(text).first().waitFor();
        await here.expectFine(page, `${name}-${width}-${colorScheme}`);
      }
    };
    await look(360, 'dark', Object.keys(pages));
    await look(1280, 'light', ['hostile-members', 'hostile-events']);
    await page.goto(here.at('members', mallory.organizationId));
    await choose(page, HOSTILE, 'Leave the organization…');
    await button(page, 'Leave the organization').click();
    // The last owner stays, and is told why.
    await page.getByText('last owner').waitFor();
    await here.expectFine(page, 'leave-refused', /409/);
  }, 1_200_000);
});

/** In what the page shows and stores, and in what its scripts can reach. */
async function isInPage(page: Page, secret: string): Promise<boolean> {
  return (await tracesOf(page)).includes(secret) || (await heapOf(page)).includes(secret);
}

/** As Standard Webhooks has it. */
function signatureOf(
  { headers, body }: { headers: IncomingHttpHeaders; body: string },
  secret: string,
): string {
  const key = Buffer.from(secret.replace('whsec_', ''), 'base64');
  const text = `${String(headers['webhook-id'])}.${String(headers['webhook-timestamp'])}.${body}`;
  return `v1,${createHmac('sha256', key).update(text).digest('base64')}`;
}
