/**
 * A log moved from JetStream to KurrentDB (the wire double stands for the server) and back: every event with its
 * revision, position and bytes, what was erased gone, and nothing taken for the whole before it is.
 */
import {
  openEventStore,
  openRestorableLog,
  type EventStore,
  type RecordedEvent,
} from '@mcpstack/event-store';
import { startNats, type LocalServer } from '@mcpstack/local-servers';
import { textOf } from '../src/source.ts';
// eslint-disable-next-line no-restricted-imports -- a peer for tests, which no room shows
import { KurrentDbDouble } from '../../../libs/event-store/test/kurrentdb-double/start-double.ts';
import { allOf, append, erase, event, eventsOf, fillLog, ofStream, run } from './world.ts';

let nats: LocalServer;
let back: LocalServer;
let double: KurrentDbDouble;
let source: EventStore;
let before: RecordedEvent[];
beforeAll(async () => {
  [nats, back, double] = await Promise.all([startNats(), startNats(), KurrentDbDouble.start()]);
  source = await openEventStore(nats.url);
  await fillLog(source);
  before = await eventsOf(source);
}, 120_000);
afterAll(async () => {
  await source?.close();
  await Promise.all([nats?.stop(), back?.stop(), double?.stop()]);
});

const there = () => ({ EVENT_STORE_URL: nats.url, TARGET_EVENT_STORE_URL: double.url() });
const andBack = () => ({ EVENT_STORE_URL: double.url(), TARGET_EVENT_STORE_URL: back.url });
const texts = (events: readonly RecordedEvent[]) => events.map(textOf);

describe('from JetStream to KurrentDB', () => {
  it('no log is copied to itself, none without a target', async () => {
    const self = await run(['copy'], { EVENT_STORE_URL: nats.url, TARGET_EVENT_STORE_URL: nats.url });
    expect(self).toMatchObject({ exitCode: 2, err: expect.stringContaining('the same log') as string });
    const none = await run(['copy'], { EVENT_STORE_URL: nats.url });
    expect(none).toMatchObject({
      exitCode: 2,
      err: expect.stringContaining('TARGET_EVENT_STORE_URL') as string,
    });
    expect((await run(['move'], there())).exitCode).toBe(2);
    expect((await run(['copy', '--to', 'x'], there())).exitCode).toBe(2);
  });

  it('copies what stands, goes on with what came since, and is no log for services until it is finished', async () => {
    expect(await run(['copy', '--quiet'], there())).toMatchObject({ exitCode: 0, err: '' });
    await expect(openEventStore(double.url())).rejects.toThrow('is being restored');
    // Erased after it was copied: the record comes, and what it names goes.
    await append(source, 'user-user_here', event({ name: 'Late' }));
    await erase(source, 'user-user_here');
    before = await eventsOf(source);
    const more = await run(['copy', '--finish', '--json'], there());
    expect(more).toMatchObject({ exitCode: 0 });
    expect(JSON.parse(more.out)).toEqual({ events: 2 - 1, position: String(before.at(-1)!.position) });
    const target = await openEventStore(double.url());
    expect(texts(await ofStream(target, 'user-user_here'))).toEqual(
      texts(await ofStream(source, 'user-user_here')),
    );
    await target.close();
  });

  it('every event has its revision, position and bytes; compare says so', async () => {
    await double.scavenge();
    expect(texts(await allOf(double.url()))).toEqual(texts(before));
    expect(JSON.stringify(await allOf(double.url()), (_, v: unknown) => String(v))).not.toContain('Planted');
    const compared = await run(['compare'], there());
    expect(compared).toMatchObject({ exitCode: 0 });
    expect(compared.out).toContain(`${before.length} events are the same, 0 are not`);
    const target = await openEventStore(double.url());
    for (const stream of new Set(before.map((one) => one.stream)))
      expect(texts(await ofStream(target, stream))).toEqual(texts(await ofStream(source, stream)));
    await target.close();
  });

  it('it is the same log in another database, and nothing more is brought into it', async () => {
    const target = await openEventStore(double.url());
    expect(await target.originId()).toBe(await source.logId());
    expect(await target.logId()).not.toBe(await source.logId());
    expect(await target.head()).toBe(await source.head());
    await target.close();
    const again = await run(['copy'], there());
    expect(again).toMatchObject({ exitCode: 1, err: expect.stringContaining('complete') as string });
  });

  it('whoever kept a position goes on from there; one of what was lost is refused', async () => {
    const target = await openEventStore(double.url());
    for (const [at, { position }] of before.entries())
      expect(texts(await eventsOf(target, position))).toEqual(texts(before.slice(at + 1)));
    const lost = target.subscribe({
      after: before.at(-1)!.position + 1n,
      signal: new AbortController().signal,
    });
    await expect(lost[Symbol.asyncIterator]().next()).rejects.toThrow('is no place in this log');
    await target.close();
  });

  it('it goes on: appended, conflicted, retried and erased as ever', async () => {
    const target = await openEventStore(double.url());
    await append(target, 'key-key_0', event({ after: 'the move' }));
    await append(target, 'user-user_here', event({ name: 'Once more' }));
    await erase(target, 'user-user_here');
    await expect(target.append('key-key_0', 0n, [event()])).rejects.toMatchObject({ code: 'conflict' });
    const [first] = before;
    const retried = await target.append(first!.stream, 'no_stream', [first!]);
    expect(retried).toEqual({ revision: 0n, position: first!.position });
    const all = await eventsOf(target);
    const added = all.slice(-2);
    expect(added.every(({ position }) => position > before.at(-1)!.position + 2n ** 40n)).toBe(true);
    expect(texts(await eventsOf(target, added[0]!.position))).toEqual([textOf(added[1]!)]);
    expect(await target.head()).toBe(added[1]!.position);
    await target.close();
    const compared = await run(['compare'], there());
    expect(compared.exitCode).toBe(1);
    expect(compared.out).toContain('Only the target holds key-key_0@2');
    expect((await run(['compare', '--longer'], there())).exitCode).toBe(0);
  });
});

