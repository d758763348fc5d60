/** What does not fit: one event or one place of the log, in words. */
export type FindingKind =
  /** The checkpoints signed another event for this place. */
  | 'changed'
  /** The checkpoints do not know this event, and know what comes before and after it. */
  | 'inserted'
  /** The checkpoints signed an event that is not there any more. */
  | 'missing'
  /** The checkpoints know this event at another place. */
  | 'moved'
  /** A stream lacks revisions. */
  | 'hole'
  /** A stream has a revision twice, or out of order. */
  | 'revision'
  /** An event does not carry the digest of the one before it in its stream. */
  | 'link'
  /** Nothing of ours wrote it, or not so: it is no event, or says of itself what is not so. */
  | 'foreign'
  /** An event's id stands in its stream a second time. */
  | 'id'
  /** The record of an erasure contradicts another one, or what stands in the log. */
  | 'erasure'
  /** A checkpoint does not hold: its note, its signature, its root, its size. */
  | 'checkpoint'
  /** No checkpoint covers it, and it has stood there for long. */
  | 'uncovered'
  /** A checkpoint that was kept elsewhere is no root of this log: it was rewritten. */
  | 'fork'
  /** A checkpoint that was kept elsewhere knows more events than there are. */
  | 'truncated'
  /** The log is not the one that its checkpoints, or those kept elsewhere, are of. */
  | 'other-log'
  /** This version cannot read it. */
  | 'unreadable';

/** An event by which it can be found, without what is in it. */
export interface NamedEvent {
  stream: string;
  revision: bigint;
  position: bigint;
  id: string;
  type: string;
}

export interface Finding {
  kind: FindingKind;
  /** The event that does not fit. */
  event?: NamedEvent;
  /** Where nothing stands: the event that comes right before, if there is one. */
  after?: NamedEvent;
  /** And the one that comes right after. */
  before?: NamedEvent;
  /** One sentence. */
  message: string;
}

export const named = ({ stream, revision, position, id, type }: NamedEvent): NamedEvent => ({
  stream,
  revision,
  position,
  id,
  type,
});

export const wordsOf = ({ stream, revision, position, id, type }: NamedEvent): string =>
  `${stream}@${revision} (${type}, position ${position}, id ${id})`;

/** So many are kept: those that stand first in the log. All are counted. */
const MOST_KEPT = 100;

/** Collects what is found, in any order, and knows what stands first in the log. */
export class Findings {
  #kept: { order: number; rank: number; finding: Finding }[] = [];
  count = 0;

  add({ kind, event, after, before, message }: Finding): void {
    this.count += 1;
    const finding: Finding = {
      kind,
      ...(event && { event: named(event) }),
      ...(after && { after: named(after) }),
      ...(before && { before: named(before) }),
      message,
    };
    this.#kept.push({ order: orderOf(finding), rank: RANKS.indexOf(kind), finding });
    if (this.#kept.length >= 2 * MOST_KEPT) this.#cut();
  }

  /** The first one of the log is the first one here. */
  list(): Finding[] {
    this.#cut();
    return this.#kept.map(({ finding }) => finding);
  }

  #cut(): void {
    this.#kept.sort((a, b) => a.order - b.order || a.rank - b.rank);
    this.#kept.length = Math.min(this.#kept.length, MOST_KEPT);
  }
}

/** At one event: what a signature says comes before what follows from it. */
const RANKS: readonly FindingKind[] = [
  'foreign',
  'changed',
  'inserted',
  'missing',
  'moved',
  'checkpoint',
  'revision',
  'hole',
  'link',
  'id',
  'erasure',
  'uncovered',
  'truncated',
  'fork',
  'other-log',
  'unreadable',
];

/** By place; what concerns the log as a whole comes last. */
function orderOf({ kind, event, after, before }: Finding): number {
  if (kind === 'other-log') return Infinity;
  if (event) return Number(event.position);
  if (before) return Number(before.position) - 0.5;
  if (after) return Number(after.position) + 0.5;
  return -1;
}
