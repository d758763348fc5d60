/** read/*, delete/*, tombstone/*, meta/*, all/*, created/*: in the recording, one database in this order. */
import { binaryEvent, jsonEvent, type Filter, type ResolvedEvent } from './client.ts';
import { all, event, scenario, several, type Act, type DefineCase, type Scenario } from './scenario.ts';

type ReadOptions = Parameters<Scenario['client']['readStream']>[1];

const read =
  (stream: string, options: ReadOptions = {}): Act =>
  async ({ client }) =>
    (await all(client.readStream(stream, options))).map((one) => `${one.event?.revision}`);

const append =
  (stream: string, streamState: 'any' | 'no_stream' | 'stream_exists' | bigint, unary = false): Act =>
  ({ client }) =>
    client.appendToStream(stream, event(), {
      streamState,
      ...(unary ? { credentials: { username: 'admin', password: 'any' } } : {}),
    });

/** The recorded run had several events in between, so positions are compared within these cases only. */
export function streamScenarios(): void {
  scenario('reads, deletes, metadata, $all', { ordered: true }, (it) => {
    reads(it);
    deletes(it);
    tombstones(it);
    metadata(it);
    wholeLog(it);
    it(
      'created/precision',
      async ({ client }) => {
        await client.appendToStream('created', event());
        const [first] = await all(client.readStream('created'));
        const [last] = await all(
          client.readAll({ direction: 'backwards', fromPosition: 'end', maxCount: 1 }),
        );
        return {
          readStream: seen(first),
          readAll: seen(last),
          subscribeToAll: seen(await firstOf(client.subscribeToAll(), 'created')),
          subscribeToStream: seen(await firstOf(client.subscribeToStream('created'), 'created')),
        };
      },
      wholeSeconds,
    );
  });
}

function reads(it: DefineCase): void {
  it('read/missing', read('missing'));
  it('read/all', async (world) => {
    await world.client.appendToStream('s', several(5), { streamState: 'no_stream' });
    return read('s')(world);
  });
  it('read/from-2-max-2', read('s', { fromRevision: 2n, maxCount: 2 }));
  it('read/back-from-end', read('s', { direction: 'backwards', fromRevision: 'end', maxCount: 2 }));
  it('read/back-from-1', read('s', { direction: 'backwards', fromRevision: 1n }));
  it('read/from-past-end', read('s', { fromRevision: 99n }));
  it('read/from-end-forwards', read('s', { fromRevision: 'end' }));
  it('read/max-0', read('s', { maxCount: 0 }));
  it('read/negative-from', read('s', { fromRevision: -1n }));
  it('read/event-shape-json', async ({ client }) => (await all(client.readStream('s', { maxCount: 1 })))[0]);
  it('read/event-shape-variants', async ({ client }) => {
    await client.appendToStream('meta', [
      jsonEvent({ type: 'J', data: { a: 1 }, metadata: { m: 1, $correlationId: 'cc' } }),
      binaryEvent({ type: 'B', data: Uint8Array.of(1, 2, 3), metadata: Uint8Array.of(4, 5) }),
      jsonEvent({ type: 'NoMeta', data: {} }),
      jsonEvent({ type: 'ArrStr', data: 'str' as never }),
    ]);
    return (await all(client.readStream('meta'))).map(({ event: one }) => ({
      type: one?.type,
      isJson: one?.isJson,
      contentType: undefined,
      data: one?.data,
      metadata: one?.metadata,
      dataClass: (one?.data as object).constructor.name,
    }));
  });
}

function deletes(it: DefineCase): void {
  const remove =
    (stream: string, expectedRevision?: 'any' | 'no_stream' | bigint): Act =>
    ({ client }) =>
      client.deleteStream(stream, expectedRevision === undefined ? {} : { expectedRevision });
  it('delete/wrong-revision', async (world) => {
    await world.client.appendToStream('d', several(3), { streamState: 'no_stream' });
    return remove('d', 9n)(world);
  });
  it('delete/right-revision', remove('d', 2n));
  it('delete/then-read', read('d'));
  it('delete/twice', remove('d', 'any'));
  it('delete/metadata-after', ({ client }) => client.getStreamMetadata('d'));
  it('delete/append-stream_exists', append('d', 'stream_exists'));
  it('delete/append-bigint-wrong', append('d', 1n));
  it('delete/append-no_stream', append('d', 'no_stream'));
  it('delete/read-recreated', read('d'));
  it('delete/append-bigint-old-last', async (world) => {
    await world.client.appendToStream('d2', several(3), { streamState: 'no_stream' });
    await world.client.deleteStream('d2');
    return append('d2', 2n)(world);
  });
  it('delete/missing-stream-any', remove('never'));
  it('delete/missing-stream-then-append-no_stream', append('never', 'no_stream'));
  it('delete/missing-no_stream', remove('never2', 'no_stream'));
}

