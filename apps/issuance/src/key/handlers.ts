/** Handlers of the commands on keys. */
import type { Provider } from '@nestjs/common';

export const KEY_HANDLERS: readonly Provider[] = [];
