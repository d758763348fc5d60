/** Windows of use, few and far between or close together, as bars of the same width in time. */
import type { components } from '@mcpstack/api-client';

type Window = components['schemas']['UsageWindowAnswer'];

export interface Bar {
  from: string;
  to: string;
  count: number;
}

const MOST_BARS = 48;
const LEAST_BARS = 12;
/** What a window lasts at least: bars are no finer. */
const FINEST_MS = 10_000;
const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;
/** Spans that people think in. */
const SPANS_MS = [
  FINEST_MS,
  30_000,
  ...[1, 5, 15, 30].map((count) => count * MINUTE_MS),
  ...[1, 3, 6, 12, 24, 168].map((count) => count * HOUR_MS),
];

/** @param windows newest first, as the API answers them. */
export function barsOf(windows: readonly Window[]): Bar[] {
  const [newest, oldest] = [windows[0], windows.at(-1)];
  if (!newest || !oldest) return [];
  const [startMs, endMs] = [Date.parse(oldest.from), Date.parse(newest.to)];
  const spanMs =
    SPANS_MS.find((span) => (endMs - startMs) / span < MOST_BARS) ?? Math.ceil((endMs - startMs) / MOST_BARS);
  const last = Math.floor((endMs - 1) / spanMs);
  const first = Math.min(Math.floor(startMs / spanMs), last - LEAST_BARS + 1);
  const counts = new Array<number>(last - first + 1).fill(0);
  for (const { from, count } of windows) {
    const index = Math.floor(Date.parse(from) / spanMs) - first;
    counts[index] = (counts[index] ?? 0) + count;
  }
  return counts.map((count, index) => ({
    from: new Date((first + index) * spanMs).toISOString(),
    to: new Date((first + index + 1) * spanMs).toISOString(),
    count,
  }));
}
