/** Read models of a log that profiles were erased from: the same as before, and nothing of those people in Redis. */
import { randomBytes } from 'node:crypto';
import { newId } from '@mcpstack/contracts';
import { streamName } from '@mcpstack/domain';
import type { RecordedEvent } from '@mcpstack/event-store';
import { askRedis, startRedis, waitFor, type LocalServer } from '@mcpstack/local-servers';
import { filesWith } from '@mcpstack/testing';
import { createClient } from '@redis/client';
import { applyEvents, ReadModelWriter, type Generation, type WriteSession } from '../src/index.ts';
import { dumpOf, expectedDump } from './expected-dump.ts';
import { MemoryLog } from './log.ts';
import { randomOf } from './random.ts';

let redis: LocalServer;
let client: ReturnType<typeof createClient>;
let session: WriteSession;

beforeAll(async () => {
  redis = await startRedis();
  client = createClient({ url: redis.url });
  await client.connect();
  session = await new ReadModelWriter({ url: redis.url }).begin();
});
afterAll(async () => {
  session.end();
  client.destroy();
  await redis.stop();
});

/** What stands of a log once each erasure was followed by its truncation. */
function truncated(events: readonly RecordedEvent[]): RecordedEvent[] {
  const first = new Map<string, bigint>();
  for (const { stream, type, revision } of events)
    if (type === 'UserProfileErased') first.set(stream, revision);
  return events.filter(({ stream, revision }) => revision >= (first.get(stream) ?? 0n));
}

/** Applies events that come from a log of which these stand. */
async function build(events: readonly RecordedEvent[], standing = events, batch = 50): Promise<Generation> {
  const generation = await session.build('log-1');
  const readStream = async function* (stream: string, from: bigint): AsyncIterable<RecordedEvent> {
    yield* await Promise.resolve(
      standing.filter((event) => event.stream === stream && event.revision >= from),
    );
  };
  for (let at = 0; at < events.length; at += batch)
    await applyEvents(session, generation, events.slice(at, at + batch), readStream);
  return generation;
}

describe('G5: read models of an erased log', () => {
  it('rebuilt from it they equal the live ones, and an independent fold of either log', async () => {
    const log = new MemoryLog();
    log.grow(1_200, randomOf(7));
    const userId = newId('user');
    log.append(streamName('user', userId), 'UserProfileChanged', { userId, name: 'Ada' });
    const left = truncated(log.events);
    expect(log.events.length - left.length).toBeGreaterThan(8);
    const live = await dumpOf(client, await build(log.events));
    expect(await dumpOf(client, await build(left))).toEqual(live);
    // The log was erased while a projection was behind: what it was still to get, and to fill gaps with, is gone.
    expect(await dumpOf(client, await build(log.events, left, 7))).toEqual(live);
    expect(expectedDump(log.events)).toEqual(live);
    expect(expectedDump(left)).toEqual(live);
    // Control: what is not erased cannot be left out.
    const lost = log.events.filter(({ type }) => type !== 'UserProfileChanged');
    expect(await dumpOf(client, await build(lost))).not.toEqual(live);
  });

  it('nothing of an erased profile is left in Redis, nor in its snapshot and its file of commands once they are written anew', async () => {
    const log = new MemoryLog();
    const [secret, poison] = [randomBytes(12).toString('hex'), randomBytes(12).toString('hex')];
    const [erased, parked] = [newId('user'), newId('user')];
    const stream = streamName('user', erased);
    log.append(stream, 'UserProfileChanged', {
      userId: erased,
      name: secret,
      email: `${secret}@example.com`,
    });
    log.append(streamName('user', parked), 'UserProfileChanged', { userId: parked, name: poison });
    const generation = await build(log.events);
    const holding = async (text: string) => {
      const dump = JSON.stringify(await dumpOf(client, generation));
      return { redis: dump.includes(text), files: filesWith(redis.dataDir, text).length > 0 };
    };
    await waitFor(async () => (await holding(secret)).files, { what: 'the planted name on the disk' });
    expect([await holding(secret), await holding(poison)]).toEqual([
      { redis: true, files: true },
      { redis: true, files: true },
    ]);

    const before = log.events.length;
    log.append(stream, 'UserProfileErased', { userId: erased, erased: [] }, { schemaVersion: 2 });
    // An event that nobody can read: the stream is set aside, and so would be its erasure.
    log.append(streamName('user', parked), 'UserProfileTeleported', {});
    await applyEvents(session, generation, log.events.slice(before), log.readStream);
    // Control: the file of commands still has it.
    expect(await holding(secret)).toEqual({ redis: false, files: true });
    await askRedis(redis.port, 'SAVE');
    await askRedis(redis.port, 'BGREWRITEAOF');
    await waitFor(async () => !(await holding(secret)).files, {
      what: 'the file of commands to be written anew',
    });
    expect(await holding(poison)).toEqual({ redis: false, files: false });
  });
});
