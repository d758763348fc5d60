/** One run: so many restrictions under faults, and whether a VALID came for what had been taken away. */
import { EVERYTHING, Faults, type Fault, type FaultMix } from './faults.ts';
import { NO_HINTS, type Mutation } from './mutants.ts';
import type { Caller, ProberStats, Violation } from './probers.ts';
import { Random } from './random.ts';
import { Rounds, type RoundsCounts } from './rounds.ts';
import { World } from './world.ts';

export interface RunOptions {
  rounds: number;
  seed: number;
  faults?: FaultMix;
  mutations?: readonly Mutation[];
  withoutHints?: boolean;
  callers?: readonly Caller[];
  workers?: number;
  people?: number;
  settings?: Readonly<Record<string, string>>;
  /** Ends at the first violation. */
  untilRed?: boolean;
  timeoutMs?: number;
  onProgress?: (line: string) => void;
}

export interface FoundViolation extends Violation {
  /** How many restrictions had returned. */
  round: number;
  activeFaults: readonly Fault[];
  lastFaults: readonly string[];
}

export interface RunResult {
  rounds: number;
  seconds: number;
  violations: FoundViolation[];
  counts: RoundsCounts;
  faults: Partial<Record<Fault, number>>;
  callers: ProberStats[];
  lastFaults: readonly string[];
  /** What ended the run before its time, if anything did. */
  failure?: string;
}

const MAX_VIOLATIONS = 100;
const PROGRESS_EVERY_MS = 10_000;

export async function run(options: RunOptions): Promise<RunResult> {
  const { rounds: goal, seed, faults: mix = EVERYTHING, workers = 60, timeoutMs = 600_000 } = options;
  const random = new Random(seed);
  const ending = new AbortController();
  const violations: FoundViolation[] = [];
  let rounds: Rounds | undefined;
  let faults: Faults | undefined;
  const onViolation = (violation: Violation): void => {
    if (violations.length >= MAX_VIOLATIONS) return;
    violations.push({
      ...violation,
      round: rounds?.done ?? 0,
      activeFaults: [...(faults?.active ?? [])],
      lastFaults: [...(faults?.history ?? [])].slice(-12),
    });
    if (options.untilRed) ending.abort();
  };
  const { callers, people, settings } = options;
  const world = await World.start({
    mutations: [...(options.mutations ?? []), ...(options.withoutHints ? [NO_HINTS] : [])],
    ...(callers && { callers }),
    ...(people !== undefined && { people }),
    ...(settings && { settings }),
    onViolation,
  });
  const startedAtMs = performance.now();
  const timer = setTimeout(() => ending.abort(), timeoutMs);
  const progress = setInterval(() => {
    const seconds = Math.round((performance.now() - startedAtMs) / 1_000);
    options.onProgress?.(
      `${seconds} s: ${rounds?.done}/${goal} restrictions, ${violations.length} violations`,
    );
  }, PROGRESS_EVERY_MS);
  let failure: string | undefined;
  let stats: ProberStats[];
  try {
    rounds = new Rounds(world, { rounds: goal, random, workers, onViolation, signal: ending.signal });
    const done = rounds.run();
    if (Object.keys(mix).length > 0) {
      const { signal } = ending;
      faults = new Faults(world, { random, mix, progress: () => rounds!.done, signal });
      const injecting = faults.run();
      await done.finally(() => ending.abort());
      await injecting;
    } else await done;
    if (rounds.done < goal && violations.length === 0) failure = 'the time was over';
  } catch (error) {
    failure = (error as Error).message;
  } finally {
    clearTimeout(timer);
    clearInterval(progress);
    ending.abort();
    stats = await world.probers.stats().catch(() => []);
    await world.stop();
  }
  return {
    rounds: rounds?.done ?? 0,
    seconds: Math.round((performance.now() - startedAtMs) / 1_000),
    violations,
    counts: rounds!.counts,
    faults: faults?.counts ?? {},
    callers: stats,
    lastFaults: faults?.history ?? [],
    ...(failure !== undefined && { failure }),
  };
}
