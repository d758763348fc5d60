/** What a service does when Nest stops it, after its last request: drains and closes what it opened. */
import type { OnApplicationShutdown, Provider } from '@nestjs/common';

class Shutdown implements OnApplicationShutdown {
  constructor(private readonly close: () => Promise<void>) {}

  onApplicationShutdown(): Promise<void> {
    return this.close();
  }
}

/** A provider that runs `close` at the end. One for each module. */
export function onShutdown(close: () => Promise<void>): Provider {
  return { provide: Shutdown, useValue: new Shutdown(close) };
}
