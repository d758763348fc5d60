/** The guides in docs/: every command in them is run as it stands, in the order in which a reader meets it. */
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { approveDevice, Browser, freePort, type Credentials } from '@mcpstack/local-servers';
import { commandsOf, guide, programOf, textOf } from './guide.ts';
import { FAST, OWNER, Product, WHOLE } from './product.ts';

const ROOT = join(import.meta.dirname, '..', '..', '..');
/** Every answer's status, beside what the guide does with its body. */
const TOLD = `curl() { command curl -w '%{stderr}status %{http_code}\\n' "$@"; }`;
/** Who asks again every few seconds whether they are let in, waits here until they are. */
const PATIENT = 'sleep() { until [ -e approved ]; do command sleep 0.1; done; rm approved; }';
const ADA = { email: 'ada@localhost', password: 'correct horse' };
/** A fresh machine may have no curl; the guides are for those that do. */
const describeWithCurl = spawnSync('curl', ['--version']).status === 0 ? describe : describe.skip;
/** So it is with jq, which the guide for pipelines uses. */
const itWithJq = spawnSync('jq', ['--version']).status === 0 ? it : it.skip;

const folder = mkdtempSync(join(tmpdir(), 'mcpstack-guides-'));
let product: Product | undefined;
afterAll(async () => {
  await product?.stop();
  rmSync(folder, { recursive: true, force: true });
});

/** What stands where `npm start` was run: the guides need nothing else. */
async function start(): Promise<void> {
  const dataDir = join(folder, '.mcpstack', 'data');
  mkdirSync(dataDir, { recursive: true });
  // No name server: a look at a domain of the guide must not leave this machine.
  product = await Product.start({
    instances: WHOLE,
    dataDir,
    env: { ...FAST, DNS_SERVERS: '127.0.0.1:1', WEBHOOK_ALLOW_PRIVATE: 'true' },
  });
  const { stack, organizationId } = product;
  const { secret: adminKey } = await product.create('admin', 'admin');
  const { email: ownerEmail, password: ownerPassword } = OWNER;
  const local = { gatewayUrl: stack.gatewayUrl, organizationId, ownerEmail, ownerPassword, adminKey };
  writeFileSync(join(folder, '.mcpstack', 'local.json'), JSON.stringify(local), { mode: 0o600 });
  symlinkSync(join(ROOT, 'apps'), join(folder, 'apps'));
  // What `npm install -g @mcpstack/cli` puts there.
  mkdirSync(join(folder, 'bin'));
  const bundle = [join(ROOT, 'apps', 'cli', 'bundle.mjs'), join(folder, 'bin', 'mcpstack')];
  execFileSync(process.execPath, bundle, { env: { PATH: process.env['PATH'] } });
}

/** Approves what the commands ask for, as these people in turn. */
async function letIn(address: string, people: Credentials[]): Promise<void> {
  const person = people.shift();
  if (!person) throw new Error('nobody is left to log in');
  await approveDevice(new Browser(), address, person);
  writeFileSync(join(folder, 'approved'), '');
}

/** Runs the commands in one shell; the statuses that were answered, and what was printed. */
function run(
  commands: readonly string[],
): Promise<{ code: number | null; statuses: number[]; text: string }> {
  const shell = spawn('bash', ['-e', '-o', 'pipefail', '-c', [TOLD, PATIENT, ...commands].join('\n')], {
    cwd: folder,
    env: { PATH: `${join(folder, 'bin')}:${process.env['PATH']}`, HOME: folder },
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: 240_000,
  });
  let [text, errors] = ['', ''];
  shell.stdout.setEncoding('utf8').on('data', (part: string) => (text += part));
  const people = [OWNER, ADA];
  const asked = new Set<string>();
  return new Promise((resolve, reject) => {
    shell.stderr.setEncoding('utf8').on('data', (part: string) => {
      errors += part;
      for (const [, address] of errors.matchAll(/Log in at (\S+) and approve/g)) {
        if (asked.has(address!)) continue;
        asked.add(address!);
        letIn(address!, people).catch(reject);
      }
    });
    shell.on('error', reject).on('close', (code) => {
      const statuses = [...errors.matchAll(/^status (\d+)$/gm)].map(([, status]) => Number(status));
      resolve({ code, statuses, text });
    });
  });
}

