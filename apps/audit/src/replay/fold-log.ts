/** Folds the log, and says what of it could not be folded. */
import { plain } from '@mcpstack/terminal';
import { LogFold, type Fault, type FoldOptions } from '@mcpstack/replay';
import { AuditError } from '../errors.ts';
import { type AuditedLog, type ReadLogOptions } from '../log.ts';

/** At most so many faults are listed. */
const MOST_LISTED = 20;

export async function foldLog(
  log: AuditedLog,
  read: ReadLogOptions = {},
  options: FoldOptions = {},
): Promise<LogFold> {
  const fold = new LogFold(options);
  for await (const event of log.events({ label: 'Replaying', ...read })) fold.apply(event);
  return fold;
}

/** Of the streams that are not told to their end, the first event each that is at fault, in the order of the log. */
export function faultsOf(fold: LogFold): readonly Fault[] {
  return [...fold.broken.values()].map(({ fault }) => fault).sort((a, b) => a.position - b.position);
}

/** Likewise, but for streams that are certainly of another organization than this. */
export function faultsIn(fold: LogFold, organizationId: string | undefined): readonly Fault[] {
  const { agents, servers, keys, webhooks } = fold.state;
  return faultsOf(fold).filter(({ stream }) => {
    if (organizationId === undefined) return true;
    const [category, id] = [stream.slice(0, stream.indexOf('-')), stream.slice(stream.indexOf('-') + 1)];
    if (category === 'organization') return id === organizationId;
    const things = [agents, servers, keys, webhooks];
    const home = things.map((all) => all.get(id)?.organizationId).find((one) => one !== undefined);
    return home === undefined || home === organizationId;
  });
}

export function faultLines(faults: readonly Fault[]): string[] {
  const lines = faults
    .slice(0, MOST_LISTED)
    .flatMap((fault) => [`  ${placeOf(fault)}`, `    ${whatOf(fault)}`]);
  const more = faults.length - MOST_LISTED;
  return more > 0 ? [...lines, `  and ${more} more`] : lines;
}

/**
 * Fails where something was not told: an event that is not known here may have meant anything, so that the answer is
 * not known either; one that cannot stand where it stands is a fault of the log.
 */
export function requireNoFaults(faults: readonly Fault[]): void {
  const [first] = faults;
  if (!first) return;
  const unknown = faults.find(({ code }) => code === 'unknown-event');
  const others = faults.length === 1 ? '' : ` ${faults.length} streams are not told to their end.`;
  if (unknown)
    throw new AuditError(
      'unknown',
      `The log holds an event that this version does not know: ${placeOf(unknown)}.${others}`,
      {
        code: 'unknown-event',
        next: 'Use the mcpstack-audit of the version that runs, or a newer one: skipping an event could hide what it did.',
      },
    );
  throw new AuditError(
    'wrong',
    `The log holds an event that cannot stand there: ${placeOf(first)}.${others}`,
    {
      code: first.code,
      next: `${whatOf(first)}. "mcpstack-audit verify" tells whether the log was changed.`,
    },
  );
}

function placeOf({ type, stream, revision, position }: Fault): string {
  return plain(`${type} at position ${position} (${stream}, revision ${revision})`);
}

function whatOf({ code, reason }: Fault): string {
  const what = {
    'unknown-event': 'not known to this version',
    'invalid-event': 'not as it must be',
    'missing-events': 'events before it are missing',
  }[code];
  return plain(`${what}: ${reason}`);
}
