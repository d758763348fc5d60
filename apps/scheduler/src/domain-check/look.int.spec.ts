import { request as httpRequest } from 'node:http';
import { Resolver } from 'node:dns/promises';
import { selfSigned } from '../../test/certificate.ts';
import { DnsServer } from '../../test/dns-server.ts';
import { ProofServer } from '../../test/proof-server.ts';
import { anyAddress, onlyPublic } from '@mcpstack/service-kit';
import { lookWith, type LookSettings } from './look.ts';

const DOMAIN = 'app.example.com';
const TXT_NAME = `_mcpstack-challenge.${DOMAIN}`;
const PATH = '/.well-known/mcpstack-challenge.txt';
const CHALLENGE = `mcpstack-verify=${'a'.repeat(43)}`;

let dns: DnsServer;
let web: ProofServer;

beforeAll(async () => {
  dns = await DnsServer.start();
  web = await ProofServer.start();
});
beforeEach(() => {
  dns.clear();
  web.reset();
  dns.set('A', DOMAIN, ['127.0.0.1']);
});
afterAll(async () => {
  await dns.stop();
  await web.stop();
});

function look(more: Partial<LookSettings> = {}, domain = DOMAIN) {
  const settings = {
    scheme: 'http',
    port: web.port,
    mayConnectTo: anyAddress,
    dnsServers: [dns.address],
  } as const;
  return lookWith({ ...settings, ...more })({ domain, challenge: CHALLENGE });
}

describe('the proof in DNS', () => {
  it('is found as one TXT value among others', async () => {
    dns.set('TXT', TXT_NAME, ['v=spf1 -all', CHALLENGE, 'secret-of-somebody']);
    expect((await look()).dns).toEqual({ name: TXT_NAME, ok: true, values: [CHALLENGE] });
  });

  it('is found in a value of several strings', async () => {
    dns.setTexts(TXT_NAME, [[CHALLENGE.slice(0, 20), CHALLENGE.slice(20)]]);
    expect((await look()).dns.ok).toBe(true);
  });

  it('is not found in the strings of two values, nor inside a longer one', async () => {
    dns.setTexts(TXT_NAME, [[CHALLENGE.slice(0, 20)], [CHALLENGE.slice(20)], [`${CHALLENGE}x`]]);
    const { dns: found } = await look();
    expect(found).toMatchObject({ ok: false, problem: 'no TXT value is the challenge' });
    expect(found.values).toEqual([CHALLENGE.slice(0, 20), `${CHALLENGE}x`]);
  });

  it('shows only values that are spelled as a challenge, few and short', async () => {
    const many = Array.from({ length: 15 }, (_, index) => `mcpstack-verify=${index}-${'x'.repeat(150)}`);
    dns.set('TXT', TXT_NAME, ['internal-password', ...many.slice(0, 2)]);
    const { values } = (await look()).dns;
    expect(values).toHaveLength(2);
    for (const value of values) expect(value).toHaveLength(100);
  });

  it.each([
    ['NXDOMAIN', undefined, 'there is no such name'],
    ['no record of the kind', [], 'the name has no such record'],
    ['SERVFAIL', 'servfail', 'the name servers answer with a failure (SERVFAIL)'],
  ] as const)('%s is said in words', async (_what, records, problem) => {
    if (records !== undefined) dns.set('TXT', TXT_NAME, typeof records === 'string' ? records : [...records]);
    expect((await look()).dns).toEqual({ name: TXT_NAME, ok: false, values: [], problem });
  });

  it('a name server that says nothing holds nobody up', async () => {
    dns.set('TXT', TXT_NAME, 'silent');
    dns.set('A', DOMAIN, 'silent');
    const begun = performance.now();
    const found = await look({ timeoutMs: 300 });
    expect(performance.now() - begun).toBeLessThan(8_000);
    expect(found.dns.problem).toBe('the name servers did not answer in time');
    expect(found.file.problem).toBe('the name servers did not answer in time');
  });
});

