/** The contract of the event log on KurrentDB, against the wire double. */
import { openEventStore } from '@mcpstack/event-store';
import { eventStoreContract, type ContractServer } from './contract.ts';
import { KurrentDbDouble } from './kurrentdb-double/start-double.ts';

async function start(): Promise<ContractServer> {
  const double = await KurrentDbDouble.start();
  return {
    url: double.url(),
    open: (options) => openEventStore(double.url(), options),
    kill: () => double.kill(),
    restart: () => double.restart(),
    pause: () => Promise.resolve(double.pause()),
    resume: () => Promise.resolve(double.resume()),
    stop: () => double.stop(),
  };
}

eventStoreContract('KurrentDB (wire double)', start);
