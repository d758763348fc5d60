import fc from 'fast-check';
import { createClient } from 'redis';
import { startRedis, type LocalServer } from '@mcpstack/local-servers';
import type { RecordedEvent } from '@mcpstack/event-store';
import {
  applyEvents,
  ReadModelWriter,
  SessionEndedError,
  type Generation,
  type WriteSession,
} from '../src/index.ts';
import { dumpOf, independentFold } from './independent-fold.ts';
import { MemoryLog } from './log.ts';

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

async function applyAll(
  log: MemoryLog,
  generation: Generation,
  events: readonly RecordedEvent[] = log.events,
  batch = 64,
): Promise<void> {
  for (let from = 0; from < events.length; from += batch)
    await applyEvents(session, generation, events.slice(from, from + batch), log.readStream);
}

const position = (generation: string) => client.hGet(`mcpstack:{p0}:${generation}:meta`, 'position');

describe('G5: the read models are the fold of the log', () => {
  it('equals an independent fold, name by name', async () => {
    const log = new MemoryLog();
    log.grow(2_000);
    const generation = await session.build('log-1');
    await applyAll(log, generation);
    const dump = await dumpOf(client, generation);
    expect(Object.keys(dump).length).toBeGreaterThan(1_500);
    expect(dump).toEqual(independentFold(log.events));
    expect(await position(generation)).toBe(`${log.head}`);
  });

  it('duplicates and any order change nothing', async () => {
    const log = new MemoryLog();
    log.grow(120);
    const expected = independentFold(log.events);
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.nat(log.events.length - 1), { maxLength: 200 }),
        fc.integer({ min: 1, max: 40 }),
        async (places, batch) => {
          const generation = await session.build('log-1');
          const shuffled = [...places.map((place) => log.events[place]!), ...log.events.toReversed()];
          await applyAll(log, generation, shuffled, batch);
          expect(await dumpOf(client, generation)).toEqual(expected);
        },
      ),
      { numRuns: 15 },
    );
  });

  it('control: the same fold without the guard on revisions goes wrong under duplicates and reordering', () => {
    const log = new MemoryLog();
    log.grow(120);
    const expected = independentFold(log.events);
    expect(independentFold(log.events.toReversed())).not.toEqual(expected);
    // An old event that comes once more: a revoked key would be in force again.
    expect(independentFold([...log.events, ...log.events.slice(0, 60)])).not.toEqual(expected);
  });

  it('a gap is filled from the log; a log that cannot fill it stops the projection loudly', async () => {
    const log = new MemoryLog();
    const { stream } = log.createKey(log.createOrganization().id);
    log.rename(stream, 'second');
    log.rename(stream, 'third');
    const generation = await session.build('log-1');
    await applyAll(log, generation, [log.of(stream)[2]!]);
    expect((await dumpOf(client, generation))[`key:${stream.slice(4)}`]).toMatchObject({
      rev: '2',
      data: { name: 'third' },
    });
    const other = await session.build('log-1');
    const nothing = async function* (): AsyncIterable<RecordedEvent> {};
    await expect(applyEvents(session, other, [log.of(stream)[2]!], nothing)).rejects.toThrow(/up to -1 only/);
    expect(await position(other)).toBe('-1');
  });

  it('a change that meets a record of neither revision is reported, and the position stays', async () => {
    const log = new MemoryLog();
    const { stream } = log.createKey(log.createOrganization().id);
    const generation = await session.build('log-1');
    await applyAll(log, generation);
    const name = `key:${stream.slice(4)}`;
    const change = { name, expected: 3n, revision: 4n, writes: [] };
    expect(await session.apply(generation, [change], 99n)).toEqual({ conflicts: [name] });
    expect(await position(generation)).toBe('2');
    const old = { name, expected: -1n, revision: 0n, writes: [['HSET', name, 'data', '{}'] as const] };
    expect(await session.apply(generation, [old], 99n)).toEqual({ conflicts: [] });
    expect((await dumpOf(client, generation))[name]).toMatchObject({ data: { name: 'CI' } });
    expect(await position(generation)).toBe('99');
    await session.apply(generation, [], 50n);
    expect(await position(generation)).toBe('99');
  });

  it('a poison event is parked with its stream, others go on, and a rebuild heals', async () => {
    const log = new MemoryLog();
    const { id } = log.createOrganization();
    const [poisoned, healthy] = [log.createKey(id), log.createKey(id)];
    log.append(poisoned.stream, 'KeyTeleported', { to: 'mars' });
    log.rename(poisoned.stream, 'after');
    log.rename(healthy.stream, 'fine');
    const generation = await session.build('log-1');
    const result = await applyEvents(session, generation, log.events, log.readStream);
    expect(result).toMatchObject({
      parked: [
        { stream: poisoned.stream, revision: 1n, type: 'KeyTeleported', cause: { code: 'unknown-event' } },
        { stream: poisoned.stream, revision: 2n, type: 'KeyRenamed' },
      ],
    });
    const dump = await dumpOf(client, generation);
    expect(dump[`key:${poisoned.id}`]).toMatchObject({
      rev: '2',
      parked: '1 unknown-event',
      data: { name: 'CI' },
    });
    expect(dump[`key:${healthy.id}`]).toMatchObject({ rev: '1', data: { name: 'fine' } });
    expect(await session.parkedCount(generation)).toBe(2);
    // The next batch finds the mark in Redis, not in memory.
    log.revoke(poisoned.stream);
    await applyEvents(session, generation, [log.events.at(-1)!], log.readStream);
    expect(await session.parkedCount(generation)).toBe(3);

    // "A fix": the event is readable now. The rebuilt generation is the plain fold.
    const fixed = log.events.findIndex((event) => event.type === 'KeyTeleported');
    log.events[fixed] = { ...log.events[fixed]!, type: 'KeyRenamed', data: { name: 'mars' } };
    const next = await session.build('log-1');
    await applyAll(log, next);
    expect(await session.parkedCount(next)).toBe(0);
    expect(await dumpOf(client, next)).toEqual(independentFold(log.events));
  });

  it.each([
    ['an unknown version', { type: 'KeyRenamed', data: { name: 'x' }, version: 9 }],
    ['data that does not fit', { type: 'KeyRenamed', data: { nom: 'x' }, version: 1 }],
    ['a second KeyCreated', { type: 'KeyCreated', data: 'again', version: 1 }],
  ])('parks %s', async (_, { type, data, version }) => {
    const log = new MemoryLog();
    const { stream } = log.createKey(log.createOrganization().id);
    log.append(stream, type, data === 'again' ? log.of(stream)[0]!.data : (data as never), version);
    const generation = await session.build('log-1');
    const result = await applyEvents(session, generation, log.events, log.readStream);
    expect(result).toMatchObject({ parked: [{ stream, revision: 1n }] });
  });

  it('two projections at once: the later session writes, the earlier one is refused at its next step', async () => {
    const log = new MemoryLog();
    log.grow(50);
    const generation = await session.build('log-1');
    await applyAll(log, generation, log.events.slice(0, 20));
    const later = await new ReadModelWriter({ url: redis.url }).begin();
    const both = await Promise.allSettled([
      applyEvents(session, generation, log.events.slice(20), log.readStream),
      applyEvents(later, generation, log.events.slice(20), log.readStream),
    ]);
    expect(both[0]).toMatchObject({ status: 'rejected', reason: { code: 'session-ended' } });
    expect(both[1]).toMatchObject({ status: 'fulfilled' });
    expect(await dumpOf(client, generation)).toEqual(independentFold(log.events));
    await expect(session.stamp()).rejects.toThrow();
    later.end();
  });
});

