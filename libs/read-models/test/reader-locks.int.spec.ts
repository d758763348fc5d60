/** G4: the locks of a reader's trust one by one, each where no other one holds in its place. */
import { Relay, startRedis, type LocalServer } from '@mcpstack/local-servers';
import { jest } from '@jest/globals';
import { createClient } from '@redis/client';
import { openReadModels, type ReadModels, type WriteSession } from '../src/index.ts';
import { CONTROL } from '../src/namespace.ts';
import { MemoryLog } from './log.ts';
import { FRESHNESS, until, writeLog } from './world.ts';

/** T is so long that the reader reads once for each connection, and else when a spec does. */
const freshness = { ...FRESHNESS, stampLifeMs: 600_000 };
const realNow = performance.now.bind(performance);

let redis: LocalServer;
let client: ReturnType<typeof createClient>;
let relay: Relay;
let log: MemoryLog;
let key: { digest: string };
let session: WriteSession;
let models: ReadModels;
let aheadMs = 0;

beforeEach(async () => {
  aheadMs = 0;
  jest.spyOn(performance, 'now').mockImplementation(() => realNow() + aheadMs);
  redis = await startRedis();
  client = createClient({ url: redis.url });
  client.on('error', () => undefined);
  await client.connect();
  relay = await Relay.start(redis.port);
  log = new MemoryLog();
  key = log.createKey(log.createOrganization().id);
  session = await writeLog(redis.url, log);
  models = openReadModels({ url: `redis://127.0.0.1:${relay.port}`, freshness, timeoutMs: 3_000 });
  await read();
});
afterEach(async () => {
  await models.close();
  session.end();
  client.destroy();
  await relay.stop();
  await redis.stop();
  jest.restoreAllMocks();
});

const read = () => until('a reading', () => models.position().catch(() => undefined));

/** Two stamps, each seen to come: as many as trust needs. */
async function seeStamps(stamp = () => session.stamp() as Promise<unknown>) {
  for (let n = 0; n < 2; n += 1) {
    await stamp();
    await read();
  }
  return models.position();
}

it('trust counts from when a read began, however long its answer was under way', async () => {
  relay.hold();
  const late = models.position();
  aheadMs += 5_000;
  relay.release();
  const { beganAtMs } = await late;
  await seeStamps();
  // The control: until then it is trusted.
  expect(models.state().trusted).toBe(true);
  aheadMs += beganAtMs + freshness.stampLifeMs - performance.now();
  expect(models.state()).toMatchObject({ trusted: false, reason: 'the stamps have run out' });
});

it('what one connection has shown says nothing of the next one', async () => {
  expect(await seeStamps()).toMatchObject({ trusted: true });
  relay.cut();
  expect(await read()).toMatchObject({ trusted: false, reason: 'too few stamps were seen yet' });
});

it('stamps that name another server count for nothing, though they come as they must', async () => {
  const identity = (await client.hGet(CONTROL, 'identity'))!;
  const stamp = () => client.hIncrBy(CONTROL, 'counter', 1);
  await client.hSet(CONTROL, 'identity', 'another:server');
  const reason = 'the data set bears no stamp of this server';
  expect(await seeStamps(stamp)).toMatchObject({ trusted: false, reason });
  // The control: the same, naming this one.
  await client.hSet(CONTROL, 'identity', identity);
  await read();
  expect(await seeStamps(stamp)).toMatchObject({ trusted: true });
});

it('half-emptied: records that nobody knows the position of are not read', async () => {
  await seeStamps();
  expect((await models.findByDigests([key.digest])).value).toMatchObject({ status: 'found' });
  await client.del('mcpstack:{p0}:g-1:meta');
  const notBuilt = { code: 'unavailable', reason: 'not-built' };
  await expect(models.findByDigests([key.digest])).rejects.toMatchObject(notBuilt);
});

it('leaves a server that is no primary any more, and finds the next one behind the same address', async () => {
  const next = await startRedis();
  const there = await writeLog(next.url, log);
  relay.targetPort = next.port;
  await client.replicaOf('127.0.0.1', next.port);
  await expect(models.position()).rejects.toMatchObject({ reason: 'not-primary' });
  expect(await read()).toMatchObject({ trusted: false });
  await models.close();
  there.end();
  await next.stop();
});
