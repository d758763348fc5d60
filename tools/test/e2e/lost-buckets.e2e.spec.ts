/** Everything that NATS keeps for the services is gone, but for the log: they make it anew, without a restart. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { jetstreamManager } from '@nats-io/jetstream';
import { waitFor } from '@mcpstack/local-servers';
import type { Mutation } from '../chaos/mutants.ts';
import { mutatedEnv } from '../chaos/mutated.ts';
import { FAST, Product, WHOLE } from './product.ts';

const BUCKETS = ['KV_mcpstack_lease', 'KV_mcpstack_replies', 'KV_mcpstack_login_sessions'];
/** What failed once is used again. */
const NOT_ANEW: Mutation = {
  file: 'gateway/dist/auth/bucket.js',
  find: 'this.bucket = undefined;',
  replace: '',
};
const TRIES = 10;

let product: Product;
beforeAll(async () => {
  product = await Product.start({ instances: WHOLE, env: FAST });
}, 600_000);
afterAll(() => product?.stop());

it('buckets deleted: checks go on or come back, people log in anew, keys are made and ended', async () => {
  const before = await product.create('before');
  await deleteBuckets();

  // Who finds no bucket says 503, once, and opens it anew.
  expect((await product.insist('GET', product.keysPath)).status).toBe(401);
  await product.logIn();
  const after = await product.create('after');
  for (const { id, secret } of [before, after]) {
    await waitFor(async () => (await product.verify({ key: secret })).valid, { timeoutMs: 120_000 });
    expect((await product.insist('DELETE', `${product.keysPath}/${id}`)).status).toBe(204);
    expect((await product.verify({ key: secret })).code).toBe('REVOKED');
  }
  const ended = [...product.stack.services.values()].filter(({ running }) => !running);
  expect(ended.map(({ name }) => name)).toEqual([]);
  expect(await bucketsNow()).toEqual(expect.arrayContaining(BUCKETS));
}, 600_000);

it('control: a gateway that keeps to the bucket that it opened does not come back', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'mcpstack-not-anew-'));
  const gateway = product.stack.service('gateway');
  const status = async () => (await product.http('GET', product.keysPath)).status;
  try {
    await gateway.restart({ env: mutatedEnv(folder, [NOT_ANEW]) });
    await product.logIn();
    expect((await product.insist('GET', product.keysPath)).status).toBe(200);
    await deleteBuckets();
    const answers = [];
    for (let tries = 0; tries < TRIES; tries += 1) answers.push(await status());
    expect(answers).toEqual(answers.map(() => 503));
    await gateway.restart({ env: { NODE_OPTIONS: '', CHAOS_MUTATIONS: '[]' } });
    await product.logIn();
    expect(await status()).toBe(200);
  } finally {
    rmSync(folder, { recursive: true });
  }
}, 600_000);

const manager = () => jetstreamManager(product.nats, { timeout: 20_000 });

async function bucketsNow(): Promise<string[]> {
  const names: string[] = [];
  for await (const { config } of (await manager()).streams.list()) names.push(config.name);
  return names.filter((name) => name.startsWith('KV_'));
}

async function deleteBuckets(): Promise<void> {
  const buckets = await bucketsNow();
  expect(buckets).toEqual(expect.arrayContaining(BUCKETS));
  for (const bucket of buckets) await (await manager()).streams.delete(bucket);
}
