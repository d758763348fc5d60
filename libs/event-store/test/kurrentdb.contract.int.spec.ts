/** The contract of the event log on KurrentDB, against the wire double: with TLS, and users with passwords. */
import { rm } from 'node:fs/promises';
import { openEventStore } from '@mcpstack/event-store';
import { eventStoreContract, type ContractServer } from './contract.ts';
import { KurrentDbDouble } from './kurrentdb-double/start-double.ts';
import { makeTestCertificate } from '@mcpstack/testing';

async function start(): Promise<ContractServer> {
  const tls = await makeTestCertificate();
  const users = { log: { password: 'right-secret', groups: ['$admins'] } };
  const double = await KurrentDbDouble.start({ tls, users });
  return {
    url: double.url('log:right-secret'),
    open: (options) => openEventStore(double.url('log:right-secret'), options),
    openWithWrongCredentials: () => openEventStore(double.url('log:wrong-secret')),
    scavenge: () => double.scavenge(),
    kill: () => double.kill(),
    restart: () => double.restart(),
    pause: () => double.pause(),
    resume: () => Promise.resolve(double.resume()),
    async stop() {
      await double.stop();
      await rm(tls.folder, { recursive: true });
    },
  };
}

// The double is far slower than a node, and what memory holds does not depend on it.
eventStoreContract('KurrentDB (wire double)', start, [], { bulkEvents: 50_000 });
