/** idem/*: what the server takes for the same append. */
import { all, appendIds, event, idOf, scenario, type Act, type Narrow, type Scenario } from './scenario.ts';

const LETTERS = new Map('abcdefgkpqrwxyz'.split('').map((letter) => [idOf(letter), letter]));

async function read({ client }: Scenario, stream: string) {
  return (await all(client.readStream(stream))).flatMap(({ event: one }) => (one ? [one] : []));
}

const lengths =
  (...streams: string[]): Act =>
  async (world) =>
    Promise.all(streams.map(async (stream) => (await read(world, stream)).length));

/** Which of them overtakes depends on timing: only what answers there are is compared, not which got which. */
const answersOnly: Narrow = (outcome) => {
  const { response } = outcome as { response: { class?: string }[] };
  return [...new Set(response.map((one) => one.class ?? 'written, the original answer'))].sort();
};

/** The same append several times at once on one connection, as [value or error, …]. */
const atOnce =
  (stream: string, count: number, streamState: 'any' | 'no_stream'): Act =>
  async ({ client }) => {
    const same = event();
    const tries = Array.from({ length: count }, () => client.appendToStream(stream, same, { streamState }));
    return (await Promise.allSettled(tries)).map((one) =>
      one.status === 'fulfilled' ? one.value : (one.reason as unknown),
    );
  };

const restarted = async ({ double }: Scenario, signal: 'SIGKILL' | 'SIGTERM') => {
  await double.kill(signal);
  await double.restart();
};

