/** Commands on people's profiles, as the decisions see them. */
import type { Actor } from '@mcpstack/contracts';
import type { NamedEvent } from './erasure.ts';

/** By the user or by the system. What is absent stays; an empty text removes. */
export interface ChangeProfile {
  type: 'ChangeProfile';
  /** ISO 8601, UTC. */
  at: string;
  actor: Actor;
  userId: string;
  name?: string;
  email?: string;
  /** Not asked for by the person: leaves a profile that they erased as it is. */
  atLogin?: boolean;
  /** Given, a repetition of a change that was erased since changes nothing. */
  commandId?: string;
}
/** An event of the stream, as it is named when it goes. */
export interface StandingEvent extends NamedEvent {
  /** Of the change that wrote it, if it is one. */
  commandId?: string;
}
/** Names what stands in the stream, so that it can go: at most MOST_ERASED_AT_ONCE events, the oldest first. */
export interface EraseProfile {
  type: 'EraseProfile';
  at: string;
  actor: Actor;
  userId: string;
  /** All that stands in the stream, and nothing must come after it before the decision is appended. */
  standing: { firstRevision: bigint; events: readonly StandingEvent[] };
}
export type UserCommand = ChangeProfile | EraseProfile;
