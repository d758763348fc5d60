/** Every adapter, in a service of its framework, with a verifier over real NATS: the same answers everywhere. */
import { request } from 'node:http';
import { makeToken, tokenDigest, type VerifyReply, type VerifyRequest } from '@mcpstack/contracts';
import { startNats, type LocalServer } from '@mcpstack/testing';
import type { RequireKeyOptions } from '../../src/http.ts';
import { createVerifier, type Verifier } from '../../src/verifier.ts';
import { refused, Responder, valid } from '../responder.ts';
import { SERVICES, type Service } from './servers.ts';

const reader = makeToken('service');
const writer = makeToken('service');
const revoked = makeToken('service');
const limited = makeToken('service');
/** Works from `ALLOWED` alone. */
const bound = makeToken('service');
const ALLOWED = '198.51.100.1';
const CLIENT = '203.0.113.7';

function replyTo({ digest, permission, ip }: VerifyRequest): VerifyReply {
  const rateLimits = [{ name: 'day', limit: 9, remaining: 0, resetMs: 5_000 }];
  switch (digest) {
    case tokenDigest(reader):
      return permission === 'servers:write' ? refused('FORBIDDEN') : valid(0, { keyId: 'key_reader' });
    case tokenDigest(writer):
      return valid(0, { keyId: 'key_writer' });
    case tokenDigest(bound):
      return ip === ALLOWED ? valid(0, { keyId: 'key_bound' }) : refused('IP_NOT_ALLOWED');
    case tokenDigest(limited):
      return { ...refused('RATE_LIMITED'), rateLimits };
    default:
      return refused(digest === tokenDigest(revoked) ? 'REVOKED' : 'NOT_FOUND');
  }
}

let nats: LocalServer;
let responder: Responder;
let verifier: Verifier;
beforeAll(async () => {
  nats = await startNats();
  responder = await Responder.start({ servers: nats.url });
  verifier = await createVerifier({ nats: { servers: nats.url }, maxReused: 0 });
});
beforeEach(() => responder.answer(replyTo));
afterAll(async () => {
  await verifier?.close();
  await responder?.stop();
  await nats?.stop();
});

interface Answer {
  status: number;
  headers: Record<string, unknown>;
  text: string;
}

/** `headers` in names and values, so that one can be sent twice. */
function ask(url: string, headers: string[] = []): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const sent = request(
      url,
      { headers: ['Host', new URL(url).host, ...headers], agent: false },
      (response) => {
        let text = '';
        response.on('data', (bytes: Buffer) => (text += bytes.toString()));
        response.on('end', () => resolve({ status: response.statusCode!, headers: response.headers, text }));
      },
    );
    sent.on('error', reject).end();
  });
}

const bearer = (key: string) => ['Authorization', `Bearer ${key}`];
const through = (...hops: string[]) => hops.flatMap((hop) => ['X-Forwarded-For', hop]);

