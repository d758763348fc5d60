/** In order per subject, at least once, in a bounded window; and how a receiver that fails is let alone. */
import fc from 'fast-check';
import { eventAt } from '../../test/events.ts';
import { retryAfterMs } from './back-off.ts';
import { decodeState, encodeState, freshState } from './saved-state.ts';
import { DeliveryWindow, MOST_IN_FLIGHT, WINDOW_SIZE, type Entry } from './window.ts';

const BACK_OFF = { firstMs: 1_000, random: () => 0.5 };
const DAY_MS = 86_400_000;
const windowAt = (cursor = '0') => new DeliveryWindow(freshState(cursor), BACK_OFF);
const all = (window: DeliveryWindow, nowMs = 0): Entry[] => {
  const taken: Entry[] = [];
  for (let entry = window.take(nowMs); entry; entry = window.take(nowMs)) taken.push(entry);
  return taken;
};
const positions = (entries: readonly Entry[]) => entries.map(({ position }) => Number(position));

describe('the window', () => {
  it('sends side by side what is about different things, and one after another what is about the same', () => {
    const window = windowAt();
    window.add([eventAt(1, 'a'), eventAt(2, 'a'), eventAt(3, 'b'), eventAt(4, 'b')], 4n);
    const [a, b] = all(window);
    expect(positions([a!, b!])).toEqual([1, 3]);
    window.delivered(b!);
    expect(positions(all(window))).toEqual([4]);
    expect(window.cursor).toBe(0n);
    window.delivered(a!);
    expect([window.cursor, positions(all(window))]).toEqual([1n, [2]]);
  });

  it('has so many under way at once', () => {
    const window = windowAt();
    window.add(
      Array.from({ length: 100 }, (_, n) => eventAt(n + 1, `k${n}`)),
      100n,
    );
    expect(all(window)).toHaveLength(MOST_IN_FLIGHT);
  });

  it('looks at no more than it holds, delivered beyond the cursor or waiting', () => {
    const window = windowAt();
    window.add(
      Array.from({ length: WINDOW_SIZE }, (_, n) => eventAt(n + 1, n === 0 ? 'stuck' : `k${n}`)),
      BigInt(WINDOW_SIZE),
    );
    expect(window.room).toBe(0);
    for (let entry = window.take(0); entry; entry = window.take(0)) {
      if (entry.position === 1n) window.failed(entry, 0);
      else window.delivered(entry);
    }
    // The one that fails holds the rest back, by and by.
    expect([window.room, window.waiting, window.cursor]).toEqual([0, 1, 0n]);
    window.delivered(window.take(2_000)!);
    expect([window.room, window.cursor]).toEqual([WINDOW_SIZE, BigInt(WINDOW_SIZE)]);
  });

  it('passes over what nobody wants', () => {
    const window = windowAt('5');
    window.add([], 900n);
    expect([window.cursor, window.take(0)]).toEqual([900n, undefined]);
  });

  it('goes on where it was written down: nothing that was delivered is sent again, and failures count on', () => {
    const window = windowAt();
    const events = [eventAt(1, 'a'), eventAt(2, 'b'), eventAt(3, 'c')];
    window.add(events, 3n);
    const [a, b] = all(window);
    window.failed(a!, 500);
    window.delivered(b!);
    const state = decodeState(encodeState({ ...window.state(), attempts: [] }));
    expect(state).toMatchObject({ cursor: '0', delivered: ['2'], failed: [['1', 1, 1_500]] });
    const next = new DeliveryWindow(state, BACK_OFF);
    next.add(events, 3n);
    expect(positions(all(next, 1_499))).toEqual([3]);
    expect(positions(all(next, 1_500))).toEqual([1]);
  });

  it('what cannot be read is no state: to begin anew would skip events', () => {
    for (const text of ['', '{}', '{"cursor":"-1"}', '{"cursor":1,"delivered":[],"failed":[],"failures":0}'])
      expect(() => decodeState(text)).toThrow();
  });
});

