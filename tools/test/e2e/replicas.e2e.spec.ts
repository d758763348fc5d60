/**
 * JETSTREAM_REPLICAS on a cluster of three: whatever the product keeps in JetStream stands on all three, and one may go;
 * or a zone with one of them and one of each service, in which Redis' primary is not.
 */
import { freePort, startNats, waitFor, type LocalServer } from '@mcpstack/local-servers';
import { openEventStore } from '@mcpstack/event-store';
import { jetstreamManager } from '@nats-io/jetstream';
import { FAST, Product, WHOLE } from './product.ts';

const TWO = { ...WHOLE, gateway: 2, issuance: 2, projection: 2, authorizer: 2 };
/** The projection that was there first is the active one. */
const ZONE = ['gateway-2', 'issuance', 'projection', 'authorizer'];

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
  product = await waitFor(() => Product.start({ natsUrl: servers[0]!.url, instances: TWO, env }), {
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

it('a log that is kept on one server alone is told of; control: of one on three nothing is said', async () => {
  const told: string[] = [];
  const onUnsafe = (sentence: string) => told.push(sentence);
  const made = async (replicas: number) => {
    const options = { streamName: `kept_on_${replicas}`, replicas, onUnsafe };
    await (await openEventStore(servers[0]!.url, options)).close();
  };
  await made(3);
  expect(told).toEqual([]);
  await made(1);
  expect(told).toEqual([expect.stringMatching(/one server alone.*nats stream edit kept_on_1 --replicas 3/)]);
});

it('with one of the three killed, and one of each service, keys are made, checked and ended', async () => {
  const before = await product.create('made by all');
  await Promise.all([servers[2]!.kill(), ...ZONE.map((name) => product.stack.service(name).kill())]);
  const after = await product.create('made by two');
  for (const { id, secret } of [before, after]) {
    const isValid = () => product.verify({ key: secret }).then(({ valid }) => valid);
    await waitFor(isValid, { timeoutMs: 120_000, what: 'the key to be valid' });
    expect((await product.insist('DELETE', `${product.keysPath}/${id}`)).status).toBe(204);
    expect((await product.verify({ key: secret })).code).toBe('REVOKED');
  }
}, 600_000);
