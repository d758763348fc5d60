/** G7: a stream's newest event tells whether a batch was counted, whatever comes again, late, or through whom. */
import fc from 'fast-check';
import { countedIn, countedWith, standing, type Counted } from './counted.ts';

const T0 = Date.parse('2026-06-01T12:00:00.000Z');
const time = (ms: number) => new Date(T0 + ms).toISOString();
const HOUR_MS = 3_600_000;
const nobody: Counted = { by: [] };

it('says nothing before anything was numbered, and refuses what it cannot read', () => {
  expect(countedIn({})).toEqual(nobody);
  expect(() => countedIn({ counted: { by: [['a', 0, time(0)]] } })).toThrow();
  expect(() => countedIn({ counted: 'x' })).toThrow();
});

it('keeps 64 authorizers, and who recorded within a day', () => {
  let counted = nobody;
  for (let n = 0; n < 70; n += 1) counted = countedWith(counted, { source: `s${n}`, number: 1 }, time(n));
  expect(counted.by).toHaveLength(64);
  expect(counted.forgottenUntil).toBe(time(5));
  counted = countedWith(counted, { source: 's69', number: 2 }, time(25 * HOUR_MS));
  expect(counted).toEqual({ by: [['s69', 2, time(25 * HOUR_MS)]], forgottenUntil: time(68) });
});

it('who was forgotten is too late with uses of then, and not with later ones', () => {
  const counted = { by: [], forgottenUntil: time(0) };
  const batch = { source: 'a', number: 9 };
  expect(standing(counted, batch, time(0))).toBe('too-late');
  expect(standing(counted, batch, time(2 * 60_000))).toBe('too-late');
  expect(standing(counted, batch, time(2 * 60_000 + 1))).toBe('new');
});

/** Authorizers send batches, each until it is taken; deliveries come again at any later time. */
const steps = fc.array(
  fc.record({
    source: fc.nat(90),
    waitMs: fc.oneof(fc.nat(60_000), fc.nat(30 * HOUR_MS)),
    /** Which of the deliveries before is delivered once more. */
    again: fc.option(fc.nat(200)),
  }),
  { maxLength: 200 },
);

/** How often each batch was counted. */
function counts(run: readonly { source: number; waitMs: number; again: number | null }[], memory = true) {
  const numbers = new Map<number, number>();
  const sent: { source: string; number: number; lastUsedAt: string }[] = [];
  const counted = new Map<string, number>();
  let state = nobody;
  let nowMs = 0;
  const deliver = (one: (typeof sent)[number]) => {
    if (standing(state, one, one.lastUsedAt) !== 'new') return;
    if (memory) state = countedWith(state, one, time(nowMs));
    const name = `${one.source}/${one.number}`;
    counted.set(name, (counted.get(name) ?? 0) + 1);
  };
  for (const { source, waitMs, again } of run) {
    nowMs += waitMs;
    const number = (numbers.get(source) ?? 0) + 1;
    numbers.set(source, number);
    const one = { source: `s${source}`, number, lastUsedAt: time(nowMs) };
    sent.push(one);
    deliver(one);
    if (again !== null) deliver(sent[again % sent.length]!);
  }
  return { sent: sent.length, counted };
}

it('whatever comes again: once each, never twice; without it, twice', () => {
  fc.assert(
    fc.property(steps, (run) => {
      const { sent, counted } = counts(run);
      expect(counted.size).toBe(sent);
      expect([...counted.values()].every((times) => times === 1)).toBe(true);
    }),
    { numRuns: 200 },
  );
  const { counted } = counts([{ source: 1, waitMs: 0, again: 0 }], false);
  expect([...counted.values()]).toEqual([2]);
});
