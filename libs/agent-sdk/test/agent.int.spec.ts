/** The SDK against a real HTTP server that speaks CORS as the gateway does. */
import { jest } from '@jest/globals';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { makeToken } from '@mcpstack/contracts';
import { AgentError, createAgent, type AgentOptions } from '../src/index.ts';

const KEY = makeToken('publishable');
const ORIGIN = 'https://app.example.com';
type Answer = (response: ServerResponse) => void;
const json =
  (status: number, body: unknown): Answer =>
  (response) =>
    void response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
const AGENT = { agent: { id: 'agent_1', name: 'Helper' }, key: { id: 'key_1' } };
const OK = json(200, AGENT);

let baseUrl: string;
const requests: IncomingMessage[] = [];
/** What the next requests are answered with; the last one stays. */
let answers: Answer[];
const server = createServer((request, response) => {
  response.setHeader('vary', 'Origin');
  if (request.headers.origin === ORIGIN) response.setHeader('access-control-allow-origin', ORIGIN);
  if (request.method === 'OPTIONS') {
    response.setHeader('access-control-allow-headers', 'authorization');
    return void response.writeHead(204).end();
  }
  requests.push(request);
  const answer = answers.length > 1 ? answers.shift()! : answers[0]!;
  answer(response);
});

beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});
beforeEach(() => {
  requests.length = 0;
  answers = [OK];
});

/** What a browser does on a page of `origin`: a preflight, then the request, shown to the page only if allowed. */
function pageFetch(origin: string): typeof fetch {
  return async (url, init) => {
    const asked = { origin, 'access-control-request-headers': 'authorization' };
    const preflight = await fetch(url, { method: 'OPTIONS', headers: asked });
    const isAllowed = (response: Response): boolean =>
      response.headers.get('access-control-allow-origin') === origin;
    if (!preflight.ok || !isAllowed(preflight)) throw new TypeError('Failed to fetch');
    const response = await fetch(url, { ...init, headers: { ...init?.headers, origin } });
    if (!isAllowed(response)) throw new TypeError('Failed to fetch');
    return response;
  };
}
const agentOf = (options: Partial<AgentOptions> = {}) =>
  createAgent({ key: KEY, baseUrl, fetch: pageFetch(ORIGIN), ...options });
const errorOf = (load: Promise<unknown>): Promise<AgentError> =>
  load.then(
    () => Promise.reject(new Error('it loaded')),
    (error: AgentError) => error,
  );

describe('load', () => {
  it('answers the agent, with the key in the header alone', async () => {
    expect(await agentOf().load()).toEqual({ id: 'agent_1', name: 'Helper' });
    expect(requests).toHaveLength(1);
    expect(requests[0]).toMatchObject({
      method: 'GET',
      url: '/api/v1/embed/agent',
      headers: { authorization: `Bearer ${KEY}`, origin: ORIGIN },
    });
  });

  it('asks once a minute, and once for calls at the same time', async () => {
    const agent = agentOf({ baseUrl: `${baseUrl}/` });
    const clock = jest.spyOn(performance, 'now');
    try {
      const [first, second] = await Promise.all([agent.load(), agent.load()]);
      expect(first).toBe(second);
      await agent.load();
      expect(requests).toHaveLength(1);
      const later = performance.now() + 60_001;
      clock.mockReturnValue(later);
      await agent.load();
      expect(requests).toHaveLength(2);
    } finally {
      clock.mockRestore();
    }
  });

  it('keeps no answer beyond the life of the key', async () => {
    answers = [
      json(200, { ...AGENT, key: { id: 'key_1', expiresAt: new Date(Date.now() - 1).toISOString() } }),
    ];
    const agent = agentOf();
    await agent.load();
    await agent.load();
    expect(requests).toHaveLength(2);
  });

  it.each([
    [401, 'unauthenticated'],
    [403, 'forbidden'],
    [404, 'bad-answer'],
    [429, 'too-many-requests'],
    [500, 'unavailable'],
  ])('%s is %s, asked once; and nothing of it is kept', async (status, code) => {
    answers = [json(status, {}), OK];
    const agent = agentOf();
    const error = await errorOf(agent.load());
    expect(error).toBeInstanceOf(AgentError);
    expect(error).toMatchObject({ name: 'AgentError', code, status });
    expect(error.message).not.toContain(KEY);
    expect(requests).toHaveLength(1);
    expect(await agent.load()).toMatchObject({ id: 'agent_1' });
  });

  it.each<[string, Answer]>([
    ['503', json(503, {})],
    ['a broken connection', (response) => void response.destroy()],
  ])('%s is tried once more, and no more than that', async (_, broken) => {
    answers = [broken, OK];
    expect(await agentOf().load()).toMatchObject({ name: 'Helper' });
    expect(requests).toHaveLength(2);
    answers = [broken];
    expect((await errorOf(agentOf().load())).code).toMatch(/^(unavailable|network)$/);
    expect(requests).toHaveLength(4);
  });

  it('ends at its deadline when nothing answers', async () => {
    answers = [() => undefined];
    const began = performance.now();
    expect(await errorOf(agentOf({ timeoutMs: 150 }).load())).toMatchObject({ code: 'timed-out' });
    expect(performance.now() - began).toBeLessThan(5_000);
  });

  it.each([{}, null, [], { agent: { id: 1, name: 'x' } }, { agent: null }])(
    'does not take %j for an agent',
    async (body) => {
      answers = [json(200, body)];
      expect(await errorOf(agentOf().load())).toMatchObject({ code: 'bad-answer', status: 200 });
    },
  );

  it('shows nothing to a page of another origin; the control shows it to an allowed one', async () => {
    const other = agentOf({ fetch: pageFetch('https://evil.test') });
    expect(await errorOf(other.load())).toMatchObject({ code: 'network' });
    expect(requests).toHaveLength(0);
    expect(await agentOf().load()).toMatchObject({ id: 'agent_1' });
  });
});

describe('the key', () => {
  it.each([
    makeToken('service'),
    makeToken('service', 'acme'),
    ` ${makeToken('service')}`,
    'mcpstack_sk_cut',
  ])('that is a secret is refused loudly before any request (row %#)', (key) => {
    const make = (): unknown => agentOf({ key });
    expect(make).toThrow(/^Never put a secret key in a page/);
    expect(make).toThrow(expect.objectContaining({ code: 'secret-key' }) as Error);
    expect(make).not.toThrow(key.trim());
    expect(requests).toHaveLength(0);
  });

  it.each(['', 'abc', KEY.slice(0, -1), `${KEY}x`, undefined as unknown as string])(
    'that is no key at all is refused (row %#)',
    (key) => expect(() => agentOf({ key })).toThrow(expect.objectContaining({ code: 'bad-key' }) as Error),
  );

  it.each([{ baseUrl: 'ftp://x' }, { baseUrl: 'https://x?y' }, { timeoutMs: 0 }, { timeoutMs: NaN }])(
    'and the other options are checked: %j',
    (options) =>
      expect(() => agentOf(options)).toThrow(expect.objectContaining({ code: 'bad-option' }) as Error),
  );
});
