/** `mcpstack-audit export`: what happened, for other programs. */
import { Option, type Command } from 'commander';
import { once } from 'node:events';
import { type Context, type World } from '../context.ts';
import { decode } from '../decode.ts';
import { AuditError } from '../errors.ts';
import { cloudEvents } from '../export/cloud-events.ts';
import { csv } from '../export/csv.ts';
import { ExportFile, type Written } from '../export/export-file.ts';
import { logName, type Format } from '../export/format.ts';
import { ocsf } from '../export/ocsf.ts';
import { Organizations } from '../export/organizations.ts';
import { select, type Selection, type SelectionOptions } from '../export/selection.ts';
import { toldEvent } from '../export/told-event.ts';
import { type AuditedLog } from '../log.ts';
import { type Run } from '../run.ts';

const FORMATS: Readonly<Record<string, (logId: string) => Format>> = {
  cloudevents: cloudEvents,
  ocsf,
  csv: () => csv,
};

interface ExportOptions extends SelectionOptions {
  format: string;
  out?: string;
  resume?: boolean;
  quick?: boolean;
}

const MORE = `
Two exports with the same options are the same to the byte, as far as both go: a log that grew meanwhile only adds
lines. So that an interrupted export goes on with --resume, and so does last week's.

Not in it: secrets and what they are known by, and, unless asked for, use and profiles of people.

Examples:
  mcpstack-audit export --format csv --out may.csv --from 2026-05-01 --to 2026-06-01
  mcpstack-audit export --format ocsf --out events.jsonl --resume
  mcpstack-audit export --type KeyRevoked,KeyExposed | jq .data.subject.id`;

export function addExport(program: Command, run: Run): void {
  program
    .command('export')
    .description('What happened, as CloudEvents, OCSF or CSV.')
    .addOption(
      new Option('--format <format>', 'one event a line')
        .choices(Object.keys(FORMATS))
        .default('cloudevents'),
    )
    .option('--organization <id>', 'of this organization alone')
    .option('--from <time>', 'from this time on: 2026-05-03T12:00:00Z, or a date, which is midnight UTC')
    .option('--to <time>', 'before this time; to the end of the log if absent')
    .option('--type <types...>', 'of these types alone, such as KeyRevoked')
    .option('--usage', 'use of keys as well')
    .option('--personal-data', 'profiles of people as well: names and e-mail addresses')
    .option('--until-position <position>', 'up to this place in the log, as head shows it')
    .option('--out <file>', 'write this file; to standard output if absent')
    .option('--resume', 'go on with the file, after comparing all that it holds with the log')
    .option('--quick', 'with --resume: compare its last line alone')
    .addHelpText('after', MORE)
    .action(
      run(async (context, options: ExportOptions) => {
        checkOptions(options);
        const log = await context.openLog();
        const selection = await select(options, log, context.world.now());
        const format = FORMATS[options.format]!(log.id);
        if (options.out === undefined) {
          const stdout = standardOutput(context.world);
          const count = await exportTo(stdout, { log, format, selection, context });
          context.out.note(`${events(count)} exported, up to position ${selection.until} of log ${log.id}.`);
          return 'fine';
        }
        return toFile(options.out, options, { log, format, selection, context });
      }),
    );
}

interface Exporting {
  log: AuditedLog;
  format: Format;
  selection: Selection;
  context: Context;
}

interface Target {
  /** Takes whole lines. */
  put(lines: string): Promise<void>;
}

function checkOptions({ out, resume, quick }: ExportOptions): void {
  const wrong =
    resume && out === undefined
      ? ['--resume goes on with a file.', 'Name it with --out.']
      : quick && !resume
        ? ['--quick says how --resume looks at a file.', 'Pass --resume as well.']
        : undefined;
  if (wrong) throw new AuditError('usage', wrong[0]!, { next: wrong[1]! });
}

async function toFile(path: string, { resume, quick }: ExportOptions, exporting: Exporting): Promise<'fine'> {
  const { log, format, selection, context } = exporting;
  const file = await ExportFile.open(path, { resume: resume ?? false });
  try {
    const stands = await file.lastLines();
    if (stands) refuseOtherLog(path, format.logOf(stands.last.text), log.id);
    // Read from after the line before, so that the last one is compared.
    const after = quick && stands?.before !== undefined ? format.positionOf(stands.before) : undefined;
    if (after !== undefined) file.skipTo(stands!.last.offset);
    const count = await exportTo(file, exporting, after).catch((error: unknown) => {
      // KurrentDB goes on only after what is an event of it.
      throw error instanceof RangeError ? file.differs('The line before the last one') : error;
    });
    tell(context, { path, count, log, until: selection.until, written: await file.end() });
    return 'fine';
  } finally {
    await file.close();
  }
}

function refuseOtherLog(path: string, told: string | undefined, logId: string): void {
  if (told === undefined || told === logName(logId)) return;
  throw new AuditError('wrong', `${path} is an export of another log: ${told}, not ${logName(logId)}.`, {
    code: 'export-of-another-log',
    next: 'Name the log that it was exported from, or write another file.',
  });
}

/**
 * @param after the place after which is begun; from the start if absent.
 * @returns how many events were put.
 */
async function exportTo(
  target: Target,
  { log, format, selection }: Exporting,
  after?: bigint,
): Promise<number> {
  const organizations = new Organizations(log.store);
  const { categories, until } = selection;
  let count = 0;
  if (after === undefined && format.head !== '') await target.put(format.head);
  const range = { until, categories, ...(after !== undefined && { after }) };
  for await (const stored of log.events({ ...range, label: 'Exporting' })) {
    const event = decode(stored);
    const whose = organizations.of(stored, event);
    // Known nearly always: waiting a million times for what is there takes its time.
    const organizationId = typeof whose === 'object' ? await whose : whose;
    const { type, at } = event;
    if (!selection.wants({ type: type as never, at, organizationId })) continue;
    await target.put(format.line(toldEvent(stored, event, organizationId)));
    count += 1;
  }
  return count;
}

/** A reader that is slower than the log holds it back. */
function standardOutput({ stdout }: World): Target {
  return {
    async put(lines) {
      if (!stdout.write(lines)) await once(stdout as NodeJS.WritableStream, 'drain');
    },
  };
}

interface Told {
  path: string;
  count: number;
  log: AuditedLog;
  until: bigint;
  written: Written;
}

function tell({ out }: Context, { path, count, log, until, written }: Told): void {
  const { bytes, sha256, keptLines } = written;
  out.json({ file: path, logId: log.id, untilPosition: until, events: count, keptLines, bytes, sha256 });
  out.fields([
    ['File', path],
    ['Log', log.id],
    ['Up to position', until < 0n ? 'none: there is no event' : until.toString()],
    ['Events', count.toLocaleString('en')],
    ['Lines that were there', keptLines > 0 ? keptLines.toLocaleString('en') : undefined],
    ['Bytes', bytes.toLocaleString('en')],
    ['SHA-256', sha256],
  ]);
}

const events = (count: number) => (count === 1 ? '1 event' : `${count.toLocaleString('en')} events`);
