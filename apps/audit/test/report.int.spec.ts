/** `report`: as text, as JSON, and as a page in a real browser. SCREENSHOTS names a folder that keeps pictures of it. */
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { openEventStore, type EventStore } from '@mcpstack/event-store';
import { faultsOf, findChromium, launch, picture, startNats, type LocalServer } from '@mcpstack/testing';
import type { Browser, Page } from 'playwright-core';
import { type Report } from '../src/report/report.ts';
import { LogWriter, stored } from './log-writer.ts';
import { runAudit, type Ran } from './run-audit.ts';

const NOW = '2026-06-01T00:00:00.000Z';
const ADA = { type: 'user', id: 'user_ada' } as const;
const CREDENTIAL = { digest: 'ab'.repeat(32), pepperVersion: 1 };
/** A name is whatever somebody typed. */
const HOSTILE = `<img src=x onerror="document.title='broken'"></table><script>document.title='broken'</script>\u202e'&`;
const ago = (days: number) => new Date(Date.parse(NOW) - days * 86_400_000).toISOString();

let nats: LocalServer;
let store: EventStore;
let log: LogWriter;
const folder = mkdtempSync(join(tmpdir(), 'mcpstack-report-'));
const page = join(folder, 'report.html');
const report = (...args: string[]): Promise<Ran> =>
  runAudit(['report', '--log', nats.url, ...args], { now: () => NOW });

beforeAll(async () => {
  nats = await startNats();
  store = await openEventStore(nats.url);
  log = new LogWriter(store);
  await tell();
});
afterAll(async () => {
  await store.close();
  await nats.stop();
  rmSync(folder, { recursive: true, force: true });
});

async function tell(): Promise<void> {
  for (const [id, name] of [
    ['org_acme', 'Acme'],
    ['org_evil', HOSTILE],
  ] as const) {
    const data = { organizationId: id, name, ownerId: ADA.id };
    await log.put('organization', id, { type: 'OrganizationCreated', data, at: ago(900) });
  }
  for (let n = 0; n < 22; n += 1) {
    const id = `key_${String(n).padStart(22, '0')}`;
    const organizationId = n % 7 === 0 ? 'org_evil' : 'org_acme';
    const name = n % 7 === 0 ? HOSTILE : `automation-bot-${n}`;
    const role = (['viewer', 'developer', 'admin', 'owner'] as const)[n % 4]!;
    const at = ago(5 + n * 31);
    const created = { keyId: id, organizationId, kind: 'service', name, role, credential: CREDENTIAL };
    const expiring = n % 3 === 0 ? {} : { expiresAt: ago(-200) };
    await log.put('key', id, {
      type: 'KeyCreated',
      data: { ...created, ...expiring },
      at,
      actor: n === 4 ? { type: 'user', id: 'user_left' } : ADA,
    });
    if (n % 5 === 0) await log.put('key', id, { type: 'KeyExposed', data: {}, at: ago(3) });
    if (n % 8 === 7)
      await log.put('key', id, { type: 'KeyRevoked', data: { reason: 'reported-leak' }, at: ago(2) });
    for (let week = 0; week < 6 && n % 6 !== 5; week += 1) {
      const used = ago(1 + n + week * 9);
      if (used < at) break;
      const data = {
        keyId: id,
        organizationId,
        from: used,
        to: used,
        count: 3 * n + week + 1,
        lastUsedAt: used,
        lastUsedFrom: { addressPrefix: `10.0.${week}.0/24` },
      };
      await log.put('usage', id, { type: 'KeyUsed', data, at: used });
    }
  }
}

it('as text: no line is wider than 80 columns, and what it cannot tell is said', async () => {
  const { exitCode, stdout } = await report();
  expect(exitCode).toBe(0);
  expect(stdout.split('\n').filter((line) => line.length > 80)).toEqual([]);
  expect(stdout).toMatch(/^HIGH Secret seen in a web page, and not changed since: \d+$/m);
  expect(stdout).toContain('user_left is no member');
  expect(stdout).toContain('refused checks write no event');
  // What would steer a terminal is taken out of names.
  expect(stdout).not.toContain('\u202e');
});

it('as JSON: every key of every finding', async () => {
  const all = (await report('--json')).json<Report>();
  for (const { count, keys } of all.findings) expect(keys).toHaveLength(count);
  expect(all.log).toMatchObject({ id: await store.logId(), untilPosition: String(await store.head()) });
  expect(all.organizations['org_evil']).toBe(HOSTILE);
  const acme = (await report('--json', '--organization', 'org_acme')).json<Report>();
  expect(acme.organizationId).toBe('org_acme');
  expect(JSON.stringify(acme)).not.toContain('org_evil');
});

it('lists as many keys of a finding as were asked for, the worst, and counts all', async () => {
  const keysOf = async (...args: string[]) => {
    const { findings } = (await report('--json', ...args)).json<Report>();
    return findings.find(({ id }) => id === 'no-expiry')!;
  };
  const [all, some] = [await keysOf(), await keysOf('--most', '2')];
  expect(all.count).toBeGreaterThan(2);
  expect(some).toEqual({ ...all, keys: all.keys.slice(0, 2) });
  expect((await report('--most', '9')).stdout).toMatch(/… and \d+ more: --json lists the first 9$/m);
  const over = await report('--most', '100001');
  expect([over.exitCode, over.stderr]).toEqual([2, expect.stringContaining('at most 100000')]);
});