function tombstones(it: DefineCase): void {
  it('tombstone/wrong-revision', async ({ client }) => {
    await client.appendToStream('t', several(3), { streamState: 'no_stream' });
    return client.tombstoneStream('t', { expectedRevision: 9n });
  });
  it('tombstone/ok', ({ client }) => client.tombstoneStream('t'));
  it('tombstone/read', read('t'));
  it('tombstone/append-any', append('t', 'any'));
  it('tombstone/append-no_stream', append('t', 'no_stream'));
  it('tombstone/append-stream_exists', append('t', 'stream_exists'));
  it('tombstone/append-2', append('t', 2n));
  it('tombstone/append-unary-any', append('t', 'any', true));
  it('tombstone/twice', ({ client }) => client.tombstoneStream('t'));
  it('tombstone/delete', ({ client }) => client.deleteStream('t'));
  it('tombstone/metadata', ({ client }) => client.getStreamMetadata('t'));
  it('tombstone/set-metadata', ({ client }) => client.setStreamMetadata('t', { maxCount: 1 }));
}

function metadata(it: DefineCase): void {
  it('meta/get-missing', ({ client }) => client.getStreamMetadata('missing'));
  it('meta/get-none', ({ client }) => client.getStreamMetadata('s'));
  it('meta/set', ({ client }) => client.setStreamMetadata('s', { maxCount: 2, custom: 'x' }));
  it('meta/get', ({ client }) => client.getStreamMetadata('s'));
  it('meta/maxCount-read', read('s'));
  it('meta/maxCount-read-from-0', read('s', { fromRevision: 0n, maxCount: 1 }));
  it('meta/maxCount-backwards', read('s', { direction: 'backwards', fromRevision: 'end' }));
  it('meta/set-replaces', ({ client }) => client.setStreamMetadata('s', { truncateBefore: 4 }));
  it('meta/get-after-replace', ({ client }) => client.getStreamMetadata('s'));
  it('meta/tb-read', read('s'));
  it('meta/tb-lowered', async (world) => {
    await world.client.setStreamMetadata('s', { truncateBefore: 1 });
    return read('s')(world);
  });
  it('meta/set-expected-wrong', ({ client }) =>
    // The client takes it under a name that its types do not know.
    client.setStreamMetadata('s', { maxCount: 3 }, { streamState: 77n } as never));
  it('meta/raw-stream', async ({ client }) =>
    (await all(client.readStream('$$s'))).map(({ event: one }) => ({
      rev: one?.revision,
      type: one?.type,
      data: one?.data,
      isJson: one?.isJson,
    })));
  it('meta/maxAge-before', async (world) => {
    await world.client.appendToStream('age', several(3), { streamState: 'no_stream' });
    await world.client.setStreamMetadata('age', { maxAge: 3 });
    return read('age')(world);
  });
  it('meta/maxAge-after', async (world) => {
    // Age is what this case is about: only time brings it.
    await new Promise((resolve) => setTimeout(resolve, 3_600));
    return read('age')(world);
  });
  it('meta/maxAge-append-no_stream', append('age', 'no_stream'));
  it('meta/maxAge-append-2n', append('age', 2n));
  it('meta/on-missing-then-read', async (world) => {
    await world.client.setStreamMetadata('onlymeta', { maxCount: 5 });
    return read('onlymeta')(world);
  });
  it('meta/on-missing-then-stream_exists', append('onlymeta', 'stream_exists'));
}

