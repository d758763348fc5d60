/** The clock of the page goes right from the first time that is shown, however long none was. */
import { jest } from '@jest/globals';
import { clock } from './clock.ts';

const NOON_MS = Date.parse('2030-01-01T12:00:00Z');
const MINUTE_MS = 60_000;

describe('the clock of the page', () => {
  beforeEach(() => void jest.useFakeTimers({ now: NOON_MS }));
  afterEach(() => void jest.useRealTimers());

  it('is right at once after nobody has looked at it for a while, and holds no timer meanwhile', () => {
    clock.subscribe(() => undefined)();
    expect(jest.getTimerCount()).toBe(0);
    jest.advanceTimersByTime(3 * MINUTE_MS);
    const leave = clock.subscribe(() => undefined);
    expect(clock.read()).toBe(NOON_MS + 3 * MINUTE_MS);
    leave();
  });

  it('goes on for all who look, and stays the same between two ticks', () => {
    const told = [0, 0];
    const leave = [0, 1].map((index) => clock.subscribe(() => (told[index]! += 1)));
    jest.advanceTimersByTime(9_999);
    expect(clock.read()).toBe(NOON_MS);
    jest.advanceTimersByTime(MINUTE_MS);
    expect(clock.read()).toBe(NOON_MS + MINUTE_MS);
    expect(told).toEqual([6, 6]);
    expect(jest.getTimerCount()).toBe(1);
    for (const one of leave) one();
    expect(jest.getTimerCount()).toBe(0);
  });
});
