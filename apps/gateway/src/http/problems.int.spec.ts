import { connect as connectTcp } from 'node:net';
import { makeToken, newId, PROBLEMS, ProblemError } from '@mcpstack/contracts';
import { waitFor } from '@mcpstack/local-servers';
import { expectProblem, Harness, type Answer } from '../../test/harness.ts';

let harness: Harness;
let token: string;
beforeAll(async () => {
  harness = await Harness.start();
  token = await harness.login();
});
afterAll(() => harness.stop());

const post = (raw: string | Buffer, headers = ['Content-Type', 'application/json']) =>
  harness.call('POST', harness.keysPath, { token, raw, headers });

/** What the server answers to these bytes, until it closes. */
function raw(bytes: string): Promise<string> {
  const { hostname, port } = new URL(harness.url);
  return new Promise((resolve, reject) => {
    let text = '';
    const socket = connectTcp(Number(port), hostname, () => socket.write(bytes));
    socket.on('data', (chunk) => (text += chunk.toString()));
    socket.on('error', reject);
    socket.on('close', () => resolve(text));
  });
}

describe('requests that cannot be read', () => {
  it.each<[string, string | Buffer]>([
    ['no JSON', '{"name":'],
    ['a list', '[]'],
    ['null', 'null'],
    ['nothing', ''],
    ['bytes that are no UTF-8', Buffer.from('7b226e616d65223a22ff227d', 'hex')],
    ['__proto__', '{"name":"x","role":"viewer","__proto__":{"admin":true}}'],
    ['__proto__ in escapes', '{"name":"x","role":"viewer","\\u005f_proto__":{"admin":true}}'],
    ['constructor.prototype', '{"name":"x","role":"viewer","constructor":{"prototype":{"admin":true}}}'],
    ['100,000 levels', `{"name":${'['.repeat(100_000)}${']'.repeat(100_000)}}`],
    ['50,000 fields', `{${Array.from({ length: 50_000 }, (_, at) => `"f${at}":1`).join()}}`],
  ])('400: a body of %s', async (_, body) => {
    const before = harness.issuance.commands.length;
    expectProblem(await post(body), 400, 'bad-request');
    expect(harness.issuance.commands).toHaveLength(before);
    expect(({} as Record<string, unknown>)['admin']).toBeUndefined();
  });

  it.each([
    ['a key twice', '{"name":"first","name":"last","role":"viewer"}', 'name'],
    ['1e400', '{"name":"x","role":"viewer","limits":[{"name":"a","limit":1e400}]}', 'limits.0.limit'],
    ['-0', '{"name":"x","role":"viewer","limits":[{"name":"a","limit":-0}]}', 'limits.0.limit'],
    ['a lone surrogate', '{"name":"\\ud800","role":"viewer"}', 'name'],
  ])('400: a body with %s, by the field', async (_, body, field) => {
    const before = harness.issuance.commands.length;
    const answer = await post(body);
    expectProblem(answer, 400, 'validation-failed');
    expect(answer.problem.errors?.[0]?.field).toBe(field);
    expect(harness.issuance.commands).toHaveLength(before);
  });

  it('400, G1: a credential where the name of a field belongs is not repeated, in a body or a query', async () => {
    const secret = makeToken('service');
    const fields = [
      await post(`{"name":"x","role":"viewer","${secret}":1}`),
      await post(`{"name":"x","role":"viewer","${secret}":1,"${secret}":2}`),
      await post(`{"name":"x","role":"viewer","scope":{"agents":["agent_1"],"${secret}":1}}`),
      await harness.call('DELETE', `${harness.keysPath}/${newId('key')}`, { token, json: { [secret]: 1 } }),
    ];
    for (const answer of fields) {
      expectProblem(answer, 400, 'validation-failed');
      expect(answer.problem.errors!.at(-1)!.field).toContain('mcpstack_sk_[redacted]');
      expect(answer.text).not.toContain(secret.slice(0, 30));
    }
    expect(harness.log).not.toContain(secret.slice(0, 30));
    // Control: any other name is repeated, so that the caller finds it.
    expect((await post('{"name":"x","role":"viewer","mine":1}')).problem.errors![0]!.field).toBe('mine');
  });

  it('400: an address that cannot be decoded, or is endless', async () => {
    for (const path of ['/api/v1/%', '/api/v1/organizations/%ff', `/api/v1/organizations/${'x'.repeat(200)}`])
      expectProblem(await harness.call('GET', path, { token }), 400, 'bad-request');
  });

  it('404: an unknown address, which is not repeated', async () => {
    for (const path of ['/nowhere', '/api/v1/nowhere', '/api/v1/me/', '/api/v2/me']) {
      const answer = await harness.call('GET', path, { token });
      expectProblem(answer, 404, 'not-found');
      expect(answer.text).not.toContain('nowhere');
    }
  });

  it('405: an address that answers other methods, with Allow', async () => {
    const answer = await harness.call('PUT', harness.keysPath, { token });
    expectProblem(answer, 405, 'method-not-allowed');
    expect(answer.headers['allow']).toBe('GET, HEAD, POST');
  });

  it('413: a body of 2 MiB', async () => {
    const body = JSON.stringify({ name: 'x'.repeat(2 * 1024 * 1024), role: 'viewer' });
    expectProblem(await post(body), 413, 'payload-too-large');
  });

  it('413: a body of 2 MiB whose length is not announced', async () => {
    const chunk = `10000\r\n${'x'.repeat(0x10000)}\r\n`;
    const head = `POST ${harness.keysPath} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n`;
    const answer = await raw(`${head}Transfer-Encoding: chunked\r\n\r\n${chunk.repeat(32)}0\r\n\r\n`);
    expect(answer).toMatch(/^HTTP\/1.1 413 /);
    expect(answer).toContain('application/problem+json');
  });

  it('415: anything but JSON', async () => {
    for (const type of [
      'text/plain',
      'application/x-www-form-urlencoded',
      'multipart/form-data; boundary=x',
      'x',
    ])
      expectProblem(await post('name=x&role=viewer', ['Content-Type', type]), 415, 'unsupported-media-type');
    const body = '{"name":"x","role":"viewer"}';
    expectProblem(await post(body, []), 415, 'unsupported-media-type');
    const packed = ['Content-Type', 'application/json', 'Content-Encoding', 'gzip'];
    expectProblem(await post(body, packed), 415, 'unsupported-media-type');
  });

  it('400: what is no HTTP, and headers without end', async () => {
    for (const bytes of ['nonsense\r\n\r\n', `GET / HTTP/1.1\r\nX: ${'x'.repeat(100_000)}\r\n\r\n`]) {
      const answer = await raw(bytes);
      expect(answer).toMatch(/^HTTP\/1.1 400 Bad Request\r\nContent-Type: application\/problem\+json/);
      expect(JSON.parse(answer.split('\r\n\r\n')[1]!)).toMatchObject({ code: 'bad-request', status: 400 });
    }
  });
});

