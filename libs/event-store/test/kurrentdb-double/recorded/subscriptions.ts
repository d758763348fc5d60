/** sub/*: what subscriptions hand out, in what order, and how they end. */
import {
  eventTypeFilter,
  excludeSystemEvents,
  streamNameFilter,
  type Filter,
  type KurrentDBClient,
} from './client.ts';
import { Listener } from './listener.ts';
import { all, event, scenario, type DefineCase, type Narrow, type Scenario } from './scenario.ts';

const KEYS = streamNameFilter({ prefixes: ['key-'] });

/** Two events of a key, and ten of noise, ten times over. */
async function fill(client: KurrentDBClient): Promise<void> {
  for (let n = 0; n < 10; n += 1) {
    await key(client, `key-${n}`);
    for (let m = 0; m < 10; m += 1) await client.appendToStream(`noise-${n}`, event(undefined, {}, 'Noise'));
  }
}

function key(client: KurrentDBClient, stream: string) {
  return client.appendToStream(stream, [
    event(undefined, {}, 'KeyCreated'),
    event(undefined, {}, 'KeyRevoked'),
  ]);
}

/** How often checkpoints come is the node's own rhythm; see README.md. */
const withoutCheckpoints: Narrow = (outcome) => {
  const { response } = outcome as { response: Record<string, unknown> };
  return Object.entries(response).filter(([name]) => name !== 'checkpoints' && name !== 'firstCps');
};

export function subscriptionScenarios(): void {
  scenario('subscriptions', {}, (it) => {
    filters(it);
    positions(it);
    streams(it);
  });
  scenario('subscriptions and a server that is killed', {}, losses);
  scenario('order under parallel writers', {}, (it) => {
    it('sub/ordering', ({ client }) => ordering(client));
  });
}

function filters(it: DefineCase): void {
  const live = async (world: Scenario, name: string, filter: Filter) => {
    if (name === 'stream-prefix') await fill(world.client);
    const one = await new Listener(world.client.subscribeToAll({ filter })).heard('caughtUp');
    const dataBeforeCaughtUp = one.data.length;
    await key(world.client, `key-live-${name}`);
    await world.client.appendToStream(`zz-live-${name}`, event(undefined, {}, 'Noise'));
    const expected = { 'stream-prefix': 2, 'type-prefix': 1, 'type-regex': 2, 'stream-regex': 0 }[name] ?? 3;
    await one.events(dataBeforeCaughtUp + expected);
    const { data } = one;
    await one.subscription.unsubscribe();
    return {
      listener: one,
      response: {
        events: data.length,
        first3: data.slice(0, 3),
        last3: data.slice(-3),
        nonData: one.other.slice(0, 2),
        dataBeforeCaughtUp,
      },
    };
  };
  let first: Listener;
  it(
    'sub/filter/stream-prefix',
    async (world) => {
      const { listener, response } = await live(world, 'stream-prefix', KEYS);
      first = listener;
      return response;
    },
    withoutCheckpoints,
  );
  it('sub/unsubscribe', async () => {
    await first.heard('close');
    const { destroyed, readableEnded } = first.subscription as unknown as Record<string, boolean>;
    return { after: first.other.slice(2), destroyed, readableEnded };
  });
  const rest: [string, Filter][] = [
    ['type-prefix', eventTypeFilter({ prefixes: ['KeyRevoked'] })],
    ['type-regex', eventTypeFilter({ regex: '^Key(Created|Revoked)$' })],
    ['stream-regex', streamNameFilter({ regex: '^key-[0-4]$' })],
    ['exclude-system', excludeSystemEvents()],
  ];
  for (const [name, filter] of rest) {
    it(`sub/filter/${name}`, async (world) => (await live(world, name, filter)).response, withoutCheckpoints);
  }
}

