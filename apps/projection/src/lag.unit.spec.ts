import { Lag } from './lag.ts';

describe('the lag in time', () => {
  it('begins when the log was first seen further than the read models, and ends once they are there', () => {
    let nowMs = 0;
    const lag = new Lag(() => nowMs);
    lag.saw(10n);
    expect(lag.waitingMs(10n)).toBe(0);
    nowMs = 1_000;
    lag.saw(20n);
    nowMs = 5_000;
    lag.saw(30n);
    expect(lag.waitingMs(15n)).toBe(4_000);
    // A log that goes on growing is no lag, as long as what was seen earlier is applied.
    expect(lag.waitingMs(25n)).toBe(0);
    expect(lag.waitingMs(30n)).toBe(0);
  });

  it('says since when however often it looks, in bounded memory', () => {
    let nowMs = 0;
    const lag = new Lag(() => nowMs);
    for (let scrape = 1; scrape <= 10_000; scrape += 1) {
      nowMs = scrape * 1_000;
      lag.saw(BigInt(scrape));
    }
    expect(lag.waitingMs(0n)).toBe(9_999_000);
  });
});
