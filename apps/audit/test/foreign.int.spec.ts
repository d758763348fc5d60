/** G9: what somebody publishes to the log's subjects by hand blinds no auditor: `verify` names it, and checks the rest. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { eventDigest, openEventStore, type EventStore, type NewEvent } from '@mcpstack/event-store';
import { startNats, type LocalServer } from '@mcpstack/local-servers';
import { newSigner } from '@mcpstack/tlog';
import { connect, headers } from '@nats-io/transport-node';
import { runAudit } from './run-audit.ts';
import { Dice, LogWriter } from './signed-log.ts';
import { store } from './stored-log.ts';

interface Shown {
  events: number;
  findingCount: number;
  findings: { kind: string; after?: { position: string }; message: string }[];
}

let nats: LocalServer;
let log: EventStore;
let writer: LogWriter;
let folder: string;
let key: string;
beforeEach(async () => {
  nats = await startNats();
  folder = await mkdtemp(join(tmpdir(), 'audit-foreign-'));
  key = join(folder, 'key.txt');
  log = await openEventStore(nats.url);
  const logId = await log.logId();
  const { signer } = newSigner(`mcpstack-keys/${logId}`);
  writer = new LogWriter(new Dice(3), logId, [signer]).fill({ events: 40, every: 12, uncovered: 0 });
  await store(log, writer.events);
  await writeFile(key, `${signer.vkey}\n`);
});
afterEach(async () => {
  await log.close();
  await nats.stop();
  await rm(folder, { recursive: true });
});

const audit = (...args: string[]) => auditAt(nats.url, ...args);
const auditAt = (url: string, ...args: string[]) =>
  runAudit([...args, '--json'], { env: { EVENT_STORE_URL: url } });
const verify = async () => {
  const ran = await audit('verify', '--key', key);
  return { exitCode: ran.exitCode, ...ran.json<Shown>() };
};
const event = (): NewEvent => ({ id: `id-${Math.random()}`, type: 'T', data: {}, metadata: {} });

/** Publishes what an adapter would write as the first append of a stream, but for what is given. */
async function publish(
  body: string,
  { stream = 'key.forged', ...more }: Record<string, string> = {},
  servers = nats.url,
) {
  const nc = await connect({ servers });
  const all = headers();
  const first = {
    'Mcpstack-Format': '1',
    'Mcpstack-Ordinal': '0',
    'Mcpstack-Revision': '0',
    'Mcpstack-Count': '1',
  };
  for (const [name, value] of Object.entries({ ...first, ...more })) all.set(name, value);
  await nc.request(`mcpstack.log.${stream}`, body, { headers: all, timeout: 5_000 });
  await nc.close();
}

const COMMANDS = [
  ['replay'],
  ['as-of', 'now'],
  ['history', 'key_1'],
  ['report'],
  ['export'],
  ['proof', '0b7e4f7e-9c3e-4f7a-8d4b-5c6d7f2c1f0a'],
];

it('control: an untouched log fits', async () => {
  expect(await verify()).toMatchObject({ exitCode: 0, findingCount: 0, events: writer.events.length });
});

describe.each([
  ['half a body', '[{"id":'],
  ['no list', '{}'],
  ['null for an event', '[null]'],
  ['an event without metadata', JSON.stringify([{ ...event(), metadata: undefined }])],
  ['no event, though it says one', '[]'],
  ['a head that says nothing', '[]', { 'Mcpstack-Format': '' }],
  ['the subject of no stream', JSON.stringify([event()]), { stream: 'key.b!' }],
])('a message with %s', (_, body, more: Record<string, string> = {}) => {
  it('at the end of the log: verify names it, and all that stands fits', async () => {
    await publish(body, more);
    const { exitCode, findings, events } = await verify();
    expect([exitCode, events]).toEqual([1, writer.events.length]);
    expect(findings).toMatchObject([
      { kind: 'foreign', after: { position: String(writer.events.at(-1)!.position) } },
    ]);
    expect(findings[0]!.message).toContain('was not written by this software');
  });

  it('among the checkpoints and the profiles of people: verify goes on, and finds what else is wrong', async () => {
    for (const category of ['checkpoint', 'user'])
      await publish(body, { stream: `${category}.forged`, ...more });
    await log.append('key-after', 'no_stream', [event(), event()]);
    const gone = writer.events[20]!;
    const nc = await connect({ servers: nats.url });
    const seq = Number(gone.position / 1_024n);
    await nc.request('$JS.API.STREAM.MSG.DELETE.mcpstack_log', JSON.stringify({ seq }));
    await nc.close();
    const { exitCode, findings, events } = await verify();
    expect([exitCode, events]).toEqual([1, writer.events.length - 1 + 2]);
    expect(findings.map(({ kind }) => kind)).toEqual(
      expect.arrayContaining(['missing', 'foreign', 'foreign']),
    );
  });
});

it('every other command says it in one sentence, and waits for nothing', async () => {
  const other = await startNats();
  await (await openEventStore(other.url)).close();
  await publish('[]', {}, other.url);
  for (const args of COMMANDS) {
    const { exitCode, stderr } = await auditAt(other.url, ...args);
    const { error } = JSON.parse(stderr) as { error: object };
    expect([args, exitCode, error]).toEqual([args, 1, expect.objectContaining({ code: 'log-corrupt' })]);
  }
  // The head is what the headers say, as long as they can be read.
  expect((await auditAt(other.url, 'head')).exitCode).toBe(0);
  await publish('[]', { 'Mcpstack-Count': '0' }, other.url);
  expect((await auditAt(other.url, 'head')).exitCode).toBe(1);
  await other.stop();
}, 240_000);

it('an append that points past another one hides nothing: verify names it, and no proof is made of its stream', async () => {
  const stream = 'organization-org_hidden';
  for (let n = 0n; n < 3n; n += 1n) await log.append(stream, n === 0n ? 'no_stream' : n - 1n, [event()]);
  const stands: bigint[] = [];
  const digests: string[] = [];
  for await (const one of log.readStream(stream)) {
    stands.push(one.position / 1_024n);
    digests.push(eventDigest(one).toString('hex'));
  }
  // Well chained, and at the right revision: only its pointers leave the last one out.
  const forged = { ...event(), metadata: { previousDigest: digests.at(-1) } };
  await publish(JSON.stringify([forged]), {
    ...{ stream: 'organization.org_hidden', 'Mcpstack-Ordinal': '2', 'Mcpstack-Revision': '3' },
    'Mcpstack-Skips': `1:${stands[1]}:1,0:${stands[0]}:0`,
  });
  const { exitCode, findings, events } = await verify();
  expect([exitCode, events]).toEqual([1, writer.events.length + 4]);
  expect(findings).toMatchObject([{ kind: 'foreign' }]);
  expect(findings[0]!.message).toContain(`does not go on from the append before it in ${stream}`);
  const ran = await audit('proof', `${stream}@1`);
  expect([ran.exitCode, ran.stderr]).toEqual([1, expect.stringContaining('log-corrupt')]);
});
