import { inSteps } from './in-steps.ts';

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('steps', () => {
  it('are all done and answered in order, never more than so many at once', async () => {
    let atOnce = 0;
    let most = 0;
    const done: number[] = [];
    const step = async (item: number) => {
      most = Math.max(most, (atOnce += 1));
      await turn();
      atOnce -= 1;
      done.push(item);
      return 10 * item;
    };
    expect(await inSteps([1, 2, 3, 4, 5, 6, 7], step, 3)).toEqual([10, 20, 30, 40, 50, 60, 70]);
    expect(done.sort()).toEqual([1, 2, 3, 4, 5, 6, 7]);
    expect(most).toBe(3);
  });

  it('after a failure no other begins, and those under way are awaited', async () => {
    const done: number[] = [];
    const step = async (item: number) => {
      if (item === 1) throw new Error('a fault');
      await turn();
      done.push(item);
    };
    await expect(inSteps([1, 2, 3, 4], step, 2)).rejects.toThrow('a fault');
    expect(done).toEqual([2]);
  });
});
