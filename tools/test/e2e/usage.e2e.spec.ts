/**
 * G7 with the real processes: what is counted equals what was answered after a clean stop; after kill -9 of an
 * authorizer it is at most one window less for the keys that it counted, and never more, whoever else is killed.
 */
import { randomInt, randomUUID } from 'node:crypto';
import { COMMAND_SUBJECTS, type ApiKey, type UsageWindow } from '@mcpstack/contracts';
import { waitFor } from '@mcpstack/testing';
import { Product } from './product.ts';

const KEYS = 12;

let product: Product;
let keys: { id: string; secret: string }[];
/** VALID answers that were received, by key, since the test began. */
let truth: Map<string, number>;
/** What the log held when the test began. */
let before: Map<string, number>;

beforeAll(async () => {
  product = await Product.start({ instances: { scheduler: 1, authorizer: 2 } });
  keys = [];
  for (let n = 0; n < KEYS; n += 1) keys.push(await product.create(`key ${n}`));
}, 600_000);
afterAll(() => product?.stop());
beforeEach(async () => {
  truth = new Map();
  before = await inLog();
});

async function inLog(): Promise<Map<string, number>> {
  const counts = new Map<string, number>();
  for (const { type, data } of await product.log())
    if (type === 'KeyUsed') {
      const { keyId, count } = data as { keyId: string; count: number };
      counts.set(keyId, (counts.get(keyId) ?? 0) + count);
    }
  return counts;
}
/** Counted in this test. */
async function counted(): Promise<Map<string, number>> {
  const now = await inLog();
  return new Map(keys.map(({ id }) => [id, (now.get(id) ?? 0) - (before.get(id) ?? 0)]));
}
const sum = (counts: Map<string, number>) => [...counts.values()].reduce((all, one) => all + one, 0);

/** Checks of random keys. An answer that is lost with its authorizer is none: it may or may not be counted. */
async function check(times: number): Promise<{ unanswered: number }> {
  let unanswered = 0;
  const worker = async (): Promise<void> => {
    for (let n = 0; n < times / 8; n += 1) {
      const { id, secret } = keys[randomInt(KEYS)]!;
      const request = { key: secret, ip: '203.0.113.77' };
      const reply = await product.verify(request).catch(() => undefined);
      if (reply?.code === 'VALID') truth.set(id, (truth.get(id) ?? 0) + 1);
      else if (!reply) unanswered += 1;
    }
  };
  await Promise.all(Array.from({ length: 8 }, worker));
  return { unanswered };
}

const AUTHORIZERS = ['authorizer', 'authorizer-2'] as const;
const stopAll = () => Promise.all(AUTHORIZERS.map((name) => product.stack.service(name).stop()));
const startAll = () => Promise.all(AUTHORIZERS.map((name) => product.stack.service(name).restart()));

/** What the API shows of a key's uses, in all. */
async function shown(id: string): Promise<number> {
  const answer = await product.insist('GET', `${product.keysPath}/${id}/usage`);
  return answer.body['count'] as number;
}

it('a clean stop, while issuance is killed twice: exactly the truth, in the log and in the API', async () => {
  const { stack } = product;
  const kill = async () => {
    await stack.service('issuance').kill();
    await stack.service('issuance').restart();
  };
  await check(200);
  await Promise.all([check(400), kill()]);
  await Promise.all([check(400), kill()]);
  await stopAll();
  const total = sum(truth);
  expect(total).toBeGreaterThan(900);
  const all = await counted();
  expect(Object.fromEntries(all)).toEqual(Object.fromEntries(keys.map(({ id }) => [id, truth.get(id) ?? 0])));
  const id = keys[0]!.id;
  await waitFor(async () => (await shown(id)) === truth.get(id), { what: 'the read model to show it' });
  await startAll();
}, 600_000);

it('kill -9 of an authorizer: at most its open window less, never more', async () => {
  await check(200);
  const isRecorded = async () => sum(await counted()) === sum(truth);
  await waitFor(isRecorded, { timeoutMs: 90_000, what: 'all windows to be recorded' });
  const recorded = new Map(truth);
  const killing = (async () => {
    await waitFor(() => sum(truth) >= 400, { what: 'more checks' });
    await product.stack.service('authorizer').kill();
  })();
  const { unanswered } = await check(400);
  await killing;
  await stopAll();
  const all = await counted();
  for (const { id } of keys) {
    const answered = truth.get(id) ?? 0;
    expect(all.get(id)!).toBeLessThanOrEqual(answered + unanswered);
    // What is missing was answered since its last window: all before that is there.
    expect(all.get(id)!).toBeGreaterThanOrEqual(recorded.get(id) ?? 0);
  }
  // Control: the kill was felt.
  expect(sum(all)).toBeLessThan(sum(truth) + unanswered);
}, 600_000);

it('lists and details of both kinds show when and whence a key was used last', async () => {
  const base = `/api/v1/organizations/${product.organizationId}`;
  const agent = await product.insist('POST', `${base}/agents`, { body: { name: 'shop' } });
  const origins = [{ origin: 'http://localhost' }];
  const body = { name: 'page', agentId: agent.body['id'], origins, development: true };
  const visible = await product.insist('POST', `${base}/public-keys`, { body });
  expect(visible.status).toBe(201);
  const lastUsedAt = new Date().toISOString();
  const lastUsedFrom = { addressPrefix: '203.0.113.0/24', userAgent: 'curl' };
  const paths: [path: string, id: string][] = [
    [product.keysPath, keys[0]!.id],
    [`${base}/public-keys`, visible.body['id'] as string],
  ];
  await record(
    paths.map(([, keyId]) => ({
      keyId,
      organizationId: product.organizationId,
      from: lastUsedAt,
      to: lastUsedAt,
      count: 1,
      lastUsedAt,
      lastUsedFrom,
    })),
  );
  for (const [path, id] of paths) {
    await waitFor(async () => 'lastUsedFrom' in (await product.http('GET', `${path}/${id}`)).body);
    const detail = await product.http('GET', `${path}/${id}`);
    const list = await product.http('GET', `${path}?limit=100`);
    const listed = (list.body['data'] as ApiKey[]).find((one) => one.id === id);
    for (const one of [detail.body, listed]) expect(one).toMatchObject({ lastUsedAt, lastUsedFrom });
  }
}, 600_000);

/** As an authorizer that saw these uses. */
async function record(windows: readonly UsageWindow[]): Promise<void> {
  const data = {
    commandId: randomUUID(),
    requestId: 'spec',
    actor: { type: 'system', id: 'authorizer' },
    requestDigest: '0'.repeat(64),
    input: { source: randomUUID(), number: 1, windows },
  };
  const request = JSON.stringify({ id: data.commandId, pattern: COMMAND_SUBJECTS.recordUsage, data });
  const reply = await product.nats.request(COMMAND_SUBJECTS.recordUsage, request, { timeout: 10_000 });
  expect(reply.json()).toMatchObject({ response: { position: expect.any(String) as string } });
}
