import { waitFor } from '@mcpstack/testing';
// eslint-disable-next-line no-restricted-imports -- a peer for tests, which no room shows
import { DnsServer } from '../../../apps/scheduler/test/dns-server.ts';
import { newPerson } from './people.ts';
import { FAST, Product } from './product.ts';

let dns: DnsServer;
let product: Product;

beforeAll(async () => {
  dns = await DnsServer.start();
  product = await Product.start({
    instances: { scheduler: 2 },
    env: {
      ...FAST,
      DNS_SERVERS: dns.address,
      KEY_EXPIRY_POLL_MS: '100',
      DOMAIN_POLL_MS: '200',
      DOMAIN_RECHECK_MS: '2000',
    },
  });
}, 120_000);
afterAll(async () => {
  await product?.stop();
  await dns?.stop();
});

describe('what falls due by the clock, in the whole product', () => {
  it('keys end in time, and that is recorded exactly once though schedulers are killed all the while', async () => {
    const expiresAt = new Date(Date.now() + 4_000).toISOString();
    const keys = await Promise.all(
      Array.from({ length: 20 }, async (_, index) => {
        const body = { name: `short ${index}`, role: 'viewer', expiresAt };
        const answer = await product.http('POST', product.keysPath, { body });
        expect(answer.status).toBe(201);
        return answer.body as { id: string; secret: string };
      }),
    );
    expect(await product.verify({ key: keys[0]!.secret })).toMatchObject({ code: 'VALID' });
    const state = async (id: string) =>
      (await product.http('GET', `${product.keysPath}/${id}`)).body['state'];
    let isDone = false;
    const killing = (async () => {
      while (!isDone)
        for (const name of ['scheduler', 'scheduler-2'])
          await product.stack.service(name).restart({ kill: true });
    })();
    try {
      await waitFor(async () => (await product.verify({ key: keys[0]!.secret })).code === 'EXPIRED');
      await waitFor(
        async () => (await Promise.all(keys.map(({ id }) => state(id)))).every((one) => one === 'expired'),
        {
          timeoutMs: 30_000,
          what: 'every key to be recorded as expired',
        },
      );
    } finally {
      isDone = true;
      await killing;
    }
    const events = (await product.log()).filter(({ type }) => type === 'KeyExpired');
    expect(events.map(({ stream }) => stream).sort()).toEqual(keys.map(({ id }) => `key-${id}`).sort());
    expect(new Set(events.map(({ metadata }) => JSON.stringify(metadata['actor'])))).toEqual(
      new Set(['{"type":"system","id":"scheduler"}']),
    );
  }, 90_000);

  it('a domain is proven on demand, taken over by a later proof, and stale when the proof is gone', async () => {
    const other = await newPerson(product, 'other');
    const first = await addDomain(product.organizationId, product.token);
    const second = await addDomain(other.organizationId, other.token);
    expect((await first.check()).body).toMatchObject({ state: 'pending' });

    dns.set('TXT', '_mcpstack-challenge.app.example.com', [await first.challenge()]);
    expect((await first.check()).body).toMatchObject({ state: 'verified' });
    dns.set('TXT', '_mcpstack-challenge.app.example.com', [await second.challenge()]);
    expect((await second.check()).body).toMatchObject({ state: 'verified' });
    await waitFor(async () => (await first.read())['state'] === 'pending', {
      what: 'the first to be contested',
    });

    dns.clear();
    await waitFor(async () => (await second.read())['state'] === 'stale', { what: 'the second to be stale' });
    // Two schedulers looked; each change is there once.
    const types = (await product.log())
      .filter(({ stream }) => stream === `agent-${second.agentId}`)
      .map(({ type }) => type);
    expect(types).toEqual(['AgentCreated', 'AgentDomainAdded', 'AgentDomainVerified', 'AgentDomainStale']);
  }, 60_000);
});

async function addDomain(organizationId: string, token: string) {
  const agents = `/api/v1/organizations/${organizationId}/agents`;
  const agent = await product.http('POST', agents, { body: { name: 'Agent' }, token });
  const agentId = agent.body['id'] as string;
  const domains = `${agents}/${agentId}/domains`;
  const added = await product.http('POST', domains, { body: { domain: 'app.example.com' }, token });
  expect(added.status).toBe(201);
  const path = `${domains}/${added.body['id'] as string}`;
  const headers = { 'mcpstack-position': added.headers.get('mcpstack-position')! };
  const read = async () => (await product.http('GET', path, { token, headers })).body;
  return {
    agentId,
    read,
    challenge: async () => ((await read())['proof'] as { dns: { value: string } }).dns.value,
    check: () => product.http('POST', `${path}/check`, { token, headers }),
  };
}
