/** What only the KurrentDB adapter has to get right, on the wire double; with the client alone as control. */
import { once } from 'node:events';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { inspect } from 'node:util';
import { KurrentDBClient, jsonEvent } from '@kurrent/kurrentdb-client';
import { openEventStore, type EventStore } from '@mcpstack/event-store';
import { collect, errorOf, event, events, freshStream, idsOf, persistently, take } from './contract/tools.ts';
import { KurrentDbDouble } from './kurrentdb-double/start-double.ts';

/** What the promise did within the time. */
async function within(ms: number, work: Promise<unknown>): Promise<'settled' | 'pending'> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<'pending'>((resolve) => (timer = setTimeout(() => resolve('pending'), ms)));
  const end = work.then(
    () => 'settled' as const,
    () => 'settled' as const,
  );
  return Promise.race([end, late]).finally(() => clearTimeout(timer));
}

describe('the event log on KurrentDB', () => {
  let double: KurrentDbDouble;
  let store: EventStore;
  /** The client without the adapter: deletes what the port cannot, and serves as the control. */
  let client: KurrentDBClient;

  beforeEach(async () => {
    double = await KurrentDbDouble.start();
    store = await openEventStore(double.url());
    client = KurrentDBClient.connectionString(double.url());
  });

  afterEach(async () => {
    double.resume();
    await Promise.all([store.close(), client.dispose()]);
    await double.stop();
  });

  it('a stream that was deleted after the append: the retry says so, and reads are empty', async () => {
    const stream = freshStream();
    const batch = events(2);
    await store.append(stream, 'no_stream', batch);
    await client.deleteStream(stream);
    expect(await errorOf(store.append(stream, 'no_stream', batch))).toMatchObject({
      code: 'stream-deleted',
      stream,
    });
    expect(await idsOf(store, stream)).toEqual([]);
    expect(await collect(store.readStream(stream, { direction: 'backwards' }))).toEqual([]);
  });

  it('a tombstoned stream is deleted for appends and reads', async () => {
    const stream = freshStream();
    await store.append(stream, 'no_stream', events(2));
    await client.tombstoneStream(stream);
    const deleted = { code: 'stream-deleted', stream };
    expect(await errorOf(store.append(stream, 'no_stream', [event()]))).toMatchObject(deleted);
    expect(await errorOf(store.append(stream, 1n, []))).toMatchObject(deleted);
    expect(await errorOf(idsOf(store, stream))).toMatchObject(deleted);
    const backwards = collect(store.readStream(stream, { direction: 'backwards' }));
    expect(await errorOf(backwards)).toMatchObject(deleted);
  });

  it('G2: an append whose server dies and comes back in time succeeds, once; with any it would stand twice', async () => {
    const stream = freshStream();
    const batch = events(3);
    const first = await store.append(stream, 'no_stream', batch);
    await double.kill();
    const again = store.append(stream, 'no_stream', batch, { timeoutMs: 20_000 });
    await double.restart();
    expect(await again).toEqual(first);
    expect(await idsOf(store, stream)).toHaveLength(3);

    const same = jsonEvent({ id: batch[0]!.id, type: 'Happened', data: {} });
    await persistently(() => client.appendToStream('control-1', same, { streamState: 'any' }));
    await double.kill();
    await double.restart();
    await persistently(() => client.appendToStream('control-1', same, { streamState: 'any' }));
    expect(await idsOf(store, 'control-1')).toHaveLength(2);
  });

  it('a read whose server dies in the middle goes on after the last event handed out', async () => {
    const stream = freshStream();
    for (let n = 0; n < 20; n += 1) {
      await store.append(stream, n === 0 ? 'no_stream' : BigInt(n * 250 - 1), events(250));
    }
    const revisions: bigint[] = [];
    for await (const { revision } of store.readStream(stream, { timeoutMs: 20_000 })) {
      revisions.push(revision);
      if (revisions.length === 100) {
        await double.kill();
        await double.restart();
      }
    }
    expect(revisions).toEqual(Array.from({ length: 5_000 }, (_, n) => BigInt(n)));
  });

  it('G4: 500 reads at once leave room for appends; 130 subscriptions on one connection do not', async () => {
    const stream = freshStream();
    await store.append(stream, 'no_stream', events(5));
    let read = 0;
    // The last of them wait long for a place on a busy machine.
    const reads = Array.from({ length: 500 }, async () => {
      const all = await collect(store.readStream(stream, { timeoutMs: 60_000 }));
      expect(all.length).toBeGreaterThanOrEqual(5);
      read += 1;
    });
    await store.append(stream, 4n, [event()], { timeoutMs: 60_000 });
    expect(read).toBeLessThan(reads.length);
    await Promise.all(reads);

    await client.appendToStream('control-2', jsonEvent({ type: 'T', data: {} }));
    await client.dispose();
    const other = KurrentDBClient.connectionString(double.url());
    const held = Array.from({ length: 130 }, () => other.subscribeToAll().on('error', () => undefined));
    await Promise.all(held.slice(0, 90).map((one) => once(one, 'confirmation')));
    expect(await within(2_000, other.appendToStream('control-2', jsonEvent({ type: 'T', data: {} })))).toBe(
      'pending',
    );
    await other.dispose();
  });

  it('G4: a hung server: the adapter ends at its time, the client alone does not', async () => {
    const stream = freshStream();
    await client.appendToStream('control-3', jsonEvent({ type: 'T', data: {} }));
    await double.pause();
    const alone = client.appendToStream('control-3', jsonEvent({ type: 'T', data: {} }), { deadline: 500 });
    const ours = store.append(stream, 'no_stream', [event()], { timeoutMs: 500 });
    expect(await errorOf(ours)).toMatchObject({ code: 'unavailable', inDoubt: true });
    expect(await within(2_000, alone)).toBe('pending');
  });

  it('G4: a peer that accepts and says nothing: opening fails within its time and names the place only', async () => {
    const sockets: Socket[] = [];
    const silent = createServer((socket) => void sockets.push(socket));
    silent.listen(0, '127.0.0.1');
    await once(silent, 'listening');
    const { port } = silent.address() as AddressInfo;
    const began = performance.now();
    const error = await errorOf(openEventStore(`kurrentdb://log:hunter2@localhost:${port}`));
    expect(performance.now() - began).toBeLessThan(8_000);
    expect(error).toMatchObject({ code: 'unavailable', inDoubt: false });
    expect(error.message).toContain(`kurrentdb://localhost:${port}`);
    expect(inspect(error, { depth: 10 })).not.toContain('hunter2');
    silent.close();
    for (const socket of sockets) socket.destroy();
  });

  it('a position of another log is refused, not waited at', async () => {
    const { position } = await store.append(freshStream(), 'no_stream', events(3));
    const error = await errorOf(take(store, 1, { after: position - 1n }));
    expect(error).toBeInstanceOf(RangeError);
    expect(error.message).toContain('another one');
  });

  it('neither the system nor the name of the log shows up, and another database has another name', async () => {
    const stream = freshStream();
    await client.setStreamMetadata(stream, { maxCount: 100 });
    const one = event();
    await store.append(stream, 'no_stream', [one]);
    expect((await take(store, 1, {})).map((seen) => seen.id)).toEqual([one.id]);
    const empty = await KurrentDbDouble.start();
    const other = await openEventStore(empty.url());
    expect(await other.head()).toBe(-1n);
    expect(await other.logId()).not.toBe(await store.logId());
    await other.close();
    await empty.stop();
  });

  it('ten processes that open an empty log at once agree on its name', async () => {
    const empty = await KurrentDbDouble.start();
    const stores = await Promise.all(Array.from({ length: 10 }, () => openEventStore(empty.url())));
    const names = await Promise.all(stores.map((each) => each.logId()));
    expect(new Set(names).size).toBe(1);
    await Promise.all(stores.map((each) => each.close()));
    await empty.stop();
  });
});
