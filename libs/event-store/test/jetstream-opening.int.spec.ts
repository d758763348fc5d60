/** Several services open a new log at the same moment, and the server refuses all but one of them. */
import { connect, type NatsConnection } from '@nats-io/transport-node';
import { startNats, type LocalServer } from '@mcpstack/local-servers';
import { openEventStore, type EventStore } from '@mcpstack/event-store';
import { errorOf } from './contract/tools.ts';

const STREAM = 'new_log';

let server: LocalServer;
let nats: NatsConnection;
beforeAll(async () => {
  server = await startNats();
  nats = await connect({ servers: server.url });
});
afterAll(async () => {
  await nats.close();
  await server.stop();
});

async function api(verb: string, stream: string, body: unknown = {}): Promise<unknown> {
  const answer = await nats.request(`$JS.API.STREAM.${verb}.${stream}`, JSON.stringify(body));
  return answer.json();
}

/** Holds the subjects of the log under another name: the refusal of a stream that somebody else is making. */
async function holdSubjects(): Promise<void> {
  const made = await api('CREATE', 'other', { name: 'other', subjects: ['new.log.*.*'], storage: 'file' });
  expect(made).toMatchObject({ config: { name: 'other' } });
}

describe('a log that several open first, at once', () => {
  it('is made once, and open for all of them', async () => {
    const all = await Promise.all(
      Array.from({ length: 24 }, () => openEventStore(server.url, { streamName: 'many_at_once' })),
    );
    const ids = await Promise.all(all.map((store) => store.logId()));
    expect(new Set(ids).size).toBe(1);
    await Promise.all(all.map((store) => store.close()));
  });

  it('is asked for again when its subjects overlap for a moment', async () => {
    await holdSubjects();
    // Read before the server is asked to make the log, so that the refusal comes first.
    const refused = nextRefusal();
    const opening = openEventStore(server.url, { streamName: STREAM });
    await refused;
    await api('DELETE', 'other');
    const store: EventStore = await opening;
    expect(await store.head()).toBe(-1n);
    await store.close();
    await api('DELETE', STREAM);
  });

  it('control: subjects that stay with another stream are refused', async () => {
    await holdSubjects();
    const error = await errorOf(openEventStore(server.url, { streamName: STREAM }));
    expect(error.message).toContain('subjects overlap with an existing stream');
    await api('DELETE', 'other');
  });
});

/** Resolves once the server has refused to make the log: it tells every call of its API to whoever listens. */
async function nextRefusal(): Promise<void> {
  const audit = nats.subscribe('$JS.EVENT.ADVISORY.API');
  await nats.flush();
  for await (const message of audit) {
    const { subject, response } = message.json<{ subject: string; response: string }>();
    if (subject === `$JS.API.STREAM.CREATE.${STREAM}` && response.includes('overlap')) break;
  }
}
