import { createClient } from '@redis/client';
import { Svcm } from '@nats-io/services';
import {
  DEFAULT_FRESHNESS,
  EXPLAIN_SUBJECT,
  IDENTIFY_SUBJECT,
  makeToken,
  permissionsOf,
  tokenDigest,
  VERIFY_BATCH_SUBJECT,
  VERIFY_SUBJECT,
  type IdentifyReply,
} from '@mcpstack/contracts';
import { STAMP_LIFE_MS, until, World, type Authorizer, type TestKey } from './world.ts';

/** The authorizer's own deadline is 2 s, Redis is given up after 1 s; the rest is for a machine that is busy. */
const ANSWERED_WITHIN_MS = 5_000;
const { deltaMs: DELTA_MS } = DEFAULT_FRESHNESS;

let world: World;
let authorizer: Authorizer;
let key: TestKey;

beforeAll(async () => {
  world = await World.start();
  await world.project();
  key = await world.createKey();
  authorizer = await world.startAuthorizer();
  await trusted();
});
afterAll(async () => {
  await authorizer.child.stop();
  await world.stop();
});

const valid = async (): Promise<boolean> => (await world.verify({ key: key.token })).valid;
const trusted = () => until('VALID', () => valid().catch(() => false));
const code = async (request: unknown) => (await world.verify(request)).code;

async function expectUnavailable(): Promise<void> {
  const began = performance.now();
  expect(await world.verify({ key: key.token })).toMatchObject({
    valid: false,
    code: 'UNAVAILABLE',
    freshForMs: 0,
  });
  expect(performance.now() - began).toBeLessThan(ANSWERED_WITHIN_MS);
}

/** What was read just before may be answered from until Δ is over (G3); from then on nothing is VALID. */
async function onlyUnavailable(): Promise<void> {
  const began = performance.now();
  await until('the end of what was read before', async () => !(await valid()), DELTA_MS + ANSWERED_WITHIN_MS);
  expect(performance.now() - began).toBeLessThan(DELTA_MS + ANSWERED_WITHIN_MS);
  await expectUnavailable();
}