function wholeLog(it: DefineCase): void {
  const positionOf = async ({ client }: Scenario) =>
    (await all(client.readStream('pos', { fromRevision: 1n, maxCount: 1 })))[0]!.event!.position!;
  const named = (events: { event?: { streamId: string; revision: bigint } | undefined }[]) =>
    events.map(({ event: one }) => `${one?.streamId}@${one?.revision}`);
  it('all/deleted-still-there', async ({ client }) => {
    const streams: Record<string, string[]> = { s: [], d: [], $$d: [], t: [], $$s: [], age: [] };
    for (const { event: one } of await all(client.readAll())) {
      const system = one!.type.startsWith('$') ? `:${one!.type}` : '';
      streams[one!.streamId]?.push(`${one!.revision}${system}`);
    }
    return streams;
  });
  it('all/positions-of-batch', async ({ client }) => {
    const appendResult = await client.appendToStream('pos', several(3), { streamState: 'no_stream' });
    const events = (await all(client.readStream('pos'))).map((one) => ({
      rev: one.event?.revision,
      position: one.event?.position,
      commitPosition: one.commitPosition,
    }));
    return { appendResult, events };
  });
  it('all/from-position', async (world) =>
    named(await all(world.client.readAll({ fromPosition: await positionOf(world), maxCount: 2 }))));
  it('all/from-position-backwards', async (world) => {
    const fromPosition = await positionOf(world);
    return named(await all(world.client.readAll({ fromPosition, direction: 'backwards', maxCount: 2 })));
  });
  it('all/from-not-a-record-position', async (world) => {
    const { commit } = await positionOf(world);
    return all(world.client.readAll({ fromPosition: { commit: commit + 1n, prepare: commit + 1n } }));
  });
  it('all/from-beyond-end', async ({ client }) => {
    const far = 10n ** 15n;
    return (await all(client.readAll({ fromPosition: { commit: far, prepare: far } }))).length;
  });
  it('all/prepare>commit', async (world) => {
    const { commit } = await positionOf(world);
    return all(world.client.readAll({ fromPosition: { commit, prepare: commit + 100n } }));
  });
  it('all/end-backwards-1', async ({ client }) =>
    named(await all(client.readAll({ direction: 'backwards', fromPosition: 'end', maxCount: 1 }))));
  it('all/first-events', async ({ client }) =>
    (await all(client.readAll({ maxCount: 4 }))).map((one) => ({
      s: one.event?.streamId,
      t: one.event?.type,
      pos: one.event?.position,
      cp: one.commitPosition,
    })));
  const filtered =
    (filter: Omit<Filter, 'checkpointInterval'>): Act =>
    async ({ client }) => {
      const events = await all(client.readAll({ filter: { checkpointInterval: 1, ...filter } as Filter }));
      const streams = [...new Set(events.map((one) => one.event!.streamId))];
      return { n: events.length, streams: streams.slice(0, 8) };
    };
  it('all/filter-stream-prefix', filtered({ filterOn: 'streamName', prefixes: ['d', 'po'] } as Filter));
  it('all/filter-type-prefix', filtered({ filterOn: 'eventType', prefixes: ['B'] } as Filter));
  it('all/filter-stream-regex', filtered({ filterOn: 'streamName', regex: '^(s|pos)$' } as Filter));
  it('all/filter-exclude-system', filtered({ filterOn: 'eventType', regex: '^[^$].*' } as Filter));
  it('all/filter-with-maxCount-sparse', async ({ client }) => {
    const filter = { filterOn: 'streamName', checkpointInterval: 1, prefixes: ['pos'] } as Filter;
    return named(await all(client.readAll({ filter, maxCount: 2 })));
  });
}

function seen(one: ResolvedEvent | undefined): unknown {
  const created = one?.event?.created;
  return { type: `${typeof created} ${created?.constructor.name}`, value: created?.toISOString() };
}

/** Of each date only whether it holds milliseconds: a date that happens to be whole is a one in 1,000. */
function wholeSeconds(outcome: unknown): unknown {
  const { response } = outcome as { response: Record<string, { type: string; value: string }> };
  return Object.entries(response).map(([call, { type, value }]) => [call, type, value.endsWith('.000Z')]);
}

async function firstOf(source: AsyncIterable<ResolvedEvent>, stream: string): Promise<ResolvedEvent> {
  (source as unknown as NodeJS.EventEmitter).on('error', () => undefined);
  for await (const one of source) if (one.event?.streamId === stream) return one;
  throw new Error('it ended');
}