describe('from KurrentDB to JetStream', () => {
  it('with what was appended since, before the beginning that was erased is scavenged', async () => {
    expect(await run(['copy', '--finish'], andBack())).toMatchObject({ exitCode: 0 });
    const moved = await allOf(back.url);
    const files = JSON.stringify(moved, (_, value: unknown) => String(value));
    expect(files).not.toContain('Once more');
    expect((await run(['compare'], andBack())).exitCode).toBe(0);
    const target = await openEventStore(back.url);
    expect(await target.originId()).toBe(await source.logId());
    await append(target, 'key-key_0', event({ after: 'the second move' }));
    for (const [at, { position }] of moved.entries())
      expect(await eventsOf(target, position)).toHaveLength(moved.length - at);
    for (const stream of new Set(moved.map((one) => one.stream))) await ofStream(target, stream);
    expect(await target.head()).toBeGreaterThan(moved.at(-1)!.position + 2n ** 40n);
    const [first] = moved;
    expect(await target.append(first!.stream, 'no_stream', [first!])).toEqual({
      revision: 0n,
      position: first!.position,
    });
    const lost = target.subscribe({
      after: moved.at(-1)!.position + 1n,
      signal: new AbortController().signal,
    });
    await expect(lost[Symbol.asyncIterator]().next()).rejects.toThrow('is no place in this log');
    await target.close();
  });
});

describe('a target', () => {
  it('that holds events of its own is refused, and so is one that another copy has changed', async () => {
    const other = await startNats();
    try {
      const env = { EVENT_STORE_URL: nats.url, TARGET_EVENT_STORE_URL: other.url };
      const theirs = await openEventStore(other.url, { streamName: 'other_log' });
      await theirs.close();
      expect((await run(['copy'], env)).exitCode).toBe(0);
      // Negative control of the comparison: an event that is not the source's stands among those that were brought.
      const target = await openRestorableLog(other.url);
      const foreign = { ...event(), stream: 'key-foreign', revision: 0n, position: 2n ** 40n };
      await target.bring(foreign);
      await target.close();
      expect(await run(['copy', '--finish'], env)).toMatchObject({
        exitCode: 1,
        err: expect.stringContaining('key-foreign@0') as string,
      });
    } finally {
      await other.stop();
    }
    const full = await startNats();
    try {
      const store = await openEventStore(full.url);
      await append(store, 'key-1', event());
      await store.close();
      const env = { EVENT_STORE_URL: nats.url, TARGET_EVENT_STORE_URL: full.url };
      expect(await run(['copy'], env)).toMatchObject({
        exitCode: 2,
        err: expect.stringContaining('not empty') as string,
      });
    } finally {
      await full.stop();
    }
  });

  it('that may not be written to is told, without the password', async () => {
    const user =
      '{ user: reader, password: "planted-secret", permissions: { publish: ["$JS.API.STREAM.INFO.>"], subscribe: [">"] } }';
    const closed = await startNats({ config: `authorization { users = [ ${user} ] }` });
    try {
      const url = closed.url.replace('//', '//reader:planted-secret@');
      const refused = await run(['copy'], { EVENT_STORE_URL: nats.url, TARGET_EVENT_STORE_URL: url });
      expect(refused.exitCode).toBe(3);
      expect(refused.err + refused.out).not.toContain('planted-secret');
    } finally {
      await closed.stop();
    }
  });
});

it('a log that grows while it is copied is followed, until it is asked to end', async () => {
  const other = await startNats();
  const env = { EVENT_STORE_URL: nats.url, TARGET_EVENT_STORE_URL: other.url };
  const stop = new AbortController();
  try {
    const following = run(['copy', '--follow'], env, stop.signal);
    await append(source, 'key-growing', ...Array.from({ length: 20 }, (_, n) => event({ n })));
    const head = await source.head();
    const target = await openRestorableLog(other.url);
    while ((await target.logId().then(() => target.head())) < head)
      await new Promise((resolve) => setTimeout(resolve, 20));
    await target.close();
    stop.abort();
    expect((await following).exitCode).toBe(0);
    expect((await run(['copy', '--finish'], env)).exitCode).toBe(0);
    expect((await run(['compare'], env)).exitCode).toBe(0);
  } finally {
    stop.abort();
    await other.stop();
  }
}, 120_000);
