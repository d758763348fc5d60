import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createClient, type ClientSettings } from './client.ts';
import { ApiProblem } from './problem.ts';

interface Received {
  method: string;
  url: string;
  headers: IncomingMessage['headers'];
  body: string;
}
type Reply = (response: ServerResponse) => void;

const received: Received[] = [];
/** One for each request, in turn; the last one goes on. */
let replies: Reply[] = [];
let server: Server;
let baseUrl: string;

beforeAll(async () => {
  server = createServer((request, response) => {
    void (async () => {
      const chunks: Buffer[] = [];
      for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
      const { method = '', url = '', headers } = request;
      received.push({ method, url, headers, body: Buffer.concat(chunks).toString() });
      (replies.length > 1 ? replies.shift()! : replies[0]!)(response);
    })();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});
beforeEach(() => {
  received.length = 0;
});

const orgId = `org_${'1'.repeat(22)}`;
const KEYS = '/api/v1/organizations/{orgId}/api-keys';
const params = { path: { orgId } };
const body = { name: 'bot', role: 'developer' } as const;

function json(status: number, value: unknown, headers: Record<string, string> = {}): Reply {
  return (response) =>
    response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(value));
}
const problem = (status: number, code: string, more: object = {}, headers: Record<string, string> = {}) =>
  json(
    status,
    { type: `urn:mcpstack:problem:${code}`, title: code, status, code, detail: 'Do.', ...more },
    headers,
  );
const broken: Reply = (response) => response.destroy();
const halfWay: Reply = (response) => {
  response.writeHead(201, { 'content-length': '100' }).write('{"id":');
  setImmediate(() => response.destroy());
};
const silent: Reply = () => undefined;
const empty: Reply = json(200, { data: [] });

const make = (more: Partial<ClientSettings> = {}) => createClient({ baseUrl, token: 'a-token', ...more });

describe('what a call sends', () => {
  it('the credential, the path, the query and the body, in their places', async () => {
    replies = [json(201, { id: 'key_1', secret: 's' }, { etag: '"0"' })];
    const { data, etag } = await make().POST(KEYS, { params, body });
    expect([data.id, data.secret, etag]).toEqual(['key_1', 's', '"0"']);
    expect(received[0]).toMatchObject({ method: 'POST', url: `/api/v1/organizations/${orgId}/api-keys` });
    expect(received[0]!.headers).toMatchObject({
      authorization: 'Bearer a-token',
      'content-type': 'application/json',
    });
    expect(JSON.parse(received[0]!.body)).toEqual(body);
    replies = [empty];
    await make({ token: () => undefined }).GET(KEYS, {
      params: { ...params, query: { tag: 'a&b', limit: 2 } },
    });
    expect(received[1]!.url).toContain('?tag=a%26b&limit=2');
    expect(received[1]!.headers.authorization).toBeUndefined();
  });

  it('a place in a path cannot become another path', async () => {
    replies = [empty];
    await make().GET(KEYS, { params: { path: { orgId: '../../me?x=' } } });
    expect(received[0]!.url).toBe('/api/v1/organizations/..%2F..%2Fme%3Fx%3D/api-keys');
  });

  it('reads carry the furthest position that was heard of, whatever order answers come in', async () => {
    const api = make();
    for (const position of ['9', '12', '10']) {
      replies = [json(201, {}, { 'mcpstack-position': position })];
      await api.POST(KEYS, { params, body });
    }
    replies = [empty];
    await api.GET(KEYS, { params });
    expect(api.position).toBe('12');
    expect(received.at(-1)!.headers['mcpstack-position']).toBe('12');
    // Control: another client has heard of nothing.
    await make().GET(KEYS, { params });
    expect(received.at(-1)!.headers['mcpstack-position']).toBeUndefined();
  });
});

describe('types', () => {
  it('refuse what the document does not have', async () => {
    replies = [json(200, { data: [{ name: 'bot' }] })];
    const api = make();
    // @ts-expect-error no such path
    await api.GET('/api/v1/nothing');
    // @ts-expect-error the path needs its organization
    await api.GET(KEYS).catch(() => undefined);
    // @ts-expect-error there is nothing to PUT there
    await api.PUT(KEYS, { params });
    // @ts-expect-error no such role
    await api.POST(KEYS, { params, body: { name: 'bot', role: 'emperor' } });
    // @ts-expect-error the name is missing
    await api.POST(KEYS, { params, body: { role: 'viewer' } });
    // @ts-expect-error no such filter
    await api.GET(KEYS, { params: { ...params, query: { colour: 'red' } } });
    const { data } = await api.GET(KEYS, { params });
    const name: string = data.data[0]!.name;
    expect(name).toBe('bot');
    // @ts-expect-error lists never have secrets
    expect(data.data[0]!.secret).toBeUndefined();
  });
});

describe('retries', () => {
  it.each([
    ['unavailable', problem(503, 'unavailable')],
    ['not-final', problem(503, 'not-final')],
    ['a proxy before it', json(502, 'bad gateway')],
    ['a connection that breaks', broken],
    ['an answer that breaks off half-way', halfWay],
  ])('%s: sent again as it was, with one Idempotency-Key', async (_name, passing) => {
    replies = [passing, passing, json(201, { id: 'key_1' })];
    expect((await make().POST(KEYS, { params, body })).data.id).toBe('key_1');
    expect(received).toHaveLength(3);
    expect(new Set(received.map((one) => one.headers['idempotency-key'])).size).toBe(1);
    expect(received[0]!.headers['idempotency-key']).toMatch(/^[0-9a-f]{64}$/);
    expect(new Set(received.map((one) => one.body)).size).toBe(1);
  });

  it('another call has another Idempotency-Key; one of the caller is kept; reads have none', async () => {
    replies = [json(201, {})];
    const api = make();
    await api.POST(KEYS, { params, body });
    await api.POST(KEYS, { params, body });
    await api.POST(KEYS, { params: { ...params, header: { 'Idempotency-Key': 'my-own' } }, body });
    replies = [empty];
    await api.GET(KEYS, { params });
    const keys = received.map((one) => one.headers['idempotency-key']);
    expect(keys[0]).not.toBe(keys[1]);
    expect(keys.slice(2)).toEqual(['my-own', undefined]);
  });

  it('waits as long as Retry-After says, and not at all when that is beyond the deadline', async () => {
    replies = [problem(503, 'unavailable', {}, { 'retry-after': '1' }), empty];
    const beganMs = performance.now();
    await make().GET(KEYS, { params });
    expect(performance.now() - beganMs).toBeGreaterThanOrEqual(990);
    replies = [problem(503, 'unavailable', {}, { 'retry-after': '120' })];
    const refused = make().GET(KEYS, { params });
    await expect(refused).rejects.toMatchObject({ code: 'unavailable', status: 503, retryAfterMs: 120_000 });
    expect(received).toHaveLength(3);
  });

  it('end with the deadline, with the number of tries, and when the caller gives up', async () => {
    replies = [problem(503, 'not-final')];
    const beganMs = performance.now();
    await expect(make({ deadlineMs: 400 }).GET(KEYS, { params })).rejects.toMatchObject({
      code: 'not-final',
    });
    expect(performance.now() - beganMs).toBeLessThan(5_000);
    received.length = 0;
    await expect(make({ tries: 2 }).GET(KEYS, { params })).rejects.toBeInstanceOf(ApiProblem);
    expect(received).toHaveLength(2);
    replies = [silent];
    const silence = make({ tryTimeoutMs: 50, tries: 2 }).GET(KEYS, { params });
    await expect(silence).rejects.toMatchObject({ code: 'unreachable', status: 0 });
    const signal = AbortSignal.timeout(50);
    await expect(make().GET(KEYS, { params, signal })).rejects.toMatchObject({ name: 'TimeoutError' });
  });

  it('control: what will not get better is asked once', async () => {
    for (const [status, code] of [
      [400, 'validation-failed'],
      [409, 'conflict'],
      [429, 'too-many-requests'],
      [500, 'internal'],
    ] as const) {
      received.length = 0;
      replies = [problem(status, code)];
      await expect(make().POST(KEYS, { params, body })).rejects.toMatchObject({ code, status });
      expect(received).toHaveLength(1);
    }
  });
});

describe('ApiProblem', () => {
  it('has what the API says, and never the credential', async () => {
    const errors = [{ field: 'name', message: 'is too long' }];
    const more = { errors, permission: 'api-keys:write', rule: 'expiryRequired', requestId: 'req-7' };
    replies = [problem(403, 'forbidden', more)];
    const thrown = await make()
      .POST(KEYS, { params, body })
      .catch((error: unknown) => error);
    expect(thrown).toBeInstanceOf(ApiProblem);
    expect(thrown).toMatchObject({ code: 'forbidden', status: 403, detail: 'Do.', ...more });
    expect((thrown as ApiProblem).message).toBe('forbidden: Do.');
    expect(JSON.stringify(thrown) + (thrown as ApiProblem).stack).not.toContain('a-token');
  });

  it.each([
    ['a page of HTML', (response: ServerResponse) => response.writeHead(404).end('<html>')],
    [
      'a redirect, which is not followed',
      (response: ServerResponse) => response.writeHead(302, { location: '/elsewhere' }).end(),
    ],
  ])('%s is an unexpected answer', async (_name, reply) => {
    replies = [reply];
    await expect(make().GET(KEYS, { params })).rejects.toMatchObject({ code: 'unexpected-answer' });
    expect(received).toHaveLength(1);
  });
});
