/** First come, first served, and nothing kept of those that went. */
import fc from 'fast-check';
import { Queue } from './usage-queue.ts';

it('is a list, whatever comes and goes', () => {
  const step = fc.record({ come: fc.nat(30_000), go: fc.nat(30_000) });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 6 }), (steps) => {
      const queue = new Queue();
      let [came, went] = [0, 0];
      for (const { come, go } of steps) {
        for (let n = 0; n < come; n += 1) queue.push(`${(came += 1)}`);
        const taken = queue.take(go);
        expect(taken).toHaveLength(Math.min(go, came - went));
        if (taken.length > 0)
          expect([taken[0], taken.at(-1)]).toEqual([`${went + 1}`, `${went + taken.length}`]);
        went += taken.length;
        expect(queue.size).toBe(came - went);
      }
    }),
    { numRuns: 30 },
  );
});