describe('order per subject (a model of random receivers and restarts)', () => {
  /** What a receiver sees that fails at random, while the process that sends is replaced now and then. */
  const run = (
    steps: readonly number[],
    makeWindow: (state: ReturnType<DeliveryWindow['state']>) => DeliveryWindow,
  ) => {
    const events = Array.from({ length: 30 }, (_, n) => eventAt(n + 1, `k${n % 4}`));
    const seen: number[] = [];
    let saved = windowAt().state();
    let window = makeWindow(saved);
    let nowMs = 0;
    let underWay: Entry[] = [];
    const fill = () =>
      window.add(
        events.filter(({ position }) => BigInt(position) > window.readUntil),
        30n,
      );
    fill();
    for (let at = 0; window.cursor < 30n && at < 5_000; at += 1) {
      const step = steps[at % steps.length]!;
      nowMs += 1;
      underWay.push(...all(window, nowMs));
      const entry = underWay.splice(step % Math.max(underWay.length, 1), 1)[0];
      if (step % 23 === 0) {
        // Killed: what was not written down is forgotten.
        [window, underWay] = [makeWindow(saved), []];
        fill();
      } else if (entry && (step % 3 > 0 || at > 4_000)) {
        seen.push(Number(entry.position));
        window.delivered(entry);
      } else if (entry) {
        window.failed(entry, nowMs);
        nowMs += 1_000 * (step % 5);
      } else nowMs = Math.max(nowMs, window.nextAtMs() ?? nowMs);
      if (step % 7 > 1) saved = window.state();
    }
    return seen;
  };
  const firsts = (seen: readonly number[]) => [...new Set(seen)];
  const isInOrder = (seen: readonly number[]) =>
    firsts(seen).every(
      (position, at) =>
        !firsts(seen)
          .slice(0, at)
          .some((one) => one > position && one % 4 === position % 4),
    );
  const steps = fc.array(fc.integer({ min: 0, max: 10_000 }), { minLength: 20, maxLength: 80 });

  it('every event at least once, the first time in the order of its subject', () => {
    fc.assert(
      fc.property(steps, (chosen) => {
        const seen = run(chosen, (state) => new DeliveryWindow(state, { ...BACK_OFF, firstMs: 1 }));
        expect(firsts(seen)).toHaveLength(30);
        expect(isInOrder(seen)).toBe(true);
      }),
      { numRuns: 100, endOnFailure: true },
    );
  });

  it('control: with every event as a thing of its own, some come out of order', () => {
    /** Each event counts as about something else. */
    class Unordered extends DeliveryWindow {
      override add(events: Parameters<DeliveryWindow['add']>[0], until: bigint): void {
        const apart = events.map((event) => ({ ...event, subject: { ...event.subject, id: event.id } }));
        super.add(apart, until);
      }
    }
    const found = fc.check(
      fc.property(steps, (chosen) => isInOrder(run(chosen, (state) => new Unordered(state, BACK_OFF)))),
      { numRuns: 100, endOnFailure: true },
    );
    expect(found.failed).toBe(true);
  });

  it('control: with what is under way written down as delivered, some are lost', () => {
    class TooSoon extends DeliveryWindow {
      override state() {
        const state = super.state();
        return { ...state, cursor: `${this.readUntil}` };
      }
    }
    const found = fc.check(
      fc.property(
        steps,
        (chosen) => firsts(run(chosen, (state) => new TooSoon(state, BACK_OFF))).length === 30,
      ),
      { numRuns: 100, endOnFailure: true },
    );
    expect(found.failed).toBe(true);
  });
});

describe('after failures', () => {
  it('waits twice as long each time, up to a day, and never in step with others', () => {
    const waits = Array.from({ length: 24 }, (_, n) =>
      retryAfterMs(n + 1, { firstMs: 5_000, random: () => 0.5 }),
    );
    expect(waits.slice(0, 4)).toEqual([5_000, 10_000, 20_000, 40_000]);
    expect(waits.at(-1)).toBe(DAY_MS);
    expect(retryAfterMs(1, { firstMs: 1_000, random: () => 0 })).toBe(800);
    expect(retryAfterMs(1, { firstMs: 1_000, random: () => 1 })).toBe(1_200);
  });

  it('waits as long as the receiver asks, within a day, and never less than without', () => {
    expect(retryAfterMs(1, BACK_OFF, 60_000)).toBe(60_000);
    expect(retryAfterMs(1, BACK_OFF, 1)).toBe(1_000);
    expect(retryAfterMs(1, BACK_OFF, 365 * DAY_MS)).toBeLessThanOrEqual(1.2 * DAY_MS);
  });

  it('a receiver that is too busy is let alone altogether for as long as it asks', () => {
    const window = windowAt();
    window.add([eventAt(1, 'a'), eventAt(2, 'b')], 2n);
    window.failed(window.take(0)!, 0, { askedMs: 60_000, isBusy: true });
    expect(window.take(59_999)).toBeUndefined();
    expect(window.nextAtMs()).toBe(60_000);
    expect(all(window, 60_000)).toHaveLength(2);
  });

  it('a receiver that is away gets one message at a time; all that waited at once when it is back', () => {
    const window = windowAt();
    window.add(
      Array.from({ length: 40 }, (_, n) => eventAt(n + 1, `k${n}`)),
      40n,
    );
    for (const entry of all(window)) window.failed(entry, 0);
    // Those that were under way together count as one failure more, and not as many.
    expect(window.nextAtMs()).toBe(1_000);
    const [probe, ...others] = all(window, 1_000);
    expect([probe!.position, others]).toEqual([1n, []]);
    window.failed(probe!, 1_000);
    expect(window.nextAtMs()).toBe(3_000);
    window.delivered(window.take(3_000)!);
    expect(all(window, 3_000)).toHaveLength(MOST_IN_FLIGHT);
    expect(window.failingSinceMs).toBeUndefined();
  });

  it('tells since when there is nothing but failure', () => {
    const window = windowAt();
    window.add([eventAt(1, 'a'), eventAt(2, 'b')], 2n);
    const [a, b] = all(window, 7);
    window.failed(a!, 7);
    expect(window.failingSinceMs).toBe(7);
    window.delivered(b!);
    expect(window.failingSinceMs).toBeUndefined();
    window.failed(window.take(5_000)!, 5_000);
    expect(window.failingSinceMs).toBe(5_000);
  });
});