function positions(it: DefineCase): void {
  const keyEvents = async ({ client }: Scenario) => all(client.readAll({ filter: KEYS }));
  it('sub/resume/position', async (world) => {
    const events = await keyEvents(world);
    const fifth = events[4]!.event!;
    expect(`${fifth.streamId}@${fifth.revision}`).toBe('key-2@0');
    const one = await new Listener(
      world.client.subscribeToAll({ fromPosition: fifth.position, filter: KEYS }),
    ).heard('caughtUp');
    await one.subscription.unsubscribe();
    return { first: one.data[0], exclusive: true, n: one.data.length, total: events.length };
  });
  const off = async (world: Scenario, commitBy: bigint, prepareBy: bigint) => {
    const { commit } = (await keyEvents(world))[4]!.event!.position;
    return from(world, { commit: commit + commitBy, prepare: commit + prepareBy }, 'error');
  };
  it('sub/resume/plus1', (world) => off(world, 1n, 1n));
  it('sub/resume/minus1', (world) => off(world, -1n, -1n));
  it('sub/resume/prepare-gt-commit', (world) => off(world, 0n, 10n));
  it('sub/resume/beyond-end', (world) => {
    const far = 100_000_000_000_000n;
    return from(world, { commit: far, prepare: far }, 'caughtUp');
  });
  it('sub/from-end', async ({ client }) => {
    const one = await new Listener(client.subscribeToAll({ fromPosition: 'end', filter: KEYS })).heard(
      'caughtUp',
    );
    await client.appendToStream('key-end', event());
    await one.events(1);
    await one.subscription.unsubscribe();
    return one.log.slice(0, 3);
  });
  it(
    'sub/unfiltered',
    async ({ client }) => {
      const one = await new Listener(client.subscribeToAll()).heard('caughtUp');
      await one.subscription.unsubscribe();
      return { n: 0, first: one.data.slice(0, 3), other: one.other.slice(0, 2) };
    },
    (outcome) => ({ ...(outcome as { response: object }).response, n: 'as many as the recorded log had' }),
  );
  const filtersOf: [string, (seen: (at: { commit: bigint; prepare: bigint }) => void) => Filter][] = [
    ['prefix', (seen) => streamNameFilter({ prefixes: ['key-'], maxSearchWindow: 4, ...told(seen) })],
    ['regex', (seen) => streamNameFilter({ regex: '^key-', maxSearchWindow: 4, ...told(seen) })],
    ['type-prefix', (seen) => eventTypeFilter({ prefixes: ['KeyRev'], maxSearchWindow: 4, ...told(seen) })],
  ];
  for (const [name, filter] of filtersOf) {
    it(
      `sub/resume-from-every-checkpoint/${name}`,
      (world) => resumeEverywhere(world, filter),
      mismatchesOnly,
    );
  }
}

function told(seen: (at: { commit: bigint; prepare: bigint }) => void) {
  return { checkpointReached: (_subscription: unknown, at: { commit: bigint; prepare: bigint }) => seen(at) };
}

const mismatchesOnly: Narrow = (outcome) => {
  const { mismatches, firstMismatches } = (outcome as { response: Record<string, unknown> }).response;
  return { mismatches, firstMismatches };
};

/** From each checkpoint that a catch-up reports, exactly the matching events behind it must come. */
async function resumeEverywhere(
  { client }: Scenario,
  filterOf: (seen: (at: { commit: bigint; prepare: bigint }) => void) => Filter,
) {
  const checkpoints: { commit: bigint; prepare: bigint }[] = [];
  const filter = filterOf((at) => checkpoints.push(at));
  const whole = await new Listener(client.subscribeToAll({ filter })).heard('caughtUp');
  await whole.subscription.unsubscribe();
  const matching = await all(client.readAll({ filter }));
  const tried = checkpoints.slice(0, 20);
  expect(tried.length).toBeGreaterThan(10);
  const firstMismatches: unknown[] = [];
  for (const fromPosition of tried) {
    const rest = matching.filter(({ event: one }) => one!.position.commit > fromPosition.commit);
    const one = await new Listener(client.subscribeToAll({ fromPosition, filter })).heard('caughtUp');
    await one.subscription.unsubscribe();
    const wanted = rest.map(({ event: each }) => `${each!.streamId}@${each!.revision}`);
    if (JSON.stringify(one.data) !== JSON.stringify(wanted))
      firstMismatches.push([fromPosition.commit, one.data]);
  }
  return { mismatches: firstMismatches.length, firstMismatches };
}

async function from({ client }: Scenario, fromPosition: { commit: bigint; prepare: bigint }, last: string) {
  const one = await new Listener(client.subscribeToAll({ fromPosition, filter: KEYS })).heard(last);
  const outcome = { n: one.data.length, first: one.data[0] ?? null, other: one.other };
  await one.subscription.unsubscribe();
  return outcome;
}

