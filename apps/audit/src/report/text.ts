/** A report for a terminal of 80 columns. */
import { cutTo, plain, widthOf, type Paint, type Style } from '@mcpstack/terminal';
import { type Severity } from './checks.ts';
import { type Bar } from './figures.ts';
import { type FoundKey, type Report, type ReportFinding } from './report.ts';

const COLUMNS = 80;
/** Of each finding; --json and the page have more. */
const MOST_ROWS = 8;
const STYLES: Readonly<Record<Severity, Style>> = { high: 'red', medium: 'yellow', low: 'dim' };

export function textOf(report: Report, paint: Paint): string[] {
  const { findings, limits } = report;
  const wrong = findings.filter(({ count }) => count > 0);
  const right = findings.filter(({ count }) => count === 0);
  return [
    ...headOf(report, paint),
    '',
    ...barsOf('Live keys by last use', report.figures.byLastUse, paint),
    '',
    ...barsOf('Secrets of live keys by age', report.figures.bySecretAge, paint),
    '',
    ...wrong.flatMap((finding) => [...findingOf(finding, report, paint), '']),
    ...(right.length > 0 ? [paint('bold', 'Nothing found')] : []),
    ...right.map(({ title }) => `  ${title}`),
    '',
    paint('bold', 'What the log cannot tell'),
    ...limits.flatMap((limit) => wrapped(limit, '  ')),
  ];
}

function headOf({ at, log, organizationId, figures, findings }: Report, paint: Paint): string[] {
  const { organizations, members, keys, uses } = figures;
  const counts = findings.filter(({ count }) => count > 0).length;
  const fields: [string, string][] = [
    ['For', organizationId ?? 'all organizations'],
    ['At', at],
    ['Log', `${log.id}, up to position ${log.untilPosition}`],
    [
      'Events',
      `${number(log.events)}${log.firstAt ? `, from ${log.firstAt.slice(0, 10)} to ${log.lastAt!.slice(0, 10)}` : ''}`,
    ],
    ['Organizations', `${number(organizations.active)} active, ${number(organizations.suspended)} suspended`],
    ['Members', `${number(members.active)} active, ${number(members.suspended)} suspended`],
    [
      'Keys',
      `${number(keys.live)} live, ${number(keys.suspended)} suspended, ${number(keys.expired)} expired, ${number(keys.revoked)} revoked`,
    ],
    ['Leaks', `${number(keys.revokedForLeak)} keys were revoked because somebody found them`],
    ['Uses', number(uses)],
    ['Findings', counts === 0 ? 'none' : `${counts} of ${findings.length} checks found something`],
  ];
  return [
    paint('bold', 'Report on keys'),
    ...fields.map(([title, text]) => cutTo(`${`${title}:`.padEnd(15)} ${plain(text)}`, COLUMNS)),
  ];
}

function findingOf(
  { severity, title, count, why, next, keys }: ReportFinding,
  { organizations }: Report,
  paint: Paint,
): string[] {
  const shown = keys.slice(0, MOST_ROWS);
  const more = count - shown.length;
  const listed = keys.length === count ? 'all' : `the first ${number(keys.length)}`;
  return [
    `${paint(STYLES[severity], severity.toUpperCase())} ${paint('bold', `${title}: ${number(count)}`)}`,
    ...wrapped(`${why} ${next}`, '  '),
    ...shown.flatMap((key) => rowOf(key, organizations)),
    ...(more > 0 ? [`  … and ${number(more)} more: --json lists ${listed}`] : []),
  ];
}

/** Two lines: which key, and what is wrong with it. */
function rowOf({ keyId, name, organizationId, detail }: FoundKey, names: Record<string, string>): string[] {
  const whose = plain(names[organizationId] ?? organizationId);
  const first = `  ${plain(keyId)}  ${plain(name)}`;
  const second = `    ${plain(detail)}; ${whose}`;
  return [cutTo(first, COLUMNS), cutTo(second, COLUMNS)];
}

const BAR_COLUMNS = 40;

function barsOf(title: string, bars: readonly Bar[], paint: Paint): string[] {
  const most = Math.max(1, ...bars.map(({ count }) => count));
  const width = Math.max(...bars.map(({ label }) => widthOf(label)));
  return [
    paint('bold', title),
    ...bars.map(({ label, count }) => {
      const long = count === 0 ? 0 : Math.max(1, Math.round((count / most) * BAR_COLUMNS));
      return `  ${label.padEnd(width)}  ${'█'.repeat(long)}${long > 0 ? ' ' : ''}${number(count)}`;
    }),
  ];
}

/** Lines of at most 80 columns. */
function wrapped(text: string, indent: string): string[] {
  const lines: string[] = [];
  let line = indent;
  for (const word of text.split(' ')) {
    const longer = line === indent ? indent + word : `${line} ${word}`;
    if (widthOf(longer) > COLUMNS && line !== indent) {
      lines.push(line);
      line = indent + word;
    } else line = longer;
  }
  return [...lines, line];
}

const number = (count: number): string => count.toLocaleString('en');