export function idempotenceScenarios(): void {
  scenario('idempotence', { ordered: true }, (it) => {
    it('idem/1st', appendIds('s1', 'a', 'no_stream'));
    it('idem/repeat-no_stream', appendIds('s1', 'a', 'no_stream'));
    it('idem/repeat-other-body', ({ client }) =>
      client.appendToStream('s1', event('a', { other: true }, 'Other'), { streamState: 'no_stream' }));
    it('idem/other-id', appendIds('s1', 'b', 'no_stream'));
    it('idem/bigint-1st', appendIds('s1', 'b,c', 0n));
    it('idem/bigint-repeat', appendIds('s1', 'b,c', 0n));
    it('idem/old-repeat-no_stream', appendIds('s1', 'a', 'no_stream'));
    it('idem/prefix-of-batch', appendIds('s1', 'b', 0n));
    it('idem/overlap-longer', appendIds('s1', 'b,c,d', 0n));
    it('idem/overlap-spans-two-appends', appendIds('s1', 'a,b,c', 'no_stream'));
    it('idem/overlap-shifted', appendIds('s1', 'c,d', 0n));
    it('idem/reordered', appendIds('s1', 'c,b', 0n));
    it('idem/same-id-right-revision', appendIds('s1', 'a', 2n));
    it('idem/after-that-any', appendIds('s1', 'a', 'any'));
    it('idem/any-repeat-last', appendIds('s1', 'c', 'any'));
    it('idem/any-repeat-old-pair', appendIds('s1', 'b,c', 'any'));
    it('idem/any-overlap-new', appendIds('s1', 'c,d', 'any'));
    it('idem/any-new-first', appendIds('s1', 'e,c', 'any'));
    it('idem/stream_exists-repeat', appendIds('s1', 'c', 'stream_exists'));
    it('idem/same-id-other-stream-no_stream', appendIds('s2', 'a', 'no_stream'));
    it('idem/same-id-other-stream-any', appendIds('s3', 'a', 'any'));
    it('idem/dup-id-in-batch-no_stream', appendIds('s4', 'f,f', 'no_stream'));
    it('idem/dup-id-in-batch-any', appendIds('s5', 'g,g', 'any'));
    it('idem/stream-content', async (world) =>
      (await read(world, 's1')).map((one) => [`${one.revision}`, LETTERS.get(one.id), 1, one.type]));
    it('idem/stream-content-dup', lengths('s4', 's5'));
    it('idem/soft-deleted-repeat-no_stream', async (world) => {
      await appendIds('del', 'p,q', 'no_stream')(world);
      await world.client.deleteStream('del');
      return appendIds('del', 'p,q', 'no_stream')(world);
    });
    it('idem/soft-deleted-content', async (world) => {
      await appendIds('del', 'r', 'any')(world);
      return (await read(world, 'del')).map((one) => [`${one.revision}`, LETTERS.get(one.id)]);
    });
    it('idem/truncated-repeat-no_stream', async (world) => {
      await appendIds('trunc', 'x,y,z', 'no_stream')(world);
      await world.client.setStreamMetadata('trunc', { maxCount: 1 });
      return appendIds('trunc', 'x', 'no_stream')(world);
    });
    it('idem/truncated-repeat-bigint', appendIds('trunc', 'y', 0n));
    it('idem/restart-no_stream', async (world) => {
      await appendIds('k1', 'k', 'no_stream')(world);
      await restarted(world, 'SIGTERM');
      world.client = world.connect();
      return appendIds('s1', 'a', 'no_stream')(world);
    });
    it('idem/restart-bigint', appendIds('s1', 'b,c', 0n));
    it('idem/restart-any', appendIds('k1', 'k', 'any'));
    it('idem/restart-any-s7', async (world) => {
      await appendIds('k2', 'w', 'no_stream')(world);
      await restarted(world, 'SIGTERM');
      world.client = world.connect();
      return appendIds('k2', 'w', 'any')(world);
    });
    it('idem/restart-any-content', lengths('k1', 'k2'));
    it('idem/kill9-no_stream', async (world) => {
      await restarted(world, 'SIGKILL');
      world.client = world.connect();
      return appendIds('s1', 'a', 'no_stream')(world);
    });
  });

  scenario('a retry that overtakes its original', { writeMs: 250 }, (it) => {
    it('idem/5-concurrent-same-id-no_stream', atOnce('s6', 5, 'no_stream'), answersOnly);
    it('idem/5-concurrent-same-id-any', atOnce('s7', 5, 'any'), answersOnly);
    it('idem/concurrent-content', lengths('s6', 's7'));
    const round = (state: 'any' | 'no_stream', deadline: number | undefined, suffix: string) => {
      const stream = `o-${state}-${deadline ?? 'default'}`;
      const same = event();
      it(
        `idem/3-concurrent-same-id/${state}/deadline-${deadline ?? 'default'}`,
        async ({ client }) => {
          const options = { streamState: state, ...(deadline === undefined ? {} : { deadline }) };
          const tries = Array.from({ length: 3 }, () => client.appendToStream(stream, same, options));
          return (await Promise.allSettled(tries)).map((one) =>
            one.status === 'fulfilled' ? one.value : (one.reason as unknown),
          );
        },
        answersOnly,
      );
      it(`idem/retry-after-concurrent/${state}${suffix && '#2'}`, ({ client }) =>
        client.appendToStream(stream, same, { streamState: state }));
      const nth = state === 'any' ? (suffix ? '#4' : '#3') : suffix && '#2';
      it(`idem/content-after-concurrent${nth}`, async (world) => (await read(world, stream)).length);
    };
    round('no_stream', undefined, '');
    round('no_stream', 3000, '#2');
    round('any', undefined, '');
    round('any', 3000, '#2');
  });

  scenario('any is compared by id', {}, (it) => {
    for (const [name, others, size] of [
      ['any-window/1000', 1_000, 500],
      ['any-window/5000', 5_000, 500],
      ['any-window/10000', 10_000, 500],
      ['any-window-single/2000', 2_000, 1],
    ] as const) {
      it(`idem/${name}`, async ({ client }) => {
        const same = event();
        await client.appendToStream(name, same, { streamState: 'any' });
        for (let n = 0; n < others / size; n += 1) {
          const batch = Array.from({ length: size }, () => event());
          await client.appendToStream(`other-${n}`, batch, { streamState: 'any' });
        }
        await client.appendToStream(name, same, { streamState: 'any' });
        return { dedup: (await all(client.readStream(name))).length === 1 };
      });
    }
  });
}
