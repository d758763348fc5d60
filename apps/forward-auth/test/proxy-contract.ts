/**
 * What holds behind every proxy, whichever it is: nobody passes whose key does not allow it, and what the service
 * reads about the caller was written by forward-auth. Each with a control: the same example without the line that
 * holds it.
 */
import { freePort } from '@mcpstack/local-servers';
import { IDENTITY_HEADERS } from '../src/identity.ts';
import type { Behind, RunningProxy } from './proxies.ts';
import { ask, KEY, startHung } from './ends.ts';
import { refused, startWorld, VALID, type World } from './world.ts';

export interface ProxyUnderTest {
  describe: jest.Describe;
  name: string;
  start: (behind: Behind) => Promise<RunningProxy>;
  /** Changes of the example that take a protection away. */
  without: Record<'agentId' | 'underscores' | 'check' | 'credential', (text: string) => string>;
  /** Makes the waits short. */
  quick: (text: string) => string;
  /** What a client gets when forward-auth is down, and when it hangs. */
  outage: { down: number; hung: number };
}

const FORGED = [
  ...IDENTITY_HEADERS.map((name) => [name, 'forged'] as const),
  ...IDENTITY_HEADERS.map((name) => [name.toUpperCase(), 'forged'] as const),
  ...IDENTITY_HEADERS.map((name) => [name.replaceAll('-', '_'), 'forged'] as const),
];

let world: World;
const running: RunningProxy[] = [];
beforeAll(async () => {
  world = await startWorld();
});
afterAll(async () => {
  await Promise.all(running.map((proxy) => proxy.stop()));
  await world?.stop();
});

