import { Relay, startRedis, type LocalServer } from '@mcpstack/local-servers';
import { openReadModels, ReadModelWriter } from '../src/index.ts';
import { MemoryLog } from './log.ts';
import { FRESHNESS, stamping, until, writeLog } from './world.ts';

let redis: LocalServer;
let relay: Relay;
let url: string;
beforeEach(async () => {
  redis = await startRedis();
  relay = await Relay.start(redis.port);
  url = `redis://127.0.0.1:${relay.port}`;
});
afterEach(async () => {
  await relay.stop();
  await redis.stop();
});

/** What was held is lost. */
function mend(): void {
  relay.cut();
  relay.release();
}

it('G4: a half-open connection is given up within the deadline and made again, for readers', async () => {
  const log = new MemoryLog();
  const key = log.createKey(log.createOrganization().id);
  const session = await writeLog(redis.url, log);
  const stamps = stamping(session);
  const models = openReadModels({ url, freshness: FRESHNESS, timeoutMs: 200 });
  await until('trust', () => Promise.resolve(models.state().trusted));
  relay.hold();
  const began = performance.now();
  await expect(models.findByDigests([key.digest])).rejects.toMatchObject({
    code: 'unavailable',
    reason: 'timed-out',
  });
  expect(performance.now() - began).toBeLessThan(3_000);
  await until('given up', () => Promise.resolve(!models.state().connected));
  // Nothing is answered on the new connections either, and nothing hangs.
  await expect(models.findByDigests([key.digest])).rejects.toMatchObject({ code: 'unavailable' });
  mend();
  await until('trust again', () => Promise.resolve(models.state().trusted));
  expect((await models.findByDigests([key.digest])).value).toMatchObject({ status: 'found' });
  session.end();
  await stamps.stop();
  await models.close();
});

it('G4: and for the writer: the step rejects, the session is over, the next one begins', async () => {
  const writer = new ReadModelWriter({ url, timeoutMs: 200 });
  const session = await writer.begin();
  await session.stamp();
  relay.hold();
  const began = performance.now();
  await expect(session.stamp()).rejects.toMatchObject({ code: 'unavailable', reason: 'timed-out' });
  expect(performance.now() - began).toBeLessThan(3_000);
  await expect(session.ended).resolves.toMatchObject({ reason: 'timed-out' });
  await expect(session.stamp()).rejects.toMatchObject({ code: 'unavailable' });
  mend();
  const next = await until('the next session', () => writer.begin().catch(() => undefined));
  await next.stamp();
  next.end();
});
