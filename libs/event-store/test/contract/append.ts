/** Contract: appends. */
import { randomUUID } from 'node:crypto';
import { ConflictError, MAX_APPEND_BYTES, MAX_EVENTS_PER_APPEND } from '@mcpstack/event-store';
import { appendBody } from '../../src/append-limits.ts';
import type { ContractCase } from '../contract.ts';
import { collect, errorOf, event, events, freshStream, idsOf } from './tools.ts';

/** A stream that holds the events of `sizes.length` appends. */
async function written(store: Parameters<ContractCase['run']>[0]['store'], ...sizes: number[]) {
  const stream = freshStream();
  const all = events(sizes.reduce((sum, size) => sum + size, 0));
  let next = 0;
  let last = { revision: -1n, position: -1n };
  for (const size of sizes) {
    const expected = next === 0 ? 'no_stream' : BigInt(next - 1);
    last = await store.append(stream, expected, all.slice(next, next + size));
    next += size;
  }
  return { stream, all, last };
}

export const appendCases: readonly ContractCase[] = [
  {
    name: 'first append: stands at revision 0 and reads back as it was written',
    async run({ store }) {
      const stream = freshStream();
      const one = event({ text: 'é ✓ 😀 "\\\u0000', nested: { list: [1, 2.5, null, true, []] }, empty: {} });
      const answer = await store.append(stream, 'no_stream', [one]);
      expect(answer.revision).toBe(0n);
      expect(answer.position).toBeGreaterThanOrEqual(0n);
      expect(answer.position).toBeLessThan(2n ** 53n);
      expect(await collect(store.readStream(stream))).toEqual([
        { ...one, stream, revision: 0n, position: answer.position },
      ]);
    },
  },
  {
    name: 'several events in one append: dense revisions, rising positions, the answer names the last',
    async run({ store }) {
      const { stream, all, last } = await written(store, 1, 3, MAX_EVENTS_PER_APPEND);
      const read = await collect(store.readStream(stream));
      expect(read.map((one) => one.id)).toEqual(all.map((one) => one.id));
      expect(read.map((one) => one.revision)).toEqual(all.map((_, n) => BigInt(n)));
      for (let n = 1; n < read.length; n += 1) {
        expect(read[n]!.position).toBeGreaterThan(read[n - 1]!.position);
      }
      expect(last).toEqual({ revision: BigInt(all.length - 1), position: read.at(-1)!.position });
    },
  },
  {
    name: 'a conflict names the actual revision and writes nothing',
    async run({ store }) {
      const { stream, all } = await written(store, 3);
      for (const expected of ['no_stream', 0n, 1n, 3n, 99n] as const) {
        const error = await errorOf(store.append(stream, expected, [event()]));
        expect(error).toBeInstanceOf(ConflictError);
        expect(error).toMatchObject({ code: 'conflict', stream, expected, actual: 2n });
      }
      expect(await idsOf(store, stream)).toEqual(all.map((one) => one.id));
    },
  },
  {
    name: 'a revision of a stream that is not there: the actual one is no_stream',
    async run({ store }) {
      const stream = freshStream();
      const error = await errorOf(store.append(stream, 0n, [event()]));
      expect(error).toMatchObject({ code: 'conflict', actual: 'no_stream' });
      expect(await idsOf(store, stream)).toEqual([]);
    },
  },
  {
    name: 'an empty append checks the revision and writes nothing',
    async run({ store }) {
      const { stream, last } = await written(store, 2);
      const head = await store.head();
      expect(await store.append(stream, 1n, [])).toEqual(last);
      expect(await errorOf(store.append(stream, 0n, []))).toMatchObject({ code: 'conflict', actual: 1n });
      expect(await errorOf(store.append(stream, 'no_stream', []))).toMatchObject({ actual: 1n });
      const missing = freshStream();
      expect(await store.append(missing, 'no_stream', [])).toEqual({ revision: -1n, position: -1n });
      expect(await errorOf(store.append(missing, 3n, []))).toMatchObject({ actual: 'no_stream' });
      expect(await store.head()).toBe(head);
    },
  },
  {
    name: 'G2: a retry after a lost answer gets the original answer, whatever was written since',
    async run({ store, server }) {
      const { stream, all, last } = await written(store, 1, 2);
      await store.append(stream, 2n, events(3));
      expect(await store.append(stream, 0n, all.slice(1))).toEqual(last);
      const other = await server.open();
      expect(await other.append(stream, 0n, all.slice(1))).toEqual(last);
      expect((await other.append(stream, 'no_stream', all.slice(0, 1))).revision).toBe(0n);
      await other.close();
      expect(await idsOf(store, stream)).toHaveLength(6);
    },
  },
  {
    name: 'G2: the ids at the place count, not how many appends wrote them',
    async run({ store }) {
      const { stream, all } = await written(store, 3, 1);
      const [a, b, c, d] = all as [never, never, never, never];
      expect(await store.append(stream, 'no_stream', [a])).toMatchObject({ revision: 0n });
      expect(await store.append(stream, 0n, [b])).toMatchObject({ revision: 1n });
      expect(await store.append(stream, 0n, [b, c])).toMatchObject({ revision: 2n });
      expect(await store.append(stream, 'no_stream', [a, b, c, d])).toMatchObject({ revision: 3n });
      expect(await idsOf(store, stream)).toHaveLength(4);
    },
  },
  {
    name: 'longer, shifted, reordered or partly other ids are a conflict, and nothing is written',
    async run({ store }) {
      const { stream, all } = await written(store, 3);
      const [a, b, c] = all as [never, never, never];
      const [d, e] = events(2) as [never, never];
      for (const [expected, batch] of [
        [0n, [b, c, d]],
        [0n, [c, d]],
        [0n, [c, b]],
        [0n, [b, e]],
        [0n, [e, c]],
        ['no_stream', [a, b, c, d]],
        ['no_stream', [d, a]],
      ] as const) {
        const error = await errorOf(store.append(stream, expected, batch));
        expect(error).toMatchObject({ code: 'conflict', actual: 2n });
      }
      expect(await idsOf(store, stream)).toEqual(all.map((one) => one.id));
    },
  },
  {
    name: 'same ids with another body: the first write stands',
    async run({ store }) {
      const stream = freshStream();
      const one = event({ first: true });
      const first = await store.append(stream, 'no_stream', [one]);
      const again = { ...one, type: 'Other', data: { first: false } };
      expect(await store.append(stream, 'no_stream', [again])).toEqual(first);
      expect(await collect(store.readStream(stream))).toMatchObject([one]);
    },
  },
  {
    name: 'an id that stands in another stream, or further back, is written',
    async run({ store }) {
      const { stream, all } = await written(store, 3);
      const other = freshStream();
      expect(await store.append(other, 'no_stream', all)).toMatchObject({ revision: 2n });
      expect(await store.append(stream, 2n, all.slice(0, 1))).toMatchObject({ revision: 3n });
      expect(await idsOf(store, stream)).toEqual([...all, all[0]!].map((one) => one.id));
    },
  },
  {
    name: '1 MiB goes through; one byte or one event more is refused and nothing is written',
    async run({ store }) {
      const stream = freshStream();
      const one = event({ text: '' });
      const room = MAX_APPEND_BYTES - Buffer.byteLength(appendBody([one]));
      one.data = { text: 'x'.repeat(room) };
      await store.append(stream, 'no_stream', [one]);
      const tooLarge = event({ text: 'x'.repeat(room + 1) });
      for (const batch of [[tooLarge], events(MAX_EVENTS_PER_APPEND + 1)]) {
        const error = await errorOf(store.append(stream, 0n, batch));
        expect(error).toMatchObject({ code: 'append-too-large' });
      }
      expect(await collect(store.readStream(stream))).toMatchObject([one]);
      expect(await collect(store.readStream(stream, { direction: 'backwards' }))).toMatchObject([one]);
    },
  },
  {
    name: 'a name that no stream can have is refused before anything is sent',
    async run({ store }) {
      for (const name of [
        '',
        'nodash',
        '-id',
        'key-',
        'key-a b',
        'key-a.b',
        'key-*',
        'key->',
        'ké-a',
        '$s-a',
      ]) {
        const error = await errorOf(store.append(name, 'no_stream', [event()]));
        expect(error).toMatchObject({ code: 'bad-stream-name' });
        expect(await errorOf(collect(store.readStream(name)))).toMatchObject({ code: 'bad-stream-name' });
      }
    },
  },
  {
    name: 'the same append many times at once: one event, and every answer that comes is the same',
    async run({ store }) {
      const stream = freshStream();
      const batch = events(2);
      const answers = await Promise.allSettled(
        Array.from({ length: 8 }, () => store.append(stream, 'no_stream', batch)),
      );
      const good = answers.filter((one) => one.status === 'fulfilled').map((one) => one.value);
      expect(good.length).toBeGreaterThan(0);
      expect(new Set(good.map((one) => `${one.revision}@${one.position}`)).size).toBe(1);
      for (const one of answers) {
        if (one.status === 'rejected')
          expect(one.reason).toMatchObject({ code: 'unavailable', inDoubt: true });
      }
      expect(await idsOf(store, stream)).toEqual(batch.map((one) => one.id));
    },
  },
  {
    name: 'two writers in 1,000 races: exactly one wins each, revisions are dense, the loser learns where it stands',
    timeoutMs: 60_000,
    async run({ store, server }) {
      const rival = await server.open();
      const stream = freshStream();
      const winners: string[] = [];
      for (let round = 0; round < 1_000; round += 1) {
        const expected = round === 0 ? 'no_stream' : BigInt(round - 1);
        const tries = [store, rival].map(async (writer) => {
          const id = randomUUID();
          await writer.append(stream, expected, [{ ...event(), id }]);
          return id;
        });
        const ends = await Promise.allSettled(tries);
        const won = ends.filter((one) => one.status === 'fulfilled');
        const lost = ends.filter((one) => one.status === 'rejected');
        expect(won).toHaveLength(1);
        expect(lost[0]!.reason).toMatchObject({ code: 'conflict', actual: BigInt(round) });
        winners.push(won[0]!.value);
      }
      await rival.close();
      expect(await idsOf(store, stream)).toEqual(winners);
    },
  },
];
