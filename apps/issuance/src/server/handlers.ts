/** Handlers of the commands on servers. */
import type { Provider } from '@nestjs/common';

export const SERVER_HANDLERS: readonly Provider[] = [];
