/** Commands on people's profiles, as the decisions see them. */
import type { Actor } from '@mcpstack/contracts';

/** By the user or by the system. What is absent stays; an empty text removes. */
export interface ChangeProfile {
  type: 'ChangeProfile';
  /** ISO 8601, UTC. */
  at: string;
  actor: Actor;
  userId: string;
  name?: string;
  email?: string;
}
export interface EraseProfile {
  type: 'EraseProfile';
  at: string;
  actor: Actor;
  userId: string;
}
export type UserCommand = ChangeProfile | EraseProfile;
