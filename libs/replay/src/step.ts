/** What the fold of one event works with. */
import type { Actor } from '@mcpstack/contracts';
import { InvalidEventError, type DomainEvent } from '@mcpstack/domain';
import type { LogState } from './state.ts';

export interface Step<Event extends DomainEvent = DomainEvent> {
  state: LogState;
  event: Event;
  /** Of the aggregate: what the stream's name says after the category. */
  id: string;
  position: number;
  /** The same text and the same actor once in memory, however often events name them. */
  shared: Shared;
  /** What the read models alone hold is kept, too. */
  forReadModels: boolean;
}

export class Shared {
  readonly #texts = new Map<string, string>();
  readonly #actors = new Map<string, Actor>();

  text(text: string): string {
    const known = this.#texts.get(text);
    if (known !== undefined) return known;
    this.#texts.set(text, text);
    return text;
  }

  actor(actor: Actor): Actor {
    const name = `${actor.type} ${actor.id}`;
    const known = this.#actors.get(name);
    if (known) return known;
    const kept = { type: actor.type, id: actor.id };
    this.#actors.set(name, kept);
    return kept;
  }
}

/** The event cannot follow here. */
export function misplaced({ type }: DomainEvent, why: string): InvalidEventError {
  return new InvalidEventError(`${type} ${why}`);
}

/**
 * Every stream begins with one event that makes it, which names the stream's own id and stands nowhere else.
 * @throws InvalidEventError when this is not so.
 */
export function requireFirst(before: object | undefined, { event, id }: Step, made: string): void {
  if (before) throw misplaced(event, 'stands twice in one stream');
  if (made !== id) throw misplaced(event, 'names another id than its stream');
}

/** @throws InvalidEventError when the stream was not begun. */
export function requireBegun<Thing>(before: Thing | undefined, { event }: Step): Thing {
  if (before === undefined) throw misplaced(event, 'stands before its stream was begun');
  return before;
}
