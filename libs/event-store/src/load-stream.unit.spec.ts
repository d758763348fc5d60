/** A state is folded from events that follow each other, or from none. */
import type { DomainEvent, EventCodec } from '@mcpstack/domain';
import { LogCorruptError } from './errors.ts';
import type { EventStore, RecordedEvent } from './event-store.ts';
import { KnownFolds, loadStream } from './load-stream.ts';

const STREAM = 'user-user_1';
const recorded = (revision: number): RecordedEvent => ({
  ...{ stream: STREAM, id: `id-${revision}`, type: 'Happened', data: {}, metadata: {} },
  revision: BigInt(revision),
  position: BigInt(revision * 10),
});
/** A store that holds what no adapter would hand out. */
const holding = (revisions: readonly number[]) =>
  ({
    readStream: async function* (_: string, { from = 0n }: { from?: bigint } = {}) {
      yield* await Promise.resolve(revisions.map(recorded).filter(({ revision }) => revision >= from));
    },
  }) as unknown as EventStore;

type Told = DomainEvent & { revision: bigint };
const codec = { decode: ({ revision }: RecordedEvent) => ({ revision }) } as unknown as EventCodec<Told>;
const decider = {
  initial: [] as bigint[],
  evolve: (seen: bigint[], { revision }: Told) => [...seen, revision],
};

function load(revisions: readonly number[], more: { truncatable?: true; known?: KnownFolds<bigint[]> } = {}) {
  return loadStream({ store: holding(revisions), stream: STREAM, codec, decider, ...more });
}

it('folds what stands there', async () => {
  expect(await load([0, 1, 2])).toEqual({ state: [0n, 1n, 2n], revision: 2n, position: 20n });
});

it.each([
  ['without its beginning', [1, 2]],
  ['with a gap', [0, 1, 3]],
  ['with a revision twice', [0, 1, 1]],
  ['out of order', [0, 2, 1]],
])('refuses a stream %s', async (_, revisions) => {
  await expect(load(revisions)).rejects.toThrow(LogCorruptError);
});

it('refuses a gap after what was folded before, too', async () => {
  const known = new KnownFolds<bigint[]>();
  expect(await load([0, 1], { known })).toMatchObject({ revision: 1n });
  await expect(load([0, 1, 3], { known })).rejects.toThrow('Revision 3 of user-user_1 comes after 1');
  expect(await load([0, 1, 2], { known })).toMatchObject({ state: [0n, 1n, 2n] });
});

it('of a stream that may be truncated, begins with what is left, also when that happens while it reads', async () => {
  expect(await load([3, 4], { truncatable: true })).toMatchObject({ state: [3n, 4n] });
  expect(await load([0, 1, 4, 5], { truncatable: true })).toMatchObject({ state: [4n, 5n] });
  await expect(load([3, 4, 4], { truncatable: true })).rejects.toThrow(LogCorruptError);
});
