/** The contract of the event log on a server of your own: `npm run test:log -- URL`. */
import { eventStoreContract } from './contract.ts';
import { serverAt } from './by-url.ts';
import { LEFT_OUT_BY_URL } from './left-out-by-url.ts';

const url = process.env.CONTRACT_EVENT_STORE_URL;

if (url === undefined) {
  it.skip('the contract by URL (left out: no URL; run it with npm run test:log -- URL)', () => undefined);
} else {
  eventStoreContract('the server of the URL', () => Promise.resolve(serverAt(url)), LEFT_OUT_BY_URL);
}
