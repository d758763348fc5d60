/**
 * G9: what somebody else publishes to the log's subjects is no event, and hides none. Here it is written as an adapter
 * would write it, but for what each case says.
 */
import { headers } from '@nats-io/transport-node';
import { startNats, type LocalServer } from '@mcpstack/local-servers';
import { openEventStore, type EventStore, type LogCorruptError } from '@mcpstack/event-store';
import { Deadline } from '../src/jetstream/deadline.ts';
import type { JetStreamLog } from '../src/jetstream/jetstream-log.ts';
import { encodeHead, nextHead, type AppendHead } from '../src/jetstream/message.ts';
import { Reader } from '../src/jetstream/reader.ts';
import { collect, errorOf, event, freshCategory, freshStream, idsOf } from './contract/tools.ts';

let server: LocalServer;
let store: EventStore;
beforeEach(async () => {
  server = await startNats();
  store = await openEventStore(server.url);
});
afterEach(async () => {
  await store.close();
  await server.stop();
});

const logOf = () => (store as JetStreamLog).log;

async function oneByOne(count: number, stream = freshStream()): Promise<string> {
  for (let n = 0; n < count; n += 1)
    await store.append(stream, n === 0 ? 'no_stream' : BigInt(n - 1), [event({ n })]);
  return stream;
}

/** The heads of a stream's appends, as they stand. */
async function headsOf(stream: string): Promise<AppendHead[]> {
  const reader = new Reader(logOf(), new Deadline(5_000));
  return reader.collect((await reader.last(stream))!, 0);
}

async function publish(
  stream: string,
  head: Omit<AppendHead, 'sequence'>,
  body: string = JSON.stringify([event({ n: 'forged' })]),
): Promise<void> {
  await publishTo(logOf().subjectOf(stream), encodeHead(head), body);
}

async function publishTo(subject: string, head = headers(), body = '[]'): Promise<void> {
  const answer = await logOf().connection.nats.request(subject, body, { headers: head, timeout: 5_000 });
  expect(answer.json()).toMatchObject({ seq: expect.any(Number) as number });
}

/** Everything that stands in the log, as a reader of the whole of it sees it, and what that is told. */
async function followed(options: { categories?: string[]; until?: bigint } = {}) {
  const stop = new AbortController();
  const told: LogCorruptError[] = [];
  const seen: unknown[] = [];
  const { until = await store.head(), categories } = options;
  const onCorrupt = (error: LogCorruptError) => {
    told.push(error);
    // Nothing more comes up to there.
    if (error.position! >= until) stop.abort();
  };
  const what = { signal: stop.signal, onCorrupt, ...(categories && { categories }) };
  for await (const { data, position } of store.subscribe(what)) {
    seen.push(data['n']);
    if (position >= until) stop.abort();
  }
  return { seen, told: told.map(({ message }) => message) };
}

/** @returns what a read of the stream says, in every way that there is. */
async function readsOf(stream: string): Promise<unknown[]> {
  const end = (await headsOfTip(stream)).revision;
  return Promise.all(
    [
      () => collect(store.readStream(stream)),
      () => collect(store.readStream(stream, { from: 1n })),
      () => collect(store.readStream(stream, { direction: 'backwards' })),
      () => collect(store.readStream(stream, { from: BigInt(end - 1) })),
    ].map((read) => errorOf(read()).then(({ code }) => code)),
  );
}
async function headsOfTip(stream: string): Promise<AppendHead> {
  return (await new Reader(logOf(), new Deadline(5_000)).last(stream))!;
}

const CORRUPT = ['log-corrupt', 'log-corrupt', 'log-corrupt', 'log-corrupt'];

