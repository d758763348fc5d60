/** What a checkpoint that was kept elsewhere says against the log, in words. */
import { type Finding, type NamedEvent } from './finding.ts';
import { type KeptChecks, type KeptCheckpoint, type KeptOutcome } from './kept.ts';

export interface Against {
  kept: KeptChecks;
  /** So many has the log. */
  leaves: number;
  /** What it ends with. */
  last: NamedEvent | undefined;
  origin: string | undefined;
}

export function keptFinding(
  { from, origin, size }: KeptCheckpoint,
  outcome: KeptOutcome,
  log: Against,
): Finding | undefined {
  switch (outcome) {
    case 'differs': {
      const agreed = log.kept.agreedBelow(size);
      const since =
        agreed.size > 0
          ? `after leaf ${agreed.size - 1}, up to which another kept checkpoint agrees`
          : 'from its beginning on';
      return {
        kind: 'fork',
        ...(agreed.last && { after: agreed.last }),
        ...(agreed.next && { before: agreed.next }),
        message: `The log was rewritten ${since}: its first ${size} events do not have the root of the checkpoint in ${from}.`,
      };
    }
    case 'beyond':
      return {
        kind: 'truncated',
        ...(log.last && { after: log.last }),
        message: `The log ends with ${log.leaves} leaves, and the checkpoint in ${from} knows ${size}: at least ${size - log.leaves} events at its end are gone.`,
      };
    case 'other-log':
      return {
        kind: 'other-log',
        message: `The checkpoint in ${from} is of ${origin}; this log is ${log.origin}.`,
      };
    case 'agrees':
    case 'unknown':
      return undefined;
    default:
      return outcome satisfies never;
  }
}
