/** `mcpstack-audit report`: what an auditor looks for, as text, JSON and a page. */
import { writeFile } from 'node:fs/promises';
import { InvalidArgumentError, type Command } from 'commander';
import { CATEGORIES } from '@mcpstack/domain';
import { decode } from '../decode.ts';
import { fileError } from '../export/export-file.ts';
import { organizationOf } from '../export/selection.ts';
import { pageOf } from '../report/page.ts';
import { makeReport } from '../report/report.ts';
import { Survey } from '../report/survey.ts';
import { textOf } from '../report/text.ts';
import { type Run } from '../run.ts';
import { parsePastTime } from '../times.ts';

interface ReportOptions {
  organization?: string;
  now?: string;
  html?: string;
  days: number;
  rotateDays: number;
  addresses: number;
  most: number;
}

const DEFAULTS = { days: 90, rotateDays: 365, addresses: 5, most: 10_000 };
/** A text that is longer than 512 MB cannot be made, nor read by many. */
const HIGHEST_MOST = 100_000;
/** These say nothing about keys. */
const OF_NO_KEY = ['user', 'agent', 'server', 'checkpoint'];

export function addReport(program: Command, run: Run): void {
  program
    .command('report')
    .description('What an auditor looks for: keys that nobody uses, that leaked, that outlived their makers.')
    .option('--organization <id>', 'of this organization alone')
    .option('--now <time>', 'as of this time: 2026-05-03T12:00:00Z, or a date, which is midnight UTC')
    .option('--days <days>', 'unused for so long is too long', count, DEFAULTS.days)
    .option('--rotate-days <days>', 'a secret should be changed within', count, DEFAULTS.rotateDays)
    .option('--addresses <count>', 'from so many networks is remarkable', count, DEFAULTS.addresses)
    .option('--most <count>', 'of each finding, list so many keys; all are counted', most, DEFAULTS.most)
    .option('--html <file>', 'write one page that needs nothing else')
    .addHelpText(
      'after',
      '\nWhat was found does not change the exit code: it is 0 once the whole log was read.',
    )
    .action(
      run(async ({ openLog, world, out }, options: ReportOptions) => {
        const now = world.now();
        const at = options.now === undefined ? undefined : parsePastTime(options.now, '--now', now);
        const log = await openLog();
        const organizationId = await organizationOf(options, log);
        const categories = CATEGORIES.filter((category) => !OF_NO_KEY.includes(category));
        const until = await log.head(categories);
        const survey = new Survey(organizationId);
        for await (const stored of log.events({ until, categories, label: 'Reading' })) {
          const event = decode(stored);
          if (at === undefined || Date.parse(event.at) <= at.ms) survey.add(stored, event);
        }
        const { days, rotateDays, addresses, most } = options;
        const settings = { nowMs: at?.ms ?? Date.parse(now), days, rotateDays, addresses };
        const report = makeReport({ survey, settings, log, until, organizationId, most });
        if (options.html !== undefined) await writePage(options.html, pageOf(report));
        out.json(report);
        out.lines(...textOf(report, out.paint));
        if (options.html !== undefined) out.note(`The page stands in ${options.html}.`);
        return 'fine';
      }),
    );
}

/** Readable for whoever asked for it alone: it names what could be attacked. */
async function writePage(path: string, page: string): Promise<void> {
  await writeFile(path, page, { mode: 0o600 }).catch((error: NodeJS.ErrnoException) => {
    throw fileError(path, error, 'Make room, and run it again.');
  });
}

function count(text: string): number {
  if (/^[1-9]\d{0,5}$/.test(text)) return Number(text);
  throw new InvalidArgumentError('Write a whole number from 1 on.');
}

function most(text: string): number {
  const listed = count(text);
  if (listed <= HIGHEST_MOST) return listed;
  throw new InvalidArgumentError(`Write at most ${HIGHEST_MOST}.`);
}
