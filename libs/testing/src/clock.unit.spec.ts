import { fixedClock, ManualClock } from './clock.ts';

describe('the manual clock', () => {
  it('stands still until it is moved, and never goes back', () => {
    const clock = new ManualClock('2026-03-04T05:06:07.000Z');
    const before = clock.nowMs();
    expect(clock.nowMs()).toBe(before);
    clock.advance(1_500);
    expect(clock.nowIso()).toBe('2026-03-04T05:06:08.500Z');
    expect(() => clock.advance(-1)).toThrow(RangeError);
  });

  it('refuses what is no time', () => {
    expect(() => new ManualClock('yesterday')).toThrow(RangeError);
  });

  it('can be fixed for good', () => {
    expect(fixedClock('2026-03-04T05:06:07.000Z')()).toBe('2026-03-04T05:06:07.000Z');
  });
});
