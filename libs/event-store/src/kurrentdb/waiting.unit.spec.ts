import { Deadline, Places, backOffMs, pause, within } from './waiting.ts';

const never = new Promise<never>(() => undefined);

describe('bounds on waiting', () => {
  it('G4: work that never settles rejects at its time; without the timer it does not', async () => {
    const late = () => new Error('late');
    await expect(within(never, 20, late)).rejects.toThrow('late');
    // The control: the same promise, left alone.
    const settled = await Promise.race([never.then(() => 'settled'), pause(60).then(() => 'pending')]);
    expect(settled).toBe('pending');
  });

  it('hands on what the work gives', async () => {
    await expect(within(Promise.resolve(1), 1_000, () => new Error('late'))).resolves.toBe(1);
    await expect(within(Promise.reject(new Error('own')), 1_000, () => new Error('late'))).rejects.toThrow(
      'own',
    );
  });

  it('a pause ends with its signal', async () => {
    const stop = new AbortController();
    const began = performance.now();
    const paused = pause(10_000, stop.signal);
    stop.abort();
    await paused;
    await pause(10_000, stop.signal);
    expect(performance.now() - began).toBeLessThan(5_000);
  });

  it('back-off doubles up to its bound, with jitter', () => {
    for (let attempt = 0; attempt < 100; attempt += 1) {
      const ms = backOffMs(attempt, 50, 1_000);
      expect(ms).toBeGreaterThanOrEqual(Math.min(1_000, 50 * 2 ** attempt) / 2);
      expect(ms).toBeLessThanOrEqual(1_000);
    }
  });

  it('places are bounded, handed on in order, and given back once', async () => {
    const places = new Places(2, 'tests');
    const first = await places.take(new Deadline(1_000));
    await places.take(new Deadline(1_000));
    const order: number[] = [];
    const third = places.take(new Deadline(1_000)).then((back) => (order.push(3), back));
    const fourth = places.take(new Deadline(1_000)).then((back) => (order.push(4), back));
    first();
    first();
    const giveBack = await third;
    expect(order).toEqual([3]);
    giveBack();
    await fourth;
    expect(order).toEqual([3, 4]);
  });

  it('who finds no place in time is told so, and leaves the line', async () => {
    const places = new Places(1, 'tests');
    const giveBack = await places.take(new Deadline(1_000));
    await expect(places.take(new Deadline(20))).rejects.toMatchObject({
      code: 'unavailable',
      inDoubt: false,
    });
    giveBack();
    await expect(places.take(new Deadline(20))).resolves.toBeInstanceOf(Function);
  });
});
