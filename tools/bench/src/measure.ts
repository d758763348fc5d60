/** Measures: closed loops, and pairs of a thing and its baseline taken in turn, so that both see the same machine. */

/** One round of a closed loop. */
export interface Load {
  perSecond: number;
  p50Ms: number;
  p99Ms: number;
}

export interface LoopOptions {
  /** How many tasks are under way at once. */
  inFlight: number;
  durationMs: number;
}

const MAX_SAMPLES = 2_000_000;

/**
 * Keeps `inFlight` tasks under way, each begun when another has ended. A task gets its number.
 * @throws whatever a task throws.
 */
export async function closedLoop(
  { inFlight, durationMs }: LoopOptions,
  task: (number: number) => Promise<unknown>,
): Promise<Load> {
  const latencies = new Float64Array(MAX_SAMPLES);
  const beganAtMs = performance.now();
  const endsAtMs = beganAtMs + durationMs;
  let done = 0;
  let next = 0;
  const worker = async (): Promise<void> => {
    for (let sentAtMs = performance.now(); sentAtMs < endsAtMs;) {
      await task(next++);
      const nowMs = performance.now();
      if (done < MAX_SAMPLES) latencies[done] = nowMs - sentAtMs;
      done += 1;
      sentAtMs = nowMs;
    }
  };
  await Promise.all(Array.from({ length: inFlight }, worker));
  const tookMs = performance.now() - beganAtMs;
  const sorted = latencies.subarray(0, Math.min(done, MAX_SAMPLES)).sort();
  return { perSecond: (done * 1_000) / tookMs, p50Ms: percentile(sorted, 50), p99Ms: percentile(sorted, 99) };
}

/** Of sorted samples. */
export function percentile(sorted: ArrayLike<number>, percent: number): number {
  if (sorted.length === 0) return Number.NaN;
  return sorted[Math.min(sorted.length - 1, Math.floor((sorted.length * percent) / 100))]!;
}

/** A figure over several rounds. */
export interface Spread {
  median: number;
  min: number;
  max: number;
}

export function spreadOf(values: readonly number[]): Spread {
  const sorted = [...values].sort((a, b) => a - b);
  return { median: percentile(sorted, 50), min: sorted[0]!, max: sorted.at(-1)! };
}

/** A thing against its baseline. */
export interface Ratio {
  ours: Spread;
  baseline: Spread;
  /** Of each round's pair. */
  ratio: Spread;
}

/** Takes ours and the baseline in turn, the first of them by turns too; one unmeasured round of each before. */
export async function inTurn<Figure>(
  rounds: number,
  ours: () => Promise<Figure>,
  baseline: () => Promise<Figure>,
): Promise<{ ours: Figure; baseline: Figure }[]> {
  await ours();
  await baseline();
  const pairs: { ours: Figure; baseline: Figure }[] = [];
  for (let round = 0; round < rounds; round += 1) {
    if (round % 2 === 0) {
      const first = await ours();
      pairs.push({ ours: first, baseline: await baseline() });
    } else {
      const first = await baseline();
      pairs.push({ ours: await ours(), baseline: first });
    }
  }
  return pairs;
}

/** One figure of each pair, as a ratio. */
export function ratioOf<Figure>(
  pairs: readonly { ours: Figure; baseline: Figure }[],
  figure: (of: Figure) => number,
): Ratio {
  return {
    ours: spreadOf(pairs.map(({ ours }) => figure(ours))),
    baseline: spreadOf(pairs.map(({ baseline }) => figure(baseline))),
    ratio: spreadOf(pairs.map(({ ours, baseline }) => figure(ours) / figure(baseline))),
  };
}
