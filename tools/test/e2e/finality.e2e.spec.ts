/** The short form of `npm run chaos` (docs/finality.md): G3 and G4 with every fault at random, and two controls. */
import { MUTANTS } from '../chaos/mutants.ts';
import { run } from '../chaos/run.ts';

const ROUNDS = 40;
/** One of the wait, one of the SDK: those that show soonest. `npm run chaos -- --mutants` has them all. */
const IN_CI = ['no-final-wait', 'reuse-ten-times-as-long'];

describe('G3, G4: a restriction is final when it returns', () => {
  it('no VALID for a check that began after the answer, whatever fails meanwhile', async () => {
    const result = await run({ rounds: ROUNDS, seed: 1, people: 1, workers: 30, timeoutMs: 300_000 });
    expect(result.violations).toEqual([]);
    expect(result.failure).toBeUndefined();
    // Control: the run says something. Callers had answers to keep, restrictions of each kind returned, things failed.
    for (const caller of result.callers) {
      expect(caller.valid).toBeGreaterThan(0);
      expect(caller.probes).toBeGreaterThan(ROUNDS);
    }
    const { revoke, suspend, narrow } = result.counts.returned;
    for (const count of [revoke, suspend, narrow]) expect(count).toBeGreaterThan(0);
    expect(Object.keys(result.faults).length).toBeGreaterThan(2);
  }, 600_000);

  it.each(MUTANTS.filter(({ name }) => IN_CI.includes(name)))(
    'control: without "$protection" it is found',
    async ({ mutations, faults, withoutHints = false, settings = {} }) => {
      const result = await run({
        rounds: 500,
        seed: 1,
        mutations,
        faults,
        withoutHints,
        settings,
        workers: 16,
        callers: ['nats', 'sdk'],
        people: 0,
        untilRed: true,
        timeoutMs: 240_000,
      });
      expect(result.violations).not.toEqual([]);
    },
    600_000,
  );
});
