/** The decider: the one shape of every aggregate. Pure; no clock, no I/O, no randomness. */
import type { Actor } from '@mcpstack/contracts';

/** An event as the domain sees it: what happened, when, and who did it. */
export interface DomainEvent<Type extends string = string, Data = unknown> {
  type: Type;
  data: Data;
  /** ISO 8601, UTC. */
  at: string;
  actor: Actor;
}

export interface Decider<State, Command, Event extends DomainEvent> {
  initial: State;
  /**
   * The events that the command causes in this state; none when there is nothing left to do (a repeated
   * decision is empty the second time).
   * @throws ProblemError when the command is refused.
   */
  decide(this: void, command: Command, state: State): readonly Event[];
  evolve(this: void, state: State, event: Event): State;
  /** What `evolve` comes to after all of these, for a state that is dear to copy. Changes nothing of `state` either. */
  evolveAll?(this: void, state: State, events: readonly Event[]): State;
}

/** How an event is stored: the schema version goes into the metadata. */
export interface EncodedEvent {
  type: string;
  schemaVersion: number;
  data: Record<string, unknown>;
}

/** Between the domain's events and the log's. One per aggregate. */
export interface EventCodec<Event extends DomainEvent> {
  encode(event: Event): EncodedEvent;
  /**
   * Validates and upcasts a stored event of any version.
   * @throws UnknownEventError when the type or version is none of ours: never skipped in silence.
   * @throws InvalidEventError when the data does not fit the schema.
   */
  decode(stored: { type: string; data: unknown; metadata: unknown }): Event;
}

/** What every event of ours carries beside its data. These names are a storage format. */
export interface EventMetadata {
  /** The HTTP request (or other outside cause) that set things off. */
  $correlationId: string;
  /** The id of the command that caused the event. */
  $causationId: string;
  actor: Actor;
  /** ISO 8601, UTC. */
  at: string;
  schemaVersion: number;
  /** SHA-256 of what the command asked for: tells a retry from another request under the same id. */
  requestDigest: string;
  /** The digest of the event before it in its stream, hexadecimal: the chain. Not on the first event of a stream. */
  previousDigest?: string;
  /** 16 random bytes, base64, where a person's data stands: a digest that outlives the event confirms no guess. */
  salt?: string;
}
