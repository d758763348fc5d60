/** Contract: truncation. What is erased is gone for everybody, and everything else goes on as if it had never been. */
import { randomUUID } from 'node:crypto';
import { ConflictError, TruncationRefusedError, type EventStore, type NewEvent } from '@mcpstack/event-store';
import type { ContractCase, World } from '../contract.ts';
import { collect, errorOf, event, events, freshCategory, freshStream, idsOf, take } from './tools.ts';

/** A stream of so many appends of one event each. */
async function written(store: EventStore, count: number, stream = freshStream()) {
  const all = events(count);
  for (const [n, one] of all.entries())
    await store.append(stream, n === 0 ? 'no_stream' : BigInt(n - 1), [one]);
  return { stream, all };
}

const ids = (all: readonly { id: string }[]): string[] => all.map((one) => one.id);

/** What every way of reading shows of a stream of which the events from `first` on stand. */
async function expectStanding(store: EventStore, stream: string, all: readonly NewEvent[], first: number) {
  const standing = all.slice(first);
  const forwards = await collect(store.readStream(stream));
  expect(ids(forwards)).toEqual(ids(standing));
  expect(forwards.map((one) => one.revision)).toEqual(standing.map((_, n) => BigInt(first + n)));
  expect(ids(await collect(store.readStream(stream, { direction: 'backwards' })))).toEqual(
    ids(standing.toReversed()),
  );
  for (const from of [0, first - 1, first, first + 1, all.length - 1, all.length]) {
    if (from < 0) continue;
    const on = await collect(store.readStream(stream, { from: BigInt(from) }));
    expect(ids(on)).toEqual(ids(all.slice(Math.max(from, first))));
    const back = await collect(store.readStream(stream, { from: BigInt(from), direction: 'backwards' }));
    expect(ids(back)).toEqual(ids(all.slice(first, from + 1).toReversed()));
    const one = await collect(store.readStream(stream, { from: BigInt(from), maxCount: 1 }));
    expect(ids(one)).toEqual(ids(all.slice(Math.max(from, first)).slice(0, 1)));
  }
}

/** What the log needs before truncated events are gone for subscribers too. */
async function scavenged({ server }: World): Promise<void> {
  await server.scavenge?.();
}

