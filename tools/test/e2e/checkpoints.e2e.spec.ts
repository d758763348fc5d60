/**
 * G9 on the whole product: every event is covered by a signed checkpoint, whoever of the checkpointers is killed, and
 * the auditor's own command finds nothing wrong with it, by the public keys that were published.
 */
import { execFile } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { repositoryRoot } from '@mcpstack/local-servers';
import { waitFor } from '@mcpstack/testing';
import { FAST, Product } from './product.ts';

const INTERVAL_MS = 300;
const run = promisify(execFile);

let product: Product;
beforeAll(async () => {
  const env = { ...FAST, CHECKPOINT_INTERVAL_MS: `${INTERVAL_MS}` };
  product = await Product.start({ instances: { checkpointer: 2 }, env });
}, 600_000);
afterAll(() => product?.stop());

interface Status {
  size: number;
  uncovered: number;
  trouble?: string;
}
const service = (number: 1 | 2) => product.stack.service(number === 1 ? 'checkpointer' : 'checkpointer-2');
const statusOf = async (number: 1 | 2): Promise<Status> =>
  (await (await fetch(`${service(number).url}/health/checkpoints`)).json()) as Status;
const inData = (file: string) => join(product.stack.dataDir, file);

/** Exit code and what `mcpstack-audit verify` says. */
async function audit(keyFile: string): Promise<{ code: number; said: string }> {
  const main = join(repositoryRoot(), 'apps', 'audit', 'dist', 'main.js');
  const options = [
    '--key',
    keyFile,
    '--witness',
    inData('checkpoint.txt'),
    '--log',
    product.stack.eventStoreUrl,
  ];
  const args = [main, 'verify', ...options, '--json'];
  const env = { ...process.env, NODE_OPTIONS: '' };
  return run(process.execPath, args, { env }).then(
    ({ stdout }) => ({ code: 0, said: stdout }),
    ({ code, stdout, stderr }: { code: number; stdout: string; stderr: string }) => ({
      code,
      said: stdout + stderr,
    }),
  );
}

it('every event is covered, with the checkpointers killed again and again', async () => {
  for (let round = 0; round < 4; round += 1) {
    await Promise.all(Array.from({ length: 4 }, (_, n) => product.create(`${round} ${n}`)));
    await service(round % 2 === 0 ? 1 : 2).restart({ kill: true });
  }
  // A checkpoint at the end asks for no other.
  const length = (await product.log()).findLastIndex(({ type }) => type !== 'CheckpointSigned') + 1;
  await waitFor(async () => (await statusOf(1)).size >= length && (await statusOf(2)).size >= length, {
    timeoutMs: 60_000,
    what: 'all to be covered',
  });
  const { code, said } = await audit(inData('checkpoint-vkeys.txt'));
  expect([code, said.slice(0, 2_000)]).toEqual([0, expect.stringContaining('"') as string]);
  expect((JSON.parse(said) as { checkpoints: unknown }).checkpoints).toBeDefined();
}, 600_000);

it('control: whoever trusts another key than the one that signs is told so', async () => {
  const vkey = readFileSync(inData('checkpoint-vkeys.txt'), 'utf8').trim();
  expect(vkey.split('\n')).toHaveLength(1);
  const keys = join(repositoryRoot(), 'apps', 'checkpointer', 'dist', 'keys.js');
  const keyFile = inData('other-keys.json');
  const env = {
    ...process.env,
    NODE_OPTIONS: '',
    CHECKPOINT_KEY_FILE: keyFile,
    EVENT_STORE_URL: product.stack.eventStoreUrl,
  };
  await run(process.execPath, [keys, 'new'], { env });
  const { stdout } = await run(process.execPath, [keys, 'public'], { env });
  // Of the same log, with another key.
  expect(stdout.split('+')[0]).toBe(vkey.split('+')[0]);
  writeFileSync(inData('other-vkeys.txt'), stdout);
  expect((await audit(inData('other-vkeys.txt'))).code).not.toBe(0);
}, 600_000);

it('secrets: the private key stands in no log, no event and no published file', async () => {
  const { keys } = JSON.parse(readFileSync(inData('checkpoint-keys.json'), 'utf8')) as {
    keys: { private: string }[];
  };
  const secret = keys[0]!.private;
  const told = [
    ...['checkpoint.txt', 'checkpoint-vkeys.txt'].map((file) => readFileSync(inData(file), 'utf8')),
    ...[1, 2].map((number) => readFileSync(service(number as 1 | 2).logPath, 'utf8')),
    JSON.stringify((await product.log()).map(({ data, metadata }) => [data, metadata])),
  ].join('\n');
  expect(told.length).toBeGreaterThan(1_000);
  expect(told).not.toContain(secret);
  expect(told).not.toContain(Buffer.from(secret, 'base64').toString('hex'));
  // Control: where it is, it is found.
  expect(readFileSync(inData('checkpoint-keys.json'), 'utf8')).toContain(secret);
});