describe('the proof in a file', () => {
  it('is found as the whole content, white space around it aside', async () => {
    web.serve(` ${CHALLENGE}\r\n`);
    expect((await look()).file).toEqual({ url: `http://${DOMAIN}:${web.port}${PATH}`, ok: true });
    expect(web.requests).toEqual([
      { path: PATH, host: `${DOMAIN}:${web.port}`, headers: expect.anything() as string[] },
    ]);
  });

  it('sends no cookie, no credential and nothing of ours but a name', async () => {
    web.serve(CHALLENGE);
    await look();
    const names = web.requests[0]!.headers.filter((_, index) => index % 2 === 0).map((name) =>
      name.toLowerCase(),
    );
    expect(names.sort()).toEqual(['accept', 'accept-encoding', 'connection', 'host', 'user-agent']);
  });

  it.each([
    ['another text', 'mcpstack-verify=other'],
    ['a page that contains it', `<p>${CHALLENGE}</p>`],
    ['nothing', ''],
  ])('%s is none', async (_what, text) => {
    web.serve(text);
    expect((await look()).file).toMatchObject({
      ok: false,
      problem: 'the content of the file is not the challenge',
    });
  });

  it.each([404, 403, 500, 204])('%i is none', async (status) => {
    web.handle = (_request, response) => void response.writeHead(status).end();
    expect((await look()).file).toMatchObject({ ok: false, problem: `the answer is ${status}, not 200` });
  });

  it('an endless body is given up after 1 KiB', async () => {
    let sent = 0;
    let isClosed = false;
    web.handle = (_request, response) => {
      response.writeHead(200);
      response.on('close', () => (isClosed = true));
      const more = (): void => {
        while (!isClosed && response.write('x'.repeat(512))) sent += 512;
        if (!isClosed) response.once('drain', more);
      };
      more();
    };
    const begun = performance.now();
    expect((await look()).file.problem).toBe('the file is longer than 1024 bytes');
    expect(performance.now() - begun).toBeLessThan(8_000);
    expect(sent).toBeGreaterThan(0);
  });

  it.each([
    ['an answer that never begins', () => undefined],
    [
      'a body that drips',
      (response: { writeHead(status: number): void; write(text: string): void }) => {
        response.writeHead(200);
        response.write('m');
      },
    ],
  ])('%s is given up in time', async (_what, behave) => {
    web.handle = (_request, response) => void behave(response);
    const begun = performance.now();
    expect((await look({ timeoutMs: 300 })).file.problem).toBe('the server did not answer in time');
    expect(performance.now() - begun).toBeLessThan(8_000);
  });

  it('too many headers are refused', async () => {
    web.handle = (_request, response) =>
      void response.writeHead(200, { 'X-Long': 'x'.repeat(10_000) }).end(CHALLENGE);
    expect((await look()).file).toMatchObject({ ok: false, problem: 'the answer has too many headers' });
  });

  it('an upgrade that nobody asked for, and a connection that just ends, are no answer', async () => {
    web.handle = (_request, response) => {
      response.socket!.end('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n');
    };
    expect((await look({ timeoutMs: 2_000 })).file.ok).toBe(false);
    web.handle = (_request, response) => void response.socket!.destroy();
    expect((await look()).file).toMatchObject({ ok: false, problem: 'the connection failed' });
  });

  it('nobody listens: said in words', async () => {
    expect((await look({ port: 1 })).file.problem).toBe('the server does not take connections');
  });
});

describe('redirects', () => {
  const redirectTo = (location: string): void => {
    web.handle = (request, response) => {
      if (request.url === '/elsewhere') response.writeHead(200).end(CHALLENGE);
      else response.writeHead(302, { Location: location }).end();
    };
  };

  it('on the same host are followed, to the pinned address', async () => {
    redirectTo('/elsewhere');
    expect((await look()).file.ok).toBe(true);
    expect(dns.asked('A', DOMAIN)).toBe(1);
  });

  it.each([
    ['another host', () => `http://other.example.com:${web.port}/elsewhere`],
    ['an address', () => `http://127.0.0.1:${web.port}/elsewhere`],
    ['another port', () => `http://${DOMAIN}:1/elsewhere`],
    ['another scheme', () => `https://${DOMAIN}:${web.port}/elsewhere`],
    ['a name without scheme', () => '//other.example.com/elsewhere'],
    ['a file', () => 'file:///etc/passwd'],
    ['credentials', () => `http://user:pass@${DOMAIN}:${web.port}/elsewhere`],
  ])('to %s are refused', async (_what, location) => {
    dns.set('A', 'other.example.com', ['127.0.0.1']);
    redirectTo(location());
    expect((await look()).file).toMatchObject({ ok: false, problem: 'there is a redirect to another host' });
    expect(web.requests.map(({ path }) => path)).toEqual([PATH]);
    expect(dns.asked('A', 'other.example.com')).toBe(0);
  });

  it('to nowhere, and in a circle, come to an end', async () => {
    web.handle = (_request, response) => void response.writeHead(301).end();
    expect((await look()).file.problem).toBe('there is a redirect to nowhere');
    web.handle = (_request, response) => void response.writeHead(301, { Location: PATH }).end();
    expect((await look()).file.problem).toBe('there are too many redirects');
    expect(web.requests).toHaveLength(1 + 3);
  });
});

