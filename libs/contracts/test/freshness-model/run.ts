/** One run of the model, from its seed. */
import type { FreshnessSettings } from '../../src/freshness.ts';
import { Issuance } from './issuance.ts';
import { Model, NO_COUNTS, type Counts } from './model.ts';
import { Projection } from './projection.ts';
import { Authorizer, Sdk } from './readers.ts';
import { TRUE_RULES, type Rules } from './rules.ts';
import { begin, checkSoon } from './stories.ts';
import type { Actors } from './take-overs.ts';
import { World } from './world.ts';

const T = 2_000;

export interface Outcome {
  violation: string | undefined;
  counts: Counts;
  trace: readonly string[];
}

/** Runs the story of this seed until it ends or a VALID was answered that must not be. */
export function run(seed: number, rules: Rules = TRUE_RULES, keepsTrace = false): Outcome {
  const world = new World(seed, keepsTrace);
  const settings: FreshnessSettings = {
    deltaMs: world.pick([100, 400]),
    stampLifeMs: T,
    leaseLifeMs: world.pick([0.4, 0.6]) * T,
  };
  const model = new Model(world, rules, settings);
  const projections = [new Projection(model, 'projection-1'), new Projection(model, 'projection-2')];
  const authorizers = [new Authorizer(model, 'authorizer-1'), new Authorizer(model, 'authorizer-2')];
  const sdks = [new Sdk(model, 'sdk-1', authorizers), new Sdk(model, 'sdk-2', authorizers)];
  const onFinal = (key: number): void => {
    const { deltaMs } = settings;
    const soonMs = [0.01, 0.3, 2, 5, world.random() * deltaMs, world.random() * T, world.random() * 2 * T];
    checkSoon(actors, key, soonMs);
    model.onFinal?.();
  };
  const issuance = new Issuance(model, projections, onFinal);
  const actors: Actors = { model, projections, authorizers, sdks, issuance };
  const lengthMs = 8 * T;
  begin(actors, lengthMs);
  world.run(lengthMs, () => model.violation !== undefined);
  return { violation: model.violation, counts: model.counts, trace: world.trace };
}

export interface Search {
  runs: number;
  counts: Counts;
  /** The first seed that broke the guarantee. */
  seed: number | undefined;
  violation: string | undefined;
}

/** Runs seed after seed, until one breaks the guarantee. */
export function search(rules: Rules, mostRuns: number, firstSeed = 1): Search {
  const counts = { ...NO_COUNTS };
  for (let runs = 1; runs <= mostRuns; runs += 1) {
    const seed = firstSeed + runs - 1;
    const outcome = run(seed, rules);
    for (const name of Object.keys(counts) as (keyof Counts)[]) counts[name] += outcome.counts[name];
    if (outcome.violation) return { runs, counts, seed, violation: outcome.violation };
  }
  return { runs: mostRuns, counts, seed: undefined, violation: undefined };
}
