/** Contract: what happens when the server is away, hung, or refuses. */
import { inspect } from 'node:util';
import { AccessDeniedError, EventStoreUnavailableError, type EventStore } from '@mcpstack/event-store';
import type { ContractCase, World } from '../contract.ts';
import { follow } from './subscribe.ts';
import {
  collect,
  errorOf,
  event,
  events,
  eventually,
  freshCategory,
  freshStream,
  idsOf,
  persistently,
} from './tools.ts';

const TIMEOUT_MS = 1_000;
/** What a busy machine may add to a timer. */
const SLACK_MS = 3_000;

/** Every call of the port, each with its own deadline. */
function everyCall(store: EventStore): Record<string, () => Promise<unknown>> {
  const stream = freshStream();
  const timeoutMs = TIMEOUT_MS;
  return {
    append: () => store.append(stream, 'no_stream', [event()], { timeoutMs }),
    'empty append': () => store.append(stream, 'no_stream', [], { timeoutMs }),
    'read forwards': () => collect(store.readStream(stream, { timeoutMs })),
    'read backwards': () => collect(store.readStream(stream, { timeoutMs, direction: 'backwards' })),
    head: () => store.head({ timeoutMs }),
    'head of a category': () => store.head({ timeoutMs, categories: [freshCategory()] }),
    logId: () => store.logId({ timeoutMs }),
  };
}

async function expectEveryCallToFailInTime(store: EventStore): Promise<void> {
  await Promise.all(
    Object.entries(everyCall(store)).map(async ([name, call]) => {
      const began = performance.now();
      const error = await errorOf(call());
      const tookMs = performance.now() - began;
      expect([name, error.name, error.code]).toEqual([name, 'EventStoreUnavailableError', 'unavailable']);
      if (name !== 'append')
        expect([name, (error as EventStoreUnavailableError).inDoubt]).toEqual([name, false]);
      expect([name, tookMs < TIMEOUT_MS + SLACK_MS]).toEqual([name, true]);
    }),
  );
}

async function expectToWork({ store }: World): Promise<void> {
  const stream = freshStream();
  const batch = events(2);
  await persistently(() => store.append(stream, 'no_stream', batch));
  expect(await idsOf(store, stream)).toEqual(batch.map((one) => one.id));
}

/**
 * Writers that append to streams of their own while the server is killed and started again. They retry
 * as callers do, with the same ids and revision.
 * @returns by stream, the ids of what was acknowledged, in order.
 */
async function storm(
  { store, server }: World,
  category: string,
  kills: number,
): Promise<Map<string, string[]>> {
  const acknowledged = new Map<string, string[]>();
  let total = 0;
  let going = true;
  const lanes = Array.from({ length: 8 }, async () => {
    const stream = freshStream(category);
    const mine: string[] = [];
    acknowledged.set(stream, mine);
    while (going) {
      const expected = mine.length === 0 ? 'no_stream' : BigInt(mine.length - 1);
      const batch = events(1 + (mine.length % 3));
      const { revision } = await persistently(() =>
        store.append(stream, expected, batch, { timeoutMs: 2_000 }),
      );
      expect(revision).toBe(BigInt(mine.length + batch.length - 1));
      mine.push(...batch.map((one) => one.id));
      total += batch.length;
    }
  });
  const failed = Promise.all(lanes).then(() => undefined);
  failed.catch(() => (going = false));
  for (let n = 0; n < kills && going; n += 1) {
    const before = total;
    await eventually(() => total > before + 300 || !going, 'appends to go on');
    await server.kill();
    await server.restart();
  }
  const before = total;
  await eventually(() => total > before + 100 || !going, 'appends to go on');
  going = false;
  await failed;
  return acknowledged;
}

