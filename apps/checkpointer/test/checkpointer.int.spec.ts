/** G9: the whole log is covered by signed checkpoints: in time, without a gap, and never in two ways. */
import type { RecordedEvent } from '@mcpstack/event-store';
import { audit, isSignedBy, wholeLog } from './oracle.ts';
import { startNats, storeWith, waitFor, World, type LocalServer } from './world.ts';
import { newKey } from '../src/key-file.ts';

let server: LocalServer;
let world: World;
beforeAll(async () => {
  server = await startNats();
});
afterAll(() => server.stop());
beforeEach(async () => {
  world = await World.open(server);
});
afterEach(() => world.close());

const ago = (ms: number) => new Date(Date.now() - ms).toISOString();

describe('when a checkpoint is due', () => {
  it('at 1,000 events, whatever the time; 999 wait', async () => {
    await world.grow(999);
    const checkpointer = world.start();
    await world.ready(checkpointer);
    await waitFor(() => checkpointer.status().uncovered === 999, { what: 'the events to be read' });
    expect(await audit(world.store)).toEqual([]);
    await world.grow(1);
    expect(await world.covered(checkpointer, 1_000)).toMatchObject([{ size: 1_000, leaves: 1_000 }]);
  });

  it('60 s after the first event that is not covered, as its own time says', async () => {
    await world.append('key-a', 1, { at: ago(58_500) });
    const began = performance.now();
    const checkpointer = world.start();
    await world.ready(checkpointer);
    await world.append('key-b', 2);
    expect(await audit(world.store)).toEqual([]);
    expect(await world.covered(checkpointer, 3)).toMatchObject([{ size: 3 }]);
    expect(performance.now() - began).toBeGreaterThan(1_000);
  });

  it('an idle log makes none: a checkpoint does not ask for another one', async () => {
    const checkpointer = world.start({ intervalMs: 100 });
    await world.append('key-a', 1);
    await world.covered(checkpointer, 1);
    await waitFor(() => checkpointer.status().uncovered === 1, { what: 'the checkpoint to be read' });
    await new Promise((resolve) => setTimeout(resolve, 500));
    expect(await audit(world.store)).toHaveLength(1);
    // Control: an event does, and the next checkpoint covers the one before it too.
    await world.append('key-a', 1);
    expect(await world.covered(checkpointer, 3)).toMatchObject([{ size: 1 }, { size: 3 }]);
  });
});

describe('an old log', () => {
  it('of 20,000 events is caught up with in lists of 1,000', async () => {
    await world.grow(20_000, { at: '2025-01-01T00:00:00.000Z' });
    const checkpointer = world.start({ intervalMs: 1_000 });
    const signed = await world.covered(checkpointer, 20_000, 30_000);
    expect(signed.slice(0, 20).map(({ leaves }) => leaves)).toEqual(Array(20).fill(1_000));
    expect(signed.length).toBeLessThan(23);
  }, 240_000);

  it('is gone on with where the last checkpoint ends, without reading what is before', async () => {
    await world.grow(2_500);
    const first = world.start({ intervalMs: 200 });
    await world.covered(first, 2_500);
    await first.stop();
    let read = 0;
    const counting = storeWith(world.store, {
      async *subscribe(options) {
        for await (const event of world.store.subscribe(options)) {
          read += 1;
          yield event;
        }
      },
    });
    await world.grow(10);
    const second = world.start({ intervalMs: 200, store: counting });
    await world.covered(second, 2_510);
    expect(read).toBeLessThan(1_100);
  });
});

describe('keys', () => {
  it('of an overlap sign both: whoever trusts the old one accepts until it ends, whoever trusts the new one since it began', async () => {
    const [old, next] = [newKey('old'), newKey('next')];
    const sizes: number[] = [];
    for (const keys of [[old], [old, next], [next]]) {
      const checkpointer = world.start({ keys: { keys }, intervalMs: 50 });
      await world.append('key-a', 1);
      await world.covered(checkpointer, (sizes.at(-1) ?? 0) + 1);
      await checkpointer.stop();
      sizes.push(checkpointer.status().size);
    }
    const [oldKey, newKey_] = world.verifiers({ keys: [old, next] }).map(({ vkey }) => vkey) as [
      string,
      string,
    ];
    const signed = await audit(world.store);
    const at = (index: number) => signed.find(({ size }) => size === sizes[index])!.note;
    expect([0, 1, 2].map((index) => isSignedBy(at(index), oldKey))).toEqual([true, true, false]);
    expect([0, 1, 2].map((index) => isSignedBy(at(index), newKey_))).toEqual([false, true, true]);
  });

  it('that are not the ones of the last checkpoint sign nothing, unless they are named as former ones', async () => {
    const first = world.start({ intervalMs: 50 });
    await world.append('key-a', 1);
    await world.covered(first, 1);
    await first.stop();
    const keys = { keys: [newKey('other')] };
    const other = world.start({ keys, intervalMs: 50 });
    await waitFor(() => other.trouble()?.includes('signed by no key of this service'), {
      what: 'the refusal',
    });
    await world.append('key-a', 1);
    expect(await audit(world.store)).toHaveLength(1);
    await other.stop();
    const told = world.start({ keys, intervalMs: 50, former: world.verifiers() });
    await world.covered(told, 3);
  });
});

describe('what was erased', () => {
  /** The log after an erasure: the events of the person are not shown any more. */
  const hiding = (gone: () => ReadonlySet<bigint>) =>
    storeWith(world.store, {
      async *subscribe(options) {
        for await (const event of world.store.subscribe(options))
          if (!gone().has(event.position)) yield event;
      },
    });
  const record = async (stream: string, erased: readonly { position: string; digest: string }[]) =>
    world.append(stream, 1, { type: 'UserProfileErased', data: { userId: 'user_1', erased } });

  it('stands in the tree with the digest that the record names, however far behind the record is', async () => {
    const { eventDigest } = await import('@mcpstack/event-store');
    await world.grow(1_500);
    const stream = 'user-user_1';
    await world.append(stream, 2, { type: 'UserProfileChanged' });
    await world.grow(12_000);
    const events = (await wholeLog(world.store)).filter((event) => event.stream === stream);
    const erased = events.map((event) => ({
      position: String(event.position),
      digest: eventDigest(event).toString('hex'),
    }));
    await record(stream, erased);
    await world.grow(100);
    const gone = new Set(events.map(({ position }) => position));
    const checkpointer = world.start({ intervalMs: 300, store: hiding(() => gone) });
    // Also with the events shown again, as a log shows them until it is tidied: the digests are theirs.
    await world.covered(checkpointer, 13_603);
  }, 240_000);

  it('control: a checkpointer that does not read on to the record signs another tree, and that is found', async () => {
    const stream = 'user-user_1';
    await world.append(stream, 1, { type: 'UserProfileChanged' });
    await world.grow(3_000);
    const [event] = (await wholeLog(world.store)) as [RecordedEvent];
    const { eventDigest } = await import('@mcpstack/event-store');
    await record(stream, [{ position: String(event.position), digest: eventDigest(event).toString('hex') }]);
    const store = { ...hiding(() => new Set([event.position])), head: () => Promise.resolve(-1n) };
    const checkpointer = world.start({ store });
    await waitFor(() => checkpointer.status().size >= 1_000, { what: 'a checkpoint' });
    await expect(audit(world.store)).rejects.toThrow('checkpoint 0: other leaves');
  });
});
