/** SSRF: nothing is sent to an address that is not public, whatever the name says first or later; and what counts. */
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { DnsServer } from '../../../scheduler/test/dns-server.ts';
import { askedIn, send, targetProblem, type SendSettings } from './send.ts';

const NAME = 'hooks.example.com';
const PARTS = { headers: { 'webhook-id': 'msg_1' }, body: '{"a":1}' };

let dns: DnsServer;
let server: Server;
let requests: { url: string | undefined; method: string | undefined; body: string }[];
let respond: (request: IncomingMessage, response: ServerResponse) => void;
beforeAll(async () => {
  dns = await DnsServer.start();
  server = createServer((request, response) => {
    let body = '';
    request.on('data', (part: Buffer) => (body += part.toString()));
    request.on('end', () => {
      requests.push({ url: request.url, method: request.method, body });
      respond(request, response);
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
});
afterAll(async () => {
  server.closeAllConnections();
  server.close();
  await dns.stop();
});
beforeEach(() => {
  dns.clear();
  requests = [];
  respond = (_request, response) => response.end('thank you');
});

const settings = (change: Partial<SendSettings> = {}): SendSettings => ({
  timeoutMs: 2_000,
  local: false,
  dnsServers: [dns.address],
  ...change,
});
const port = () => (server.address() as AddressInfo).port;
const url = (path = '/in') => `http://${NAME}:${port()}${path}`;
const local = { local: true };

describe('where nothing is sent to', () => {
  it.each([
    ['loopback', 'A', '127.0.0.1'],
    ['private', 'A', '10.0.0.1'],
    ['cloud metadata', 'A', '169.254.169.254'],
    ['IPv6 loopback', 'AAAA', '::1'],
    ['IPv6-mapped', 'AAAA', '::ffff:127.0.0.1'],
    ['NAT64', 'AAAA', '64:ff9b::a00:1'],
    ['unique local', 'AAAA', 'fd00::1'],
  ] as const)('a name that leads to %s', async (_what, type, address) => {
    dns.set(type, NAME, [address]);
    const answer = await send(`https://${NAME}:8443/`, PARTS, settings());
    expect(answer).toEqual({ ok: false, reason: 'must lead to public addresses alone' });
    expect(await targetProblem(`https://${NAME}:8443/`, settings())).toBe(
      'must lead to public addresses alone',
    );
  });

  it('one address of several that is not public is enough', async () => {
    dns.set('A', NAME, ['8.8.8.8', '127.0.0.1']);
    expect((await send(`https://${NAME}/`, PARTS, settings())).reason).toMatch(/public/);
  });

  it('a name that is public when the webhook is made and private later', async () => {
    dns.set('A', NAME, (asked) => [asked === 0 ? '8.8.8.8' : '127.0.0.1']);
    expect(await targetProblem(`https://${NAME}:${port()}/`, settings())).toBeUndefined();
    expect((await send(`https://${NAME}:${port()}/`, PARTS, settings())).reason).toMatch(/public/);
    expect(requests).toEqual([]);
  });

  it('the connection goes to what was checked: the name is asked about once a message (rebinding)', async () => {
    dns.set('A', NAME, (asked) => [asked === 0 ? '127.0.0.1' : '127.0.0.2']);
    expect(await send(url(), PARTS, settings(local))).toEqual({ ok: true, status: 200 });
    expect(dns.asked('A', NAME)).toBe(1);
  });

  it.each([
    ['http', 'http://example.com/'],
    ['an address', 'https://127.0.0.1/'],
    ['a decimal address', 'https://2130706433/'],
    ['credentials', 'https://a:b@example.com/'],
    ['a port of another protocol', 'https://example.com:22/'],
  ])('%s in the URL, without asking anybody', async (_what, bad) => {
    expect((await send(bad, PARTS, settings())).reason).toMatch(/^must /);
    expect(dns.questions).toEqual([]);
  });

  it('control: without the rule the same names reach this machine', async () => {
    dns.set('A', NAME, ['127.0.0.1']);
    expect(await send(url(), PARTS, settings(local))).toEqual({ ok: true, status: 200 });
    expect(requests).toEqual([{ url: '/in', method: 'POST', body: PARTS.body }]);
  });

  it('a redirect is a failure, wherever it leads', async () => {
    dns.set('A', NAME, ['127.0.0.1']);
    respond = (_request, response) => response.writeHead(307, { location: url('/elsewhere') }).end();
    expect(await send(url(), PARTS, settings(local))).toEqual({
      ok: false,
      status: 307,
      reason: 'redirects are not followed',
    });
    expect(requests).toHaveLength(1);
  });

  it('a name that does not exist, and a name server that is silent, are told as what they are', async () => {
    expect((await send(url(), PARTS, settings(local))).reason).toBe(
      'must name a host that can be found: there is no such name',
    );
    dns.set('A', NAME, 'silent');
    dns.set('AAAA', NAME, 'silent');
    expect((await send(url(), PARTS, settings({ ...local, timeoutMs: 300 }))).reason).toMatch(/in time/);
  });
});

describe('what counts', () => {
  beforeEach(() => dns.set('A', NAME, ['127.0.0.1']));

  it.each([200, 201, 202, 204, 299])('%i is success', async (status) => {
    respond = (_request, response) => response.writeHead(status).end();
    expect(await send(url(), PARTS, settings(local))).toEqual({ ok: true, status });
  });

  it.each([400, 401, 404, 410, 429, 500, 503])('%i is a failure', async (status) => {
    respond = (_request, response) => response.writeHead(status, { 'retry-after': '7' }).end('a secret');
    const answer = await send(url(), PARTS, settings(local));
    expect(answer).toEqual({ ok: false, status, reason: `the answer is ${status}, not 2xx`, askedMs: 7_000 });
  });

  it('no answer in time is a failure; an answer without an end is none', async () => {
    respond = () => undefined;
    expect(await send(url(), PARTS, settings({ ...local, timeoutMs: 200 }))).toEqual({
      ok: false,
      reason: 'the receiver did not answer in time',
    });
    respond = (_request, response) => response.writeHead(200).write('x'.repeat(1_000));
    expect(await send(url(), PARTS, settings({ ...local, timeoutMs: 300 }))).toEqual({
      ok: true,
      status: 200,
    });
    respond = (_request, response) => {
      response.writeHead(200);
      const pour = (): void =>
        void (response.destroyed || (response.write('x'.repeat(65_536)), setImmediate(pour)));
      pour();
    };
    const began = performance.now();
    expect(await send(url(), PARTS, settings({ ...local, timeoutMs: 20_000 }))).toEqual({
      ok: true,
      status: 200,
    });
    expect(performance.now() - began).toBeLessThan(15_000);
  });

  it('a receiver that is not there, or hangs up', async () => {
    respond = (request) => request.socket.destroy();
    expect((await send(url(), PARTS, settings(local))).reason).toBe('the connection failed');
    expect((await send(`http://${NAME}:1/`, PARTS, settings(local))).reason).toBe(
      'the receiver does not take connections',
    );
    expect((await send(`https://${NAME}:${port()}/`, PARTS, settings(local))).reason).toMatch(
      /certificate|connection failed/,
    );
  });

  it('Retry-After is seconds or a date, and nothing else', () => {
    const nowMs = Date.parse('Wed, 21 Oct 2026 07:28:00 GMT');
    expect(askedIn('120', nowMs)).toBe(120_000);
    expect(askedIn('Wed, 21 Oct 2026 07:29:00 GMT', nowMs)).toBe(60_000);
    expect(askedIn('Wed, 21 Oct 2026 07:27:00 GMT', nowMs)).toBe(0);
    for (const bad of [undefined, '', '-1', '1.5', 'soon', '1e9', '99999999999'])
      expect(askedIn(bad, nowMs)).toBeUndefined();
  });
});
