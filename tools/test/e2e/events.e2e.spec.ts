/** The events that the API tells are the log's own, and whoever wrote something sees its event (G5, G6). */
import type { AuditEvent } from '@mcpstack/contracts';
import { FAST, Product } from './product.ts';

let product: Product;
let path: string;
beforeAll(async () => {
  // What a projection that stands still has stamped is trusted for longer than a command waits for it.
  product = await Product.start({ env: { ...FAST, STAMP_LIFE_MS: '10000' } });
  path = `/api/v1/organizations/${product.organizationId}/events`;
}, 600_000);
afterAll(() => product?.stop());

const get = async (query: string, headers: Record<string, string> = {}) => {
  const answer = await product.http('GET', `${path}?${query}`, { headers });
  return { ...answer, events: (answer.body['data'] ?? []) as AuditEvent[] };
};

async function allEvents(): Promise<AuditEvent[]> {
  const all: AuditEvent[] = [];
  let after = '0';
  for (;;) {
    const { events, body } = await get(`order=oldest&limit=100&after=${after}`);
    all.push(...events);
    after = body['position'] as string;
    if (body['nextCursor'] === undefined) return all;
  }
}

it('are those of the log, each once and in its order, and hold nothing of a secret', async () => {
  const made = await product.create('rotated');
  const rotated = await product.insist('POST', `${product.keysPath}/${made.id}/rotate`, { body: {} });
  await product.insist('DELETE', `${product.keysPath}/${made.id}`);
  for (const name of ['a', 'b'])
    await product.insist('POST', path.replace('/events', '/servers'), { body: { name } });
  const log = await product.log();
  const told = await allEvents();
  const ours = log.filter(({ stream }) => /^(organization|agent|server|key|webhook)-/.test(stream));
  expect(told.map(({ id, type, position }) => [id, type, position])).toEqual(
    ours.map(({ id, type, position }) => [id, type, `${position}`]),
  );
  expect(told.map(({ requestId }) => requestId)).toEqual(
    ours.map(({ metadata }) => metadata['$correlationId']),
  );
  const text = JSON.stringify(told);
  const digests = ours.flatMap(
    ({ data }) => (data['credential'] as { digest: string } | undefined)?.digest ?? [],
  );
  expect(digests.length).toBeGreaterThanOrEqual(2);
  const secrets = [made.secret, rotated.body['secret'] as string, ...digests, 'credential', 'pepperVersion'];
  for (const secret of secrets) expect(text.includes(secret)).toBe(false);
});

it('of a write are there for whoever sends its position; control: the events stand still with the projection', async () => {
  const { id } = await product.create('read');
  for (let round = 0; round < 20; round += 1) {
    const { headers } = await product.insist('PATCH', `${product.keysPath}/${id}`, {
      body: { name: `r${round}` },
    });
    const position = headers.get('mcpstack-position')!;
    const { events } = await get('limit=1', { 'mcpstack-position': position });
    expect(events).toMatchObject([{ type: 'KeyRenamed', position, data: { name: `r${round}` } }]);
  }
  const { pid } = product.stack.service('projection');
  process.kill(pid, 'SIGSTOP');
  try {
    const renamed = await product.http('PATCH', `${product.keysPath}/${id}`, { body: { name: 'unseen' } });
    expect(renamed.status).toBe(200);
    const position = renamed.headers.get('mcpstack-position')!;
    expect((await get('limit=1')).events).toMatchObject([{ data: { name: 'r19' } }]);
    expect((await get('limit=1', { 'mcpstack-position': position })).status).toBe(503);
  } finally {
    process.kill(pid, 'SIGCONT');
  }
}, 600_000);
