/** Everything that NATS keeps for the services is gone, but for the log: they make it anew, without a restart. */
import { jetstreamManager } from '@nats-io/jetstream';
import { waitFor } from '@mcpstack/local-servers';
import { FAST, Product, WHOLE } from './product.ts';

let product: Product;
beforeAll(async () => {
  product = await Product.start({ instances: WHOLE, env: FAST });
}, 600_000);
afterAll(() => product?.stop());

it('buckets deleted: checks go on or come back, people log in anew, keys are made and ended', async () => {
  const before = await product.create('before');
  const manager = await jetstreamManager(product.nats, { timeout: 20_000 });
  const buckets: string[] = [];
  for await (const { config } of manager.streams.list())
    if (config.name.startsWith('KV_')) buckets.push(config.name);
  expect(buckets).toEqual(
    expect.arrayContaining(['KV_mcpstack_lease', 'KV_mcpstack_replies', 'KV_mcpstack_login_sessions']),
  );
  for (const bucket of buckets) await manager.streams.delete(bucket);

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
  // And the buckets stand there again.
  const made: string[] = [];
  for await (const { config } of manager.streams.list()) made.push(config.name);
  expect(made).toEqual(
    expect.arrayContaining(['KV_mcpstack_lease', 'KV_mcpstack_replies', 'KV_mcpstack_login_sessions']),
  );
}, 600_000);
