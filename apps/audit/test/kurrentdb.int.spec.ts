/** Every command on a log on KurrentDB, where a place is no number that one can reckon with. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { checkpointStream, formatErasable } from '@mcpstack/domain';
import { eventDigest, openEventStore, type EventStore, type RecordedEvent } from '@mcpstack/event-store';
import { startRedis } from '@mcpstack/local-servers';
import { applyEvents, ReadModelWriter } from '@mcpstack/read-models';
import { CompactRange, formatCheckpoint, newSigner, signNote } from '@mcpstack/tlog';
// eslint-disable-next-line no-restricted-imports -- a peer for tests, which no room shows
import { KurrentDbDouble } from '../../../libs/event-store/test/kurrentdb-double/start-double.ts';
import { LogWriter, type Happening } from './log-writer.ts';
import { runAudit } from './run-audit.ts';

const AT = '2026-05-01T12:00:00.000Z';
const LATER = '2026-05-02T12:00:00.000Z';
let double: KurrentDbDouble;
let store: EventStore;
const folder = mkdtempSync(join(tmpdir(), 'mcpstack-export-'));
beforeAll(async () => {
  double = await KurrentDbDouble.start();
  store = await openEventStore(double.url());
  const log = new LogWriter(store);
  const data = { organizationId: 'org_1', name: 'Acme', ownerId: 'user_1' };
  await log.put('organization', 'org_1', { type: 'OrganizationCreated', data, at: AT });
  await log.put('user', 'user_1', { type: 'UserProfileChanged', data: { userId: 'user_1' }, at: AT });
  for (let n = 0; n < 5; n += 1)
    await log.put('organization', 'org_1', {
      type: 'OrganizationRenamed',
      data: { name: `Acme ${n}` },
      at: AT,
    });
  await log.put('key', 'key_1', {
    ...{ type: 'KeyCreated', at: AT, actor: { type: 'user', id: 'user_1' }, requestId: 'req-1' },
    data: {
      ...{ keyId: 'key_1', organizationId: 'org_1', kind: 'service', name: 'ci', role: 'developer' },
      credential: { digest: 'a'.repeat(64), pepperVersion: 1 },
    },
  });
  await log.put('key', 'key_1', { type: 'KeyRevoked', at: LATER, data: { reason: 'requested' } });
  await sign(log, 'key.txt');
  // The end of the log is of a category that is not exported, and not covered yet.
  const at = new Date().toISOString();
  await log.put('user', 'user_1', { type: 'UserProfileChanged', data: { userId: 'user_1' }, at });
});
afterAll(async () => {
  await store.close();
  await double.stop();
  rmSync(folder, { recursive: true, force: true });
});

const audit = (...args: string[]) => runAudit([...args, '--log', double.url()]);

async function standing(of = store): Promise<RecordedEvent[]> {
  const stop = new AbortController();
  const all: RecordedEvent[] = [];
  const head = await of.head();
  for await (const event of of.subscribe({ signal: stop.signal })) {
    all.push(event);
    if (event.position === head) stop.abort();
  }
  return all;
}

/** One checkpoint of all that stands; its public key is in this file. */
async function sign(log: LogWriter, keyFile: string): Promise<void> {
  const logId = await log.store.logId();
  const origin = `mcpstack-keys/${logId}`;
  const { signer } = newSigner(origin);
  writeFileSync(join(folder, keyFile), signer.vkey);
  const events = await standing(log.store);
  const leaves = events.map((event) => eventDigest(event));
  const tree = new CompactRange();
  for (const leaf of leaves) tree.append(leaf);
  const places = new Map(
    events.flatMap(({ stream, revision }, at) =>
      stream.startsWith('user-') ? [[at, `${stream}@${revision}`]] : [],
    ),
  );
  const [size, root] = [tree.size, tree.root()];
  const data = {
    note: signNote(formatCheckpoint({ origin, size, root }), [signer]),
    position: String(events.at(-1)!.position),
    leaves: Buffer.concat(leaves).toString('base64'),
    frontier: tree.hashes().map((hash) => hash.toString('base64')),
    erasable: signNote(formatErasable({ origin, root: root.toString('base64'), places, unseen: new Set() }), [
      signer,
    ]),
  };
  const id = checkpointStream(logId).slice('checkpoint-'.length);
  await log.put('checkpoint', id, { type: 'CheckpointSigned', data, at: LATER });
}

