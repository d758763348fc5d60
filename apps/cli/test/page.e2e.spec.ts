/**
 * The product's own page, line by line, as a person follows it: the package installed globally, a fresh home, a browser.
 * TRANSCRIPT=file keeps what was typed and what came back.
 */
import { spawn } from 'node:child_process';
import { appendFileSync, rmSync } from 'node:fs';
import { findChromium, launch, startStack, waitFor, type Stack } from '@mcpstack/testing';
import type { Browser } from 'playwright-core';
import { Installation } from './installed.ts';

const OWNER = { email: 'owner@localhost', password: 'correct horse battery', organization: 'Acme' };

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
  }, 600_000);
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

  it('every command line of the page does what it says', async () => {
    const page = await browser.newPage();
    page.setDefaultTimeout(150_000);
    const login = await type('mcpstack auth login', async (shown) => {
      const url = await waitFor(() => /https?:\/\/\S+userCode=\S+/.exec(shown())?.[0]);
      await page.goto(url);
      await page.getByLabel('E-mail').fill(OWNER.email);
      await page.getByLabel('Password').fill(OWNER.password);
      await page.getByRole('button', { name: 'Log in' }).click();
      await page.getByRole('button', { name: 'Approve' }).click();
    });
    expect(login).toMatchObject({ code: 0 });

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
  }, 600_000);
});
