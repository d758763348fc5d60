/** `head`, and what every command says when there is no log to read. */
import { randomUUID } from 'node:crypto';
import { openEventStore } from '@mcpstack/event-store';
import { startNats, type LocalServer } from '@mcpstack/local-servers';
import { runAudit } from './run-audit.ts';

let nats: LocalServer;
beforeAll(async () => (nats = await startNats()));
afterAll(() => nats.stop());

it('needs a log that is there, and makes none: an auditor changes nothing', async () => {
  for (let attempt = 1; attempt <= 2; attempt += 1) {
    const { exitCode, stderr, stdout } = await runAudit(['head', '--log', nats.url]);
    expect({ exitCode, stdout }).toEqual({ exitCode: 3, stdout: '' });
    expect(stderr).toContain('holds no event log: it has no stream mcpstack_log');
  }
});

it('names the log and its end', async () => {
  const store = await openEventStore(nats.url);
  const event = { id: randomUUID(), type: 'Tried', data: {}, metadata: {} };
  const { position } = await store.append('probe-1', 'no_stream', [event]);
  const ran = await runAudit(['head', '--json'], { env: { EVENT_STORE_URL: nats.url } });
  expect(ran).toMatchObject({ exitCode: 0, stderr: '' });
  expect(ran.json()).toEqual({ logId: await store.logId(), position: position.toString() });
  await store.close();
});

it.each([
  [[], 2, 'No log is named.'],
  [['--log', 'http://localhost:1'], 2, 'names no event log'],
  [['--log', 'nats://127.0.0.1:1'], 3, 'No NATS server answers'],
  [['--log', 'nats://127.0.0.1:1', '--frob'], 2, "Unknown option '--frob'"],
])('head %j is %i: %s', async (args, exitCode, text) => {
  const ran = await runAudit(['head', ...args]);
  expect(ran.stderr).toContain(text);
  expect(ran.exitCode).toBe(exitCode);
  const json = await runAudit(['head', '--json', ...args]);
  expect(JSON.parse(json.stderr)).toMatchObject({ error: { exitCode } });
});
