/** What truncation on JetStream rests on in the server, and what it leaves in its files. */
import { randomBytes } from 'node:crypto';
import { startNats, type LocalServer } from '@mcpstack/local-servers';
import { LogCorruptError, openEventStore, type EventStore } from '@mcpstack/event-store';
import { filesWith } from '@mcpstack/testing';
import { Deadline } from '../src/jetstream/deadline.ts';
import type { JetStreamLog } from '../src/jetstream/jetstream-log.ts';
import type { LogStream } from '../src/jetstream/log-stream.ts';
import { sequenceOf } from '../src/jetstream/message.ts';
import { collect, errorOf, event, events, freshStream, idsOf, persistently } from './contract/tools.ts';

const DENIED = { publish: { deny: ['$JS.API.STREAM.MSG.DELETE.>', '$JS.API.STREAM.PURGE.>'] } };
const USERS = [
  { user: 'all', password: 'all' },
  { user: 'reader', password: 'reader', permissions: DENIED },
];

let server: LocalServer;
let store: EventStore;

beforeAll(async () => {
  server = await startNats({ config: `authorization ${JSON.stringify({ users: USERS })}` });
  store = await open();
});
afterAll(async () => {
  await store.close();
  await server.stop();
});

const open = (streamName = 'mcpstack_log', user = 'all') =>
  openEventStore(server.url.replace('://', `://${user}:${user}@`), { streamName });
const logOf = (log: EventStore): LogStream => (log as JetStreamLog).log;
const call = (log: EventStore, verb: string, body: object) =>
  logOf(log).call(verb, body, new Deadline(5_000));

/** A log of another configuration than ours makes. */
async function logWith(name: string, config: object): Promise<EventStore> {
  const made = await open(name);
  const info = await logOf(made).info(new Deadline(5_000));
  await call(made, 'STREAM.DELETE', {});
  await call(made, 'STREAM.CREATE', { ...info.config, ...config });
  return made;
}

/** A stream of appends of one event each, with the same secret text in all of them but the last. */
async function planted(log: EventStore, count = 4) {
  const stream = freshStream();
  const secret = `planted-${randomBytes(12).toString('hex')}`;
  for (let n = 0; n < count; n += 1) {
    const one = event({ text: n < count - 1 ? secret : 'record' });
    await log.append(stream, n === 0 ? 'no_stream' : BigInt(n - 1), [one]);
  }
  return { stream, secret, last: BigInt(count - 1) };
}

describe('truncation on JetStream', () => {
  it('overwrites what it takes in the files of the server, also after a kill -9 and a restart', async () => {
    const { stream, secret, last } = await planted(store);
    expect(filesWith(server.dataDir, secret)).not.toEqual([]);
    await store.truncate(stream, last);
    expect(filesWith(server.dataDir, secret)).toEqual([]);
    await server.restart({ kill: true });
    expect(await persistently(() => idsOf(store, stream))).toHaveLength(1);
    expect(filesWith(server.dataDir, secret)).toEqual([]);
    expect(await store.append(stream, last, [event()])).toMatchObject({ revision: last + 1n });
  });

  it('control: a log that was made with deny_delete shows it to nobody any more, and keeps the bytes', async () => {
    const old = await logWith('older_log', { deny_delete: true });
    const { stream, secret, last } = await planted(old);
    await old.truncate(stream, last);
    expect((await collect(old.readStream(stream))).map((one) => one.data)).toEqual([{ text: 'record' }]);
    expect(filesWith(server.dataDir, secret)).not.toEqual([]);
    await old.close();
  });

  it('refuses what stands in the middle of an append, and takes all up to its beginning', async () => {
    const stream = freshStream();
    const all = events(5);
    await store.append(stream, 'no_stream', all.slice(0, 2));
    await store.append(stream, 1n, all.slice(2));
    for (const before of [1n, 3n, 4n]) {
      const error = await errorOf(store.truncate(stream, before));
      expect(error).toMatchObject({ code: 'truncation-refused', before });
      expect(error.message).toContain('in the middle of an append');
    }
    expect(await idsOf(store, stream)).toHaveLength(5);
    await store.truncate(stream, 2n);
    expect(await idsOf(store, stream)).toEqual(all.slice(2).map((one) => one.id));
  });

  it('goes on where an earlier try was cut off: whatever it took was the oldest', async () => {
    const { stream, secret, last } = await planted(store, 6);
    const [first, second] = await collect(store.readStream(stream));
    for (const one of [first, second])
      await call(store, 'STREAM.MSG.DELETE', { seq: sequenceOf(one!.position) });
    expect((await collect(store.readStream(stream))).map((one) => one.revision)).toEqual([2n, 3n, 4n, 5n]);
    await store.truncate(stream, last);
    expect((await collect(store.readStream(stream))).map((one) => one.revision)).toEqual([last]);
    expect(filesWith(server.dataDir, secret)).toEqual([]);
  });

  it('is told apart from a message that somebody took out of the middle: that is a corrupt log', async () => {
    const { stream } = await planted(store, 4);
    const third = (await collect(store.readStream(stream)))[2]!;
    await call(store, 'STREAM.MSG.DELETE', { seq: sequenceOf(third.position) });
    for (const read of [
      () => idsOf(store, stream),
      () => collect(store.readStream(stream, { direction: 'backwards' })),
      () => collect(store.readStream(stream, { from: 2n })),
      () => store.truncate(stream, 2n),
    ])
      expect(await errorOf(read() as Promise<unknown>)).toBeInstanceOf(LogCorruptError);
  });

  it('says what the server does not allow: a stream with deny_purge, credentials that may only read', async () => {
    const kept = await logWith('kept_log', { deny_purge: true });
    const one = await planted(kept);
    const refused = await errorOf(kept.truncate(one.stream, one.last));
    expect(refused).toMatchObject({ code: 'truncation-refused' });
    expect(refused.message).toContain('deny_purge');
    expect(await idsOf(kept, one.stream)).toHaveLength(4);
    await kept.close();

    const reader = await open('mcpstack_log', 'reader');
    const { stream, last } = await planted(store);
    const denied = await errorOf(reader.truncate(stream, last));
    expect(denied).toMatchObject({ code: 'access-denied' });
    expect(denied.message).toContain('$JS.API.STREAM.MSG.DELETE.mcpstack_log');
    expect(await idsOf(reader, stream)).toHaveLength(4);
    await reader.close();
  });
});
