/** What a read model is: a table from events to a record, and the names it stands under. */
import type { Category, DomainEvent } from '@mcpstack/domain';
import { InvalidEventError } from '@mcpstack/domain';

/** A Redis command on one name of the generation, or one of write-scripts.ts: the command, the name, its arguments. */
export type Write = readonly [command: string, name: string, ...args: string[]];

/** A part of a stream's fold that stands beside its record, as one field of a hash: a member, an invitation. */
export interface PartName {
  name: string;
  field: string;
}
export interface Part extends PartName {
  /** `undefined` removes it. */
  value: unknown;
}

export interface Projected<Record> {
  /** `undefined` removes what the record holds; its revision stays. */
  record: Record | undefined;
  parts?: readonly Part[];
  /** What else changes with it, in the same atomic step and under the same guard. */
  writes: readonly Write[];
}

export interface ProjectAt {
  id: string;
  position: bigint;
  /** What `partOf` named, as it stood before the event. */
  part: unknown;
}

export interface ReadModel<Record, Event extends DomainEvent> {
  /** The streams that it folds. */
  category: Category;
  /** The main record of a stream: carries the stream's revision, which guards every write. */
  recordName(id: string): string;
  /** Streams of the category may be deleted: the log need not hold them from their beginning. */
  deletable?: true;
  /** The organization that the stream's events are told in, see audit-events.ts. Absent: they are told nowhere. */
  toldIn?(record: Record): string;
  /** The part that must be known to project this event, if any. */
  partOf?(id: string, event: Event): PartName | undefined;
  /**
   * The record after the event. Pure; `record` is undefined before the first event.
   * @throws InvalidEventError when the event cannot follow here: it is then parked.
   */
  project(record: Record | undefined, event: Event, at: ProjectAt): Projected<Record>;
}

/** A model whose records' type is known to itself alone. */
export type AnyReadModel = ReadModel<unknown, DomainEvent>;

/**
 * Every stream begins with one event that makes it, which stands nowhere else and names the stream's own id.
 * @throws InvalidEventError when it does not.
 */
export function requireBeginning(
  record: unknown,
  { type }: DomainEvent,
  { made, id }: { made: string | undefined; id: string },
): void {
  if (made === undefined) {
    if (record === undefined) throw new InvalidEventError(`${type} stands before its stream was begun`);
  } else if (record !== undefined) {
    throw new InvalidEventError(`${type} stands twice in one stream`);
  } else if (made !== id) {
    throw new InvalidEventError(`${type} names another id than its stream`);
  }
}
