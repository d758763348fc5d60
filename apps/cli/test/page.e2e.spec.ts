/**
 * The product's own page, line by line, as a person follows it: the package installed globally, a fresh home, a browser.
 * TRANSCRIPT=file keeps what was typed and what came back; SCREENSHOTS=folder keeps pictures of the pages.
 */
import { spawn } from 'node:child_process';
import { appendFileSync, rmSync } from 'node:fs';
import { faultsOf, findChromium, launch, picture, startStack, waitFor, type Stack } from '@mcpstack/testing';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { Installation } from './installed.ts';

const OWNER = { email: 'owner@localhost', password: 'correct horse battery', organization: 'Acme' };

const SIZES = [
  { width: 360, height: 740 },
  { width: 1280, height: 800 },
];
const TRANSCRIPT = process.env['TRANSCRIPT'];

const chromium = await findChromium();

interface Ended {
  code: number | null;
  stdout: string;
  stderr: string;
}

(chromium === undefined ? describe.skip : describe)('as a person follows the page', () => {
  let stack: Stack;
  let organizationId: string;
  let installation: Installation;
  let browser: Browser;
  let env: Record<string, string>;

  beforeAll(async () => {
    stack = await startStack();
    ({ organizationId } = await stack.setUp(OWNER));
    installation = new Installation();
    env = { ...installation.env, MCPSTACK_API_URL: stack.gatewayUrl };
    browser = await launch(chromium!);
    if (TRANSCRIPT) rmSync(TRANSCRIPT, { force: true });
  }, 120_000);
  afterAll(async () => {
    await browser?.close();
    installation?.remove();
    await stack?.stop();
  });

  /** Types a line into a shell of its own. `meanwhile` gets all that it has printed, as it comes. */
  async function type(line: string, meanwhile?: (shown: () => string) => Promise<void>): Promise<Ended> {
    const child = spawn('sh', ['-c', line], {
      env,
      cwd: installation.home,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const result: Ended = { code: null, stdout: '', stderr: '' };
    let both = '';
    const keep = (what: 'stdout' | 'stderr') => (chunk: Buffer) => {
      result[what] += chunk.toString();
      both += chunk.toString();
    };
    child.stdout.on('data', keep('stdout'));
    child.stderr.on('data', keep('stderr'));
    const closed = new Promise<number | null>((resolve) => child.once('close', resolve));
    try {
      await meanwhile?.(() => both);
      result.code = await closed;
    } finally {
      child.kill('SIGKILL');
    }
    // A secret does not go into a file that people pass on.
    const told = `$ ${line}\n${both}`.replaceAll(/(mcpstack_sk_\w{4})\w+/g, '$1…');
    if (TRANSCRIPT) appendFileSync(TRANSCRIPT, `${told}\n`);
    return result;
  }

  /** A browser that has never been here. */
  async function newPage(
    size: { width: number; height: number },
    options: { bypassCSP?: boolean } = {},
  ): Promise<{ page: Page; context: BrowserContext; complaints: string[] }> {
    const context = await browser.newContext({ viewport: size, ...options });
    const page = await context.newPage();
    const complaints: string[] = [];
    page.on('console', (message) => {
      if (['error', 'warning'].includes(message.type())) complaints.push(message.text());
    });
    page.on('pageerror', (error) => complaints.push(error.message));
    return { page, context, complaints };
  }

  async function fillIn(page: Page, password: string): Promise<void> {
    await page.getByLabel(/e-?mail/i).fill(OWNER.email);
    await page.getByLabel(/password/i).fill(password);
    await page.getByRole('button', { name: /log in|sign in|continue/i }).click();
  }

  it('every command line of the page does what it says', async () => {
    const { page, context, complaints } = await newPage(SIZES[1]!);
    const login = await type('mcpstack auth login', async (shown) => {
      const url = await waitFor(() => /https?:\/\/\S+userCode=\S+/.exec(shown())?.[0]);
      await page.goto(url);
      await fillIn(page, OWNER.password);
      await page.getByRole('button', { name: /approve|allow|let it in/i }).click();
      await page.waitForLoadState();
    });
    expect(login).toMatchObject({ code: 0 });
    expect(complaints).toEqual([]);
    await context.close();

    const organizations = await type('mcpstack org list');
    expect(organizations).toMatchObject({ code: 0, stderr: '' });
    expect(organizations.stdout).toContain(organizationId);
    const listed = await type(`mcpstack api-keys list --org ${organizationId}`);
    expect(listed).toMatchObject({ code: 0 });

    const created = await type('mcpstack api-keys create --name automation-bot --role developer');
    expect(created.code).toBe(0);
    const secret = /mcpstack_sk_\w+/.exec(created.stdout)![0];
    const keys = await type('mcpstack api-keys list');
    expect(keys.stdout).toMatch(/automation-bot.+developer/);
    expect(keys.stdout + keys.stderr).not.toContain(secret);

    env['MCPSTACK_API_KEY'] = secret;
    const stored = await type('mcpstack auth service-account login --key "$MCPSTACK_API_KEY"');
    expect(stored).toMatchObject({ code: 0 });
    const servers = await type('mcpstack servers list --json');
    expect(servers).toMatchObject({ code: 0 });
    expect(JSON.parse(servers.stdout)).toEqual({ data: [] });
    // The stored login is enough, without the variable.
    delete env['MCPSTACK_API_KEY'];
    expect(await type('mcpstack servers list --json')).toMatchObject({ code: 0, stdout: servers.stdout });
    expect(await type('mcpstack whoami')).toMatchObject({ code: 0 });
  }, 120_000);

  it.each(SIZES)(
    'the pages of a login are whole and accessible at $width px',
    async (size) => {
      const at = `${size.width}`;
      const { page, context } = await newPage(size, { bypassCSP: true });
      const look = async (name: string): Promise<void> => {
        await picture(page, `${name}-${at}`);
        expect([name, await faultsOf(page)]).toEqual([name, []]);
        const overflow = await page.evaluate<number>(
          'document.documentElement.scrollWidth - document.documentElement.clientWidth',
        );
        expect([name, overflow]).toEqual([name, 0]);
      };
      const response = await fetch(`${stack.gatewayUrl}/api/v1/auth/device`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ clientName: 'mcpstack on a laptop' }),
      });
      const device = (await response.json()) as Record<'verificationUri' | 'verificationUriComplete', string>;
      await page.goto(device.verificationUriComplete);
      await look('login');
      await fillIn(page, 'not the password');
      await look('login-refused');
      await fillIn(page, OWNER.password);
      await look('device');
      await page.getByRole('button', { name: /approve|allow|let it in/i }).click();
      await look('device-approved');
      await page.goto(device.verificationUriComplete);
      await look('device-unknown');
      await page.goto(device.verificationUri);
      await look('device-code');
      await context.close();
    },
    120_000,
  );

  it('control: axe finds what is wrong with a page', async () => {
    const { page, context } = await newPage(SIZES[0]!);
    await page.setContent('<html><body><img src="x"><input><p style="color:#ccc">pale</p></body></html>');
    expect((await faultsOf(page)).length).toBeGreaterThan(2);
    await context.close();
  }, 60_000);
});
