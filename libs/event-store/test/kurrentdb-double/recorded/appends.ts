/** append/*, append-unary/*, race/* */
import { type AppendStreamState } from './client.ts';
import { all, event, scenario, several, type Act } from './scenario.ts';

const A = 'a-ku-1795480192656';
const ANYBODY = { username: 'admin', password: 'any' };

/** Options are left out where the recorded call left them out. */
const append =
  (stream: string, streamState: AppendStreamState | undefined, count = 1, unary = false): Act =>
  ({ client }) =>
    client.appendToStream(stream, several(count), {
      ...(streamState === undefined ? {} : { streamState }),
      ...(unary ? { credentials: ANYBODY } : {}),
    });

const quietly =
  (stream: string, streamState: AppendStreamState, count = 1, unary = false): Act =>
  ({ connect, double }) =>
    connect(`${double.url()}`.replace('?', '?throwOnAppendFailure=false&')).appendToStream(
      stream,
      several(count),
      { streamState, ...(unary ? { credentials: ANYBODY } : {}) },
    );

export function appendScenarios(): void {
  scenario('appends', { ordered: true }, (it) => {
    it('append/no_stream/new', append(A, 'no_stream'));
    it('append/no_stream/exists', append(A, 'no_stream'));
    it('append/any/exists', append(A, 'any'));
    it('append/default-state', append(A, undefined));
    it('append/stream_exists/exists', append(A, 'stream_exists'));
    it('append/stream_exists/missing', append(`${A}-m`, 'stream_exists'));
    it('append/bigint/right', append(A, 3n, 3));
    it('append/bigint/too-high', append(A, 99n));
    it('append/bigint/too-low', append(A, 2n));
    it('append/bigint/missing-stream', append(`${A}-m`, 0n));
    it('append/number-state', append(A, 6 as unknown as bigint));
    it('append/empty/any', append(A, 'any', 0));
    it('append/empty/bigint-wrong', append(A, 99n, 0));
    it('append/empty/missing-no_stream', append(`${A}-e`, 'no_stream', 0));
    it('append/empty/missing-then-0n', append(`${A}-e`, 0n));
    it('append/empty/missing-then-no_stream', append(`${A}-e`, 'no_stream'));
    it('append-unary/no_stream/new', append(`${A}-u`, 'no_stream', 1, true));
    it('append-unary/no_stream/exists', append(`${A}-u`, 'no_stream', 1, true));
    it('append-unary/bigint/too-high', append(`${A}-u`, 5n, 1, true));
    it('append-unary/stream_exists/missing', append(`${A}-um`, 'stream_exists', 1, true));
    it('append/nothrow/ok', quietly(`${A}-n`, 'no_stream', 2));
    it('append/nothrow/no_stream-exists', quietly(`${A}-n`, 'no_stream'));
    it('append/nothrow/bigint-high', quietly(`${A}-n`, 7n));
    it('append/nothrow/stream_exists-missing', quietly(`${A}-nm`, 'stream_exists'));
    it('append-unary/nothrow/no_stream-exists', quietly(`${A}-n`, 'no_stream', 1, true));
    const big = (bytes: number) => event(undefined, { text: 'x'.repeat(bytes - 11) });
    const sized =
      (stream: string, count: number, bytes: number): Act =>
      ({ client }) =>
        client.appendToStream(
          stream,
          Array.from({ length: count }, () => big(bytes)),
          { streamState: 'any' },
        );
    it('append/too-big-event', sized(`${A}-b`, 1, 1_100_000));
    it('append/too-big-batch', sized(`${A}-b`, 200, 10_000));
    it('append/just-under-1MiB', sized(`${A}-b`, 1, 1_000_000));
    it('append/empty-stream-name', append('', 'any'));
    it('append/empty-type', ({ client }) =>
      client.appendToStream('x', event(undefined, {}, ''), { streamState: 'any' }));
    it('append/bad-uuid', ({ client }) =>
      client.appendToStream('x', { ...event(), id: 'not-a-uuid' }, { streamState: 'any' }));
    it('append/system-stream', append(`$foo-${A}`, 'any'));
  });

  scenario('ten appends at one revision', {}, (it) => {
    it('race/10-at-one-revision', async ({ client }) => {
      await client.appendToStream('race', event(), { streamState: 'no_stream' });
      const tries = Array.from({ length: 10 }, () =>
        client.appendToStream('race', event(), { streamState: 0n }).then(
          (result) => `ok ${result.nextExpectedRevision}`,
          (error: { type: string; actualState: bigint }) => `${error.type} actual ${error.actualState}`,
        ),
      );
      const answers = await Promise.all(tries);
      expect(await all(client.readStream('race'))).toHaveLength(2);
      return answers;
    });
  });
}
