/** Requests made from the OpenAPI document: no 5xx, and every answer is one that the document promises. */
import { request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createHash, randomBytes } from 'node:crypto';
import { createServer } from 'node:http';
import { makeToken } from '@mcpstack/contracts';
import type { RecordedEvent } from '@mcpstack/event-store';
import { chainFaults, signIn } from '@mcpstack/testing';
import { ApiDocument, type Operation } from './fuzz/document.ts';
import { expectedAnswers } from './expected-answers.ts';
import { bytesOf, Random, valueFor, type Known } from './fuzz/values.ts';
import { newMember, type Person } from './people.ts';
import { FAST, OWNER, Product, WHOLE } from './product.ts';

/** Every operation a hundred times; `FUZZ_REQUESTS=20000` for longer. */
const REQUESTS = Number(process.env['FUZZ_REQUESTS'] ?? 7_000);
const AT_ONCE = 32;
const DAY_MS = 86_400_000;
const SEED = Number(process.env['FUZZ_SEED'] ?? Date.now() % 2 ** 31);
/** Ends the session that all others need. */
const APART = /auth\/logout/;

interface Sent {
  operation: Operation;
  status: number;
  fault: string | undefined;
  path: string;
}

let product: Product;
let second: Person;
let document: ApiDocument;
let known: Known;
/** Whose session most requests carry: where another owner has come, they could take themselves out of everything. */
let ownerId: unknown;
beforeAll(async () => {
  // Webhooks of this machine, where nobody listens, and no name server: nothing leaves it.
  const env = { ...FAST, WEBHOOK_ALLOW_PRIVATE: 'true', DNS_SERVERS: '127.0.0.1:1' };
  product = await Product.start({ instances: WHOLE, env });
  second = await newMember(product, 'second', 'admin');
  ownerId = (await product.http('GET', '/api/v1/me')).body['id'];
  known = knownValues();
  await plant(known);
  const answer = await product.http('GET', '/api/openapi.json');
  document = new ApiDocument(answer.body as never);
}, 600_000);
afterAll(() => product?.stop());

