/** What else stands in the way of a VALID where the reader or the limits of a key would have stood there first. */
import { found, NOW, reading, serviceKey } from '../test/records.ts';
import { evaluate } from './evaluate.ts';

it('G4: a reading that is not trusted permits nothing, although its time has not ended', () => {
  expect(evaluate({}, reading(found(), { trusted: false }), NOW)).toMatchObject({ code: 'UNAVAILABLE' });
  // The control: the same reading, trusted.
  expect(evaluate({}, reading(found()), NOW)).toMatchObject({ code: 'VALID' });
});

it.each([
  ['limit', { limits: [{ name: 'burst', limit: 5, windowMs: 1_000 }] }],
  ['quota', { quotas: [{ name: 'day', limit: 5, interval: 'day' as const }] }],
])('an answer about a key with a %s is for its one use alone', (_, bounds) => {
  expect(evaluate({}, reading(found(serviceKey(bounds))), NOW)).toMatchObject({
    code: 'VALID',
    freshForMs: 0,
  });
  // The control: a key without bounds.
  expect(evaluate({}, reading(found()), NOW).freshForMs).toBeGreaterThan(0);
});
