/** What a read model is: a table from events to a record, and the names it stands under. */
import type { DomainEvent } from '@mcpstack/domain';
import { keys } from './keys.ts';
import { organizations } from './organizations.ts';

/** A Redis command on one name of the generation: the command, the name, its arguments. */
export type Write = readonly [command: string, name: string, ...args: string[]];

export interface Projected<Record> {
  record: Record;
  /** What else changes with it, in the same atomic step and under the same guard. */
  writes: readonly Write[];
}

export interface ReadModel<Record, Event extends DomainEvent> {
  /** The streams that it folds. */
  category: string;
  /** The main record of a stream: carries the stream's revision, which guards every write. */
  recordName(id: string): string;
  /**
   * The record after the event. Pure; `record` is undefined before the first event.
   * @throws InvalidEventError when the event cannot follow here: it is then parked.
   */
  project(record: Record | undefined, event: Event, at: { id: string; position: bigint }): Projected<Record>;
}

const READ_MODELS: ReadonlyMap<string, ReadModel<unknown, DomainEvent>> = new Map(
  [keys, organizations].map((model) => [model.category, model as unknown as ReadModel<unknown, DomainEvent>]),
);

/** The categories that the read models are folds of. */
export const PROJECTED_CATEGORIES: readonly string[] = [...READ_MODELS.keys()];

/** The read model of a stream and the aggregate's id, or `undefined` for a stream of no category of ours. */
export function readModelOf(
  stream: string,
): { model: ReadModel<unknown, DomainEvent>; id: string } | undefined {
  const dash = stream.indexOf('-');
  const model = READ_MODELS.get(stream.slice(0, Math.max(dash, 0)));
  return model && { model, id: stream.slice(dash + 1) };
}