describe(`${REQUESTS} requests made from the OpenAPI document (seed ${SEED})`, () => {
  it('are all answered as it promises, none with 5xx', async () => {
    const random = new Random(SEED);
    const tally = new Map<string, { sent: number; good: number }>();
    const faults = new Map<string, string>();
    let left = REQUESTS;
    const operations = document.operations;
    const worker = async (): Promise<void> => {
      while (left-- > 0) {
        const operation = operations[left % operations.length]!;
        const { status, fault, path } = await send(product.stack.gatewayUrl, operation, { random, known });
        const count = tally.get(operation.name) ?? { sent: 0, good: 0 };
        count.sent += 1;
        if (status < 400) count.good += 1;
        tally.set(operation.name, count);
        if (fault) faults.set(`${operation.name}: ${fault}`, path);
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, worker));
    expect([...faults].slice(0, 20)).toEqual([]);
    expect([...tally.values()].reduce((sum, { sent }) => sum + sent, 0)).toBe(REQUESTS);
    // The requests were not all nonsense: nearly every operation was also carried out. A few need luck.
    const never = [...tally].filter(([, { good }]) => good === 0).map(([name]) => name);
    const unlucky = never.filter((name) => !HARD_TO_HIT.test(name));
    expect(unlucky.length > 5 ? unlucky : []).toEqual([]);
  }, 600_000);

  it('after all of that, the answers equal a replay of the log from zero (G5)', async () => {
    let compared = 0;
    for (const organizationId of [product.organizationId, second.organizationId]) {
      const token = organizationId === product.organizationId ? product.token : second.token;
      const base = `/api/v1/organizations/${organizationId}`;
      await product.http('POST', `${base}/resume`, { token });
      const { lists, atMs, log } = await quietly(() => everything(base, token));
      expect(log.length).toBeGreaterThan(REQUESTS / 20);
      expect(lists).toEqual(expectedOf(log, organizationId, atMs));
      compared += Object.values(lists).reduce((sum, list) => sum + list.length, 0);
      // Control: a stream that the log lost is told.
      const [key] = lists['api-keys'] as { id: string }[];
      const without = log.filter(({ stream }) => stream !== `key-${key?.id}`);
      if (key) expect(lists).not.toEqual(expectedOf(without, organizationId, atMs));
    }
    expect(compared).toBeGreaterThan(REQUESTS / 150);
  }, 300_000);

  it('after all of that, every stream of the log is chained (G9)', async () => {
    const log = await product.log();
    expect(chainFaults(log)).toEqual([]);
    // Control: one event that is left out is told.
    const at = log.findIndex(({ revision }) => revision === 1n);
    expect(chainFaults(log.filter((_, index) => index !== at))).not.toEqual([]);
  }, 600_000);

  it('control: a server that answers 500, or a body of another shape, is found out', async () => {
    const server = createServer((incoming, outgoing) => {
      const broken = incoming.url?.includes('permissions');
      outgoing.writeHead(broken ? 500 : 200, { 'content-type': 'application/json' }).end('{"data":7}');
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const options = { random: new Random(1), known };
    const find = (name: string) => document.operations.find((one) => one.name === name)!;
    const [failed, misshapen] = await Promise.all([
      send(url, find('GET /api/v1/permissions'), options),
      send(url, find('GET /api/v1/organizations'), options),
    ]);
    server.close();
    expect(failed.fault).toContain('500');
    expect(misshapen.fault).toContain('does not fit the schema');
  });
});

const LISTS = ['members', 'invitations', 'agents', 'servers', 'api-keys', 'public-keys', 'webhooks'] as const;
type Lists = Record<string, unknown[]>;

/** What is read while nothing is written, and the log as it stands then: keys expire, and are counted, meanwhile. */
async function quietly<Read>(read: () => Promise<Read>): Promise<Read & { log: RecordedEvent[] }> {
  for (let tries = 0; tries < 20; tries += 1) {
    const before = await product.log();
    const found = await read();
    const log = await product.log();
    if (log.length === before.length) return { ...found, log };
  }
  throw new Error('the log does not come to rest');
}

/** Every list of the organization, page by page, in the order of ids. */
async function everything(base: string, token: string): Promise<{ lists: Lists; atMs: number }> {
  const lists: Lists = {};
  const atMs = Date.now();
  for (const list of LISTS) lists[list] = await pages(`${base}/${list}`, token);
  const agents = lists['agents'] as { id: string }[];
  const domains = agents.map(({ id }) => pages(`${base}/agents/${id}/domains`, token));
  lists['domains'] = (await Promise.all(domains)).flat();
  for (const list of Object.keys(lists)) lists[list] = byId(lists[list]!);
  return { lists, atMs };
}

async function pages(path: string, token: string): Promise<unknown[]> {
  const items: unknown[] = [];
  for (let cursor: string | undefined; ;) {
    const query = path.endsWith('/domains') ? '' : `?limit=100${cursor ? `&cursor=${cursor}` : ''}`;
    const { status, body } = await product.http('GET', path + query, { token });
    expect([path, status]).toEqual([path, 200]);
    items.push(...(body['data'] as unknown[]));
    cursor = body['nextCursor'] as string | undefined;
    if (cursor === undefined) return items;
  }
}

function expectedOf(log: readonly RecordedEvent[], organizationId: string, atMs: number): Lists {
  const told = expectedAnswers(log, atMs);
  const ours = (records: Map<string, Record<string, unknown>>) =>
    byId([...records.values()].filter((one) => one['organizationId'] === organizationId));
  const keys = ours(told.keys) as { kind: string }[];
  return {
    members: byId([...told.members.get(organizationId)!.values()]),
    invitations: ours(told.invitations),
    agents: ours(told.agents),
    servers: ours(told.servers),
    'api-keys': keys.filter(({ kind }) => kind === 'service'),
    'public-keys': keys.filter(({ kind }) => kind === 'publishable'),
    domains: ours(told.domains),
    webhooks: ours(told.webhooks),
  };
}

/** A time not far ahead: a key that expires while the test runs. Milliseconds from now. */
function soonMs(random: () => number): number {
  return random() < 0.3 ? 500 + random() * 5_000 : Math.round(random() * 40) * DAY_MS + 60_000;
}

function byId(items: readonly unknown[]): unknown[] {
  const idOf = (item: unknown) => {
    const { id, userId } = item as { id?: string; userId?: string };
    return id ?? userId ?? '';
  };
  return [...items].sort((a, b) => (idOf(a) < idOf(b) ? -1 : 1));
}

/** What only a chain of requests can reach: a token shown once, a signature, a proof in the DNS. */
const HARD_TO_HIT = /accept|secret-scanning|embed|me\/revoke|auth|check|docs/;

function knownValues(): Known {
  const { organizationId } = product;
  const ids = new Map<string, string[]>([
    ['org', [organizationId, organizationId, second.organizationId]],
    ['user', [second.userId]],
  ]);
  const pick = (prefix: string) => (from: Random) =>
    from.of(ids.get(prefix) ?? [`${prefix}_${'0'.repeat(22)}`]);
  const digest = () => createHash('sha256').update(randomBytes(8)).digest('hex');
  return {
    ids,
    byName: {
      orgId: pick('org'),
      keyId: pick('key'),
      agentId: pick('agent'),
      serverId: pick('srv'),
      webhookId: pick('whk'),
      domainId: pick('dom'),
      invitationId: pick('inv'),
      userId: pick('user'),
      sessionId: pick('ses'),
      agents: (from) => [pick('agent')(from)],
      servers: (from) => [pick('srv')(from)],
      digest: (from) => (from.chance(0.9) ? digest() : 'AAAA'),
      credentials: () => [makeToken('service')],
      email: (from) => `someone-${from.below(1e6)}@example.com`,
      domain: (from) => `d${from.below(1e6)}.example.com`,
      url: (from) => `http://127.0.0.1:1/${from.below(1e6)}`,
      eventTypes: (from) => [from.of(['*', 'KeyRevoked', 'ServerCreated'])],
      position: () => '0',
      allowedIps: (from) => [`10.${from.below(256)}.0.0/16`, '2001:db8::/32'],
      tags: (from) => [`tag-${from.below(9)}`],
      environment: (from) => from.of(['production', 'staging']),
      permissions: (from) => [from.of(['servers:read', 'agents:read'])],
      role: (from) => from.of(['viewer', 'developer', 'admin']),
      expiresAt: (from) => new Date(Date.now() + soonMs(() => from.next())).toISOString(),
      development: (from) => from.chance(0.9),
      origins: (from) => [`http://localhost:${1 + from.below(9_999)}`],
      origin: (from) => `http://localhost:${1 + from.below(9_999)}`,
      createdBy: () => `user:${second.userId}`,
    },
  };
}

/** What chance alone makes too seldom for all that needs it: people to be changed, keys of pages, sessions to be ended. */
async function plant(known: Known): Promise<void> {
  const base = `/api/v1/organizations/${product.organizationId}`;
  const make = async (path: string, body: unknown): Promise<string> => {
    const answer = await product.insist('POST', base + path, { body });
    expect([path, answer.status]).toEqual([path, 201]);
    remember(known, JSON.stringify(answer.body));
    return answer.body['id'] as string;
  };
  for (const name of ['third', 'fourth', 'fifth', 'sixth']) {
    const { userId } = await newMember(product, name, 'developer');
    remember(known, JSON.stringify({ userId }));
  }
  const agentId = await make('/agents', { name: 'planted' });
  for (let port = 1; port <= 8; port += 1) {
    const origins = [`http://localhost:${port}`];
    await make('/public-keys', { name: `planted ${port}`, agentId, origins, development: true });
  }
  for (let count = 1; count <= 4; count += 1)
    await make('/webhooks', { name: `planted ${count}`, url: `http://127.0.0.1:1/planted/${count}` });
  await make('/webhooks', { url: 'http://127.0.0.1:1/planted' });
  for (let count = 0; count < 4; count += 1) await signIn(product.stack.gatewayUrl, OWNER);
  const { data } = (await product.http('GET', '/api/v1/me/sessions')).body as {
    data: { id: string; current: boolean }[];
  };
  known.ids.set(
    'ses',
    data.filter(({ current }) => !current).map(({ id }) => id),
  );
}

async function send(
  base: string,
  operation: Operation,
  { random, known }: { random: Random; known: Known },
): Promise<Sent> {
  const path = pathOf(operation, random, known);
  const headers = headersOf(operation, random);
  let body: Buffer | undefined;
  if (operation.body) {
    const value = valueFor(document, operation.body, { random, known, wild: random.chance(0.5) ? 0 : 0.1 });
    body = bytesOf(value, random);
    headers['content-type'] = random.chance(0.99) ? 'application/json' : 'text/plain';
  }
  const answer = await exchange(base, operation.method, path, headers, body);
  remember(known, answer.text);
  const fault = document.fault(operation, answer.status, answer.contentType, answer.text);
  return { operation, status: answer.status, fault, path };
}

function pathOf(operation: Operation, random: Random, known: Known): string {
  const value = (name: string) => {
    const good = known.byName[name]?.(random);
    const isGood = typeof good === 'string' && random.chance(0.93);
    return encodeURIComponent(isGood ? good : random.of(['x', '..', '%00', 'é', 'org_1']));
  };
  let path = operation.path;
  if (random.chance(0.8)) path = withRelated(path, random, known);
  path = path.replace(/\{(\w+)\}/g, (_, name: string) => value(name));
  // A whole organization out of force would leave nothing to be tried: that happens to the other one.
  if (/\/(suspend|resume)$/.test(operation.path) && operation.path.endsWith('{orgId}/suspend'))
    path = path.replaceAll(product.organizationId, second.organizationId);
  const query = operation.parameters
    .filter((one) => one.in === 'query' && random.chance(0.25))
    .map(({ name, schema }) => {
      const value = valueFor(document, schema ?? {}, { random, known, name, wild: 0.2 });
      const text = typeof value === 'string' ? value.replace(/\p{Surrogate}/gu, '') : JSON.stringify(value);
      return `${encodeURIComponent(name)}=${encodeURIComponent(text)}`;
    });
  return query.length > 0 ? `${path}?${query.join('&')}` : path;
}

/** Ids that belong together: a domain of its agent, a key of the right kind. */
function withRelated(path: string, random: Random, known: Known): string {
  const domain = random.of(known.ids.get('domains') ?? [' ']);
  if (path.includes('{domainId}') && domain !== ' ') {
    const [agentId, domainId] = domain.split(' ');
    return path.replace('{agentId}', agentId!).replace('{domainId}', domainId!);
  }
  const keyId = random.of(known.ids.get('public-keys') ?? ['']);
  return path.includes('public-keys/{keyId}') && keyId ? path.replace('{keyId}', keyId) : path;
}

function headersOf(operation: Operation, random: Random): Record<string, string> {
  const headers: Record<string, string> = {};
  const credential = APART.test(operation.path) ? 0.99 : random.next();
  if (credential < 0.88) headers['authorization'] = `Bearer ${product.token}`;
  else if (credential < 0.95) headers['authorization'] = `Bearer ${second.token}`;
  else if (credential < 0.97) headers['x-api-key'] = makeToken('service');
  if (random.chance(0.2)) headers['idempotency-key'] = randomBytes(16).toString('hex');
  if (random.chance(0.05)) headers['if-match'] = random.of(['"0"', '"1"', '*', 'W/"1"', '"x"', '"99999"']);
  if (random.chance(0.05)) headers['mcpstack-position'] = random.of(['0', '1024', '-1', 'x', '']);
  return headers;
}

/** Not fetch: it would refuse to send some of what must be refused by the server. */
function exchange(
  base: string,
  method: string,
  path: string,
  headers: Record<string, string>,
  body: Buffer | undefined,
): Promise<{ status: number; contentType: string; text: string }> {
  return new Promise((resolve, reject) => {
    // The path as it stands: a URL would fold `..` into another address.
    const { hostname, port } = new URL(base);
    const options = { hostname, port, path, method, headers, timeout: 30_000 };
    const outgoing = request(options, (incoming) => {
      const chunks: Buffer[] = [];
      incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
      incoming.on('error', reject);
      incoming.on('end', () =>
        resolve({
          status: incoming.statusCode ?? 0,
          contentType: incoming.headers['content-type'] ?? '',
          text: Buffer.concat(chunks).toString('utf8'),
        }),
      );
    });
    outgoing.on('timeout', () => outgoing.destroy(new Error(`${method} ${path} got no answer`)));
    outgoing.on('error', reject);
    outgoing.end(body);
  });
}

/** Ids in an answer are tried in later requests; only the newest are kept. */
function remember(known: Known, text: string): void {
  const keep = (pool: string, id: string) => {
    const list = known.ids.get(pool) ?? [];
    if (id !== ownerId && !list.includes(id)) known.ids.set(pool, [...list, id].slice(-40));
  };
  for (const [id] of text.matchAll(/\b(?:key|agent|srv|dom|inv|user|whk)_[0-9A-Za-z]{22}\b/g))
    keep(id.slice(0, id.indexOf('_')), id);
  if (!text.startsWith('{')) return;
  const { id, kind, agentId, proof } = JSON.parse(text) as Record<string, string | undefined>;
  if (id && kind === 'publishable') keep('public-keys', id);
  if (id && agentId && proof) keep('domains', `${agentId} ${id}`);
}
