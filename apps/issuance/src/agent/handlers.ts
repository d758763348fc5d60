/** Handlers of the commands on agents. */
import type { Provider } from '@nestjs/common';

export const AGENT_HANDLERS: readonly Provider[] = [];
