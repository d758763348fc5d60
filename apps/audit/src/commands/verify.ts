/** `mcpstack-audit verify`: has anybody touched the log? */
import { Option, type Command } from 'commander';
import { AuditError } from '../errors.ts';
import { type Output } from '../output.ts';
import { type Run } from '../run.ts';
import { readKept, readKeys } from '../verify/files.ts';
import { wordsOf, type Finding } from '../verify/finding.ts';
import { verifyLog, type Verification } from '../verify/verifier.ts';

interface Options {
  key?: string;
  witness: string[];
}

const HELP = `
Reads the whole log once. Names the first event that does not fit, and further ones.

What is checked: that this software wrote every message of a log on JetStream, and each goes on from the
one before it as its headers say; revisions of each stream without a gap, each event linked to the one
before it in its stream, ids that do not come twice, every event against the leaves that the checkpoints
signed, and of each checkpoint its signature, root, size and position; that no event waits for one for
long. With --witness also that the log still has the
roots that somebody kept: only that shows a cut end, or a history rewritten by who holds the key.`;

export function addVerify(program: Command, run: Run): void {
  program
    .command('verify')
    .description('Has anybody touched the log? Names the first event that does not fit.')
    .option('--key <file>', 'public keys that may sign checkpoints, one a line')
    .addOption(new Option('--witness <file...>', 'checkpoints that were kept elsewhere').default([], 'none'))
    .addHelpText('after', HELP)
    .action(
      run(async ({ openLog, out, world }, { key, witness }: Options) => {
        const trusted = key === undefined ? undefined : await readKeys(world.cwd, key);
        const kept = await readKept(world.cwd, witness, trusted);
        const log = await openLog();
        const began = performance.now();
        const found = await verifyLog(log, { ...(trusted && { trusted }), kept, nowMs: Date.now() });
        const tookMs = Math.round(performance.now() - began);
        const unchecked = uncheckedOf(found, trusted !== undefined);
        out.json(asJson(found, unchecked, tookMs));
        tell(out, found, unchecked, tookMs);
        if (
          found.findings.some(({ kind }) => kind !== 'unreadable') ||
          found.findingCount > found.findings.length
        )
          return 'wrong';
        if (found.findingCount === 0) return 'fine';
        throw new AuditError('unknown', 'The log holds what this version cannot read.', {
          code: 'unknown-event',
          next: 'Use the mcpstack-audit of the version that runs, or a newer one.',
        });
      }),
    );
}

/** What nobody should take for checked. */
function uncheckedOf(found: Verification, hasKey: boolean): string[] {
  const { checkpoints, kept, unlinked } = found;
  const without = 'a cut end, and a history rewritten by who holds the signing key, would not be seen';
  return [
    ...(hasKey
      ? []
      : ['The signatures of the checkpoints were not checked: no public keys were given (--key).']),
    ...(checkpoints.count === 0
      ? [
          'The log has no checkpoints: a changed event is seen only where a later one of its stream is linked to it.',
        ]
      : []),
    ...(kept.length === 0
      ? [`No checkpoint that was kept elsewhere was given (--witness): ${without}.`]
      : []),
    ...kept
      .filter(({ outcome }) => outcome === 'unknown')
      .map(
        ({ checkpoint }) =>
          `The checkpoint in ${checkpoint.from} could not be compared: the log's own of that time do not hold.`,
      ),
    ...(found.erasedByRecordAlone > 0
      ? [
          `Of ${found.erasedByRecordAlone} of the erased events only the record says that they were a person's (marked !), because they were gone before they were signed, or signed before checkpoints told of it. Whoever may append can write a record.`,
        ]
      : []),
    ...(unlinked > 0
      ? [`${unlinked} events are not linked to the one before them: their streams began before events were.`]
      : []),
  ];
}

