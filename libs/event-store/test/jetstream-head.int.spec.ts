/** What finding the head costs the server: whoever watches a log of a million streams asks for it all the time. */
import { connect, type NatsConnection } from '@nats-io/transport-node';
import { waitFor } from '@mcpstack/local-servers';
import type { EventStore } from '@mcpstack/event-store';
import type { ContractServer } from './contract.ts';
import { event, freshCategory } from './contract/tools.ts';
import { startJetStream } from './jetstream-server.ts';

let server: ContractServer;
let store: EventStore;
let nats: NatsConnection;
/** Bodies of the reads that the server was asked for. */
let asked: string[] = [];

beforeAll(async () => {
  server = await startJetStream();
  store = await server.open();
  nats = await connect({ servers: server.url.replace(/log:.*@/, ''), user: 'log', pass: 'right-secret' });
  const reads = nats.subscribe('$JS.API.STREAM.MSG.GET.*', {
    callback: (_, message) => void asked.push(message.string()),
  });
  await nats.flush();
  expect(reads.isClosed()).toBe(false);
});
afterAll(async () => {
  await nats.close();
  await server.stop();
});

/** The head, and what the server was asked for it. */
async function headOf(categories?: string[]): Promise<{ head: bigint; asked: string[] }> {
  await nats.flush();
  asked = [];
  const head = await store.head(categories && { categories });
  await waitFor(() => asked.length > 0, { what: 'the reads' });
  await nats.flush();
  return { head, asked };
}

describe('the head of the log', () => {
  it('is read by sequence, also of categories', async () => {
    const [one, other] = [freshCategory(), freshCategory()];
    await store.append(`${one}-a`, 'no_stream', [event(), event()]);
    const first = await store.append(`${one}-b`, 'no_stream', [event()]);
    const second = await store.append(`${other}-a`, 'no_stream', [event()]);
    for (const [categories, head] of [
      [undefined, second.position],
      [[one, other], second.position],
      [[one], first.position],
    ] as const) {
      const found = await headOf(categories && [...categories]);
      expect(found.head).toBe(head);
      expect(found.asked.filter((body) => !body.includes('"seq"'))).toEqual([]);
    }
  });

  it('control: of a category that is far back it is found by subject', async () => {
    const [rare, common] = [freshCategory(), freshCategory()];
    const { position } = await store.append(`${rare}-a`, 'no_stream', [event()]);
    for (let number = 0; number < 20; number += 1)
      await store.append(`${common}-${number}`, 'no_stream', [event()]);
    const found = await headOf([rare]);
    expect(found.head).toBe(position);
    expect(found.asked.filter((body) => body.includes('last_by_subj'))).toHaveLength(1);
  });
});
