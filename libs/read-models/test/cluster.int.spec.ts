import { createClient } from '@redis/client';
import { freePort, startRedis, type LocalServer } from '@mcpstack/local-servers';
import { newId } from '@mcpstack/contracts';
import { openReadModels, ReadModelWriter } from '../src/index.ts';
import { ACTOR, MemoryLog } from './log.ts';
import { eventAt, FRESHNESS, stamping, until, writeLog } from './world.ts';

let redis: LocalServer;
beforeAll(async () => (redis = await startRedis({ cluster: true })));
afterAll(() => redis.stop());

it('G4, G5: every step is one slot on a Redis Cluster: build, apply, switch, drop, stamp, limits and all reads', async () => {
  const log = new MemoryLog();
  log.grow(400);
  const organization = log.createOrganization();
  const key = log.createKey(organization.id);
  const agent = log.createAgent(organization.id);
  const publicKey = log.createPublicKey(organization.id, agent.id);
  const [userId, stream] = [newId('user'), `organization-${organization.id}`];
  log.append(stream, 'MemberRoleChanged', { userId: organization.ownerId, role: 'admin' });
  log.use(key.id, organization.id, { from: log.timeAfter(0), count: 1 });
  const session = await writeLog(redis.url, log);
  const stamps = stamping(session);
  const models = openReadModels({ url: redis.url, freshness: FRESHNESS });
  await until('trust', () => Promise.resolve(models.state().trusted));
  expect((await models.findByDigests([key.digest])).value).toMatchObject({ status: 'found' });
  expect((await models.findMany([[key.digest], [publicKey.digest]])).value).toMatchObject([
    { status: 'found' },
    { status: 'found', agent: { id: agent.id } },
  ]);
  expect((await models.getKey(organization.id, key.id)).value).toBeDefined();
  expect((await models.getKeyUsage(organization.id, key.id)).value).toMatchObject({ count: 1 });
  expect((await models.listPublicKeys(organization.id)).value.items).toHaveLength(1);
  expect((await models.isOriginKnown('https://app.example.com')).value).toBe(true);
  expect((await models.listMembers(organization.id)).value.items).toMatchObject([{ role: 'admin' }]);
  expect((await models.listInvitations(organization.id)).value.items).toEqual([]);
  expect((await models.getProfiles([userId])).value).toEqual([undefined]);
  expect((await models.listAgents(organization.id)).value.items).toHaveLength(1);
  expect((await models.listServers(organization.id)).value.items).toEqual([]);
  expect((await models.listAuditEvents(organization.id)).value.items).not.toEqual([]);
  expect((await models.listKeyEvents(organization.id, key.id)).value!.items).toHaveLength(1);
  expect((await models.listDueKeys(Date.now(), 10)).value).toBeDefined();
  expect((await models.listDomains()).value.items).toBeDefined();
  expect((await models.listHoldersOf('example.com')).value).toBeDefined();
  const made = { organizationId: organization.id, maker: ACTOR, limit: 10 };
  expect(await session.keysOfMaker('g-1', made)).toEqual([key.id]);
  expect((await models.listKeys(organization.id)).value.items).toHaveLength(1);
  expect((await models.getMember(organization.id, organization.ownerId)).value).toBeDefined();
  expect((await models.listOrganizationsOf(organization.ownerId)).value).toHaveLength(1);
  const bounds = {
    limits: [{ name: 'a', limit: 2, windowMs: 60_000 }],
    quotas: [{ name: 'a', limit: 2, interval: 'day' as const }],
  };
  const taking = { keyId: key.id, cost: 2, bounds };
  expect(await models.take([taking, { ...taking }])).toMatchObject([{ granted: true }, { granted: false }]);
  await models.giveBack([taking]);
  expect(await models.take([{ ...taking }])).toMatchObject([{ granted: true }]);
  session.end();
  await stamps.stop();
  const next = await writeLog(redis.url, log);
  expect(await next.dropOld()).toBeGreaterThan(50);
  expect(await next.parkedCount('g-2')).toBe(0);
  await next.discard();
  next.end();
  const last = await new ReadModelWriter({ url: redis.url }).begin();
  expect(last.found).toBeUndefined();
  last.end();
  await models.close();
});

it('G4: a cluster node that does not own the slot sends reader and writer to the one that does', async () => {
  const other = await startRedis({ config: `cluster-enabled yes\ncluster-port ${await freePort()}` });
  const client = createClient({ url: redis.url });
  await client.connect();
  const bus = /:\d+@(\d+)/.exec(await client.sendCommand<string>(['CLUSTER', 'NODES']))![1]!;
  const there = createClient({ url: other.url });
  await there.connect();
  await there.sendCommand(['CLUSTER', 'MEET', '127.0.0.1', `${redis.port}`, bus]);
  await until('one cluster', async () =>
    (await there.sendCommand<string>(['CLUSTER', 'INFO'])).includes('cluster_slots_ok:16384'),
  );
  const writer = new ReadModelWriter({ url: other.url });
  const log = new MemoryLog();
  const session = await until('a session', () => writer.begin().catch(() => undefined));
  const generation = await session.build('log-1');
  await session.apply(generation, [], eventAt(log.head));
  await session.switchTo(generation);
  const stamps = stamping(session);
  const models = openReadModels({ url: other.url, freshness: FRESHNESS });
  await until('trust', () => Promise.resolve(models.state().trusted));
  session.end();
  await stamps.stop();
  await models.close();
  there.destroy();
  client.destroy();
  await other.stop();
});
