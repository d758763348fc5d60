/** Handlers of the commands on people's profiles. */
import type { Provider } from '@nestjs/common';

export const USER_HANDLERS: readonly Provider[] = [];
