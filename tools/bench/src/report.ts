/** The results for people: a table, a page, and the graph of cost against the number of keys. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isReached, type Result } from './result.ts';
import type { Spread } from './measure.ts';

export interface Machine {
  cores: number;
  cpu: string;
  memoryGiB: number;
  versions: Readonly<Record<string, string>>;
  /** The day. */
  at: string;
}

const HEADER = ['what', 'figure', 'ours', 'baseline', 'ratio (spread)', 'goal', ''] as const;

export function tableOf(
  results: readonly Result[],
  { colour = false, header = true }: { colour?: boolean; header?: boolean } = {},
): string {
  const rows = results.map((result) => [
    `${result.row}, ${result.variant}`,
    result.figure,
    withUnit(result.ratio.ours.median, result.unit),
    `${withUnit(result.ratio.baseline.median, result.unit)} ${result.baseline}`,
    ratioText(result),
    goalText(result),
    mark(result, colour),
  ]);
  if (!header) return rows.map((row) => row.join('  ')).join('\n');
  const all = [[...HEADER], ...rows];
  const widths = HEADER.map((_, column) => Math.max(...all.map((row) => row[column]!.length)));
  return all
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column]!))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

/** docs/performance.md: made whole, but for what was found by profiling, which people write. */
export function pageOf(results: readonly Result[], machine: Machine, root: string): string {
  const found = join(root, 'docs', 'performance', 'findings.md');
  const rows = results.map((result) =>
    [
      '',
      result.row,
      result.variant,
      result.figure,
      withUnit(result.ratio.ours.median, result.unit),
      `${withUnit(result.ratio.baseline.median, result.unit)}: ${result.baseline}`,
      ratioText(result),
      goalText(result),
      [mark(result, false), result.note, result.at && result.at !== machine.at ? `(${result.at})` : '']
        .filter(Boolean)
        .join(' '),
      '',
    ].join(' | '),
  );
  return (
    `# Performance

Made by \`npm run bench -- --write\` on ${machine.at}: every figure is measured in turn with its baseline in one run on
one machine, and what counts is their ratio. ${machine.cores} cores (${machine.cpu}), ${machine.memoryGiB} GiB, ${Object.entries(
      machine.versions,
    )
      .map(([name, version]) => `${name} ${version}`)
      .join(', ')}. The load generator, both servers and every service share these cores.
A ratio has to be the first of the two goals at least, and aims at the second.

| what | variant | figure | ours | baseline | ratio (spread) | at least, aim | |
| --- | --- | --- | --- | --- | --- | --- | --- |
${rows.map((row) => row.trim()).join('\n')}

## Cost against the number of keys

![Time per check at 64 in flight against the number of keys](performance/cost-by-keys.svg)

${existsSync(found) ? readFileSync(found, 'utf8').trimEnd() : ''}
`.trimEnd() + '\n'
  );
}

/** Microseconds of wall time for each check over NATS, ours and bare, at each number of keys; an SVG. */
export function chartOf(results: readonly Result[]): string {
  const points = results
    .filter(
      ({ row, figure, variant }) =>
        row === 'verify over NATS' && figure === 'throughput' && /1 authorizer, 64/.test(variant),
    )
    .flatMap(({ variant, ratio, baseline }) => {
      const [, keys, distribution] = /^(\d+) keys, (\w+)/.exec(variant) ?? [];
      if (keys === undefined || !baseline.startsWith('bare')) return [];
      return [
        {
          keys: Number(keys),
          distribution: distribution!,
          ours: 1e6 / ratio.ours.median,
          bare: 1e6 / ratio.baseline.median,
        },
      ];
    });
  const series = [
    {
      name: 'verify, uniform',
      colour: '#1f6feb',
      of: points.filter((p) => p.distribution === 'uniform').map((p) => [p.keys, p.ours] as const),
    },
    {
      name: 'verify, Zipf',
      colour: '#8250df',
      of: points.filter((p) => p.distribution === 'zipf').map((p) => [p.keys, p.ours] as const),
    },
    {
      name: 'bare responder',
      colour: '#8c959f',
      of: points.filter((p) => p.distribution === 'uniform').map((p) => [p.keys, p.bare] as const),
    },
  ];
  const [width, height, left, bottom] = [640, 320, 64, 48];
  const highest = Math.max(1, ...series.flatMap(({ of }) => of.map(([, us]) => us))) * 1.15;
  const [fewest, most] = [Math.min(...points.map((p) => p.keys)), Math.max(...points.map((p) => p.keys))];
  const span = Math.log10(most) - Math.log10(fewest) || 1;
  const x = (keys: number): number =>
    left + ((Math.log10(keys) - Math.log10(fewest)) / span) * (width - left - 150);
  const y = (us: number): number => height - bottom - (us / highest) * (height - bottom - 24);
  const text = (
    at: readonly [number, number],
    content: string,
    anchor = 'middle',
    fill = '#57606a',
  ): string =>
    `<text x="${at[0].toFixed(1)}" y="${at[1].toFixed(1)}" text-anchor="${anchor}" fill="${fill}">${content}</text>`;
  const ticks = [0, 0.25, 0.5, 0.75, 1].map((share) => share * highest);
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" font-family="system-ui, sans-serif" font-size="12">`,
    `<rect width="${width}" height="${height}" fill="#ffffff"/>`,
    ...ticks.map(
      (us) =>
        `<path d="M${left} ${y(us).toFixed(1)}H${width - 150}" stroke="#d0d7de"/>${text([left - 8, y(us) + 4], us.toFixed(0), 'end')}`,
    ),
    ...[...new Set(points.map((p) => p.keys))].map((keys) =>
      text([x(keys), height - bottom + 20], keys.toLocaleString('en-GB')),
    ),
    text([left, 14], 'µs of wall time per check', 'start'),
    text([(left + width - 150) / 2, height - 8], 'keys'),
    ...series.flatMap(({ name, colour, of }, index) => [
      `<polyline fill="none" stroke="${colour}" stroke-width="2" points="${of.map(([keys, us]) => `${x(keys).toFixed(1)},${y(us).toFixed(1)}`).join(' ')}"/>`,
      ...of.map(
        ([keys, us]) =>
          `<circle cx="${x(keys).toFixed(1)}" cy="${y(us).toFixed(1)}" r="3" fill="${colour}"/>`,
      ),
      text([width - 140, 40 + index * 20], name, 'start', colour),
    ]),
    '</svg>\n',
  ].join('\n');
}

function ratioText({ ratio: { ratio } }: Result): string {
  return `${digits(ratio.median)}× ${spread(ratio)}`;
}

function spread({ min, max }: Spread): string {
  return min === max ? '' : `(${digits(min)}–${digits(max)})`;
}

function goalText({ atLeast, aim, lowerIsBetter }: Result): string {
  if (atLeast === undefined) return '';
  const sign = lowerIsBetter ? '≤' : '≥';
  return `${sign} ${atLeast}×, ${aim}×`;
}

function mark(result: Result, colour: boolean): string {
  const reached = isReached(result);
  if (reached === undefined) return '';
  const word = reached ? 'reached' : 'not reached';
  return colour ? `\u001b[${reached ? 32 : 31}m${word}\u001b[0m` : word;
}

function withUnit(value: number, unit: string): string {
  const text = value >= 1_000 ? Math.round(value).toLocaleString('en-GB') : digits(value);
  return unit.startsWith('/') ? `${text}${unit}` : `${text} ${unit}`;
}

function digits(value: number): string {
  return value >= 100 ? value.toFixed(0) : value >= 10 ? value.toFixed(1) : value.toFixed(2);
}
