/** `handleCommand` on a real JetStream, with a small aggregate of the test's own. */
import { randomUUID } from 'node:crypto';
import { ProblemError } from '@mcpstack/contracts';
import type { Decider, DomainEvent, EventCodec } from '@mcpstack/domain';
import {
  ConflictError,
  EventStoreUnavailableError,
  eventId,
  handleCommand,
  KnownFolds,
  loadStream,
  type EventStore,
} from '@mcpstack/event-store';
import { chainFaults } from '@mcpstack/testing';
import type { ContractServer } from './contract.ts';
import { collect, errorOf, event, freshStream } from './contract/tools.ts';
import { startJetStream } from './jetstream-server.ts';

type Added = DomainEvent<'Added', { by: number; secret?: string }>;
interface Add {
  by: number;
  times?: number;
  secret?: string;
}

/** A counter that stops at 1,000 and refuses negative numbers. */
const counter: Decider<number, Add, Added> = {
  initial: 0,
  decide({ by, times = 1, secret }, state) {
    if (by < 0) throw new ProblemError('validation-failed', 'by must not be negative');
    if (by === 0 || state >= 1_000) return [];
    const one: Added = {
      type: 'Added',
      data: { by, ...(secret !== undefined && { secret }) },
      at: '2026-01-02T03:04:05.678Z',
      actor: { type: 'user', id: 'user_1' },
    };
    return Array.from({ length: times }, () => one);
  },
  evolve: (state, { data }) => state + data.by,
};

const codec: EventCodec<Added> = {
  encode: ({ data }) => ({ type: 'Added', schemaVersion: 1, data }),
  decode({ type, data, metadata }) {
    if (type !== 'Added') throw new Error(`unknown event ${type}`);
    const { at, actor } = metadata as Added;
    return { type, data: data as Added['data'], at, actor };
  },
};