describe('every code of the contract', () => {
  it.each(Object.entries(PROBLEMS))('%s is answered with its status', async (code, { status }) => {
    harness.issuance.override = () => {
      throw new ProblemError(code as never, 'As it is.');
    };
    const answer = await post('{"name":"x","role":"viewer"}');
    harness.issuance.override = undefined;
    expectProblem(answer, status, code);
  });
});

describe('503: parts that are gone', () => {
  it('issuance: at once, with Retry-After', async () => {
    const other = await Harness.start();
    const session = await other.login();
    other.issuance.stop();
    other.authorizer.stop();
    const json = { name: 'x', role: 'viewer' };
    const startMs = performance.now();
    const answer = await other.call('POST', other.keysPath, { token: session, json });
    const checked = await other.call('GET', '/api/v1/me', { token: other.key('viewer') });
    expect(performance.now() - startMs).toBeLessThan(3_000);
    await other.stop();
    for (const one of [answer, checked]) {
      expectProblem(one, 503, 'unavailable');
      expect(one.headers['retry-after']).toBe('1');
    }
  });

  it('G4: NATS killed or hung is 503 within the deadline, and all is well when it is back', async () => {
    const other = await Harness.start();
    const session = await other.login();
    const get = () => other.call('GET', other.keysPath, { token: session });
    const slowest = { ms: 0 };
    const becomes = (status: number): Promise<Answer> =>
      waitFor(
        async () => {
          const startMs = performance.now();
          const answer = await get();
          slowest.ms = Math.max(slowest.ms, performance.now() - startMs);
          if (answer.status !== 200) expectProblem(answer, 503, 'unavailable');
          return answer.status === status && answer;
        },
        { timeoutMs: 20_000, what: `${status} from the gateway` },
      ) as Promise<Answer>;
    await other.nats.pause();
    await becomes(503);
    await other.nats.resume();
    await other.nats.kill();
    await becomes(503);
    await other.nats.restart();
    await becomes(200);
    await other.stop();
    expect(slowest.ms).toBeLessThan(5_000);
  });
});