it('as of a time: what came later is not in it', async () => {
  const all = (await report('--json', '--now', ago(4))).json<Report>();
  expect(all.findings.find(({ id }) => id === 'exposed')!.count).toBe(0);
  expect(all.figures.keys.revoked).toBe(0);
  const none = (await report('--json', '--now', '2000-01-01')).json<Report>();
  expect([none.log.events, none.figures.keys.live]).toEqual([0, 0]);
});

it.each([
  [['--now', '2027-01-01'], '--now lies in the future'],
  [['--now', 'noon'], '--now is no time'],
  [['--days', '0'], 'Write a whole number from 1 on'],
  [['--days', '1e9'], 'Write a whole number from 1 on'],
  [['--organization', 'org_none'], 'This log knows no organization'],
  [['--html', '/none/there.html'], 'its folder is not there'],
  [['--html', '/'], 'is a folder'],
])('refuses %j: %s', async (args, text) => {
  const ran = await report(...args);
  expect(ran).toMatchObject({ exitCode: 2, stdout: '' });
  expect(ran.stderr).toContain(text);
});

it('says so when the disk is full', async () => {
  const ran = await report('--html', '/dev/full');
  expect([ran.exitCode, ran.stderr]).toEqual([3, expect.stringContaining('there is no room left')]);
});

it('an empty log has a report, too', async () => {
  const empty = await startNats();
  await (await openEventStore(empty.url)).close();
  const ran = await runAudit(['report', '--log', empty.url, '--html', join(folder, 'empty.html')]);
  await empty.stop();
  expect(ran).toMatchObject({ exitCode: 0 });
  expect(readFileSync(join(folder, 'empty.html'), 'utf8')).not.toMatch(/NaN|undefined|Infinity/);
});

const chromium = await findChromium();
(chromium === undefined ? describe.skip : describe)('the page', () => {
  let browser: Browser;
  beforeAll(async () => {
    expect(await report('--html', page)).toMatchObject({ exitCode: 0 });
    browser = await launch(chromium!);
  });
  afterAll(() => browser?.close());

  interface Shown {
    page: Page;
    requests: string[];
    complaints: string[];
  }
  async function show(width: number, colorScheme: 'light' | 'dark', path = page): Promise<Shown> {
    const context = await browser.newContext({ viewport: { width, height: 900 }, colorScheme });
    const shown = await context.newPage();
    const [requests, complaints]: [string[], string[]] = [[], []];
    shown.on('request', (request) => requests.push(request.url()));
    shown.on('console', (message) => complaints.push(message.text()));
    shown.on('pageerror', (error) => complaints.push(String(error)));
    await shown.goto(pathToFileURL(path).href);
    return { page: shown, requests, complaints };
  }

  it.each([
    [360, 'light'],
    [360, 'dark'],
    [1280, 'light'],
    [1280, 'dark'],
  ] as const)(
    'at %i px, %s: axe finds nothing, nothing is asked for, nothing is cut off',
    async (width, scheme) => {
      const { page: shown, requests, complaints } = await show(width, scheme);
      await picture(shown, `report-${width}-${scheme}`);
      // Each width and each scheme once: axe takes its time.
      if ((width === 360) === (scheme === 'light')) expect(await faultsOf(shown)).toEqual([]);
      expect(requests).toEqual([pathToFileURL(page).href]);
      // No style, script or picture that the page's own policy would refuse.
      expect(complaints).toEqual([]);
      expect(await shown.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(width);
      await shown.close();
    },
  );

  it('names are texts, whatever they hold', async () => {
    const { page: shown } = await show(1280, 'light');
    expect(await shown.title()).toBe('Report on keys, 2026-06-01');
    expect(await shown.locator('img, script').count()).toBe(0);
    expect(
      await shown.locator('tbody th bdi').filter({ hasText: '<img src=x onerror' }).count(),
    ).toBeGreaterThan(0);
    await shown.close();
  });

  it('control: without escaping, the name would be markup; without the policy, it would run', async () => {
    const shown = await browser.newPage();
    await shown.setContent(`<table><td>${HOSTILE}</td></table>`);
    await shown.waitForFunction("document.title === 'broken'");
    await shown.close();
    const policed = await browser.newPage();
    const policy = /<meta http-equiv[^>]+>/.exec(readFileSync(page, 'utf8'))![0];
    const complaint = policed.waitForEvent('console');
    await policed.setContent(`<head>${policy}</head><body>${HOSTILE}</body>`);
    expect((await complaint).text()).toContain('Content Security Policy');
    expect(await policed.title()).toBe('');
    await policed.close();
  });

  it('prints on a few pages, with nothing that scrolls', async () => {
    const { page: shown } = await show(1280, 'dark');
    await shown.emulateMedia({ media: 'print', colorScheme: 'dark' });
    await picture(shown, 'report-print');
    expect(await shown.evaluate('getComputedStyle(document.body).color')).toBe('rgb(0, 0, 0)');
    expect((await shown.pdf({ format: 'A4' })).subarray(0, 5).toString()).toBe('%PDF-');
    await shown.close();
  });

  it('is for whoever asked for it', () => {
    expect(statSync(page).mode & 0o777).toBe(0o600);
  });
});

it('an event of a version that is not known ends it: a report without it would not be whole', async () => {
  const renamed = stored('key', { type: 'KeyRenamed', data: { name: 'x' }, at: ago(1) });
  renamed.metadata['schemaVersion'] = 9;
  await store.append('key-key_new', 'no_stream', [renamed]);
  const ran = await report('--json');
  expect([ran.exitCode, ran.stdout]).toEqual([3, '']);
  expect(ran.stderr).toContain('KeyRenamed has no version 9');
});
