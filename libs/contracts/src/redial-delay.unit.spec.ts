import { jittered, redialDelay } from './redial-delay.ts';

const DUE = -Infinity;

describe('redialDelay', () => {
  it('says that a dial is due: the first at once, each other one when the wait is over', () => {
    let nowMs = 5;
    const delay = redialDelay(
      () => 100,
      () => nowMs,
    );
    const said: number[] = [];
    for (nowMs of [5, 5, 60, 98, 104.5, 105, 204, 1_000]) said.push(delay());
    expect(said).toEqual([DUE, 100, 100, 100, DUE, 100, DUE, DUE]);
  });

  it('asks anew how long the wait is, which may have grown', () => {
    let nowMs = 0;
    let waitMs = 50;
    const delay = redialDelay(
      () => waitMs,
      () => nowMs,
    );
    expect(delay()).toBe(DUE);
    [nowMs, waitMs] = [60, 2_000];
    expect(delay()).toBe(2_000);
    nowMs = 2_000;
    expect(delay()).toBe(DUE);
  });

  it('each connection has its own', () => {
    const [one, other] = [redialDelay(() => 1e6), redialDelay(() => 1e6)];
    expect([one(), one(), other()]).toEqual([DUE, 1e6, DUE]);
  });
});

it('jittered: from the least on, by less than the jitter more', () => {
  const waits = Array.from({ length: 100 }, jittered(100, 50));
  expect(Math.min(...waits)).toBeGreaterThanOrEqual(100);
  expect(Math.max(...waits)).toBeLessThan(150);
  expect(new Set(waits).size).toBeGreaterThan(50);
});