it('an export ends, is the same twice, and goes on where it stopped, also by its last line alone', async () => {
  const path = join(folder, 'events.jsonl');
  expect(await audit('export', '--out', path)).toMatchObject({ exitCode: 0 });
  const whole = readFileSync(path, 'utf8');
  expect((await audit('export')).stdout).toBe(whole);
  for (const how of [[], ['--quick']]) {
    writeFileSync(path, whole.split('\n').slice(0, 3).join('\n') + '\nhalf');
    expect(await audit('export', '--out', path, '--resume', ...how)).toMatchObject({ exitCode: 0 });
    expect(readFileSync(path, 'utf8')).toBe(whole);
  }
});

it('a line that names no place of the log is told', async () => {
  const path = join(folder, 'edited.jsonl');
  const [first, second] = (await audit('export')).stdout.split('\n');
  const moved = first!.replace(/"sequence":"(\d+)"/, '"sequence":"0000000000000001"');
  writeFileSync(path, `${moved}\n${second}\n`);
  const ran = await audit('export', '--out', path, '--resume', '--quick');
  expect([ran.exitCode, ran.stderr]).toEqual([1, expect.stringContaining('is not what this export writes')]);
});

it('a report is drawn from it', async () => {
  expect(await audit('report')).toMatchObject({ exitCode: 0 });
});

it('its head is a place of it', async () => {
  const ran = await audit('head', '--json');
  const position = String(await store.head());
  expect([ran.exitCode, ran.json()]).toEqual([0, { logId: await store.logId(), position }]);
});

it('it is verified, with its checkpoint', async () => {
  const ran = await audit('verify', '--key', join(folder, 'key.txt'), '--json');
  expect(ran.json<{ findings: unknown[] }>().findings).toEqual([]);
  expect(ran.json()).toMatchObject({ checkpoints: { count: 1, leaves: 9 }, events: 11 });
  expect(ran.exitCode).toBe(0);
});

it('it is replayed, and compared with read models of it', async () => {
  const redis = await startRedis();
  const session = await new ReadModelWriter({ url: redis.url }).begin();
  try {
    const generation = await session.build(await store.logId());
    await applyEvents(session, generation, await standing(), (stream, from) =>
      store.readStream(stream, { from }),
    );
    await session.switchTo(generation);
    const ran = await audit('replay', '--compare', '--redis', redis.url, '--json');
    expect(ran).toMatchObject({ exitCode: 0, stderr: '' });
    expect(ran.json()).toMatchObject({ comparison: { differences: 0 } });
  } finally {
    session.end();
    await redis.stop();
  }
});

