import fc from 'fast-check';
import { createClient } from '@redis/client';
import { startRedis, type LocalServer } from '@mcpstack/local-servers';
import { newId } from '@mcpstack/contracts';
import { codecFor } from '@mcpstack/domain';
import type { RecordedEvent } from '@mcpstack/event-store';
import {
  applyEvents,
  ReadModelWriter,
  SessionEndedError,
  type Generation,
  type WriteSession,
  PROJECTED_CATEGORIES,
} from '../src/index.ts';
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
  it('equals an independent fold, name by name, with every event of ours in it', async () => {
    const log = new MemoryLog();
    log.grow(4_000, randomOf(1));
    const ours = PROJECTED_CATEGORIES.flatMap((category) => Object.keys(codecFor(category).versions));
    expect([...new Set(log.events.map(({ type }) => type))].sort()).toEqual(ours.sort());
    const generation = await session.build('log-1');
    await applyAll(log, generation);
    expect(await session.parkedCount(generation)).toBe(0);
    const dump = await dumpOf(client, generation);
    expect(Object.keys(dump).length).toBeGreaterThan(1_500);
    expect(dump).toEqual(expectedDump(log.events));
    expect(await position(generation)).toBe(`${log.head}`);
  });

  it('of any history: once, twice, in any order and in batches of any size', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer(),
        fc.array(fc.nat(149), { maxLength: 200 }),
        fc.integer({ min: 1, max: 40 }),
        async (seed, places, batch) => {
          const log = new MemoryLog();
          log.grow(150, randomOf(seed));
          const shuffled = [...places.map((place) => log.events[place]!), ...log.events.toReversed()];
          const expected = expectedDump(log.events);
          for (const events of [log.events, log.events.flatMap((event) => [event, event]), shuffled]) {
            const generation = await session.build('log-1');
            await applyAll(log, generation, events, batch);
            expect(await session.parkedCount(generation)).toBe(0);
            expect(await dumpOf(client, generation)).toEqual(expected);
          }
        },
      ),
      { numRuns: 15 },
    );
  });

  it('every event of ours after the whole history once more, each alone: nothing changes', async () => {
    const log = new MemoryLog();
    log.grow(600, randomOf(2));
    const generation = await session.build('log-1');
    await applyAll(log, generation);
    const expected = expectedDump(log.events);
    const firstOfEach = new Map(log.events.map((event) => [event.type, event]));
    for (const event of firstOfEach.values()) await applyAll(log, generation, [event]);
    expect(await dumpOf(client, generation)).toEqual(expected);
  });

  it('a digest belongs to whoever registered it first in the log, even when applied later', async () => {
    const log = new MemoryLog();
    const { id } = log.createOrganization();
    const first = log.createKey(id);
    const second = log.createKey(id, { credential: { digest: first.digest, pepperVersion: 1 } });
    const generation = await session.build('log-1');
    await applyAll(log, generation, log.events.toReversed(), 1);
    expect((await dumpOf(client, generation))[`digest:${first.digest}`]).toBe(`2:${first.id}`);
    // The control: whoever is applied first has it, with a claim that looks at no position.
    const naive = await session.build('log-1');
    for (const key of [second, first]) {
      const write = ['SET', `digest:${first.digest}`, key.id, 'NX'] as const;
      const change = { name: `key:${key.id}`, expected: -1n, revision: 0n, writes: [write] };
      await session.apply(naive, [change], eventAt(1n));
    }
    expect((await dumpOf(client, naive))[`digest:${first.digest}`]).toBe(second.id);
  });

  it('a profile stream that was deleted up to some revision, or whole, holds nobody up', async () => {
    const log = new MemoryLog();
    const userId = newId('user');
    const stream = `user-${userId}`;
    log.append(stream, 'UserProfileChanged', { userId, name: 'Ada', email: 'ada@example.com' });
    log.append(stream, 'UserProfileErased', { userId });
    log.append(stream, 'UserProfileChanged', { userId, name: 'A.' });
    const generation = await session.build('log-1');
    const cut = (from: bigint) =>
      async function* () {
        yield* await Promise.resolve(log.of(stream).filter(({ revision }) => revision >= from));
      };
    await applyEvents(session, generation, log.events.slice(1), cut(1n));
    const expected = { [`user:${userId}`]: { rev: '2', data: { userId, name: 'A.' } } };
    expect(await dumpOf(client, generation)).toEqual(expected);
    const other = await session.build('log-1');
    await applyEvents(session, other, log.events.slice(2), cut(9n));
    expect(await dumpOf(client, other)).toEqual(expected);
    // What was there before it was deleted is forgotten.
    const third = await session.build('log-1');
    await applyEvents(session, third, log.events.slice(0, 1), cut(0n));
    await applyEvents(session, third, [{ ...log.events[1]!, revision: 5n }], cut(9n));
    expect(await dumpOf(client, third)).toEqual({ [`user:${userId}`]: { rev: '5' } });
  });

  it('use of a key that nobody knows is counted and harms nobody', async () => {
    const log = new MemoryLog();
    log.use(newId('key'), newId('organization'), { from: log.timeAfter(0), count: 3 });
    const generation = await session.build('log-1');
    const result = await applyEvents(session, generation, log.events, log.readStream);
    expect(result).toEqual({ parked: [] });
    expect(await dumpOf(client, generation)).toEqual(expectedDump(log.events));
  });

  it('control: the same fold without the guard on revisions goes wrong under duplicates and reordering', () => {
    const log = new MemoryLog();
    log.grow(120, randomOf(3));
    const expected = expectedDump(log.events);
    expect(expectedDump(log.events.toReversed())).not.toEqual(expected);
    // An old event that comes once more: a revoked key would be in force again.
    expect(expectedDump([...log.events, ...log.events.slice(0, 60)])).not.toEqual(expected);
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
    expect(await session.apply(generation, [change], eventAt(99n))).toEqual({ conflicts: [name] });
    expect(await position(generation)).toBe('2');
    const old = { name, expected: -1n, revision: 0n, writes: [['HSET', name, 'data', '{}'] as const] };
    expect(await session.apply(generation, [old], eventAt(99n))).toEqual({ conflicts: [] });
    expect((await dumpOf(client, generation))[name]).toMatchObject({ data: { name: 'CI' } });
    expect(await position(generation)).toBe('99');
    await session.apply(generation, [], eventAt(50n));
    expect(await position(generation)).toBe('99');
    expect((await client.hGet(`mcpstack:{p0}:${generation}:meta`, 'last'))?.split(' ')[0]).toBe('99');
  });

  it('a note of the last event that nobody could have written is no event', async () => {
    const log = new MemoryLog();
    log.grow(20);
    const generation = await session.build('log-1');
    await applyAll(log, generation);
    await session.switchTo(generation);
    const { position, stream, revision, id } = log.events.at(-1)!;
    const again = async () => {
      const other = await new ReadModelWriter({ url: redis.url }).begin();
      other.end();
      return other.found;
    };
    expect((await again())?.last).toBeDefined();
    for (const note of ['', '7', `${position} ${revision} ${id}`, `x ${revision} ${id} ${stream}`]) {
      await client.hSet(`mcpstack:{p0}:${generation}:meta`, 'last', note);
      expect((await again())?.last).toBeUndefined();
    }
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
    expect(await dumpOf(client, next)).toEqual(expectedDump(log.events));
  });

  it.each([
    ['an unknown version', { type: 'KeyRenamed', data: { name: 'x' }, version: 9 }],
    ['data that does not fit', { type: 'KeyRenamed', data: { nom: 'x' }, version: 1 }],
    ['a second KeyCreated', { type: 'KeyCreated', data: 'again', version: 2 }],
  ])('parks %s', async (_, { type, data, version }) => {
    const log = new MemoryLog();
    const { stream } = log.createKey(log.createOrganization().id);
    const again = data === 'again' ? log.of(stream)[0]!.data : (data as Record<string, unknown>);
    log.append(stream, type, again, { schemaVersion: version });
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
    expect(await dumpOf(client, generation)).toEqual(expectedDump(log.events));
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
    expect(await session.apply(first, [], eventAt(1_000n))).toBe('superseded');
    const third = await session.build('log-1');
    await applyAll(log, third, log.events.slice(0, 10));
    expect(await session.dropOld()).toBeGreaterThan(50);
    expect(await client.keys(`mcpstack:{p0}:${first}:*`)).toEqual([]);
    expect(await dumpOf(client, second)).toEqual(expectedDump(log.events));
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
    const { position, stream, revision, id } = log.events.at(-1)!;
    const last = { position, stream, revision, id };
    expect(next.found).toEqual({ generation, position, last, logId: 'log-1', outdated: false });
    await next.discard();
    next.end();
    const none = await new ReadModelWriter({ url: redis.url }).begin();
    expect(none.found).toBeUndefined();
    none.end();
  });
});
