import { durationMs, exactly, roughly, timeAhead, timeBack } from './times.ts';

const NOW = Date.parse('2026-03-01T12:00:00Z');

describe('times that are given', () => {
  it.each([
    ['90d', '2026-05-30T12:00:00.000Z'],
    ['12h', '2026-03-02T00:00:00.000Z'],
    ['30m', '2026-03-01T12:30:00.000Z'],
    ['1y', '2027-03-01T12:00:00.000Z'],
    ['2w', '2026-03-15T12:00:00.000Z'],
    ['2030-01-31', '2030-01-31T00:00:00.000Z'],
    ['2030-01-31T12:00:00Z', '2030-01-31T12:00:00.000Z'],
    ['2030-01-31T12:00', '2030-01-31T12:00:00.000Z'],
    ['2030-01-31T12:00:00.5+02:00', '2030-01-31T10:00:00.500Z'],
    ['2028-02-29', '2028-02-29T00:00:00.000Z'],
  ])('%s is %s', (text, iso) => {
    expect(timeAhead(text, NOW)).toBe(iso);
  });

  it('a duration looks back where the past is meant; a date stays what it is', () => {
    expect(timeBack('90d', NOW)).toBe('2025-12-01T12:00:00.000Z');
    expect(timeBack('2030-01-31', NOW)).toBe('2030-01-31T00:00:00.000Z');
  });

  it.each([
    '',
    'soon',
    '90',
    'd',
    '-1d',
    '1.5h',
    '2030-02-31',
    '2030-13-01',
    '2027-02-29',
    '2030-01-31T25:00Z',
  ])('%j is no time, and the error shows some', (text) => {
    expect(() => timeAhead(text, NOW)).toThrow(/2030-01-31.*90d/);
  });

  it('a duration is milliseconds', () => {
    expect([durationMs('0s'), durationMs('1h')]).toEqual([0, 3_600_000]);
    expect(() => durationMs('1 hour')).toThrow('such as 90d');
    for (const read of [durationMs, timeAhead, timeBack])
      expect(() => read('999999y')).toThrow('at most 100y');
  });
});

describe('times that are shown', () => {
  it.each([
    ['2026-03-01T11:55:00Z', '5m ago'],
    ['2026-03-13T12:00:00Z', 'in 12d'],
    ['2026-03-01T12:00:00.400Z', 'now'],
    ['2025-02-01T12:00:00Z', '393d ago'],
    ['2029-03-01T12:00:00Z', 'in 3y'],
    [undefined, '-'],
  ])('%s is %s', (iso, text) => {
    expect(roughly(iso, NOW)).toBe(text);
  });

  it('whole, where one thing is shown', () => {
    expect(exactly('2026-03-13T12:00:00.000Z', NOW)).toBe('2026-03-13 12:00:00 UTC, in 12d');
    expect(exactly(undefined, NOW)).toBeUndefined();
  });
});
