/** What a row of the table says. */
import type { Ratio } from './measure.ts';

export interface Result {
  /** Which row of the table: `verify`, `client`, … */
  row: string;
  /** What was varied: `1e5 keys, zipf, 64 in flight, 1 authorizer`. */
  variant: string;
  /** What is compared, such as `p50` or `throughput`. */
  figure: string;
  unit: string;
  baseline: string;
  /** Absent where there is nothing to compare with. */
  atLeast?: number;
  aim?: number;
  /** Whether a smaller ratio is the better one. */
  lowerIsBetter: boolean;
  ratio: Ratio;
  note?: string;
  /** The day, where it is not that of the whole page. */
  at?: string;
}

/** Old results, each in its place with the new one of the same name instead; then those that are new. */
export function renewed(old: readonly Result[], fresh: readonly Result[]): Result[] {
  const name = ({ row, variant, figure, baseline }: Result): string =>
    [row, variant, figure, baseline].join('\n');
  const byName = new Map(old.map((result) => [name(result), result]));
  for (const result of fresh) byName.set(name(result), result);
  return [...byName.values()];
}

/** Whether the middle column is reached; `undefined` where the row has no goal. */
export function isReached({ atLeast, lowerIsBetter, ratio }: Result): boolean | undefined {
  if (atLeast === undefined) return undefined;
  return lowerIsBetter ? ratio.ratio.median <= atLeast : ratio.ratio.median >= atLeast;
}
