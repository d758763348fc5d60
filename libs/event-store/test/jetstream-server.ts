/** A nats-server for tests, as the contract wants it. */
import { readFile } from 'node:fs/promises';
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
    async pause() {
      await server.pause();
      await stopped(server.pid);
    },
    resume: () => server.resume(),
    async stop() {
      await Promise.all(opened.map((store) => store.close()));
      await server.stop();
    },
    openWithWrongCredentials: () => openEventStore(at('wrong-secret')),
  };
}

/** A signal takes a moment to stop all threads; what is sent before that is still answered. */
async function stopped(pid: number): Promise<void> {
  for (;;) {
    const state = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => ') T');
    if (state.slice(state.lastIndexOf(')') + 2).startsWith('T')) return;
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
}