export function describeProxy({
  describe: describeHere,
  name,
  start,
  without,
  quick,
  outage,
}: ProxyUnderTest): void {
  const run = async (behind: Partial<Behind> = {}): Promise<string> => {
    const proxy = await start({ forwardAuthPort: world.port, upstreamPort: world.upstream.port, ...behind });
    running.push(proxy);
    return proxy.url;
  };

  describeHere(`${name}, with the example of deploy/proxies`, () => {
    let url: string;
    beforeAll(async () => {
      url = await run();
    });
    beforeEach(() => {
      world.verifier.reply = VALID;
      world.verifier.asked.length = 0;
      world.upstream.requests = 0;
    });

    it('lets a VALID key through; the service learns who calls, and not the key', async () => {
      for (const method of ['GET', 'POST', 'DELETE']) {
        const { status, seen, text } = await ask(`${url}/things?a=b`, { method });
        expect(status).toBe(200);
        expect(seen).toMatchObject({
          'mcpstack-key-id': VALID.keyId,
          'mcpstack-org-id': VALID.orgId,
          'mcpstack-kind': 'service',
          'mcpstack-role': 'developer',
          'mcpstack-permissions': 'servers:read,telemetry:write',
          'mcpstack-scope': JSON.stringify(VALID.scope),
          'mcpstack-environment': 'production',
          'mcpstack-expires-at': VALID.expiresAt,
        });
        expect(text).not.toContain(KEY);
      }
      const viaHeader = await ask(url, { key: ['X-API-Key', KEY] });
      expect(viaHeader.status).toBe(200);
      expect(viaHeader.text).not.toContain(KEY);
    });

    it('what a client writes into identity headers never arrives, in no spelling', async () => {
      const { status, seen, text } = await ask(url, { headers: FORGED });
      expect(status).toBe(200);
      expect(text).not.toContain('forged');
      expect(seen!['mcpstack-role']).toBe('developer');
      // There is no agent: the header is empty or absent.
      expect(seen!['mcpstack-agent-id'] ?? '').toBe('');
    });

    it('control: without the line that sets or removes a header, a forged one arrives', async () => {
      const dashes = await ask(await run({ change: without.agentId }), { headers: FORGED });
      expect(dashes.seen!['mcpstack-agent-id']).toContain('forged');
      const underscores = await ask(await run({ change: without.underscores }), { headers: FORGED });
      expect(underscores.seen).toMatchObject({ mcpstack_role: expect.stringContaining('forged') as string });
      const credential = await ask(await run({ change: without.credential }));
      expect(credential.text).toContain(KEY);
    });

    it('what is demanded, and whose address counts, is not for the client to say', async () => {
      const tricks = [
        ['X-Forwarded-For', '203.0.113.7'],
        ['X-Forwarded-Uri', '/check?any-key=true'],
        ['X-Original-Uri', '/check?any-key=true'],
        ['Forwarded', 'for=203.0.113.7'],
        ['X-Real-Ip', '203.0.113.7'],
      ] as const;
      const { status } = await ask(`${url}/a?permission=servers:write&any-key=true&cost=0`, {
        headers: [...tricks],
      });
      expect(status).toBe(200);
      expect(world.verifier.asked).toEqual([
        expect.objectContaining({ key: KEY, permission: 'servers:read', ip: '127.0.0.1' }),
      ]);
      expect(world.verifier.asked[0]).not.toHaveProperty('cost');
    });

    it.each([
      ['REVOKED', 401],
      ['EXPIRED', 401],
      ['FORBIDDEN', 403],
      ['RATE_LIMITED', 429],
      ['UNAVAILABLE', 503],
    ] as const)('%s is answered %i, and the service sees nothing', async (code, status) => {
      const limit = { name: 'a-minute', limit: 1, remaining: 0, resetMs: 6_500 };
      world.verifier.reply = refused(code, code === 'RATE_LIMITED' ? { rateLimits: [limit] } : {});
      const answer = await ask(url);
      expect(answer.status).toBe(status);
      expect(answer.headers['content-type']).toMatch(/^application\/problem\+json/);
      expect(JSON.parse(answer.text)).toMatchObject({ status });
      // One challenge, not two.
      if (status === 401)
        expect(answer.headers['www-authenticate']).toMatch(/^Bearer realm="[^"]*"(, \w+="[^"]*")*$/);
      if (status === 429) {
        expect(answer.headers).toMatchObject({
          'retry-after': '7',
          'ratelimit-policy': '"a-minute";q=1',
          ratelimit: '"a-minute";r=0;t=7',
        });
      }
      expect(world.upstream.requests).toBe(0);
    });

    it('no key: 401 with a challenge that names no error; two keys, or one in the URL: 400', async () => {
      const none = await ask(url, { key: null });
      expect(none.status).toBe(401);
      expect(none.headers['www-authenticate']).toMatch(/^Bearer realm="[^"]*"$/);
      expect((await ask(url, { headers: [['X-API-Key', KEY]] })).status).toBe(400);
      expect((await ask(`${url}/things?k=${KEY}`)).status).toBe(400);
      expect(world.upstream.requests).toBe(0);
      expect(world.verifier.asked).toEqual([]);
    });

    it('fails closed: forward-auth down or hung is an error for the client, and nothing passes', async () => {
      const hung = await startHung();
      try {
        const [isDown, isHung] = await Promise.all([
          run({ forwardAuthPort: await freePort(), change: quick }),
          run({ forwardAuthPort: hung.port, change: quick }),
        ]);
        world.upstream.requests = 0;
        expect((await ask(isDown)).status).toBe(outage.down);
        expect((await ask(isHung)).status).toBe(outage.hung);
        expect(world.upstream.requests).toBe(0);
        // Control: it is the check that stands in the way.
        const open = await run({ forwardAuthPort: hung.port, change: without.check });
        expect((await ask(open)).status).toBe(200);
      } finally {
        await hung.stop();
      }
    });

    it("the service's own errors are its own", async () => {
      for (const status of [400, 401, 403, 429, 500, 503]) {
        world.upstream.status = status;
        const answer = await ask(url);
        expect([answer.status, answer.seen?.['mcpstack-key-id']]).toEqual([status, VALID.keyId]);
      }
      world.upstream.status = 200;
    });
  });
}

/** The world of the running spec, for what only one proxy does. */
export const theWorld = (): World => world;
export async function runVariant(proxy: Promise<RunningProxy>): Promise<string> {
  const started = await proxy;
  running.push(started);
  return started.url;
}
