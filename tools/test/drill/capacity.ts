/** What a million keys and a hundred thousand checks a second need, from measured figures: the table of docs/operations.md. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Measured } from './measure.ts';

const KEYS = 1e6;
const CHECKS_PER_SECOND = 1e5;
/** How busy a process may be on average. */
const BUSY = 0.6;
/** A use is an event once in so many seconds a key. */
const USAGE_WINDOW_S = 10;
const KEYS_IN_USE = 10_000;
const DAY_S = 86_400;

export interface Results {
  machine: { cores: number };
  results: { row: string; variant: string; figure: string; ratio: { ours: { median: number } } }[];
}

/** `capacity.json` is what `npm run drill -- measure --json` wrote, where somebody kept it. */
export function readFigures(root: string): [Results, Measured | undefined] {
  const at = (name: string) => join(root, 'docs', 'performance', name);
  const read = (name: string): unknown => JSON.parse(readFileSync(at(name), 'utf8'));
  const measured = existsSync(at('capacity.json')) ? (read('capacity.json') as Measured) : undefined;
  return [read('results.json') as Results, measured];
}

/** Lines of Markdown, without what makes columns equally wide. */
export function capacityTable({ machine, results }: Results, measured?: Measured): string[] {
  const perSecond = (row: string, variant: string): number => {
    const found = results.find(
      (one) => one.row === row && one.variant === variant && /throughput|events/.test(one.figure),
    );
    if (!found) throw new Error(`results.json has no ${row}, ${variant}`);
    return found.ratio.ours.median;
  };
  const checks = (variant: string) => perSecond('verify over NATS', variant);
  const hot = checks('1000 keys, uniform, 1 authorizer, 64 in flight');
  const zipf = checks(`${KEYS} keys, zipf, 1 authorizer, 256 in flight`);
  const even = checks(`${KEYS} keys, uniform, 3 authorizers, 256 in flight`);
  const rebuilt = perSecond('rebuild read models', `${KEYS} keys`);
  const created = perSecond('create key', `${KEYS} keys, 64 in flight`);
  const { cores } = machine;

  const allCores = (rate: number) =>
    `${int(CHECKS_PER_SECOND)}/s × ${cores} cores / ${int(rate)}/s | ${((CHECKS_PER_SECOND * cores) / rate).toFixed(1)} cores`;
  const authorizers = (rate: number) =>
    `${int(CHECKS_PER_SECOND)}/s / (${int(rate)}/s × ${BUSY}), and one to spare | ${Math.ceil(CHECKS_PER_SECOND / (rate * BUSY)) + 1}`;
  return [
    '| what | arithmetic | comes to |',
    '| --- | --- | --- |',
    `| cores of all parts and callers, keys that are asked about often | ${allCores(hot)} |`,
    `| the same, ${int(KEYS)} keys by Zipf | ${allCores(zipf)} |`,
    `| the same, ${int(KEYS)} keys evenly | ${allCores(even)} |`,
    `| authorizers, keys that are asked about often | ${authorizers(hot)} |`,
    `| authorizers, ${int(KEYS)} keys by Zipf | ${authorizers(zipf)} |`,
    ...(measured ? sizeRows(measured) : []),
    `| time to rebuild the read models | ${int(KEYS)} / ${int(rebuilt)}/s | ${Math.ceil(KEYS / rebuilt)} s |`,
    `| time to create the keys, one request each | ${int(KEYS)} / ${int(created)}/s | ${Math.ceil(KEYS / created / 60)} min |`,
  ];
}

function sizeRows({ redisBytesPerKey, logBytesPerEvent, natsResidentBytesPerKey }: Measured): string[] {
  const events = KEYS_IN_USE / USAGE_WINDOW_S;
  const gigabytes = (bytes: number) => `${(bytes / 1e9).toFixed(2)} GB`;
  return [
    `| Redis, memory | ${int(KEYS)} × ${int(redisBytesPerKey)} B, twice while read models are rebuilt | ${gigabytes(2 * KEYS * redisBytesPerKey)} |`,
    `| log, disk for keys | ${int(KEYS)} × ${int(logBytesPerEvent)} B for each event | ${gigabytes(KEYS * logBytesPerEvent)} |`,
    `| log, disk for use | ${int(KEYS_IN_USE)} keys in use / ${USAGE_WINDOW_S} s = ${int(events)} events/s × ${int(logBytesPerEvent)} B × ${int(DAY_S)} s | ${gigabytes(events * logBytesPerEvent * DAY_S)} a day |`,
    `| NATS, memory where it holds the log | ${int(KEYS)} × ${int(natsResidentBytesPerKey)} B | ${gigabytes(KEYS * natsResidentBytesPerKey)} |`,
  ];
}

function int(value: number): string {
  return Math.round(value).toLocaleString('en-US');
}
