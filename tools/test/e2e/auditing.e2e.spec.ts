/**
 * docs/auditing.md: every command is run as it stands, by an auditor whose credentials may read the log and no more, as
 * the guide's own configuration of NATS gives them.
 */
import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startNats, waitFor, type LocalServer } from '@mcpstack/testing';
import { repositoryRoot } from '@mcpstack/local-servers';
import { guide, textOf } from './guide.ts';
import { FAST, Product } from './product.ts';

const ROOT = repositoryRoot();
const folder = mkdtempSync(join(tmpdir(), 'mcpstack-auditing-'));
const blocks = guide('auditing.md').filter((block) => !block.includes('authorization {'));
let nats: LocalServer;
let product: Product;

/** The block of the guide, and the services as its operator: they give no name. */
function configuration(): string {
  const [block] = /^ {4}authorization \{\n(?: {4}.*\n)*? {4}\}$/m.exec(textOf('auditing.md'))!;
  return `${block}\nno_auth_user: operator`;
}

/** What stands where `npm start` was run, with a key that was made and revoked. */
beforeAll(async () => {
  nats = await startNats({ config: configuration() });
  const dataDir = join(folder, '.mcpstack', 'data');
  mkdirSync(dataDir, { recursive: true });
  const env = { ...FAST, CHECKPOINT_INTERVAL_MS: '300' };
  product = await Product.start({ instances: { checkpointer: 1 }, dataDir, natsUrl: nats.url, env });
  const { stack, organizationId } = product;
  const { id } = await product.create('automation-bot');
  expect((await product.insist('DELETE', `${product.keysPath}/${id}`)).status).toBe(204);
  const { eventStoreUrl, redisUrl } = stack;
  writeFileSync(
    join(folder, '.mcpstack', 'local.json'),
    JSON.stringify({ eventStoreUrl, redisUrl, organizationId }),
  );
  for (const name of ['apps', 'node_modules']) symlinkSync(join(ROOT, name), join(folder, name));
  // A checkpoint asks for no other one.
  const length = (await product.log()).findLastIndex(({ type }) => type !== 'CheckpointSigned') + 1;
  const covered = async () => {
    const answer = await fetch(`${stack.service('checkpointer').url}/health/checkpoints`);
    return ((await answer.json()) as { size: number }).size >= length;
  };
  await waitFor(covered, { timeoutMs: 90_000, what: 'all to be signed' });
}, 600_000);
afterAll(async () => {
  await product?.stop();
  await nats?.stop();
  rmSync(folder, { recursive: true, force: true });
});

interface Ran {
  code: number | null;
  said: string;
}

/** In one shell, which stops at the first command that fails. Each command is said before it runs. */
function run(commands: readonly string[]): Promise<Ran> {
  const shell = spawn('bash', ['-e', '-o', 'pipefail', '-c', commands.join('\n')], {
    cwd: folder,
    // No registry: what is optional is left out.
    env: { PATH: process.env['PATH'], HOME: folder, npm_config_offline: 'true', npm_config_audit: 'false' },
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: 400_000,
  });
  let said = '';
  for (const stream of [shell.stdout, shell.stderr])
    stream.setEncoding('utf8').on('data', (part: string) => (said += part));
  return new Promise((resolve, reject) => {
    shell.on('error', reject).on('close', (code) => resolve({ code, said }));
  });
}

it('all of the guide, with credentials that may read and nothing else', async () => {
  const { code, said } = await run(blocks);
  // All of it is shown where it goes wrong.
  expect(code === 0 ? 'done' : said).toBe('done');
  expect(said).toContain('These credentials are for reading alone.');
  expect(said).toMatch(/refused: .*mcpstack\.log\.may-I-write/i);
  expect(said.match(/Everything that was checked fits\./g)).toHaveLength(2);
  expect(said.match(/The proof holds\./g)).toHaveLength(2);
  expect(said).toContain('automation-bot');
  expect(said).not.toContain('undefined');
  const page = readFileSync(join(folder, 'report.html'), 'utf8');
  expect(page).toContain('<h1>Report on keys</h1>');
  const lines = readFileSync(join(folder, 'events.jsonl'), 'utf8').trimEnd().split('\n');
  expect(lines.map((line) => (JSON.parse(line) as { type: string }).type)).toContain(
    'com.mcpstack.keys.KeyRevoked',
  );
}, 600_000);

it('control: with the credentials of the operator the same question finds that they may write', async () => {
  const url = nats.url.replace('//', "//operator:operator's%20own@");
  const asked = blocks.filter((block) => block.includes('may_write'));
  const { code, said } = await run([`export EVENT_STORE_URL="${url}"`, ...asked]);
  expect(said).not.toContain('refused');
  expect([code, said]).toEqual([0, expect.stringContaining('may write')]);
});

it('control: a command that fails is seen', async () => {
  const { code } = await run([...blocks.slice(0, 2), 'npx mcpstack-audit verify --key none.txt']);
  expect(code).toBe(2);
});
