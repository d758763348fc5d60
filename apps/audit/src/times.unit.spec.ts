import { AuditError } from './errors.ts';
import { parsePastTime, parseTime } from './times.ts';

it.each([
  ['2026-05-03', '2026-05-03T00:00:00.000Z'],
  ['2026-05-03T12:00:00Z', '2026-05-03T12:00:00.000Z'],
  ['2026-05-03t12:00:00z', '2026-05-03T12:00:00.000Z'],
  ['2026-05-03 12:00:00Z', '2026-05-03T12:00:00.000Z'],
  ['2026-05-03T12:00:00.1Z', '2026-05-03T12:00:00.100Z'],
  ['2026-05-03T12:00:00.123999999Z', '2026-05-03T12:00:00.123Z'],
  ['2026-05-03T12:00:00+05:45', '2026-05-03T06:15:00.000Z'],
  ['2026-05-03T00:00:00+14:00', '2026-05-02T10:00:00.000Z'],
  ['2026-12-31T23:30:00-09:30', '2027-01-01T09:00:00.000Z'],
  ['2026-05-03T12:00:00-00:00', '2026-05-03T12:00:00.000Z'],
  ['2024-02-29', '2024-02-29T00:00:00.000Z'],
  ['0001-01-01', '0001-01-01T00:00:00.000Z'],
])('%s is %s', (text, iso) => {
  expect(parseTime(text, '--at')).toEqual({ iso, ms: Date.parse(iso) });
});

it.each([
  '',
  'yesterday',
  '2026-05-03T12:00:00',
  '2026-05-03T12:00',
  '2026-05-03T12:00Z',
  '2026-05-03T12:00:00 Europe/Zurich',
  '2026-05-03T12:00:00+0200',
  '2026-05-03T12:00:00+14:01',
  '2026-05-03T12:00:00+02:60',
  '2026-05-03T24:00:00Z',
  '2026-05-03T12:60:00Z',
  '2016-12-31T23:59:60Z',
  '2026-02-29',
  '2026-13-01',
  '2026-00-01',
  '03.05.2026',
  '1777809600',
  ' 2026-05-03',
  '٢٠٢٦-05-03',
  `2026-05-03${'0'.repeat(60)}`,
])('%s is refused with the right spelling', (text) => {
  const parse = () => parseTime(text, '--from');
  expect(parse).toThrow(AuditError);
  expect(parse).toThrow(/^--from is no time: ".{0,41}"\.$/u);
  const spelling = expect.stringContaining('2026-05-03T14:00:00+02:00') as string;
  expect(failureOf(parse)).toMatchObject({ outcome: 'usage', next: spelling });
});

it('a time that has not come is refused where the past is asked for', () => {
  const now = '2026-05-03T12:00:00.000Z';
  expect(parsePastTime('2026-05-03T14:00:00+02:00', '--to', now).iso).toBe(now);
  expect(() => parsePastTime('2026-05-03T12:00:00.001Z', '--to', now)).toThrow('lies in the future');
});

function failureOf(act: () => unknown): unknown {
  try {
    return act();
  } catch (error) {
    return error;
  }
}