const refusedOf = (statuses: readonly number[]) => statuses.filter((status) => status >= 300);

describeWithCurl('the commands of the guides', () => {
  beforeAll(start, 120_000);
  const [preamble = ''] = guide('api.md');

  it('api.md: all do what it says; two are refused, as it says', async () => {
    const { code, statuses, text } = await run(guide('api.md'));
    expect([code, refusedOf(statuses)]).toEqual([0, [412, 403]]);
    expect(statuses.length).toBeGreaterThan(30);
    expect(text).toContain('"rule":"longestKeyLifeDays"');
    expect(text).not.toContain('undefined');
  }, 600_000);

  it('publishable-keys.md: a foreign origin, and one without a proven domain, are refused', async () => {
    const { code, statuses, text } = await run([preamble, ...guide('publishable-keys.md')]);
    expect([code, refusedOf(statuses)]).toEqual([0, [403, 400]]);
    expect(text).toMatch(/^mcpstack-verify=[0-9A-Za-z]{43}$/m);
    expect(text).not.toContain('undefined');
  }, 600_000);

  it('leaked-keys.md: the leaked key has ended', async () => {
    const blocks = guide('leaked-keys.md').filter((block) => block.includes('curl'));
    const { code, statuses } = await run([preamble, ...blocks]);
    expect([code, statuses]).toEqual([0, [201, 202, 401]]);
  }, 600_000);

  it('rate-limits.md: a key with limits and a quota', async () => {
    const blocks = guide('rate-limits.md').filter((block) => block.includes('curl'));
    const { code, statuses, text } = await run([preamble, ...blocks]);
    expect([code, statuses]).toEqual([0, [201]]);
    expect(text).toContain('"interval":"month"');
  }, 600_000);

  it('audit-events.md: the events are told, followed and seen by whoever caused them', async () => {
    const environment = 'export MCPSTACK_API_URL=$(fact gatewayUrl) MCPSTACK_API_KEY=$(fact adminKey)';
    const blocks = guide('audit-events.md').filter((block) => /curl|mcpstack /.test(block));
    const { code, statuses, text } = await run([preamble, environment, ...blocks]);
    expect([code, refusedOf(statuses)]).toEqual([0, []]);
    expect(text).toMatch(/^\d+ KeyRenamed [0-9a-f-]{36}$/m);
    // A name that was just given is there; the words of the command line tell the one before it too.
    expect(text).toMatch(/^audited$/m);
    expect(text).toContain('key renamed: "audited-well"');
    expect(text).not.toContain('undefined');
  }, 600_000);

  it('webhooks.md: the receiver of twenty lines takes what is signed, and nothing else', async () => {
    const port = `${await freePort()}`;
    const markdown = textOf('webhooks.md').replaceAll('9000', port);
    writeFileSync(join(folder, 'receiver.mjs'), programOf(markdown));
    const blocks = commandsOf(markdown).filter((block) => /curl|node receiver/.test(block));
    const { code, statuses } = await run([preamble, 'trap "kill %1 2>/dev/null || true" EXIT', ...blocks]);
    expect([code, refusedOf(statuses)]).toEqual([0, [400]]);
    const received = readFileSync(join(folder, 'received.txt'), 'utf8');
    const messages = received
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { type: string; data: { id?: string } });
    expect(messages.slice(0, 2).map(({ type }) => type)).toEqual(['Ping', 'KeyCreated']);
    // What was told again is known by its id.
    expect(new Set(messages.map(({ data }) => data.id)).size).toBe(messages.length);
  }, 600_000);

  itWithJq(
    'pipelines.md: all of it with a key of the environment and nothing else',
    async () => {
      const pipeline =
        'export MCPSTACK_API_URL=$(fact gatewayUrl) MCPSTACK_API_KEY=$(fact adminKey) CI_JOB_ID=7';
      const { code, text } = await run([preamble, pipeline, ...guide('pipelines.md')]);
      expect(code).toBe(0);
      expect(text).toContain('https://mcp.example.com');
      expect(text).toMatch(/^(agent_\w+)\n\1$/m);
      expect(text).not.toContain('undefined');
    },
    600_000,
  );

  it('control: a command of another time is seen', async () => {
    const { statuses } = await run([preamble, 'curl -s -H "$auth" $O/keys']);
    expect(statuses).toEqual([404]);
  });
});
