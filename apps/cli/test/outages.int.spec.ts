import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createServer as createTlsServer } from 'node:https';
import { join } from 'node:path';
import { freePort } from '@mcpstack/testing';
import { containing, Desk } from './command.ts';
import { FakeGateway, problem } from './fake-gateway.ts';

let desk: Desk;
let gateway: FakeGateway;
beforeAll(async () => {
  desk = new Desk();
  gateway = await FakeGateway.start();
});
afterAll(async () => {
  desk.remove();
  await gateway.stop();
});
beforeEach(() => {
  desk.reset();
  desk.env = { MCPSTACK_API_URL: gateway.url, MCPSTACK_API_KEY: gateway.key };
  gateway.asked.length = 0;
  gateway.overrides.clear();
});

const at = (url: string, more: Record<string, string> = {}) => ({ env: { MCPSTACK_API_URL: url, ...more } });

describe('a gateway that', () => {
  it('is down: 7, at once', async () => {
    const url = `http://127.0.0.1:${await freePort()}`;
    const beganMs = performance.now();
    expect(await desk.run(['org', 'list'], at(url))).toMatchObject({
      code: 7,
      stdout: '',
      stderr: containing(`Error: Nothing listens at ${url}.\n`),
    });
    expect(performance.now() - beganMs).toBeLessThan(5_000);
  });

  it('has a host that nobody knows: 7', async () => {
    const { code, stderr } = await desk.run(['org', 'list'], at('https://no-such-host.invalid'));
    expect([code, stderr]).toEqual([7, containing('is not known (')]);
  });

  it.each([200, 403, 404])('answers HTML with status %i: 7, and says where to look', async (status) => {
    gateway.overrides.set('*', () => ({ status, body: '<html>A portal</html>' }));
    const { code, stdout, stderr } = await desk.run(['org', 'list']);
    expect([code, stdout]).toEqual([7, '']);
    expect(stderr).toContain(`${gateway.url} answers, but not as the API does`);
    expect(stderr).toContain('what stands before it');
    expect(stderr).not.toContain('portal');
  });

  it('never answers: 7 when the time is over, with a word after a second', async () => {
    gateway.overrides.set('*', () => new Promise(() => undefined));
    const { code, stderr } = await desk.run(
      ['org', 'list'],
      at(gateway.url, { MCPSTACK_TIMEOUT_MS: '1500' }),
    );
    expect(code).toBe(7);
    expect(stderr.split('\n')[0]).toBe(`Waiting for ${new URL(gateway.url).host} …`);
    expect(stderr).toContain(`Error: ${gateway.url} did not answer in time.`);
    expect((await desk.run(['org', 'list'], at(gateway.url, { MCPSTACK_TIMEOUT_MS: 'soon' }))).code).toBe(2);
  });

  it('is slow and answers within the time: done', async () => {
    gateway.overrides.set('*', async () => {
      await new Promise((resolve) => setTimeout(resolve, 1_200));
      return { status: 200, body: { data: [] } };
    });
    expect(await desk.run(['org', 'list', '--json'])).toMatchObject({
      code: 0,
      stdout: '{\n  "data": []\n}\n',
      // Whoever reads JSON reads nothing else.
      stderr: '',
    });
    // Nothing but results with --quiet.
    expect(await desk.run(['org', 'list', '--quiet'])).toEqual({
      code: 0,
      signal: null,
      stdout: '',
      stderr: '',
    });
  });

  it('is away for a moment: asked again, and nobody notices', async () => {
    let asked = 0;
    gateway.overrides.set('GET /api/v1/organizations', () =>
      (asked += 1) < 3 ? problem('unavailable', 'Later.') : { status: 200, body: { data: [] } },
    );
    expect((await desk.run(['org', 'list'])).code).toBe(0);
  });

  it('is busy: 7, and says when to come back', async () => {
    gateway.overrides.set('*', () => ({
      ...problem('too-many-requests', 'Too many requests.'),
      headers: { 'retry-after': '7' },
    }));
    expect(await desk.run(['org', 'list'])).toMatchObject({
      code: 7,
      stderr: containing('Try again in 7 s.'),
    });
  });
});