export const truncateCases: readonly ContractCase[] = [
  {
    name: 'truncation: what is below is gone for every read, what is not stays as it was',
    async run({ store, server }) {
      const { stream, all } = await written(store, 5);
      const { stream: other, all: others } = await written(store, 3);
      const before = await collect(store.readStream(stream));
      const head = await store.head();
      await store.truncate(stream, 3n);
      await expectStanding(store, stream, all, 3);
      expect(await collect(store.readStream(stream))).toEqual(before.slice(3));
      expect(await idsOf(store, other)).toEqual(ids(others));
      expect(await store.head()).toBe(head);
      const fresh = await server.open();
      await expectStanding(fresh, stream, all, 3);
      await fresh.close();
    },
  },
  {
    name: 'truncation is repeated without harm, goes on from an earlier one, and is never taken back',
    async run({ store }) {
      const { stream, all } = await written(store, 6);
      await store.truncate(stream, 0n);
      await expectStanding(store, stream, all, 0);
      await store.truncate(stream, 2n);
      await store.truncate(stream, 2n);
      await expectStanding(store, stream, all, 2);
      await store.truncate(stream, 4n);
      await store.truncate(stream, 1n);
      await expectStanding(store, stream, all, 4);
      await Promise.all([5n, 3n, 5n, 4n].map((before) => store.truncate(stream, before)));
      await expectStanding(store, stream, all, 5);
    },
  },
  {
    name: 'truncation past the last event is refused, and so is one of a stream that is not there',
    async run({ store }) {
      const { stream, all } = await written(store, 2);
      for (const before of [2n, 99n, -1n]) {
        const error = await errorOf(store.truncate(stream, before));
        expect(error).toBeInstanceOf(TruncationRefusedError);
        expect(error).toMatchObject({ code: 'truncation-refused', stream, before });
      }
      expect(await errorOf(store.truncate(freshStream(), 1n))).toMatchObject({ code: 'truncation-refused' });
      expect(await errorOf(store.truncate('no stream', 1n))).toMatchObject({ code: 'bad-stream-name' });
      await expectStanding(store, stream, all, 0);
    },
  },
  {
    name: 'truncation: the stream goes on, with the revisions it would have had',
    async run({ store, server }) {
      const { stream, all } = await written(store, 4);
      await store.truncate(stream, 3n);
      const more = events(2);
      expect(await store.append(stream, 3n, more)).toMatchObject({ revision: 5n });
      await expectStanding(store, stream, [...all, ...more], 3);
      expect(await store.append(stream, 5n, [])).toMatchObject({ revision: 5n });
      const fresh = await server.open();
      const last = event();
      expect(await fresh.append(stream, 5n, [last])).toMatchObject({ revision: 6n });
      await fresh.close();
      await store.truncate(stream, 6n);
      await expectStanding(store, stream, [...all, ...more, last], 6);
    },
  },
  {
    name: 'truncation: an append that would land on what is gone is a conflict, its retry too; one that stands is answered',
    async run({ store }) {
      const { stream, all } = await written(store, 4);
      await store.truncate(stream, 3n);
      const answered = await store.append(stream, 2n, all.slice(3));
      expect(answered).toMatchObject({ revision: 3n });
      for (const [expected, batch] of [
        ['no_stream', [event()]],
        [0n, [event()]],
        [2n, [event()]],
        ['no_stream', all.slice(0, 1)],
        [1n, all.slice(2, 3)],
        ['no_stream', all.slice(0, 2)],
      ] as const) {
        const error = await errorOf(store.append(stream, expected, batch));
        expect(error).toBeInstanceOf(ConflictError);
        expect(error).toMatchObject({ actual: 3n, expected });
      }
      expect(await errorOf(store.append(stream, 1n, []))).toMatchObject({ actual: 3n });
      await expectStanding(store, stream, all, 3);
    },
  },
  {
    name: 'truncation: subscribers are shown nothing of it, wherever they resume (after a scavenge, where the log needs one)',
    async run(world) {
      const { store } = world;
      const category = freshCategory();
      const { stream, all } = await written(store, 4, freshStream(category));
      const { all: others } = await written(store, 2, freshStream(category));
      const positions = (await collect(store.readStream(stream))).map((one) => one.position);
      await store.truncate(stream, 3n);
      await scavenged(world);
      const left = [all[3]!, ...others];
      expect(ids(await take(store, 3, { categories: [category] }))).toEqual(ids(left));
      for (const after of positions.slice(0, 3)) {
        expect(ids(await take(store, 3, { categories: [category], after }))).toEqual(ids(left));
        expect(ids(await take(store, 3, { after }))).toEqual(ids(left));
      }
      expect(await store.head({ categories: [category] })).toBeGreaterThan(positions[3]!);
      await expectStanding(store, stream, all, 3);
      expect(await store.append(stream, 3n, [event()])).toMatchObject({ revision: 4n });
    },
  },
  {
    name: 'truncation while others read and append: every read is the end of the stream, without a gap',
    async run({ store, server }) {
      const { stream } = await written(store, 8);
      const writer = await server.open();
      let isOver = false;
      const reading = Array.from({ length: 3 }, async (_, n) => {
        while (!isOver) {
          const options = n === 0 ? { direction: 'backwards' as const } : { from: n === 1 ? 0n : 5n };
          const read = (await collect(store.readStream(stream, options))).map((one) => one.revision);
          if (n === 0) read.reverse();
          read.forEach((revision, at) => expect(revision).toBe(read[0]! + BigInt(at)));
        }
      });
      for (let last = 7n; last < 30n; last += 1n) {
        await writer.append(stream, last, [event()]);
        await writer.truncate(stream, last - 1n);
      }
      isOver = true;
      await Promise.all(reading);
      await writer.close();
      expect((await collect(store.readStream(stream))).map((one) => one.revision)).toEqual([28n, 29n, 30n]);
    },
  },
  {
    name: 'truncation of a long stream, of which little or much is left',
    async run({ store }) {
      const stream = freshStream();
      const all: NewEvent[] = [];
      for (let n = 0; n < 150; n += 1) {
        const one = { ...event(), id: randomUUID() };
        await store.append(stream, n === 0 ? 'no_stream' : BigInt(n - 1), [one]);
        all.push(one);
      }
      for (const first of [5, 80, 149]) {
        await store.truncate(stream, BigInt(first), { timeoutMs: 20_000 });
        await expectStanding(store, stream, all, first);
      }
    },
  },
];