export const failureCases: readonly ContractCase[] = [
  {
    name: 'G2: a retry after a restart of the server gets the original answer',
    async run({ store, server }) {
      const stream = freshStream();
      const batch = events(3);
      const first = await store.append(stream, 'no_stream', batch);
      const id = await store.logId();
      await server.kill();
      await server.restart();
      expect(await persistently(() => store.append(stream, 'no_stream', batch))).toEqual(first);
      expect(await idsOf(store, stream)).toHaveLength(3);
      expect(await store.logId()).toBe(id);
    },
  },
  {
    name: 'G4: server down: every call ends with an error within its deadline, and recovers by itself',
    timeoutMs: 60_000,
    async run(world) {
      await world.server.kill();
      await expectEveryCallToFailInTime(world.store);
      const error = await errorOf(world.server.open());
      expect(error).toBeInstanceOf(EventStoreUnavailableError);
      await world.server.restart();
      await expectToWork(world);
    },
  },
  {
    name: 'G4: server hung: every call ends with an error within its deadline, and recovers by itself',
    timeoutMs: 60_000,
    async run(world) {
      await world.server.pause();
      try {
        await expectEveryCallToFailInTime(world.store);
        const began = performance.now();
        expect(await errorOf(world.server.open())).toBeInstanceOf(EventStoreUnavailableError);
        expect(performance.now() - began).toBeLessThan(15_000);
      } finally {
        await world.server.resume();
      }
      await expectToWork(world);
    },
  },
  {
    name: 'G2: an append to a hung server is in doubt; the same append later stands once',
    timeoutMs: 60_000,
    async run({ store, server }) {
      const stream = freshStream();
      const batch = events(2);
      await server.pause();
      try {
        const error = await errorOf(store.append(stream, 'no_stream', batch, { timeoutMs: TIMEOUT_MS }));
        expect(error).toMatchObject({ code: 'unavailable', inDoubt: true });
      } finally {
        await server.resume();
      }
      const answer = await persistently(() => store.append(stream, 'no_stream', batch));
      expect(answer.revision).toBe(1n);
      expect(await idsOf(store, stream)).toEqual(batch.map((one) => one.id));
    },
  },
  {
    name: 'G2: kill -9 during appends: nothing acknowledged is lost, nothing stands twice',
    timeoutMs: 90_000,
    async run(world) {
      const acknowledged = await storm(world, freshCategory(), 3);
      for (const [stream, ids] of acknowledged) expect(await idsOf(world.store, stream)).toEqual(ids);
    },
  },
  {
    name: 'G5: kill -9 during a subscription: no gap, no duplicate, and its state is told',
    timeoutMs: 90_000,
    async run(world) {
      const category = freshCategory();
      const one = follow(world.store, { categories: [category] });
      const acknowledged = await storm(world, category, 2);
      const count = [...acknowledged.values()].reduce((sum, ids) => sum + ids.length, 0);
      await eventually(() => one.seen.length >= count, 'the subscription to catch up', 30_000);
      await one.stop();
      expect(one.seen).toHaveLength(count);
      for (let n = 1; n < count; n += 1) {
        expect(one.seen[n]!.position > one.seen[n - 1]!.position).toBe(true);
      }
      for (const [stream, ids] of acknowledged) {
        expect(one.seen.filter((seen) => seen.stream === stream).map((seen) => seen.id)).toEqual(ids);
      }
      expect(one.states[0]).toBe('live');
      expect(one.states).toContain('interrupted');
      expect(one.states.at(-1)).toBe('live');
    },
  },
  {
    name: 'G4: a hung server during a subscription: it goes on where it was',
    timeoutMs: 60_000,
    async run({ store, server }) {
      const category = freshCategory();
      const stream = freshStream(category);
      const all = events(4);
      const one = follow(store, { categories: [category] });
      await store.append(stream, 'no_stream', all.slice(0, 2));
      await eventually(() => one.seen.length === 2, 'the first events');
      await server.pause();
      try {
        await errorOf(store.head({ timeoutMs: TIMEOUT_MS }));
      } finally {
        await server.resume();
      }
      await persistently(() => store.append(stream, 1n, all.slice(2)));
      await eventually(() => one.seen.length === 4, 'the events after the pause', 30_000);
      await one.stop();
      expect(one.seen.map((seen) => seen.id)).toEqual(all.map((wanted) => wanted.id));
    },
  },
  {
    name: 'wrong credentials are refused, and no error shows them or the right ones',
    async run({ server }) {
      const denied = await errorOf(server.openWithWrongCredentials!());
      expect(denied).toBeInstanceOf(AccessDeniedError);
      expect(inspect(denied, { depth: 10 })).not.toContain('wrong-secret');
      await server.kill();
      const away = await errorOf(server.open());
      await server.restart();
      const { host, password } = new URL(server.url);
      expect(away.message).toContain(host);
      expect(password).not.toBe('');
      expect(inspect(away, { depth: 10 })).not.toContain(password);
    },
  },
  {
    name: 'a closed log answers at once that it is closed, and its subscriptions end with that error',
    async run({ server }) {
      const store = await server.open();
      const one = follow(store, { categories: [freshCategory()] });
      await eventually(() => one.states.includes('live'), 'live');
      await store.close();
      await expect(one.ended).rejects.toMatchObject({ code: 'unavailable' });
      const began = performance.now();
      await expectEveryCallToFailInTime(store);
      expect(performance.now() - began).toBeLessThan(500);
    },
  },
];