describe.each(Object.keys(SERVICES))('with %s', (name) => {
  let service: Service;
  const started: Service[] = [];
  const start = async (options: RequireKeyOptions) => {
    const one = await SERVICES[name]!(verifier, options);
    started.push(one);
    return one;
  };
  beforeAll(async () => {
    service = await start({ trustedProxies: ['127.0.0.1'] });
  });
  afterAll(() => Promise.all(started.map((one) => one.close())));
  const get = (path: string, headers?: string[]) => ask(service.url + path, headers);
  const problem = async (path: string, headers?: string[]) => {
    const { status, headers: answered, text } = await get(path, headers);
    expect(answered).toMatchObject({
      'content-type': 'application/problem+json; charset=utf-8',
      'cache-control': 'no-store',
    });
    expect(text).not.toMatch(/_sk_|node_modules|\.ts/);
    const body = JSON.parse(text) as Record<string, unknown>;
    expect(body).toMatchObject({ status, type: `urn:mcpstack:problem:${String(body['code'])}` });
    return { status, headers: answered, body };
  };

  it('a key in force passes, and the handler knows it', async () => {
    expect(await get('/any', bearer(reader))).toMatchObject({ status: 200, text: 'key_reader' });
    expect(await get('/any', ['X-API-Key', reader])).toMatchObject({ status: 200, text: 'key_reader' });
    expect(await get('/write?a=1', bearer(writer))).toMatchObject({ status: 200, text: 'key_writer' });
  });

  it('no key is a 401 without an error, a key out of force is one with', async () => {
    const { status, headers } = await problem('/any');
    expect([status, headers['www-authenticate']]).toEqual([401, 'Bearer realm="mcpstack"']);
    for (const key of [revoked, makeToken('service'), reader.slice(0, -1)]) {
      const answer = await problem('/any', bearer(key));
      expect(answer).toMatchObject({ status: 401, body: { code: 'unauthenticated' } });
      expect(answer.headers['www-authenticate']).toContain('error="invalid_token"');
    }
  });

  it('each route has a permission of its own', async () => {
    expect((await get('/any', bearer(reader))).status).toBe(200);
    const { status, headers, body } = await problem('/write', bearer(reader));
    expect([status, body['permission']]).toEqual([403, 'servers:write']);
    expect(headers['www-authenticate']).toContain('error="insufficient_scope", scope="servers:write"');
  });

  it('more than one credential, or one in the URL, is a 400, and nobody is asked', async () => {
    const before = responder.received.length;
    const twice = [...bearer(reader), ...bearer(reader)];
    const answers = [
      await problem('/any', twice),
      await problem('/any', ['X-API-Key', reader, 'X-API-Key', reader]),
      await problem('/any', [...bearer(reader), 'X-API-Key', reader]),
      await problem(`/any?key=${reader}`, bearer(reader)),
      await problem('/any?api_key=x', bearer(reader)),
    ];
    expect(answers.map(({ status }) => status)).toEqual([400, 400, 400, 400, 400]);
    expect(responder.received.length).toBe(before);
  });

  it('a limit that is reached is a 429 that says when to come back', async () => {
    const { status, headers } = await problem('/any', bearer(limited));
    expect([status, headers['retry-after'], headers['ratelimit']]).toEqual([429, '5', '"day";r=0;t=5']);
  });

  it('G4: what cannot be proven is a 503', async () => {
    responder.onMessage = ({ replyText }) => replyText('{"valid":true}');
    const { status, headers } = await problem('/any', bearer(reader));
    expect([status, headers['retry-after']]).toEqual([503, '1']);
  });

  it('the check is told the origin, the user agent, and the address that our proxy saw', async () => {
    const shown = ['Origin', 'https://a.example', 'User-Agent', 'curl/8', ...through(ALLOWED, CLIENT)];
    await get('/any', [...bearer(reader), ...shown]);
    expect(responder.requests.at(-1)).toMatchObject({
      origin: 'https://a.example',
      userAgent: 'curl/8',
      ip: CLIENT,
    });
  });

  it('an allow list holds against an address that the client claims', async () => {
    const status = async (...hops: string[]) =>
      (await get('/any', [...bearer(bound), ...through(...hops)])).status;
    expect(await status(ALLOWED)).toBe(200);
    expect(await status(`${ALLOWED}, ${CLIENT}`)).toBe(403);
    expect(await status(ALLOWED, CLIENT)).toBe(403);
    expect(await status(`${ALLOWED}, unknown`)).toBe(403);
  });

  it('control: where every hop is trusted the left-most counts, and the claim passes the allow list', async () => {
    const { url } = await start({ trustedProxies: ['0.0.0.0/1', '128.0.0.0/1'] });
    const headers = [...bearer(bound), ...through(`${ALLOWED}, ${CLIENT}`)];
    expect((await ask(`${url}/any`, headers)).status).toBe(200);
  });

  it('where no proxy is trusted, nobody is believed', async () => {
    const { url } = await start({});
    expect((await ask(`${url}/any`, [...bearer(bound), ...through(ALLOWED)])).status).toBe(403);
    expect(responder.requests.at(-1)!.ip).toBe('127.0.0.1');
  });

  it('a route that forgot the check serves nobody', async () => {
    expect((await get('/forgot', bearer(reader))).status).toBe(500);
  });

  it('an option that cannot be used is refused before anything is served', async () => {
    const starting = async () => SERVICES[name]!(verifier, { trustedProxies: ['10.0.0.0/99'] });
    await expect(starting()).rejects.toThrow(
      'trustedProxies has "10.0.0.0/99": write addresses and networks',
    );
  });
});
