/** Contract: reading one stream. */
import { MAX_EVENTS_PER_APPEND, type EventStore, type RecordedEvent } from '@mcpstack/event-store';
import type { ContractCase } from '../contract.ts';
import { collect, event, events, freshCategory, freshStream, memoryInUse } from './tools.ts';

/** One append for each event, one after the other: the stream that is hardest to read at once. */
async function oneByOne(store: EventStore, count: number): Promise<string> {
  const stream = freshStream();
  for (let n = 0; n < count; n += 1) {
    await store.append(stream, n === 0 ? 'no_stream' : BigInt(n - 1), [event({ n })]);
  }
  return stream;
}

/** The numbers that `events` and `oneByOne` put into the data. */
function numbers(read: readonly RecordedEvent[]): unknown[] {
  return read.map((one) => one.data.n);
}

function range(from: number, to: number): number[] {
  const step = from <= to ? 1 : -1;
  return Array.from({ length: Math.abs(to - from) + 1 }, (_, n) => from + n * step);
}

const BULK_BYTES = 1_000;
/** What may be held while the bulk passes by, which is more than that. */
const MEMORY_BOUND = 40 * 1024 * 1024;

/** A stream of so many events of 1 kB. */
async function bulk(store: EventStore, stream: string, count: number): Promise<void> {
  for (let next = 0; next < count; next += MAX_EVENTS_PER_APPEND) {
    const batch = Array.from({ length: Math.min(MAX_EVENTS_PER_APPEND, count - next) }, (_, n) =>
      event({ n: next + n, text: 'x'.repeat(BULK_BYTES) }),
    );
    await store.append(stream, next === 0 ? 'no_stream' : BigInt(next - 1), batch);
  }
}

export const readCases: readonly ContractCase[] = [
  {
    name: 'an unknown stream is empty, in both directions and from anywhere',
    async run({ store }) {
      const stream = freshStream();
      for (const direction of ['forwards', 'backwards'] as const) {
        expect(await collect(store.readStream(stream, { direction }))).toEqual([]);
        expect(await collect(store.readStream(stream, { direction, from: 3n }))).toEqual([]);
      }
    },
  },
  {
    name: 'from the middle, to the end, past the end, at most so many',
    async run({ store }) {
      const stream = freshStream();
      await store.append(stream, 'no_stream', events(3));
      await store.append(stream, 2n, events(7).slice(3));
      const read = async (options: { from?: bigint; maxCount?: number }) =>
        numbers(await collect(store.readStream(stream, options)));
      expect(await read({})).toEqual(range(0, 6));
      expect(await read({ from: 1n })).toEqual(range(1, 6));
      expect(await read({ from: 1n, maxCount: 3 })).toEqual([1, 2, 3]);
      expect(await read({ from: 6n })).toEqual([6]);
      expect(await read({ from: 7n })).toEqual([]);
      expect(await read({ from: 1_000n })).toEqual([]);
      expect(await read({ maxCount: 1 })).toEqual([0]);
      expect(await read({ maxCount: 0 })).toEqual([]);
    },
  },
  {
    name: 'backwards: from the end, from the middle, from past the end, at most so many',
    async run({ store }) {
      const stream = freshStream();
      await store.append(stream, 'no_stream', events(3));
      await store.append(stream, 2n, events(7).slice(3));
      const read = async (options: { from?: bigint; maxCount?: number }) =>
        numbers(await collect(store.readStream(stream, { ...options, direction: 'backwards' })));
      expect(await read({})).toEqual(range(6, 0));
      expect(await read({ maxCount: 1 })).toEqual([6]);
      expect(await read({ from: 4n })).toEqual(range(4, 0));
      expect(await read({ from: 4n, maxCount: 3 })).toEqual([4, 3, 2]);
      expect(await read({ from: 0n })).toEqual([0]);
      expect(await read({ from: 1_000n, maxCount: 2 })).toEqual([6, 5]);
      expect(await read({ maxCount: 0 })).toEqual([]);
    },
  },
  {
    name: 'a stream of 300 appends reads the same from everywhere, in both directions',
    async run({ store }) {
      const stream = await oneByOne(store, 300);
      const other = await oneByOne(store, 2);
      for (const from of [0, 1, 63, 64, 65, 127, 200, 236, 298, 299]) {
        const up = await collect(store.readStream(stream, { from: BigInt(from) }));
        expect(numbers(up)).toEqual(range(from, 299));
        const down = await collect(store.readStream(stream, { from: BigInt(from), direction: 'backwards' }));
        expect(numbers(down)).toEqual(range(from, 0));
        const some = await collect(store.readStream(stream, { from: BigInt(from), maxCount: 5 }));
        expect(numbers(some)).toEqual(range(from, Math.min(299, from + 4)));
      }
      expect(numbers(await collect(store.readStream(other)))).toEqual([0, 1]);
    },
  },
  {
    name: 'a reader that leaves early leaves nothing behind',
    timeoutMs: 60_000,
    async run({ store }) {
      const stream = await oneByOne(store, 150);
      for (let n = 0; n < 200; n += 1) {
        const some = await collect(store.readStream(stream), 3);
        expect(numbers(some)).toEqual([0, 1, 2]);
      }
    },
  },
  {
    name: 'order across streams: positions rise in the order of the appends',
    async run({ store }) {
      const category = freshCategory();
      const streams = [freshStream(category), freshStream(category), freshStream(category)];
      let before = -1n;
      for (let n = 0; n < 30; n += 1) {
        const stream = streams[n % 3]!;
        const expected = n < 3 ? 'no_stream' : BigInt(Math.floor(n / 3) - 1);
        const { position } = await store.append(stream, expected, [event()]);
        expect(position).toBeGreaterThan(before);
        before = position;
      }
      expect(await store.head({ categories: [category] })).toBe(before);
    },
  },
  {
    name: 'a long stream is read, and subscribed to, in bounded memory by a slow consumer',
    timeoutMs: 240_000,
    async run({ store, bulkEvents }) {
      const stream = freshStream();
      await bulk(store, stream, bulkEvents);
      const before = memoryInUse();
      const stop = new AbortController();
      const categories = [stream.split('-')[0]!];
      const slow = store.subscribe({ categories, signal: stop.signal })[Symbol.asyncIterator]();
      for (let n = 0; n < 10; n += 1) expect((await slow.next()).value).toMatchObject({ data: { n } });

      // While the subscriber sleeps at event 10, the whole stream passes by a reader.
      let most = 0;
      let read = 0;
      for await (const one of store.readStream(stream)) {
        if (one.data.n !== read) throw new Error(`event ${String(one.data.n)} came as number ${read}`);
        read += 1;
        if (read % 10_000 === 0) most = Math.max(most, memoryInUse() - before);
      }
      expect(read).toBe(bulkEvents);
      expect(most).toBeLessThan(MEMORY_BOUND);

      // Then the subscriber goes on: nothing was lost for it.
      for (let n = 10; n < bulkEvents; n += 1) {
        const { value } = (await slow.next()) as { value: RecordedEvent };
        if (value.data.n !== n) throw new Error(`event ${String(value.data.n)} came as number ${n}`);
        if (n % 25_000 === 0) most = Math.max(most, memoryInUse() - before);
      }
      stop.abort();
      expect((await slow.next()).done).toBe(true);
      expect(most).toBeLessThan(MEMORY_BOUND);

      // The measure goes red for a consumer that holds everything.
      const all = await collect(store.readStream(stream));
      expect(memoryInUse() - before).toBeGreaterThan(MEMORY_BOUND);
      expect(all).toHaveLength(bulkEvents);
    },
  },
];
