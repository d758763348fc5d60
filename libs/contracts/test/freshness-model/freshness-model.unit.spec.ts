/**
 * Walks the interleavings (G3, G4): no VALID for a check that began after a restriction returned, and one for every
 * rule that is taken away. `FRESHNESS_MODEL_RUNS=300000` walks as many; then each rule is searched anew from seed 1,
 * and what was found is printed.
 */
import { NO_COUNTS, type Counts } from './model.ts';
import { MUTANTS, PAIRS, SPARE } from './mutants.ts';
import { TRUE_RULES, type Rules } from './rules.ts';
import { run, search } from './run.ts';

const LONG_RUNS = Number(process.env.FRESHNESS_MODEL_RUNS ?? 0);
const RUNS = LONG_RUNS || 200;
/** Where a change of the model moves a known seed, the next ones are looked at as well. */
const MOST_RUNS = LONG_RUNS ? 20_000 : 150;
const TIMEOUT_MS = LONG_RUNS ? 4 * 3_600_000 : 60_000;

/** The first violation with the last steps before it. */
function counterexample(seed: number, rules: Rules): string {
  const { violation, trace } = run(seed, rules, true);
  return [`seed ${seed}: ${violation}`, ...trace.slice(-25)].join('\n');
}

describe('G3, G4: no VALID for a check that began after a restriction returned', () => {
  it(
    `in ${RUNS} runs`,
    () => {
      const { seed, counts } = search(TRUE_RULES, RUNS);
      expect(seed && counterexample(seed, TRUE_RULES)).toBeUndefined();
      if (LONG_RUNS) process.stdout.write(`${RUNS} runs: ${JSON.stringify(counts)}\n`);
      // A model in which nothing happens finds nothing.
      const least: Counts = {
        ...{ ...NO_COUNTS, checks: 200, valid: 50, shared: 10, readingsShared: 30 },
        ...{
          finals: 3,
          notFinal: 0.5,
          finalsAfterChange: 0.3,
          takeOvers: 1.5,
          sessions: 2,
          refusedChecks: 50,
        },
      };
      for (const name of Object.keys(least) as (keyof Counts)[])
        expect([name, counts[name] / RUNS >= least[name]]).toEqual([name, true]);
    },
    TIMEOUT_MS,
  );

  it.each([...MUTANTS, ...PAIRS])(
    'control: $name, and a run shows it',
    ({ name, seed: known, rules: changed }) => {
      const rules = { ...TRUE_RULES, ...changed };
      const { seed, runs } = search(rules, MOST_RUNS, LONG_RUNS ? 1 : known);
      expect([name, seed === undefined ? `not found in ${runs} runs` : 'found']).toEqual([name, 'found']);
      if (LONG_RUNS) process.stdout.write(`${name}: after ${runs} runs\n${counterexample(seed!, rules)}\n`);
      // The same run keeps to the guarantee with the rule.
      expect(run(seed!).violation).toBeUndefined();
    },
    TIMEOUT_MS,
  );

  it.each(SPARE)(
    '$name: another rule stands behind it, and no run shows it',
    ({ rules }) => {
      expect(search({ ...TRUE_RULES, ...rules }, Math.ceil(RUNS / 10)).violation).toBeUndefined();
    },
    TIMEOUT_MS,
  );
});
