import { renewed, type Result } from './result.ts';

const result = (row: string, ours: number, more: Partial<Result> = {}): Result => ({
  ...{ row, variant: '1000 keys', figure: 'events', unit: '/s', baseline: 'bare', lowerIsBetter: false },
  ratio: { ours: { median: ours, min: ours, max: ours } } as Result['ratio'],
  ...more,
});

it('what is measured anew takes the place of the old figure; the others stay, and new rows come last', () => {
  const [verify, replay] = [result('verify', 1, { at: '2026-01-01' }), result('replay', 2)];
  const larger = result('verify', 3, { variant: '10000 keys' });
  const fresh = [result('export', 5), result('verify', 4)];
  expect(renewed([verify, replay, larger], fresh)).toEqual([fresh[1], replay, larger, fresh[0]]);
});
