import { BackOff } from './key-expiry/back-off.ts';
import { repeat } from './repeat.ts';
import { BusyError, Slots } from './slots.ts';

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('slots', () => {
  it('run so many at once, the others in turn, and refuse what would wait in vain', async () => {
    const slots = new Slots(2, 3);
    const releases: (() => void)[] = [];
    const started: number[] = [];
    const task = (number: number) => () => {
      started.push(number);
      return new Promise<void>((resolve) => releases.push(resolve));
    };
    const running = [0, 1, 2, 3, 4].map((number) => slots.run(task(number)));
    await expect(slots.run(task(5))).rejects.toThrow(BusyError);
    expect(started).toEqual([0, 1]);
    for (let done = 0; done < 5; done += 1) {
      releases[done]!();
      await turn();
    }
    await Promise.all(running);
    expect(started).toEqual([0, 1, 2, 3, 4]);
    await expect(slots.run(() => Promise.resolve('free again'))).resolves.toBe('free again');
  });

  it('are given back by what fails', async () => {
    const slots = new Slots(1, 1);
    await expect(slots.run(() => Promise.reject(new Error('a fault')))).rejects.toThrow('a fault');
    await expect(slots.run(() => Promise.resolve('next'))).resolves.toBe('next');
  });
});

describe('backing off', () => {
  it('doubles up to a bound, and begins anew for what is forgotten', () => {
    let nowMs = 0;
    const backOff = new BackOff({ nowMs: () => nowMs });
    const waits: number[] = [];
    for (let tries = 0; tries < 12; tries += 1) {
      expect(backOff.mayTry('key_1')).toBe(true);
      backOff.tried('key_1');
      const triedMs = nowMs;
      while (!backOff.mayTry('key_1')) nowMs += 1_000;
      waits.push(nowMs - triedMs);
    }
    expect(waits.slice(0, 4)).toEqual([2_000, 4_000, 8_000, 16_000]);
    expect(waits.at(-1)).toBe(600_000);
    backOff.tried('key_1');
    backOff.keepOnly(new Set(['key_2']));
    expect(backOff.mayTry('key_1')).toBe(true);
    expect(backOff.size).toBe(0);
  });

  it('remembers a bounded number', () => {
    const backOff = new BackOff({ capacity: 3 });
    for (const id of ['a', 'b', 'c', 'd']) backOff.tried(id);
    expect(backOff.size).toBe(3);
    expect(backOff.mayTry('a')).toBe(true);
    expect(backOff.mayTry('d')).toBe(false);
  });
});

describe('work that is repeated', () => {
  it('goes on after a failure, never overlaps, and stops at once', async () => {
    let running = 0;
    let rounds = 0;
    const errors: unknown[] = [];
    let reached: () => void;
    const enough = new Promise<void>((resolve) => (reached = resolve));
    const repeating = repeat({
      intervalMs: 1,
      work: async () => {
        expect((running += 1)).toBe(1);
        await turn();
        running -= 1;
        if ((rounds += 1) === 5) reached();
        if (rounds === 2) throw new Error('a fault');
        return rounds === 3;
      },
      onError: (error) => errors.push(error),
    });
    await enough;
    await repeating.stop();
    const after = rounds;
    await turn();
    expect(rounds).toBe(after);
    expect(errors).toEqual([new Error('a fault')]);
  });

  it('does not wait for its next time when it is told to stop', async () => {
    const begun = performance.now();
    const repeating = repeat({
      intervalMs: 3_600_000,
      work: () => Promise.resolve(),
      onError: () => undefined,
    });
    await turn();
    await repeating.stop();
    expect(performance.now() - begun).toBeLessThan(10_000);
  });
});