it('what a person had erased is missing after a scavenge, and stands there before: it is verified either way', async () => {
  const other = await KurrentDbDouble.start();
  const theirs = await openEventStore(other.url());
  const log = new LogWriter(theirs);
  const profile = (userId: string): Happening => ({
    type: 'UserProfileChanged',
    data: { userId, name: `name of ${userId}` },
    at: new Date().toISOString(),
  });
  const verify = async (...how: string[]) => {
    const key = join(folder, 'erased-key.txt');
    return runAudit(['verify', '--key', key, '--log', other.url(), ...how]);
  };
  try {
    for (const userId of ['user_1', 'user_1', 'user_2', 'user_2'])
      await log.put('user', userId, profile(userId));
    await sign(log, 'erased-key.txt');
    // As issuance does it: first the record of what goes, then it goes.
    const going = (await standing(theirs)).filter(({ stream }) => stream === 'user-user_1');
    const erased = going.map((event) => ({
      position: String(event.position),
      digest: eventDigest(event).toString('hex'),
    }));
    const data = { userId: 'user_1', erased };
    await log.put('user', 'user_1', { type: 'UserProfileErased', data, at: new Date().toISOString() });
    await theirs.truncate('user-user_1', 2n);
    expect(await standing(theirs)).toHaveLength(6);
    const before = await verify('--json');
    expect([before.exitCode, before.json()]).toMatchObject([0, { events: 6, erased: 0, findings: [] }]);
    await other.scavenge();
    expect(await standing(theirs)).toHaveLength(4);
    const after = await verify('--json');
    expect([after.exitCode, after.json()]).toMatchObject([
      0,
      { events: 4, erased: 2, erasedByRecordAlone: 0, findings: [], checkpoints: { count: 1, leaves: 4 } },
    ]);
    const [first, second] = going.map(({ position }) => position);
    const lines = `Erased: +2 events, as their records say\nErased: +at ${first}, ${second}, by user-user_1@2 `;
    expect(await verify()).toMatchObject({ exitCode: 0, stdout: expect.stringMatching(lines) as string });
    // Control: without a record nothing may be missing.
    await theirs.truncate('user-user_2', 1n);
    await other.scavenge();
    const found = await verify('--json');
    expect([found.exitCode, found.json()]).toMatchObject([1, { erased: 2, first: { kind: 'missing' } }]);
  } finally {
    await theirs.close();
    await other.stop();
  }
});

it('an event of somebody else, of data that are nothing, is told and ends no command by accident', async () => {
  const other = await KurrentDbDouble.start();
  const theirs = await openEventStore(other.url());
  const metadata = { at: AT, actor: { type: 'system', id: 'x' }, schemaVersion: 1 };
  const event = { id: 'e1c9a1d2-0000-4000-8000-000000000001', type: 'KeyRevoked', metadata };
  await theirs.append('key-key_1', 'no_stream', [{ ...event, data: null as never }]);
  for (const [args, exitCode] of [
    [['history', 'key_1'], 1],
    [['verify'], 0],
    [['export'], 1],
    [['replay'], 1],
    [['as-of', 'now'], 1],
    [['report'], 1],
  ] as const) {
    const ran = await runAudit([...args, '--log', other.url()]);
    expect([args, ran.exitCode, ran.stderr]).toEqual([args, exitCode, expect.not.stringContaining('itself')]);
  }
  await theirs.close();
  await other.stop();
});

it.each([
  ['a time', ['2026-05-01T13:00:00Z'], 'VALID'],
  ['a later one', [LATER], 'REVOKED'],
])('it tells what a key was at %s', async (_, at, status) => {
  const ran = await audit('as-of', ...at, '--key', 'key_1', '--json');
  expect(ran.exitCode).toBe(0);
  expect(ran.stdout).toContain(`"${status}"`);
});

it('it tells what a key was at a position, which history shows', async () => {
  const history = await audit('history', 'key_1', '--json');
  expect(history.exitCode).toBe(0);
  const { events } = history.json<{ events: { type: string; position: string }[] }>();
  expect(events.map(({ type }) => type)).toEqual(['KeyCreated', 'KeyRevoked']);
  const ran = await audit('as-of', '--position', events[0]!.position, '--key', 'key_1', '--json');
  expect(ran.stdout).toContain('"VALID"');
  const after = await audit('history', 'key_1', '--after', events[0]!.position, '--json');
  expect(after.json()).toMatchObject({ events: [{ type: 'KeyRevoked' }] });
});

it('an event of it is proved by its place and by its id, and the proof holds elsewhere', async () => {
  const { id } = (await standing()).find(({ type }) => type === 'KeyRevoked')!;
  const path = join(folder, 'proof.json');
  expect(await audit('proof', 'key-key_1@1', '-o', path)).toMatchObject({ exitCode: 0 });
  expect((await audit('proof', id)).stdout).toBe(readFileSync(path, 'utf8'));
  const checked = await runAudit(['verify-proof', path, '--key', join(folder, 'key.txt'), '--json']);
  expect([checked.exitCode, checked.json()]).toEqual([0, expect.objectContaining({ holds: true, size: 9 })]);
});
