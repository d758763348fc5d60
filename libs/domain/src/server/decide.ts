/** Server: decisions. */
import type { Decider } from '../decider.ts';
import type { ServerCommand } from './commands.ts';
import { evolveServer, noServer, type ServerEvent, type ServerState } from './events.ts';

export const server: Decider<ServerState, ServerCommand, ServerEvent> = {
  initial: noServer,
  evolve: evolveServer,
  decide(): readonly ServerEvent[] {
    throw new Error('not written yet');
  },
};