describe('a credential goes to no other place', () => {
  it.each([301, 302, 303, 307, 308])('by a redirect (%i)', async (status) => {
    const foreign = await FakeGateway.start();
    try {
      gateway.overrides.set('*', () => ({ status, headers: { location: `${foreign.url}/api/v1/me` } }));
      expect(await desk.run(['whoami'])).toMatchObject({
        code: 7,
        stderr: containing('which is not followed'),
      });
      // A login, its polls and its refresh tokens neither.
      expect((await desk.run(['auth', 'login'], { env: { MCPSTACK_API_KEY: '' } })).code).toBe(7);
      expect(foreign.asked).toEqual([]);
    } finally {
      await foreign.stop();
    }
  });

  it('by another address than that of the login', async () => {
    desk.env = {};
    expect((await desk.run(['auth', 'login', '--api-url', gateway.url])).code).toBe(0);
    const foreign = await FakeGateway.start();
    try {
      expect(await desk.run(['whoami', '--api-url', foreign.url])).toMatchObject({
        code: 3,
        stderr: containing(`is for ${gateway.url}, not for ${foreign.url}, and is sent nowhere else`),
      });
      expect((await desk.run(['config', 'set', 'api-url', foreign.url])).code).toBe(0);
      expect((await desk.run(['whoami'])).code).toBe(3);
      expect(foreign.asked).toEqual([]);
      // Control: one spelling of the address is another's equal.
      expect((await desk.run(['whoami', '--api-url', `${gateway.url}/`])).code).toBe(0);
    } finally {
      await foreign.stop();
    }
  });

  it('over http to another machine, unless that is wanted', async () => {
    const url = 'http://keys.invalid';
    expect(await desk.run(['whoami'], at(url))).toMatchObject({
      code: 2,
      stderr: containing('could be read on the way'),
    });
    expect((await desk.run(['whoami'], at(url, { MCPSTACK_ALLOW_HTTP: 'true' }))).code).toBe(7);
  });
});

describe('TLS', () => {
  /** A certificate of its own authority, for 127.0.0.1. */
  function certificate(name: string, days: [from: string, to: string]) {
    const file = (end: string) => join(desk.home, `${name}.${end}`);
    const openssl = (...args: string[]) => execFileSync('openssl', args, { stdio: 'ignore', cwd: desk.home });
    openssl(
      'req',
      '-newkey',
      'rsa:2048',
      '-nodes',
      '-subj',
      '/CN=localhost',
      '-keyout',
      file('key'),
      '-out',
      file('csr'),
    );
    execFileSync('sh', ['-c', 'mkdir -p ca && : > ca/index.txt && echo 01 > ca/serial'], { cwd: desk.home });
    const conf =
      '[ca]\ndefault_ca=d\n[d]\ndatabase=ca/index.txt\nserial=ca/serial\nnew_certs_dir=ca\ndefault_md=sha256\npolicy=p\nx509_extensions=e\n[p]\ncommonName=supplied\n[e]\nsubjectAltName=IP:127.0.0.1\nbasicConstraints=CA:true\n';
    execFileSync('sh', ['-c', `printf '%s' "$1" > ca/conf`, 'sh', conf], { cwd: desk.home });
    openssl(
      'ca',
      '-batch',
      '-config',
      'ca/conf',
      '-selfsign',
      '-keyfile',
      file('key'),
      '-in',
      file('csr'),
      '-out',
      file('crt'),
      '-startdate',
      days[0],
      '-enddate',
      days[1],
    );
    return { key: readFileSync(file('key')), cert: readFileSync(file('crt')), path: file('crt') };
  }

  const serve = ({ key, cert }: { key: Buffer; cert: Buffer }) =>
    FakeGateway.start((listener) => createTlsServer({ key, cert }, listener));

  it('a certificate that has expired, is not trusted, or is good', async () => {
    const expired = certificate('expired', ['20200101000000Z', '20210101000000Z']);
    const good = certificate('good', ['20200101000000Z', '20990101000000Z']);
    const [old, fine] = await Promise.all([serve(expired), serve(good)]);
    try {
      const trusting = ({ port }: FakeGateway, path: string) =>
        at(`https://127.0.0.1:${port}`, { NODE_EXTRA_CA_CERTS: path, MCPSTACK_API_KEY: fine.key });
      expect(await desk.run(['whoami'], trusting(old, expired.path))).toMatchObject({
        code: 7,
        stderr: containing('has expired.\nTell who runs it, and check this computer'),
      });
      expect(old.asked).toEqual([]);
      expect(await desk.run(['whoami'], at(`https://127.0.0.1:${fine.port}`))).toMatchObject({
        code: 7,
        stderr: containing('NODE_EXTRA_CA_CERTS'),
      });
      expect(fine.asked).toEqual([]);
      // Control: the same server, trusted.
      expect((await desk.run(['whoami'], trusting(fine, good.path))).code).toBe(0);
    } finally {
      await Promise.all([old.stop(), fine.stop()]);
    }
  });
});