describe.each([
  ['a short stream', 5],
  ['a stream that is read through a consumer', 80],
])('in %s', (_, count) => {
  it('an append that points past the one before it hides nothing: reads refuse it, and a reader of all is told', async () => {
    const stream = await oneByOne(count);
    const heads = await headsOf(stream);
    // As an append after the last but one would be, at the revision after the last.
    await publish(stream, { ...nextHead(heads.at(-2), 1), revision: count });
    expect(await readsOf(stream)).toEqual(CORRUPT);
    const { seen, told } = await followed();
    // It follows in the order of the log, and in that of its revisions: nothing else tells.
    expect(seen).toHaveLength(count + 1);
    expect(told).toEqual([expect.stringContaining(`does not go on from the append before it in ${stream}`)]);
  });

  it('nor does one that takes the place of the last', async () => {
    const stream = await oneByOne(count);
    await publish(stream, nextHead((await headsOf(stream)).at(-2), 1));
    expect((await followed()).told).toHaveLength(1);
  });

  it('a pointer to an append of another stream is refused', async () => {
    const [stream, other] = [await oneByOne(count), await oneByOne(count)];
    const [own, foreign] = [await headsOf(stream), await headsOf(other)];
    const head = nextHead(own.at(-1), 1);
    const skips = head.skips.map((skip) => ({ ...skip, sequence: foreign[skip.ordinal]!.sequence }));
    await publish(stream, { ...head, skips });
    expect(await readsOf(stream)).toEqual(CORRUPT);
    expect((await followed()).told).toHaveLength(1);
  });

  it('pointers that lead nowhere pass for a truncation nowhere but at the beginning of what stands', async () => {
    const stream = await oneByOne(count);
    const gone = await oneByOne(count);
    const [own, lost] = [await headsOf(stream), await headsOf(gone)];
    for (const { sequence } of lost)
      await logOf().call('STREAM.MSG.DELETE', { seq: sequence }, new Deadline(5_000));
    const head = nextHead(own.at(-1), 1);
    const skips = head.skips.map((skip) => ({ ...skip, sequence: lost[skip.ordinal]!.sequence }));
    await publish(stream, { ...head, skips });
    expect(await readsOf(stream)).toEqual(CORRUPT);
    expect((await followed()).told).toHaveLength(1);
  });

  it('control: an untouched one is read, and nobody is told anything, also after a truncation', async () => {
    const stream = await oneByOne(count);
    expect(await idsOf(store, stream)).toHaveLength(count);
    await store.truncate(stream, 2n);
    await store.append(stream, BigInt(count - 1), [event()]);
    expect(await idsOf(store, stream)).toHaveLength(count - 1);
    expect((await followed()).told).toEqual([]);
  });
});

const good: Omit<AppendHead, 'sequence'> = { ordinal: 0, revision: 0, count: 1, skips: [] };
const forgeries: [string, (category: string) => Promise<void>][] = [
  ['half a body', (category) => publish(freshStream(category), good, '[{"id":')],
  ['no list', (category) => publish(freshStream(category), good, '{}')],
  ['null for an event', (category) => publish(freshStream(category), good, '[null]')],
  [
    'an event without metadata',
    (category) => publish(freshStream(category), good, JSON.stringify([{ ...event(), metadata: undefined }])),
  ],
  ['fewer events than its head says', (category) => publish(freshStream(category), good, '[]')],
  ['a head that says nothing', (category) => publishTo(`mcpstack.log.${category}.x`)],
];

describe.each(forgeries)('a message with %s', (_, forge) => {
  it.each(['in the middle', 'at the end'])(
    '%s ends who reads on, and is told to who looks for it',
    async (where) => {
      const category = freshCategory();
      const before = await oneByOne(2, freshStream(category));
      const other = await oneByOne(1);
      await forge(category);
      if (where === 'in the middle') await oneByOne(1, freshStream(category));
      const until = await store.head().catch((error: LogCorruptError) => error.position!);
      const strict = store.subscribe({ signal: new AbortController().signal });
      expect(await errorOf(collect(strict))).toMatchObject({
        code: 'log-corrupt',
        message: expect.stringMatching(
          /^Message \d+ of the event log was not written by this software/,
        ) as string,
      });
      for (const categories of [undefined, [category]]) {
        const { seen, told } = await followed({ until, ...(categories && { categories }) });
        expect(told).toHaveLength(1);
        expect(seen).toHaveLength((categories ? 2 : 3) + (where === 'in the middle' ? 1 : 0));
      }
      // What it does not concern goes on.
      expect(await idsOf(store, before)).toHaveLength(2);
      const elsewhere = other.split('-', 1);
      expect(await store.head({ categories: elsewhere })).toBeLessThan(until);
      expect(
        (await followed({ categories: elsewhere, until: await store.head({ categories: elsewhere }) })).told,
      ).toEqual([]);
    },
  );
});

it('a subject that spells another stream, or none, is that of no stream', async () => {
  const stream = await oneByOne(1, 'key-a-b');
  const body = JSON.stringify([event()]);
  for (const subject of ['mcpstack.log.key-a.b', 'mcpstack.log.k\u00e9y.b', 'mcpstack.log.key.b!'])
    await publishTo(subject, encodeHead(good), body);
  const until = (await store.head().catch((error: LogCorruptError) => error.position))!;
  const { seen, told } = await followed({ until });
  expect([seen, told.length]).toEqual([[0], 3]);
  expect(await idsOf(store, stream)).toHaveLength(1);
});
