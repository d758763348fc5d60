/** Batches that are folded before the one before them was applied, and streams that are not looked up first. */
import { createClient } from '@redis/client';
import { startRedis, type LocalServer } from '@mcpstack/local-servers';
import type { RecordedEvent } from '@mcpstack/event-store';
import { applyEvents, applyFolded, foldEvents, ReadModelWriter, type WriteSession } from '../src/index.ts';
import { dumpOf, expectedDump } from './expected-dump.ts';
import { MemoryLog } from './log.ts';
import { randomOf } from './random.ts';
import { eventAt } from './world.ts';

let redis: LocalServer;
let client: ReturnType<typeof createClient>;
let session: WriteSession;

beforeAll(async () => {
  redis = await startRedis();
  client = createClient({ url: redis.url });
  await client.connect();
});
afterAll(async () => {
  client.destroy();
  await redis.stop();
});
beforeEach(async () => {
  await client.flushAll();
  session = await new ReadModelWriter({ url: redis.url }).begin();
});
afterEach(() => session.end());

function batchesOf(events: readonly RecordedEvent[], size: number): RecordedEvent[][] {
  const count = Math.ceil(events.length / size);
  return Array.from({ length: count }, (_, index) => events.slice(index * size, (index + 1) * size));
}

/** How often Redis was asked to run a script while `act` ran. */
async function stepsOf(act: () => Promise<unknown>): Promise<number> {
  const calls = async (): Promise<number> => {
    const stats = await client.info('commandstats');
    return Number(/cmdstat_evalsha:calls=(\d+)/.exec(stats)?.[1] ?? 0);
  };
  const before = await calls();
  await act();
  return (await calls()) - before;
}

describe('G5: folded ahead', () => {
  it.each([3, 16, 64])('the read models are the fold of the log, in batches of %i', async (size) => {
    const log = new MemoryLog();
    log.grow(1_000, randomOf(size));
    const generation = await session.build('log-1');
    let applied: Promise<unknown> = Promise.resolve();
    for (const batch of batchesOf(log.events, size)) {
      // Streams go on from batch to batch: what stands in Redis is not yet what this fold goes by.
      const folded = await foldEvents(session, generation, batch, log.readStream);
      await applied;
      applied = applyFolded(session, generation, folded, log.readStream);
    }
    await applied;
    expect(await dumpOf(client, generation)).toEqual(expectedDump(log.events));
  });

  it('control: what was folded on a record that has changed since is not written', async () => {
    const log = new MemoryLog();
    const key = log.createKey(log.createOrganization().id);
    const generation = await session.build('log-1');
    await applyEvents(session, generation, log.events, log.readStream);
    log.rename(key.stream, 'first');
    log.rename(key.stream, 'second');
    const [one, other] = log.events.slice(-2);
    const late = await foldEvents(session, generation, [one!], log.readStream);
    await applyEvents(session, generation, [one!, other!], log.readStream);
    const guarded = await session.apply(generation, late.changes!, eventAt(-1n));
    expect(guarded).toEqual({ conflicts: [] });
    expect((await dumpOf(client, generation))[`key:${key.id}`]).toMatchObject({ data: { name: 'second' } });
  });
});

describe('a stream that begins in a batch', () => {
  it('is written without a look at what is stored; control: one that goes on is looked up', async () => {
    const log = new MemoryLog();
    const { id } = log.createOrganization();
    const keys = Array.from({ length: 20 }, () => log.createKey(id));
    // Once before, so that Redis knows the scripts.
    const before = await session.build('log-1');
    await applyEvents(session, before, log.events, log.readStream);
    const again = await session.build('log-1');
    expect(await stepsOf(() => applyEvents(session, again, log.events, log.readStream))).toBe(1);
    log.rename(keys[0]!.stream, 'renamed');
    const next = () => applyEvents(session, again, [log.events.at(-1)!], log.readStream);
    expect(await stepsOf(next)).toBe(2);
    expect(await dumpOf(client, again)).toEqual(expectedDump(log.events));
  });

  it('has a record after all: it is found, and nothing is done twice', async () => {
    const log = new MemoryLog();
    const key = log.createKey(log.createOrganization().id);
    const generation = await session.build('log-1');
    await applyEvents(session, generation, log.events, log.readStream);
    log.rename(key.stream, 'renamed');
    // All of it once more, with one event that is new.
    await applyEvents(session, generation, log.events, log.readStream);
    await applyEvents(session, generation, log.events, log.readStream);
    expect(await dumpOf(client, generation)).toEqual(expectedDump(log.events));
  });

  it('is parked and told once, however often its events come', async () => {
    const log = new MemoryLog();
    const { stream } = log.createKey(log.createOrganization().id);
    log.append(stream, 'KeyTeleported', {});
    const generation = await session.build('log-1');
    const first = await applyEvents(session, generation, log.events, log.readStream);
    expect(first).toMatchObject({ parked: [{ stream, revision: 1n }] });
    expect(await applyEvents(session, generation, log.events, log.readStream)).toEqual({ parked: [] });
    expect(await session.parkedCount(generation)).toBe(1);
  });
});
