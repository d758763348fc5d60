/** Contract: subscriptions, the head, and the log's id. */
import type { EventStore, RecordedEvent, SubscribeOptions } from '@mcpstack/event-store';
import type { ContractCase } from '../contract.ts';
import {
  collect,
  errorOf,
  event,
  events,
  eventually,
  freshCategory,
  freshStream,
  persistently,
  take,
} from './tools.ts';

/** A subscription that collects in the background until it is stopped. */
export function follow(store: EventStore, options: Omit<SubscribeOptions, 'signal'>) {
  const stop = new AbortController();
  const seen: RecordedEvent[] = [];
  const states: string[] = [];
  const onState: SubscribeOptions['onState'] = (state) => void states.push(state);
  const ended = (async () => {
    for await (const one of store.subscribe({ ...options, onState, signal: stop.signal })) seen.push(one);
  })();
  // The case awaits `stop`; until then a failure must not end the process.
  ended.catch(() => undefined);
  return {
    seen,
    states,
    ended,
    stop: async () => {
      stop.abort();
      await ended;
    },
  };
}

export const subscribeCases: readonly ContractCase[] = [
  {
    name: 'subscribe from the start: what is there, then what comes, in order and whole',
    async run({ store }) {
      const category = freshCategory();
      const stream = freshStream(category);
      const all = events(8);
      await store.append(stream, 'no_stream', all.slice(0, 3));
      const one = follow(store, { categories: [category] });
      await eventually(() => one.seen.length === 3, 'the old events');
      await store.append(stream, 2n, all.slice(3, 5));
      await store.append(stream, 4n, all.slice(5));
      await eventually(() => one.seen.length === 8, 'the live events');
      await one.stop();
      expect(one.seen).toEqual(await collect(store.readStream(stream)));
      expect(one.seen.map((seen) => seen.id)).toEqual(all.map((wanted) => wanted.id));
    },
  },
  {
    name: 'subscribe after a position is exclusive, also in the middle of an append',
    async run({ store }) {
      const category = freshCategory();
      const stream = freshStream(category);
      await store.append(stream, 'no_stream', events(3));
      await store.append(stream, 2n, events(6).slice(3));
      const all = await collect(store.readStream(stream));
      for (let n = 0; n < 5; n += 1) {
        const after = all[n]!.position;
        const rest = await take(store, 5 - n, { categories: [category], after });
        expect(rest).toEqual(all.slice(n + 1));
      }
    },
  },
  {
    name: 'subscribe after the last event: only what comes later',
    async run({ store }) {
      const category = freshCategory();
      const stream = freshStream(category);
      const { position } = await store.append(stream, 'no_stream', events(2));
      const one = follow(store, { categories: [category], after: position });
      await eventually(() => one.states.includes('live'), 'live');
      const later = event();
      await store.append(stream, 1n, [later]);
      await eventually(() => one.seen.length > 0, 'the later event');
      await one.stop();
      expect(one.seen.map((seen) => seen.id)).toEqual([later.id]);
    },
  },
  {
    name: 'subscribe without categories: every stream of ours, in the order of the log',
    async run({ store }) {
      const after = await store.head();
      const streams = [freshStream(), freshStream()];
      const ids: string[] = [];
      for (let n = 0; n < 10; n += 1) {
        const one = event();
        ids.push(one.id);
        const expected = n < 2 ? 'no_stream' : BigInt(Math.floor(n / 2) - 1);
        await store.append(streams[n % 2]!, expected, [one]);
      }
      const seen = await take(store, 10, after < 0n ? {} : { after });
      expect(seen.map((one) => one.id)).toEqual(ids);
      for (let n = 1; n < 10; n += 1) expect(seen[n]!.position).toBeGreaterThan(seen[n - 1]!.position);
    },
  },
  {
    name: 'filter by one category and by several; a category is not a prefix',
    async run({ store }) {
      const category = freshCategory();
      const longer = `${category}s`;
      const third = freshCategory();
      for (let n = 0; n < 4; n += 1) {
        for (const name of [category, longer, third]) {
          await store.append(freshStream(name), 'no_stream', [event({ name })]);
        }
      }
      const names = async (categories: string[], count: number) =>
        (await take(store, count, { categories })).map((one) => one.data.name);
      expect(await names([category], 4)).toEqual(Array(4).fill(category));
      expect(await names([longer, third], 8)).toEqual(Array(4).fill([longer, third]).flat());
    },
  },
  {
    name: 'two subscriptions see the same order while many write',
    async run({ store }) {
      const category = freshCategory();
      const both = [follow(store, { categories: [category] }), follow(store, { categories: [category] })];
      await Promise.all(
        Array.from({ length: 20 }, async () => {
          const stream = freshStream(category);
          for (let n = 0; n < 10; n += 1) {
            await store.append(stream, n === 0 ? 'no_stream' : BigInt(n - 1), [event()]);
          }
        }),
      );
      await eventually(() => both.every((one) => one.seen.length === 200), 'all events on both');
      for (const one of both) await one.stop();
      expect(both[0]!.seen).toEqual(both[1]!.seen);
    },
  },
  {
    name: 'the signal ends a subscription without an error: before, while it waits, while it is handled',
    async run({ store }) {
      const category = freshCategory();
      const early = store.subscribe({ categories: [category], signal: AbortSignal.abort() });
      expect(await collect(early)).toEqual([]);

      const waiting = follow(store, { categories: [category] });
      await eventually(() => waiting.states.includes('live'), 'live');
      await waiting.stop();
      expect(waiting.seen).toEqual([]);

      await store.append(freshStream(category), 'no_stream', events(5));
      expect(await take(store, 2, { categories: [category] })).toHaveLength(2);
    },
  },
  {
    name: 'the head is the position of the last event, of all or of some categories',
    async run({ store }) {
      const [one, other] = [freshCategory(), freshCategory()];
      expect(await store.head({ categories: [one, other] })).toBe(-1n);
      const first = await store.append(freshStream(one), 'no_stream', events(3));
      const second = await store.append(freshStream(other), 'no_stream', events(2));
      expect(await store.head({ categories: [one] })).toBe(first.position);
      expect(await store.head({ categories: [one, other] })).toBe(second.position);
      expect(await store.head()).toBe(second.position);
    },
  },
  {
    name: 'the signal ends a subscription at once, also while the server is away',
    async run({ store, server }) {
      const one = follow(store, { categories: [freshCategory()] });
      await eventually(() => one.states.includes('live'), 'live');
      await server.kill();
      try {
        await eventually(() => one.states.includes('interrupted'), 'interrupted');
        const late = follow(store, { categories: [freshCategory()] });
        const began = performance.now();
        await Promise.all([one.stop(), late.stop()]);
        expect(performance.now() - began).toBeLessThan(500);
      } finally {
        await server.restart();
      }
      await persistently(() => store.head());
    },
  },
  {
    name: 'a name that can be no category is refused',
    async run({ store }) {
      for (const category of ['', 'a-b', 'a b', 'a.b', '*', '>']) {
        await expect(follow(store, { categories: [category] }).ended).rejects.toMatchObject({
          code: 'bad-stream-name',
        });
        expect(await errorOf(store.head({ categories: [category] }))).toMatchObject({
          code: 'bad-stream-name',
        });
      }
    },
  },
  {
    name: 'the log names itself the same over every connection',
    async run({ store, server }) {
      const other = await server.open();
      const id = await store.logId();
      expect(id).toMatch(/\S{8,}/);
      expect(await other.logId()).toBe(id);
      await other.close();
    },
  },
];
