/** What compare names when one log is not the other: one event dropped, changed, put in, swapped or doubled. */
import type { RecordedEvent } from '@mcpstack/event-store';
import { compare } from '../src/compare.ts';
import { Progress } from '../src/progress.ts';
import type { Source } from '../src/source.ts';

const at = (position: number, name = 'x'): RecordedEvent => ({
  stream: `key-${position % 3}`,
  revision: BigInt(Math.floor(position / 3)),
  position: BigInt(position * 1_024),
  id: `id-${position}`,
  type: 'Happened',
  data: { name },
  metadata: { at: '2026-05-01' },
});
const log = Array.from({ length: 12 }, (_, position) => at(position));

function listed(events: readonly RecordedEvent[], name: string): Source {
  return {
    ...{ name, originId: 'log' },
    head: () =>
      Promise.resolve(events.reduce((most, { position }) => (position > most ? position : most), -1n)),
    async *events() {
      yield* await Promise.resolve(events);
    },
    learnErased: () => Promise.resolve(),
  };
}

const comparing = (events: readonly RecordedEvent[]) =>
  compare({
    one: listed(log, 'the log'),
    other: listed(events, 'the target'),
    progress: new Progress('', undefined),
  });

it('the same: no difference', async () => {
  expect(await comparing(log)).toMatchObject({ equal: 12, differences: 0, told: [] });
});

it.each([
  ['dropped', log.toSpliced(4, 1), [['missing', 'key-1@1']]],
  ['dropped at the end', log.slice(0, -1), [['missing', 'key-2@3']]],
  ['changed', log.with(4, at(4, 'y')), [['changed', 'key-1@1']]],
  [
    'put in',
    log.toSpliced(4, 0, { ...at(4), stream: 'key-new', revision: 0n, position: 3_500n }),
    [['added', 'key-new@0']],
  ],
  ['added at the end', [...log, at(12)], [['added', 'key-0@4']]],
  ['doubled', log.toSpliced(4, 0, at(4)), [['order', 'key-1@1']]],
  [
    'swapped',
    log.with(4, at(5)).with(5, at(4)),
    [
      ['missing', 'key-1@1'],
      ['order', 'key-1@1'],
    ],
  ],
  [
    'swapped, with the positions of each other',
    log.with(4, { ...at(5), position: at(4).position }).with(5, { ...at(4), position: at(5).position }),
    [
      ['changed', 'key-1@1'],
      ['changed', 'key-2@1'],
    ],
  ],
  [
    'with members in another order',
    log.with(4, { ...at(4), metadata: { b: 1, at: '2026-05-01' } }),
    [['changed', 'key-1@1']],
  ],
] as const)('%s: named', async (_, events, wanted) => {
  const { told, differences } = await comparing(events);
  expect(told.map(({ kind, event }) => [kind, event])).toEqual(wanted);
  expect(differences).toBe(wanted.length);
});
