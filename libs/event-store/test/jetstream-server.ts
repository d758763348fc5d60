/** A nats-server for tests, as the contract wants it. */
import { startNats, type NatsOptions } from '@mcpstack/local-servers';
import { openEventStore, type EventStore } from '@mcpstack/event-store';
import type { ContractServer } from './contract.ts';

export async function startJetStream(options: NatsOptions = {}): Promise<ContractServer> {
  const password = 'right-secret';
  const server = await startNats({ user: 'log', password, ...options });
  const at = (secret: string) => server.url.replace('://', `://log:${secret}@`);
  const opened: EventStore[] = [];
  return {
    url: at(password),
    async open(openOptions) {
      const store = await openEventStore(at(password), openOptions);
      opened.push(store);
      return store;
    },
    kill: () => server.kill(),
    restart: () => server.restart(),
    pause: () => server.pause(),
    resume: () => server.resume(),
    async stop() {
      await Promise.all(opened.map((store) => store.close()));
      await server.stop();
    },
    openWithWrongCredentials: () => openEventStore(at('wrong-secret')),
  };
}
