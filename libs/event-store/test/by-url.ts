/** A server that runs already, as the contract wants it: what the suite may not do to it rejects. */
import { openEventStore } from '@mcpstack/event-store';
import type { ContractServer } from './contract.ts';

export function serverAt(url: string, stop: () => Promise<void> = () => Promise.resolve()): ContractServer {
  const refuse = () =>
    Promise.reject(new Error('this server is not ours: the case belongs in left-out-by-url.ts'));
  return {
    url,
    open: (options) => openEventStore(url, options),
    kill: refuse,
    restart: refuse,
    pause: refuse,
    resume: refuse,
    stop,
  };
}