describe('handleCommand', () => {
  let server: ContractServer;
  let store: EventStore;

  beforeAll(async () => {
    server = await startJetStream();
    store = await server.open();
  });
  afterAll(() => server.stop());

  function command(stream: string, command: Add, commandId = randomUUID(), on: EventStore = store) {
    const metadata = { correlationId: 'req_1', requestDigest: JSON.stringify(command.by) };
    return { store: on, stream, codec, decider: counter, command, commandId, metadata };
  }

  it('accepted: appends what was decided, with ids of the command and the whole metadata', async () => {
    const stream = freshStream();
    const commandId = randomUUID();
    const done = await handleCommand(command(stream, { by: 2, times: 3 }, commandId));
    expect(done).toMatchObject({ state: 6, repeated: false, revision: 2n });
    expect(done.events).toHaveLength(3);
    const stored = await collect(store.readStream(stream));
    expect(stored.map((one) => one.id)).toEqual([0, 1, 2].map((n) => eventId(commandId, n)));
    expect(stored.at(-1)!.position).toBe(done.position);
    expect(stored[0]).toMatchObject({
      type: 'Added',
      data: { by: 2 },
      metadata: {
        $correlationId: 'req_1',
        $causationId: commandId,
        actor: { type: 'user', id: 'user_1' },
        at: '2026-01-02T03:04:05.678Z',
        schemaVersion: 1,
        requestDigest: '2',
      },
    });
    expect(chainFaults(stored)).toEqual([]);
    const at = { revision: 2n, position: done.position };
    expect(await loadStream({ store, stream, codec, decider: counter })).toEqual({ state: 6, ...at });
  });

  it('refused: nothing is appended', async () => {
    const stream = freshStream();
    const error = await errorOf(handleCommand(command(stream, { by: -1 })));
    expect(error).toMatchObject({ code: 'validation-failed' });
    expect(await collect(store.readStream(stream))).toEqual([]);
  });

  it('nothing decided: nothing is appended, and the position is the last event of the stream', async () => {
    const stream = freshStream();
    expect(await handleCommand(command(stream, { by: 0 }))).toEqual({
      state: 0,
      events: [],
      repeated: false,
      revision: -1n,
      position: -1n,
      stateRevision: -1n,
    });
    const { position } = await handleCommand(command(stream, { by: 5 }));
    expect(await handleCommand(command(stream, { by: 0 }))).toMatchObject({ revision: 0n, position });
  });

  it('G2 repeated: the retry finds its own events, however much was written since', async () => {
    const stream = freshStream();
    const commandId = randomUUID();
    const first = await handleCommand(command(stream, { by: 2, times: 2 }, commandId));
    await handleCommand(command(stream, { by: 10 }));
    const again = await handleCommand(command(stream, { by: 2, times: 2 }, commandId));
    expect(again).toEqual({ ...first, state: 14, stateRevision: 2n, repeated: true });
    expect(await collect(store.readStream(stream))).toHaveLength(3);
  });

  it('G2 repeated with another body: idempotency-key-reused, and nothing is appended', async () => {
    const stream = freshStream();
    const commandId = randomUUID();
    await handleCommand(command(stream, { by: 2 }, commandId));
    const error = await errorOf(handleCommand(command(stream, { by: 3 }, commandId)));
    expect(error).toMatchObject({ name: 'ProblemError', code: 'idempotency-key-reused' });
    expect(await collect(store.readStream(stream))).toHaveLength(1);
  });

  it('G2 two tries at once: one event, and only the try whose secret stands is not `repeated`', async () => {
    const rival = await server.open();
    for (let round = 0; round < 50; round += 1) {
      const stream = freshStream();
      const commandId = randomUUID();
      const tries = await Promise.all(
        [store, rival].map((on, n) =>
          handleCommand(command(stream, { by: 1, secret: `s${n}` }, commandId, on)),
        ),
      );
      const stored = await collect(store.readStream(stream));
      expect(stored).toHaveLength(1);
      const secret = stored[0]!.data.secret;
      expect(tries.map((one) => one.events[0]!.data.secret)).toEqual([secret, secret]);
      expect(tries.map((one) => one.repeated)).toEqual([secret !== 's0', secret !== 's1']);
    }
    await rival.close();
  });

  it('G2 two bodies under one key at once: one is done, the other is idempotency-key-reused', async () => {
    const stream = freshStream();
    const commandId = randomUUID();
    const ends = await Promise.allSettled(
      [1, 2].map((by) => handleCommand(command(stream, { by }, commandId))),
    );
    expect(ends.map((one) => one.status).sort()).toEqual(['fulfilled', 'rejected']);
    const lost = ends.find((one) => one.status === 'rejected')!;
    expect(lost.reason).toMatchObject({ code: 'idempotency-key-reused' });
    expect(await collect(store.readStream(stream))).toHaveLength(1);
  });

  it('retries on a conflict: 30 writers at once, every command stands once', async () => {
    const stream = freshStream();
    const all = await Promise.all(
      Array.from({ length: 30 }, () => handleCommand(command(stream, { by: 1 }))),
    );
    expect(new Set(all.map((one) => one.revision)).size).toBe(30);
    expect(await loadStream({ store, stream, codec, decider: counter })).toMatchObject({ state: 30 });
    expect(chainFaults(await collect(store.readStream(stream)))).toEqual([]);
  });

  it('gives up after fifty conflicts in a row', async () => {
    const stream = freshStream();
    let appends = 0;
    const contended: EventStore = {
      ...bound(store),
      append: () => {
        appends += 1;
        return Promise.reject(new ConflictError(stream, 'no_stream', 0n));
      },
    };
    const error = await errorOf(handleCommand(command(stream, { by: 1 }, randomUUID(), contended)));
    expect(error).toMatchObject({ name: 'ProblemError', code: 'conflict' });
    expect(appends).toBe(50);
  });

  it('G2 a lost answer: reads back and finds what was written; nothing stands twice', async () => {
    const stream = freshStream();
    const lossy: EventStore = {
      ...bound(store),
      async append(...call) {
        await store.append(...call);
        throw new EventStoreUnavailableError('lost', { inDoubt: true });
      },
    };
    const done = await handleCommand(command(stream, { by: 4 }, randomUUID(), lossy));
    expect(done).toMatchObject({ state: 4, repeated: false, revision: 0n });
    expect(await collect(store.readStream(stream))).toHaveLength(1);
  });

  it('G2 a lost request: reads back, finds nothing, and appends again', async () => {
    const stream = freshStream();
    let appends = 0;
    const lossy: EventStore = {
      ...bound(store),
      append(...call) {
        appends += 1;
        if (appends > 1) return store.append(...call);
        return Promise.reject(new EventStoreUnavailableError('lost', { inDoubt: true }));
      },
    };
    expect(await handleCommand(command(stream, { by: 4 }, randomUUID(), lossy))).toMatchObject({
      revision: 0n,
    });
    expect(await collect(store.readStream(stream))).toHaveLength(1);
  });

  it('G2, G9 a person’s event has one salt through all tries of one call: a lost answer is known again', async () => {
    const stream = freshStream('user');
    const tried: unknown[] = [];
    const lossy: EventStore = {
      ...bound(store),
      async append(...call) {
        tried.push(call[2].map(({ metadata }) => metadata.salt));
        // The first try is written, and its answer lost, after the next one has read.
        if (tried.length > 1) return store.append(...call);
        setTimeout(() => void store.append(...call), 0);
        throw new EventStoreUnavailableError('lost', { inDoubt: true });
      },
    };
    const done = await handleCommand(command(stream, { by: 4, times: 2 }, randomUUID(), lossy));
    expect(done).toMatchObject({ state: 8, repeated: false });
    const stored = await collect(store.readStream(stream));
    expect(new Set(stored.map(({ metadata }) => metadata.salt)).size).toBe(2);
    for (const salts of tried) expect(salts).toEqual(stored.map(({ metadata }) => metadata.salt));
  });

  it('G2 an error after a lost answer stays in doubt', async () => {
    const stream = freshStream();
    let reads = 0;
    const lossy: EventStore = {
      ...bound(store),
      append: () => Promise.reject(new EventStoreUnavailableError('lost', { inDoubt: true })),
      async *readStream() {
        reads += 1;
        await Promise.resolve();
        if (reads > 1) throw new EventStoreUnavailableError('gone', { inDoubt: false });
        yield* [];
      },
    };
    const error = await errorOf(handleCommand(command(stream, { by: 4 }, randomUUID(), lossy)));
    expect(error).toMatchObject({ code: 'unavailable', inDoubt: true });
  });

  describe('ifRevision', () => {
    const seen = (stream: string, ifRevision: bigint, by = 1, commandId = randomUUID()) => ({
      ...command(stream, { by }, commandId),
      ifRevision,
    });

    it('goes on where the stream stands there; precondition-failed elsewhere, and nothing is appended', async () => {
      const stream = freshStream();
      await handleCommand(command(stream, { by: 1 }));
      expect(await handleCommand(seen(stream, 0n))).toMatchObject({ state: 2, stateRevision: 1n });
      for (const stale of [0n, 7n]) {
        const error = await errorOf(handleCommand(seen(stream, stale)));
        expect(error).toMatchObject({ name: 'ProblemError', code: 'precondition-failed' });
        expect(error.message).toMatch(/changed/);
      }
      // With nothing left to do it is answered.
      expect(await handleCommand(seen(stream, 0n, 0))).toMatchObject({ state: 2, stateRevision: 1n });
      expect(await collect(store.readStream(stream))).toHaveLength(2);
      // Control: without it the same stale command is carried out.
      expect(await handleCommand(command(stream, { by: 1 }))).toMatchObject({ state: 3 });
    });

    it('G2 repeated: the retry is answered, although its own events have moved the stream', async () => {
      const stream = freshStream();
      const commandId = randomUUID();
      await handleCommand(command(stream, { by: 1 }));
      const first = await handleCommand(seen(stream, 0n, 5, commandId));
      await handleCommand(command(stream, { by: 1 }));
      const again = await handleCommand(seen(stream, 0n, 5, commandId));
      expect(again).toMatchObject({ revision: first.revision, stateRevision: 2n, repeated: true });
    });

    it('of 8 that saw the same revision one goes on, in every round', async () => {
      for (let round = 0; round < 20; round += 1) {
        const stream = freshStream();
        await handleCommand(command(stream, { by: 1 }));
        const ends = await Promise.allSettled(
          Array.from({ length: 8 }, () => handleCommand(seen(stream, 0n))),
        );
        expect(ends.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
        for (const end of ends)
          if (end.status === 'rejected') expect(end.reason).toMatchObject({ code: 'precondition-failed' });
        expect(await collect(store.readStream(stream))).toHaveLength(2);
      }
    });

    it('a command that is refused anyway is refused as ever: a stream shows nothing to whoever may not see it', async () => {
      const error = await errorOf(handleCommand(seen(freshStream(), 7n, -1)));
      expect(error).toMatchObject({ code: 'validation-failed' });
    });
  });

  describe('beforeAppend', () => {
    it('runs once something was decided, and not for what is refused, empty or a retry', async () => {
      const stream = freshStream();
      const commandId = randomUUID();
      let runs = 0;
      const beforeAppend = () => Promise.resolve(void (runs += 1));
      await errorOf(handleCommand({ ...command(stream, { by: -1 }), beforeAppend }));
      await handleCommand({ ...command(stream, { by: 0 }), beforeAppend });
      expect(runs).toBe(0);
      await handleCommand({ ...command(stream, { by: 1 }, commandId), beforeAppend });
      await handleCommand({ ...command(stream, { by: 1 }, commandId), beforeAppend });
      expect(runs).toBe(1);
    });

    it('when it fails, nothing is appended', async () => {
      const stream = freshStream();
      const beforeAppend = () => Promise.reject(new ProblemError('unavailable', 'x'));
      const error = await errorOf(handleCommand({ ...command(stream, { by: 1 }), beforeAppend }));
      expect(error).toMatchObject({ code: 'unavailable' });
      expect(await collect(store.readStream(stream))).toEqual([]);
    });
  });

  it('G10 an event that the codec does not know is refused, never skipped', async () => {
    const stream = freshStream();
    await store.append(stream, 'no_stream', [event({}, 'Strange')]);
    await expect(handleCommand(command(stream, { by: 1 }))).rejects.toThrow('unknown event Strange');
    await expect(loadStream({ store, stream, codec, decider: counter })).rejects.toThrow('unknown event');
  });

  describe('known folds', () => {
    const counted = () => {
      let events = 0;
      const counting: EventStore = {
        ...bound(store),
        async *readStream(...call) {
          for await (const event of store.readStream(...call)) {
            events += 1;
            yield event;
          }
        },
      };
      return { counting, readSince: () => events };
    };

    it('read only what is new, and fold to the same', async () => {
      const stream = freshStream();
      const { counting, readSince } = counted();
      const known = new KnownFolds<number>();
      for (let n = 0; n < 50; n += 1)
        await handleCommand({ ...command(stream, { by: 1 }, randomUUID(), counting), known });
      // Of each: the last known event, and the read back.
      expect(readSince()).toBeLessThan(50 * 3);
      const whole = await loadStream({ store, stream, codec, decider: counter });
      const here = await loadStream({ store: counting, stream, codec, decider: counter, known });
      expect(here).toEqual(whole);
    });

    it('control: without them every command reads all of it', async () => {
      const stream = freshStream();
      const { counting, readSince } = counted();
      for (let n = 0; n < 50; n += 1) await handleCommand(command(stream, { by: 1 }, randomUUID(), counting));
      expect(readSince()).toBeGreaterThan((50 * 49) / 2);
    });

    it('G2 a retry still finds its own events, however long ago they were folded', async () => {
      const stream = freshStream();
      const known = new KnownFolds<number>();
      const commandId = randomUUID();
      const first = await handleCommand({ ...command(stream, { by: 3 }, commandId), known });
      for (let n = 0; n < 5; n += 1) await handleCommand({ ...command(stream, { by: 1 }), known });
      const again = await handleCommand({ ...command(stream, { by: 3 }, commandId), known });
      expect(again).toMatchObject({ revision: first.revision, position: first.position });
      expect(await collect(store.readStream(stream))).toHaveLength(6);
    });

    it('are bounded by the events behind them: the one that was not used for the longest goes', async () => {
      const [long, short] = [freshStream(), freshStream()];
      const known = new KnownFolds<number>(10, 6);
      await handleCommand({ ...command(short, { by: 1 }), known });
      await loadStream({ store, stream: short, codec, decider: counter, known });
      await handleCommand({ ...command(long, { by: 1, times: 5 }), known });
      await loadStream({ store, stream: long, codec, decider: counter, known });
      expect([short, long].map((stream) => known.find(stream)?.state)).toEqual([1, 5]);
      await handleCommand({ ...command(long, { by: 1 }), known });
      await loadStream({ store, stream: long, codec, decider: counter, known });
      // One alone stays, however long it is.
      expect([short, long].map((stream) => known.find(stream)?.state)).toEqual([undefined, 6]);
    });

    it('fold many events at once where the decider can, to the same', async () => {
      const stream = freshStream();
      await handleCommand(command(stream, { by: 1, times: 100 }));
      const at: number[] = [];
      const decider = {
        ...counter,
        evolveAll: (state: number, events: readonly Added[]) => {
          at.push(events.length);
          return events.reduce(counter.evolve, state);
        },
      };
      expect(await loadStream({ store, stream, codec, decider })).toMatchObject({ state: 100 });
      expect(at).toEqual([100]);
    });

    it('see what others wrote, and notice a stream that is not the one they knew', async () => {
      const [stream, other] = [freshStream(), freshStream()];
      const known = new KnownFolds<number>();
      await handleCommand({ ...command(stream, { by: 1 }), known });
      await handleCommand(command(stream, { by: 5 }));
      const load = { store, stream, codec, decider: counter, known };
      expect(await loadStream(load)).toMatchObject({ state: 6, revision: 1n });
      await handleCommand(command(other, { by: 7 }));
      await handleCommand(command(other, { by: 7 }));
      const replaced: EventStore = {
        ...bound(store),
        readStream: (_, options) => store.readStream(other, options),
      };
      expect(await loadStream({ ...load, store: replaced })).toMatchObject({ state: 14, revision: 1n });
    });
  });
});

/** The store's methods as plain properties, so that a test can replace one. */
function bound(store: EventStore): EventStore {
  return {
    append: (...call) => store.append(...call),
    truncate: (...call) => store.truncate(...call),
    readStream: (...call) => store.readStream(...call),
    subscribe: (...call) => store.subscribe(...call),
    head: (...call) => store.head(...call),
    logId: (...call) => store.logId(...call),
    originId: (...call) => store.originId(...call),
    close: () => store.close(),
  };
}