describe('the private network (SSRF)', () => {
  it('is not reached through a name that leads into it', async () => {
    web.serve(CHALLENGE);
    const { file } = await look({ mayConnectTo: onlyPublic });
    expect(file).toMatchObject({ ok: false, problem: 'the name leads to an address that is not public' });
    expect(web.connections).toBe(0);
  });

  it('control: with the rule off, it is reached', async () => {
    web.serve(CHALLENGE);
    expect((await look({ mayConnectTo: anyAddress })).file.ok).toBe(true);
    expect(web.connections).toBe(1);
  });

  it('is not reached through one private address among public ones, in either family', async () => {
    dns.set('A', DOMAIN, ['8.8.8.8', '127.0.0.1']);
    expect((await look({ mayConnectTo: onlyPublic })).file.problem).toBe(
      'the name leads to an address that is not public',
    );
    dns.set('A', DOMAIN, ['8.8.8.8']);
    dns.set('AAAA', DOMAIN, ['::ffff:7f00:1']);
    expect((await look({ mayConnectTo: onlyPublic })).file.problem).toBe(
      'the name leads to an address that is not public',
    );
    expect(web.connections).toBe(0);
  });

  it.each([
    '127.0.0.1',
    'localhost:1@evil.example',
    '0x7f.1',
    '2130706433',
    '127.1',
    '[::1]',
    '::1',
    'a.example/x?',
    '',
  ])('is not reached through what is no host name: %j', async (domain) => {
    web.serve(CHALLENGE);
    expect((await look({}, domain)).file.ok).toBe(false);
    expect(web.connections).toBe(0);
  });

  it('refuses a name with a crowd of addresses', async () => {
    dns.set(
      'A',
      DOMAIN,
      Array.from({ length: 9 }, (_, index) => `8.8.8.${index}`),
    );
    expect((await look()).file.problem).toBe('the name has more than 8 addresses');
  });

  describe('by DNS rebinding', () => {
    // 127.0.0.1 stands for a public address here, 127.0.0.2 for a private one.
    const mayConnectTo = (address: string) => (address === '127.0.0.1' ? undefined : 'it is private');
    let inside: ProofServer;
    beforeAll(async () => (inside = await ProofServer.start({ address: '127.0.0.2', port: web.port })));
    afterAll(() => inside.stop());
    beforeEach(() => {
      inside.reset();
      inside.serve('the secret of the inside');
      web.serve(CHALLENGE);
      dns.set('A', DOMAIN, (timesAsked) => [timesAsked === 0 ? '127.0.0.1' : '127.0.0.2']);
    });

    it('is not reached: the connection is bound to what was checked', async () => {
      expect((await look({ mayConnectTo })).file.ok).toBe(true);
      expect(dns.asked('A', DOMAIN)).toBe(1);
      expect([web.connections, inside.connections]).toEqual([1, 0]);
    });

    it('control: whoever checks first and then asks again is led inside', async () => {
      const resolver = new Resolver();
      resolver.setServers([dns.address]);
      const checked = await resolver.resolve4(DOMAIN);
      expect(checked.map(mayConnectTo)).toEqual([undefined]);
      const text = await new Promise<string>((resolve, reject) => {
        httpRequest(`http://${DOMAIN}:${web.port}${PATH}`, {
          lookup: (host, _options, callback) => {
            resolver
              .resolve4(host)
              .then(([address]) => callback(null, [{ address: address!, family: 4 }]), reject);
          },
        })
          .on('response', (response) => response.on('data', (chunk: Buffer) => resolve(chunk.toString())))
          .on('error', reject)
          .end();
      });
      expect(text).toBe('the secret of the inside');
      expect(inside.connections).toBe(1);
    });
  });
});

describe('over TLS', () => {
  const certificate = selfSigned(DOMAIN);
  let secure: ProofServer;
  beforeAll(async () => {
    secure = await ProofServer.start({ tls: certificate });
    secure.serve(CHALLENGE);
  });
  afterAll(() => secure.stop());
  const overTls = (more: Partial<LookSettings>, domain = DOMAIN) =>
    look({ scheme: 'https', port: secure.port, ...more }, domain);

  it('the proof is found under the name of the domain', async () => {
    expect((await overTls({ ca: certificate.cert })).file).toMatchObject({ ok: true });
  });

  it('a certificate of another name, or of an unknown issuer, is refused', async () => {
    dns.set('A', 'other.example.com', ['127.0.0.1']);
    const problem = 'the certificate of the server is not valid';
    expect((await overTls({ ca: certificate.cert }, 'other.example.com')).file).toMatchObject({
      ok: false,
      problem,
    });
    expect((await overTls({})).file).toMatchObject({ ok: false, problem });
  });
});

describe('proxies', () => {
  it('of the environment take no part', async () => {
    const before = { ...process.env };
    const proxy = `http://127.0.0.1:1`;
    Object.assign(process.env, {
      HTTP_PROXY: proxy,
      HTTPS_PROXY: proxy,
      ALL_PROXY: proxy,
      http_proxy: proxy,
    });
    try {
      web.serve(CHALLENGE);
      expect((await look()).file.ok).toBe(true);
    } finally {
      process.env = before;
    }
  });
});

it('a look that is given up because the process stops has found nothing out', async () => {
  dns.set('TXT', TXT_NAME, 'silent');
  const stopping = new AbortController();
  const settings = {
    scheme: 'http',
    port: web.port,
    mayConnectTo: anyAddress,
    dnsServers: [dns.address],
  } as const;
  const looking = lookWith(settings)({ domain: DOMAIN, challenge: CHALLENGE }, stopping.signal);
  stopping.abort(new Error('stopping'));
  await expect(looking).rejects.toThrow('stopping');
});