describe('verify, as any NATS client calls it', () => {
  it('says VALID by key and by digest, and who it is', async () => {
    for (const request of [{ key: key.token }, { digest: tokenDigest(key.token) }]) {
      const { freshForMs, ...reply } = await world.verify({ ...request, permission: 'servers:write' });
      expect(reply).toEqual({
        valid: true,
        code: 'VALID',
        keyId: key.id,
        orgId: key.organizationId,
        kind: 'service',
        role: 'developer',
        permissions: permissionsOf('developer'),
      });
      expect(freshForMs).toBeGreaterThan(0);
      expect(freshForMs).toBeLessThanOrEqual(250);
    }
  });

  it('says why not', async () => {
    const revoked = await world.createKey();
    await world.revoke(revoked);
    const narrowed = await world.createKey({ permissions: ['servers:read'] });
    expect(await code({ key: makeToken('service') })).toBe('NOT_FOUND');
    expect(await code({ key: revoked.token })).toBe('REVOKED');
    expect(await code({ key: narrowed.token, permission: 'servers:read' })).toBe('VALID');
    expect(await code({ key: narrowed.token, permission: 'servers:write' })).toBe('FORBIDDEN');
    expect(await code({ key: key.token, permission: 'api-keys:write' })).toBe('FORBIDDEN');
    expect(await code({ key: key.token, expect: { kind: 'publishable' } })).toBe('NOT_FOUND');
    expect(await code({ key: `${key.token.slice(0, -1)}!` })).toBe('MALFORMED');
    expect(await code({ key: key.token, surprise: 1 })).toBe('MALFORMED');
    expect(await code('not json')).toBe('MALFORMED');
    expect(await code('')).toBe('MALFORMED');
  });

  it('publishable keys: from their origins alone, while their agent is there', async () => {
    const page = await world.createPublicKey();
    const origin = 'https://app.example.com';
    const { agentId } = page;
    expect(await world.verify({ key: page.token, origin, expect: { agentId } })).toMatchObject({
      code: 'VALID',
      kind: 'publishable',
      agentId,
    });
    for (const other of [{}, { origin: 'null' }, { origin: 'https://www.example.com' }])
      expect(await code({ key: page.token, ...other })).toBe('ORIGIN_NOT_ALLOWED');
    expect(await code({ key: page.token, origin, permission: 'agents:read' })).toBe('FORBIDDEN');
    expect(await code({ key: key.token, origin })).toBe('ORIGIN_NOT_ALLOWED');
    await world.removeAgent(agentId);
    // What was read before may be answered from for Δ.
    await until('REVOKED', async () => (await code({ key: page.token, origin })) === 'REVOKED', 2 * DELTA_MS);
  });

  it('terms of a key: expiry, addresses, scope', async () => {
    const inAMoment = new Date(Date.now() + 1_000).toISOString();
    const short = await world.createKey({ terms: { expiresAt: inAMoment } });
    const here = await world.createKey({
      terms: { allowedIps: ['10.0.0.0/8'], scope: { agents: ['agent_1'] }, environment: 'test' },
    });
    const ip = '::ffff:10.0.0.1';
    expect(await code({ key: here.token })).toBe('IP_NOT_ALLOWED');
    expect(await code({ key: here.token, ip: '11.0.0.1' })).toBe('IP_NOT_ALLOWED');
    expect(await code({ key: here.token, ip, expect: { agentId: 'agent_2' } })).toBe('FORBIDDEN');
    expect(await world.verify({ key: here.token, ip, expect: { agentId: 'agent_1' } })).toMatchObject({
      code: 'VALID',
      scope: { agents: ['agent_1'] },
      environment: 'test',
    });
    await until('EXPIRED by the clock alone', async () => (await code({ key: short.token })) === 'EXPIRED');
    expect(Date.now()).toBeGreaterThanOrEqual(Date.parse(inAMoment));
  });

  it('an older secret works for as long as rotation left it', async () => {
    const [kept, cut] = [await world.createKey(), await world.createKey()];
    const [keptNew, cutNew] = [await world.rotate(kept, 60_000), await world.rotate(cut, 0)];
    for (const token of [kept.token, keptNew, cutNew]) expect(await code({ key: token })).toBe('VALID');
    expect(await code({ key: cut.token })).toBe('EXPIRED');
  });

  it('identifies digests, in order', async () => {
    const digests = [tokenDigest(makeToken('service')), tokenDigest(key.token)];
    const asked = await world.nats.request(IDENTIFY_SUBJECT, JSON.stringify({ digests }), { timeout: 3_000 });
    expect(asked.json<IdentifyReply>()).toEqual({
      keys: [null, { keyId: key.id, organizationId: key.organizationId, kind: 'service', state: 'active' }],
    });
  });

  it('G1: keys of every pepper are found while peppers rotate', async () => {
    const [old, current] = [
      await world.createKey({ pepperVersion: 1 }),
      await world.createKey({ pepperVersion: 2 }),
    ];
    expect(await code({ key: old.token })).toBe('VALID');
    expect(await code({ key: current.token })).toBe('VALID');
  });

  it('G6: waits for a position, bounded', async () => {
    const fresh = await world.createKey();
    expect(await code({ key: fresh.token, position: world.position })).toBe('VALID');
    const began = performance.now();
    expect(await code({ key: key.token, position: '999999' })).toBe('UNAVAILABLE');
    expect(performance.now() - began).toBeGreaterThanOrEqual(990);
    expect(performance.now() - began).toBeLessThan(ANSWERED_WITHIN_MS);
  });

  it('is found by the services protocol', async () => {
    const client = new Svcm(world.nats).client({ strategy: 'timer', maxWait: 1_000 });
    const found = [];
    for await (const info of await client.info('mcpstack-authorizer')) found.push(info);
    expect(found).toMatchObject([
      {
        version: '1.0.0',
        endpoints: [
          { name: 'verify', subject: VERIFY_SUBJECT, queue_group: 'authorizer' },
          { name: 'verify-batch', subject: VERIFY_BATCH_SUBJECT, queue_group: 'authorizer' },
          { name: 'explain', subject: EXPLAIN_SUBJECT, queue_group: 'authorizer' },
          { name: 'identify', subject: IDENTIFY_SUBJECT, queue_group: 'authorizer' },
        ],
      },
    ]);
  });

  it('answers 500 at once', async () => {
    const replies = await Promise.all(Array.from({ length: 500 }, () => world.verify({ key: key.token })));
    expect(replies.filter((reply) => !reply.valid).map((reply) => reply.message)).toEqual([]);
  });
});