function streams(it: DefineCase): void {
  let missing: Listener;
  it('sub/stream/from-0n', async ({ client }) => {
    const one = await new Listener(client.subscribeToStream('key-3', { fromRevision: 0n })).heard('caughtUp');
    await client.appendToStream('key-3', event());
    await one.events(2);
    await one.subscription.unsubscribe();
    return one.log.slice(0, 4);
  });
  it('sub/stream/missing', async ({ client }) => {
    missing = await new Listener(client.subscribeToStream('not-there')).heard('caughtUp');
    await client.appendToStream('not-there', event());
    await missing.events(1);
    return missing.log.splice(0);
  });
  it('sub/stream/soft-deleted-while-subscribed', async ({ client }) => {
    await client.deleteStream('not-there');
    await client.appendToStream('not-there', event());
    await missing.events(1);
    return [...missing.log];
  });
  it('sub/stream/tombstoned-while-subscribed', async ({ client }) => {
    await client.tombstoneStream('not-there');
    return [...(await missing.heard('error')).log.slice(0, 3)];
  });
  it('sub/stream/tombstoned', async ({ client }) =>
    (await new Listener(client.subscribeToStream('not-there')).heard('error')).log.slice(0, 1));
}

function losses(it: DefineCase): void {
  let lost: Listener;
  it(
    'sub/server-kill9',
    async (world) => {
      lost = await new Listener(world.client.subscribeToAll({ filter: KEYS })).heard('caughtUp');
      lost.log.length = 0;
      await world.double.kill();
      await lost.heard('error');
      return {
        events: [...lost.log],
        destroyed: (lost.subscription as unknown as Listener & { destroyed: boolean }).destroyed,
      };
    },
    // "Connection dropped" or "read ECONNRESET": whichever the socket reports first.
    (outcome) => {
      const { events, destroyed } = (
        outcome as { response: { events: [string, Record<string, unknown>][]; destroyed: boolean } }
      ).response;
      return {
        events: events.map(([name, error]) => [name, error.class, error.type, error.code]),
        destroyed,
      };
    },
  );
  it('sub/server-kill9/append-after-restart', async (world) => {
    await world.double.restart();
    lost.log.length = 0;
    return world.client.appendToStream('key-after', event(), { streamState: 'no_stream' });
  });
  it('sub/server-kill9/read-after-restart', async ({ client }) =>
    (await all(client.readStream('key-after'))).length);
  it('sub/server-kill9/after-restart', async ({ client }) => {
    // Another subscription sees the event; what the lost one had to see, it would have seen by then.
    const other = await new Listener(client.subscribeToAll({ filter: KEYS })).events(1);
    await other.subscription.unsubscribe();
    const { destroyed } = lost.subscription as unknown as { destroyed: boolean };
    return { events: lost.log, destroyed };
  });
}

async function ordering(client: KurrentDBClient) {
  const two = [client.subscribeToAll({ filter: KEYS }), client.subscribeToAll({ filter: KEYS })].map(
    (subscription) => {
      const seen: { stream: string; revision: bigint; commit: bigint }[] = [];
      subscription.on('error', () => undefined);
      subscription.on('data', ({ event: one }) =>
        seen.push({ stream: one!.streamId, revision: one!.revision, commit: one!.position.commit }),
      );
      return { subscription, seen };
    },
  );
  await Promise.all(
    Array.from({ length: 32 }, async (_, writer) => {
      for (let n = 0; n < 100; n += 1) await key(client, `key-${writer}`);
    }),
  );
  const [a, b] = two.map(({ seen }) => seen) as [(typeof two)[0]['seen'], (typeof two)[0]['seen']];
  for (
    const began = Date.now();
    a.length < 6_400 || b.length < 6_400;
    await new Promise((r) => setTimeout(r, 10))
  ) {
    if (Date.now() - began > 20_000) throw new Error(`only ${a.length} and ${b.length} events came`);
  }
  await Promise.all(two.map(({ subscription }) => subscription.unsubscribe()));
  const last = new Map<string, bigint>();
  return {
    n: a.length,
    sameOrderInBoth: a.every((one, at) => one.commit === b[at]!.commit),
    strictlyIncreasingPosition: a.every((one, at) => at === 0 || one.commit > a[at - 1]!.commit),
    perStreamDense: a.every((one) => {
      const next = (last.get(one.stream) ?? -1n) + 1n === one.revision;
      last.set(one.stream, one.revision);
      return next;
    }),
  };
}
