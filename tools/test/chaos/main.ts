/** `npm run chaos`: the long runs, and a table at the end. */
import { parseArgs } from 'node:util';
import { EVERYTHING, type FaultMix } from './faults.ts';
import { MUTANTS } from './mutants.ts';
import { run, type RunResult } from './run.ts';

const USAGE = `npm run chaos -- [--rounds 10000] [--seed 1] [--json]   every fault at random
    --faults promotion,flush                            these alone; 'none' for none
npm run chaos -- --mutants [--only name]                one protection off at a time, until red`;
/** A fresh stack after so many rounds: a rebuild reads the whole log, and must not take ever longer. */
const EPISODE_ROUNDS = 1_000;
const MUTANT_ROUNDS = 500;
/** Few, so that faults come often for so many rounds. */
const MUTANT_WORKERS = 16;

interface Options {
  rounds: number;
  seed: number;
  json: boolean;
  only: string | undefined;
  faults: FaultMix;
}

/** @returns the exit code. */
export async function chaos(args: readonly string[]): Promise<number> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      rounds: { type: 'string', default: '10000' },
      seed: { type: 'string', default: '1' },
      json: { type: 'boolean', default: false },
      mutants: { type: 'boolean', default: false },
      only: { type: 'string' },
      faults: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  });
  const rounds = Number(values.rounds);
  const seed = Number(values.seed);
  if (values.help || !Number.isInteger(rounds) || rounds < 1 || !Number.isInteger(seed)) {
    console.error(USAGE);
    return values.help ? 0 : 1;
  }
  const options = { rounds, seed, json: values.json, only: values.only, faults: mixOf(values.faults) };
  return values.mutants ? mutants(options) : everything(options);
}

/** All, or those that are named. */
function mixOf(names: string | undefined): FaultMix {
  if (names === undefined) return EVERYTHING;
  const wanted = names.split(',');
  return Object.fromEntries(Object.entries(EVERYTHING).filter(([name]) => wanted.includes(name)));
}

async function everything({ rounds, seed, json, faults }: Options): Promise<number> {
  const results: RunResult[] = [];
  let done = 0;
  for (let episode = 0; done < rounds; episode += 1) {
    const result = await run({
      rounds: Math.min(EPISODE_ROUNDS, rounds - done),
      seed: seed + episode,
      faults,
      onProgress: (line) => console.error(`episode ${episode + 1}, seed ${seed + episode}, ${line}`),
    });
    results.push(result);
    done += result.rounds;
    for (const violation of result.violations) console.error('VALID after the answer:', violation);
    if (result.failure !== undefined) {
      console.error(`episode ${episode + 1}: ${result.failure}\n${result.lastFaults.join('\n')}`);
      break;
    }
  }
  const violations = results.flatMap((result) => result.violations);
  const summary = {
    rounds: done,
    seconds: sum(results.map(({ seconds }) => seconds)),
    violations: violations.length,
    restrictions: added(results.map(({ counts }) => counts.returned)),
    repeated: sum(results.map(({ counts }) => counts.repeated)),
    notFinal: sum(results.map(({ counts }) => counts.notFinal)),
    faults: added(results.map(({ faults }) => faults)),
    validBefore: sum(results.flatMap(({ callers }) => callers.map(({ valid }) => valid))),
    checksAfter: sum(results.flatMap(({ callers }) => callers.map(({ probes }) => probes))),
    refusedAfter: sum(results.flatMap(({ callers }) => callers.map(({ refused }) => refused))),
    unavailableAfter: sum(results.flatMap(({ callers }) => callers.map(({ unavailable }) => unavailable))),
    gatewayValidBefore: sum(results.map(({ counts }) => counts.gatewayValid)),
    gatewayChecksAfter: sum(results.map(({ counts }) => counts.gatewayProbes)),
    slowestRestrictionMs: Math.max(...results.map(({ counts }) => counts.slowestMs)),
    failures: results.flatMap(({ failure }) => failure ?? []),
  };
  if (json) console.log(JSON.stringify({ ...summary, found: violations }, undefined, 2));
  else console.table(flat(summary));
  return violations.length === 0 && done >= rounds ? 0 : 1;
}

async function mutants({ seed, json, only }: Options): Promise<number> {
  const rows = [];
  for (const mutant of MUTANTS.filter(({ name }) => only === undefined || name === only)) {
    const { name, protection, mutations, faults, withoutHints = false, settings, people = 0 } = mutant;
    const result = await run({
      rounds: MUTANT_ROUNDS,
      seed,
      mutations,
      faults,
      withoutHints,
      workers: MUTANT_WORKERS,
      people,
      untilRed: true,
      timeoutMs: 180_000,
      ...(settings && { settings }),
      onProgress: (line) => console.error(`${name}, ${line}`),
    });
    const [first] = result.violations;
    rows.push({
      mutant: name,
      protection,
      red: first ? `after ${first.round} rounds` : 'no',
      seconds: result.seconds,
      seenBy: first?.caller ?? '-',
      beganAfterMs: first?.beganAfterMs ?? '-',
      failure: result.failure ?? '-',
    });
    console.error(rows.at(-1));
  }
  if (json) console.log(JSON.stringify(rows, undefined, 2));
  else console.table(rows);
  return rows.every(({ red }) => red !== 'no') ? 0 : 1;
}

const sum = (numbers: readonly number[]): number => numbers.reduce((total, one) => total + one, 0);

function added(counts: readonly Partial<Record<string, number>>[]): Record<string, number> {
  const total: Record<string, number> = {};
  for (const each of counts)
    for (const [name, count] of Object.entries(each)) total[name] = (total[name] ?? 0) + (count ?? 0);
  return total;
}

function flat(summary: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(summary).flatMap(([name, value]) =>
      typeof value === 'object' && value !== null && !Array.isArray(value)
        ? Object.entries(value).map(([part, count]) => [`${name}: ${part}`, count])
        : [[name, Array.isArray(value) ? value.join('; ') : value]],
    ),
  );
}
