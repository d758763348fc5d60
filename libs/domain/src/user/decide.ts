/** User: decisions. */
import type { Decider } from '../decider.ts';
import type { UserCommand } from './commands.ts';
import { evolveUser, noUser, type UserEvent, type UserState } from './events.ts';

export const user: Decider<UserState, UserCommand, UserEvent> = {
  initial: noUser,
  evolve: evolveUser,
  decide(): readonly UserEvent[] {
    throw new Error('not written yet');
  },
};
