import { eventStoreContract } from './contract.ts';
import { startJetStream } from './jetstream-server.ts';

eventStoreContract('JetStream', () => startJetStream());
