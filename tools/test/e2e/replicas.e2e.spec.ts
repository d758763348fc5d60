/** JETSTREAM_REPLICAS on a cluster of three: whatever the product keeps in JetStream stands on all three, and one may go. */
import { freePort, startNats, waitFor, type LocalServer } from '@mcpstack/local-servers';
import { jetstreamManager } from '@nats-io/jetstream';
import { FAST, Product, WHOLE } from './product.ts';

const servers: LocalServer[] = [];
let product: Product;

beforeAll(async () => {
  const routes = await Promise.all([1, 2, 3].map(() => freePort()));
  const all = routes.map((port) => `nats://127.0.0.1:${port}`).join(', ');
  servers.push(
    ...(await Promise.all(
      routes.map((port) =>
        startNats({ config: `cluster { name: spec, listen: "127.0.0.1:${port}", routes: [${all}] }` }),
      ),
    )),
  );
  const env = { ...FAST, JETSTREAM_REPLICAS: '3' };
  // A cluster that is new has no leader for a moment; who finds none does not start.
  product = await waitFor(() => Product.start({ natsUrl: servers[0]!.url, instances: WHOLE, env }), {
    timeoutMs: 240_000,
    what: 'the product to start on the cluster',
  });
}, 600_000);
afterAll(async () => {
  await product?.stop();
  await Promise.all(servers.map((server) => server.stop()));
});

async function replicas(): Promise<Record<string, number>> {
  const manager = await jetstreamManager(product.nats, { timeout: 10_000 });
  const found: Record<string, number> = {};
  for await (const { config } of manager.streams.list()) found[config.name] = config.num_replicas;
  return found;
}

it('the log and every bucket are kept on three servers', async () => {
  await product.create('kept');
  const names = ['mcpstack_log', 'KV_mcpstack_lease', 'KV_mcpstack_replies', 'KV_mcpstack_login_sessions'];
  const areThere = async (): Promise<boolean> => {
    const made = await replicas();
    return names.every((name) => name in made);
  };
  await waitFor(areThere, { what: 'streams and buckets to be made' });
  expect([...new Set(Object.values(await replicas()))]).toEqual([3]);
});

it('with one of the three killed, keys are made and checked', async () => {
  await servers[2]!.kill();
  const { secret } = await product.create('made by two');
  await waitFor(async () => (await product.verify({ key: secret })).valid, { timeoutMs: 90_000 });
});