function tell(out: Output, found: Verification, unchecked: readonly string[], tookMs: number): void {
  const { checkpoints, uncovered, findings, findingCount } = found;
  const number = (value: number) => value.toLocaleString('en');
  out.fields([
    ['Log', found.logId],
    [
      'Events',
      `${number(found.events)} in ${number(found.streams)} streams, up to position ${found.position}`,
    ],
    ['Checkpoints', `${number(checkpoints.count)}, which cover ${number(checkpoints.leaves)} events`],
    ...[...checkpoints.signedBy].map(([vkey, count]) => ['Signed by', `${vkey} (${number(count)})`] as const),
    ['Not yet covered', uncoveredOf(uncovered)],
    ['Erased', found.erased > 0 ? `${number(found.erased)} events, as their records say` : undefined],
    ...erasedLines(found).map((line) => ['Erased', line] as const),
    ...keptLines(found.kept).map((line) => ['Kept elsewhere', line] as const),
    ['Took', `${(tookMs / 1_000).toFixed(1)} s`],
  ]);
  out.lines('');
  if (findingCount === 0) out.lines(out.paint('green', 'Everything that was checked fits.'));
  else {
    out.lines(
      out.paint(
        'red',
        findingCount === 1
          ? 'One thing does not fit:'
          : `${number(findingCount)} things do not fit. The first one:`,
      ),
    );
    out.lines(...linesOf(findings[0]!));
    const rest = findings.slice(1, MOST_TOLD);
    if (rest.length > 0)
      out.lines('', 'Further ones, in the order of the log:', ...rest.flatMap((each) => linesOf(each)));
    if (findingCount > MOST_TOLD)
      out.lines(`… and ${number(findingCount - MOST_TOLD)} more (--json shows ${findings.length}).`);
  }
  if (unchecked.length > 0) out.lines('', 'Not checked:', ...unchecked.map((line) => `  ${line}`));
}

/** A line for each record that something is missing for. */
function erasedLines({ erasedLeaves, erased }: Verification): string[] {
  const byRecord = new Map<string, (typeof erasedLeaves)[number][]>();
  for (const leaf of erasedLeaves) {
    const record = `${wordsOf(leaf.record)}${leaf.isSigned ? '' : ' !'}`;
    const leaves = byRecord.get(record) ?? [];
    byRecord.set(record, leaves);
    leaves.push(leaf);
  }
  const lines = [...byRecord].slice(0, MOST_TOLD).map(([record, leaves]) => {
    const positions = leaves.slice(0, MOST_TOLD).map(({ position }) => position);
    const more = leaves.length > MOST_TOLD ? `, … (${leaves.length})` : '';
    return `at ${positions.join(', ')}${more}, by ${record}`;
  });
  const isMore = byRecord.size > MOST_TOLD || erasedLeaves.length < erased;
  return isMore ? [...lines, `… and more (--json shows ${erasedLeaves.length})`] : lines;
}

/** A line for each file and what came of it. */
function keptLines(kept: Verification['kept']): string[] {
  const groups = new Map<
    string,
    { count: number; largest: number; from: string; outcome: keyof typeof OUTCOMES }
  >();
  for (const { checkpoint, outcome } of kept) {
    const { from, size } = checkpoint;
    const { count, largest } = groups.get(`${from} ${outcome}`) ?? { count: 0, largest: 0 };
    groups.set(`${from} ${outcome}`, { count: count + 1, largest: Math.max(largest, size), from, outcome });
  }
  return [...groups.values()].map(
    ({ count, largest, from, outcome }) =>
      `${from}: ${count.toLocaleString('en')} of up to ${largest.toLocaleString('en')} events: ${OUTCOMES[outcome]}`,
  );
}

/** So many are told to a person. */
const MOST_TOLD = 20;

const OUTCOMES = {
  agrees: 'the log agrees',
  differs: 'the log was rewritten',
  beyond: 'the log is shorter',
  unknown: 'could not be compared',
  'other-log': 'of another log',
} as const;

function uncoveredOf({ count, first, since }: Verification['uncovered']): string {
  if (!first) return 'nothing';
  const from = since === undefined ? '' : `, since ${since}`;
  return `${count.toLocaleString('en')} events${from}, from ${wordsOf(first)} on`;
}

function linesOf({ event, after, before, message }: Finding): string[] {
  const between = [
    ...(after ? [`after ${wordsOf(after)}`] : []),
    ...(before ? [`before ${wordsOf(before)}`] : []),
  ].join(', ');
  const where = event ? wordsOf(event) : between || 'The log as a whole';
  return [`  ${where}`, `    ${message}`];
}

function asJson(found: Verification, unchecked: readonly string[], tookMs: number) {
  const { kept, checkpoints, findings, ...rest } = found;
  return {
    ...rest,
    checkpoints: {
      ...checkpoints,
      signedBy: [...checkpoints.signedBy].map(([vkey, count]) => ({ vkey, checkpoints: count })),
    },
    kept: kept.map(({ checkpoint: { from, origin, size }, outcome }) => ({ from, origin, size, outcome })),
    first: findings[0] ?? null,
    findings,
    unchecked,
    tookMs,
  };
}
