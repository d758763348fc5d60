/** Agent: decisions. */
import type { Decider } from '../decider.ts';
import type { AgentCommand } from './commands.ts';
import { evolveAgent, noAgent, type AgentEvent, type AgentState } from './events.ts';

export const agent: Decider<AgentState, AgentCommand, AgentEvent> = {
  initial: noAgent,
  evolve: evolveAgent,
  decide(): readonly AgentEvent[] {
    throw new Error('not written yet');
  },
};
