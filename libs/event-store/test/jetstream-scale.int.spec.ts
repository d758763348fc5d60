/** One short stream among many: what it costs does not depend on how many there are. */
import { openEventStore, type EventStore } from '@mcpstack/event-store';
import type { JetStreamLog } from '../src/jetstream/jetstream-log.ts';
import type { ContractServer } from './contract.ts';
import { collect, event, events, freshStream } from './contract/tools.ts';
import { startJetStream } from './jetstream-server.ts';

const FEW = 1_000;
const MANY = 20_000;
const AT_ONCE = 500;

describe('one short stream among many', () => {
  let server: ContractServer;
  let store: EventStore;

  beforeAll(async () => {
    server = await startJetStream();
    store = await openEventStore(server.url);
  });
  afterAll(async () => {
    await store.close();
    await server.stop();
  });

  /** How many requests an action sends to the server. */
  async function requests(action: () => Promise<unknown>): Promise<number> {
    const { nats } = (store as JetStreamLog).log.connection;
    const before = nats.stats().outMsgs;
    await action();
    return nats.stats().outMsgs - before;
  }

  async function others(count: number): Promise<void> {
    for (let n = 0; n < count; n += AT_ONCE) {
      const batch = Array.from({ length: Math.min(AT_ONCE, count - n) }, () =>
        store.append(freshStream('other'), 'no_stream', [event()], { timeoutMs: 30_000 }),
      );
      await Promise.all(batch);
    }
  }

  /** Writes one stream of five appends with others in between, and counts what it costs. */
  async function costs(): Promise<Record<string, number>> {
    const stream = freshStream();
    let append = 0;
    for (let n = 0; n < 5; n += 1) {
      append += await requests(() => store.append(stream, n === 0 ? 'no_stream' : BigInt(n - 1), [event()]));
      await others(20);
    }
    const read = await requests(() => collect(store.readStream(stream)));
    const backwards = await requests(() => collect(store.readStream(stream, { direction: 'backwards' })));
    const last = await requests(() =>
      collect(store.readStream(stream, { direction: 'backwards', maxCount: 1 })),
    );
    return { append, read, backwards, last };
  }

  it(`costs as many requests among ${MANY} streams as among ${FEW}`, async () => {
    await others(FEW);
    const amongFew = await costs();
    await others(MANY - FEW);
    expect(await costs()).toEqual(amongFew);
    // A writer knows where its own appends stand, and every append is read once.
    expect(amongFew).toEqual({ append: 5, read: 5, backwards: 5, last: 1 });
  }, 240_000);

  it('finds any revision of a long stream in O(log n) reads, where a walk takes n (control)', async () => {
    const stream = freshStream();
    const length = 1_500;
    for (let n = 0; n < length; n += 1) {
      await store.append(stream, n === 0 ? 'no_stream' : BigInt(n - 1), [event({ n })]);
    }
    for (const from of [0, 1, 700, 1_023, 1_024, 1_498]) {
      const read = { direction: 'backwards', from: BigInt(from), maxCount: 1 } as const;
      let found: unknown;
      const cost = await requests(async () => (found = (await collect(store.readStream(stream, read)))[0]));
      expect(found).toMatchObject({ revision: BigInt(from), data: { n: from } });
      expect(cost).toBeLessThanOrEqual(2 * Math.log2(length));
    }
    const walk = await requests(() => collect(store.readStream(stream, { direction: 'backwards' })));
    expect(walk).toBe(length);
  }, 240_000);

  it('G2: settles a retry of an append that lies 1,000 appends back in O(log n) reads', async () => {
    const stream = freshStream();
    const batch = events(2);
    const first = await store.append(stream, 'no_stream', batch);
    for (let n = 0; n < 1_000; n += 1) await store.append(stream, BigInt(n + 1), [event()]);
    const cost = await requests(async () =>
      expect(await store.append(stream, 'no_stream', batch)).toEqual(first),
    );
    expect(cost).toBeLessThanOrEqual(2 * Math.log2(1_000));
  }, 240_000);
});