describe('G4: fails closed within its deadline, and heals without a restart', () => {
  it('Redis killed, restarted with its data, then projected anew', async () => {
    await world.redis.kill();
    await onlyUnavailable();
    for (let n = 0; n < 5; n += 1) await expectUnavailable();
    await world.redis.restart();
    for (let n = 0; n < 30; n += 1) await expectUnavailable();
    expect((await authorizer.ready()).status).toBe(503);
    await world.project();
    await trusted();
    expect((await authorizer.ready()).status).toBe(200);
  });

  it('Redis hung', async () => {
    await world.redis.pause();
    await onlyUnavailable();
    await Promise.all(Array.from({ length: 50 }, expectUnavailable));
    await expectUnavailable();
    await world.redis.resume();
    await world.project();
    await trusted();
  });

  it('Redis emptied: UNAVAILABLE, not NOT_FOUND', async () => {
    const client = createClient({ url: world.redis.url });
    await client.connect();
    await client.flushAll();
    await onlyUnavailable();
    await world.project();
    await trusted();
    // The key's record alone, then the organization's: absence never permits.
    for (const name of await client.keys(`*:key:${key.id}`)) await client.del(name);
    await onlyUnavailable();
    await world.project();
    await trusted();
    for (const name of await client.keys(`*:organization:${key.organizationId}`)) await client.del(name);
    await onlyUnavailable();
    await world.project();
    await trusted();
    client.destroy();
  });

  it('no projection any more: UNAVAILABLE after T, but a revoked key stays REVOKED', async () => {
    const revoked = await world.createKey();
    await world.revoke(revoked);
    await world.stopStamping();
    await until('UNAVAILABLE', async () => !(await valid()), 4 * STAMP_LIFE_MS);
    await expectUnavailable();
    expect(await code({ key: makeToken('service') })).toBe('UNAVAILABLE');
    expect(await code({ key: revoked.token })).toBe('REVOKED');
    await world.project();
    await trusted();
  });

  it('NATS killed and restarted', async () => {
    await world.natsServer.kill();
    await world.natsServer.restart();
    await trusted();
  });
});

describe('the process', () => {
  it('SIGTERM: everything that was taken is answered, exit code 0', async () => {
    const other = await World.start();
    await other.project();
    const own = await other.createKey();
    const { child, ready } = await other.startAuthorizer();
    // It takes no checks before it can answer them.
    await until('ready', async () => (await ready()).status === 200);
    expect(await other.verify({ key: own.token })).toMatchObject({ valid: true });
    const replies = Promise.allSettled(
      Array.from({ length: 300 }, () => other.verify({ key: own.token }, 5_000)),
    );
    // All requests are with the server, hence on their way to the authorizer, before it is told to stop.
    await other.nats.flush();
    const began = performance.now();
    await child.stop({ graceMs: 10_000 });
    expect(await child.exited).toMatchObject({ code: 0 });
    expect(performance.now() - began).toBeLessThan(5_000);
    const settled = await replies;
    expect(settled.filter(({ status }) => status === 'rejected')).toEqual([]);
    await other.stop();
  });

  it('SIGTERM while NATS and Redis are gone: exits 0 within seconds all the same', async () => {
    const other = await World.start();
    const { child } = await other.startAuthorizer();
    await Promise.all([other.natsServer.kill(), other.redis.kill()]);
    const began = performance.now();
    await child.stop({ graceMs: 15_000 });
    expect(await child.exited).toMatchObject({ code: 0 });
    expect(performance.now() - began).toBeLessThan(8_000);
    await other.stop();
  });

  it('G1: logs no token and no digest; the control finds a planted one', () => {
    const lines = authorizer.child.lastLines(1_000).join('\n');
    const secrets = [key.token, tokenDigest(key.token)];
    const found = (text: string) => secrets.filter((secret) => text.includes(secret));
    expect(lines).toMatch(/"service":"authorizer"/);
    expect(found(lines)).toEqual([]);
    expect(found(`${lines}\n${key.token}`)).toEqual([key.token]);
  });
});