describe('G5: a generation is built beside the live one, then switched to, then the old one is dropped', () => {
  it('switches only once the new one has caught up, and drops nothing that is in force', async () => {
    const log = new MemoryLog();
    log.grow(300);
    const first = await session.build('log-1');
    await applyAll(log, first);
    expect(await session.switchTo(first)).toBe('ok');
    const second = await session.build('log-1');
    await applyAll(log, second, log.events.slice(0, 299));
    expect(await session.switchTo(second)).toBe('behind');
    expect(await client.hGet('mcpstack:{p0}:control', 'active')).toBe(first);
    await applyAll(log, second);
    expect(await session.switchTo(second)).toBe('ok');
    expect(await session.apply(first, [], 1_000n)).toBe('superseded');
    const third = await session.build('log-1');
    await applyAll(log, third, log.events.slice(0, 10));
    expect(await session.dropOld()).toBeGreaterThan(100);
    expect(await client.keys(`mcpstack:{p0}:${first}:*`)).toEqual([]);
    expect(await dumpOf(client, second)).toEqual(independentFold(log.events));
    expect((await client.keys(`mcpstack:{p0}:${third}:*`)).length).toBeGreaterThan(5);
  });

  it('drops nothing for a session that is over', async () => {
    const first = await session.build('log-1');
    await session.switchTo(first);
    await session.switchTo(await session.build('log-1'));
    const later = await new ReadModelWriter({ url: redis.url }).begin();
    await expect(session.dropOld()).rejects.toThrow(SessionEndedError);
    expect(await client.keys(`mcpstack:{p0}:${first}:*`)).toHaveLength(1);
    later.end();
  });

  it('tells the next session what it found', async () => {
    expect(session.found).toBeUndefined();
    const log = new MemoryLog();
    log.grow(20);
    const generation = await session.build('log-1');
    await applyAll(log, generation);
    await session.switchTo(generation);
    const next = await new ReadModelWriter({ url: redis.url }).begin();
    expect(next.found).toEqual({ generation, position: 20n, logId: 'log-1', outdated: false });
    await next.discard();
    next.end();
    const last = await new ReadModelWriter({ url: redis.url }).begin();
    expect(last.found).toBeUndefined();
    last.end();
  });
});
