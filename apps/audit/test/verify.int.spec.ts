/** `verify` on real logs: an untouched one, one that grows, one with a message gone, a copy with a change. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openEventStore, type EventStore, type RecordedEvent } from '@mcpstack/event-store';
import { startNats, type LocalServer } from '@mcpstack/local-servers';
import { newSigner, parseVkey, type Signer } from '@mcpstack/tlog';
import { connect } from '@nats-io/transport-node';
import { runAudit } from './run-audit.ts';
import { verifyLog, type VerifyOptions } from '../src/verify/verifier.ts';
import { coveredBy, Dice, LOG_ID, LogWriter, sourceOf } from './signed-log.ts';
import { store } from './stored-log.ts';

interface Shown {
  events: number;
  findingCount: number;
  first: {
    kind: string;
    event?: { position: string };
    after?: { position: string };
    before?: { position: string };
  } | null;
  checkpoints: { count: number; leaves: number; signedBy: { checkpoints: number }[] };
  uncovered: { count: number };
  kept: { outcome: string }[];
  unchecked: string[];
}

let servers: LocalServer[];
let folder: string;
let log: EventStore;
let writer: LogWriter;
let signer: Signer;
const file = (name: string) => join(folder, name);
const verify = (...args: string[]) => runAudit(['verify', '--log', servers[0]!.url, '--json', ...args]);

beforeAll(async () => {
  servers = await Promise.all([startNats(), startNats()]);
  folder = await mkdtemp(join(tmpdir(), 'audit-verify-'));
  log = await openEventStore(servers[0]!.url);
  const logId = await log.logId();
  signer = newSigner(`mcpstack-keys/${logId}`).signer;
  writer = new LogWriter(new Dice(1), logId, [signer]);
  // What no checkpoint covers is not old.
  writer.beganMs = Date.now() - 90_000;
  writer.fill({ events: 90, every: 12, uncovered: 4 });
  await store(log, writer.events);
  await writeFile(file('key.txt'), `${signer.vkey}\n`);
  await writeFile(file('kept.txt'), writer.notes.slice(2, 4).join('\n'));
});
afterAll(async () => {
  await log.close();
  await Promise.all(servers.map((server) => server.stop()));
  await rm(folder, { recursive: true });
});

it('finds nothing in an untouched log, and says what it did not look at', async () => {
  const ran = await verify('--key', file('key.txt'), '--witness', file('kept.txt'));
  expect(ran).toMatchObject({ exitCode: 0, stderr: '' });
  const shown = ran.json<Shown>();
  const count = writer.notes.length;
  expect(shown).toMatchObject({
    events: writer.events.length,
    findingCount: 0,
    first: null,
    unchecked: [],
    uncovered: { count: 4 },
  });
  expect(shown.checkpoints).toEqual({
    count,
    leaves: coveredBy(writer.notes),
    signedBy: [{ vkey: signer.vkey, checkpoints: count }],
  });
  expect(shown.kept.map(({ outcome }) => outcome)).toEqual(['agrees', 'agrees']);

  const without = (await verify()).json<Shown>();
  expect(without).toMatchObject({ findingCount: 0 });
  expect(without.unchecked.join('\n')).toMatch(
    /signatures of the checkpoints were not checked.*\n.*--witness/,
  );
  const told = await runAudit(['verify', '--log', servers[0]!.url, '--key', file('key.txt')]);
  expect(told.stdout).toContain('Everything that was checked fits.');
  expect(told.stdout).toMatch(/Not yet covered: +4 events, since 20\d\d-/);
});

it('stays within the log that there was when it began, while the log grows', async () => {
  const copy = LogWriter.after(writer.events, new Dice(2), writer.logId, [signer]);
  copy.beganMs = writer.beganMs;
  const grown = copy.fill({ events: 260, every: 9, uncovered: 0 });
  const appending = store(log, grown.events.slice(writer.events.length));
  const shown: Shown[] = [];
  let isDone = false;
  void appending.finally(() => (isDone = true));
  while (!isDone) shown.push((await verify('--key', file('key.txt'))).json<Shown>());
  await appending;
  shown.push((await verify('--key', file('key.txt'))).json<Shown>());
  expect(shown.map(({ findingCount }) => findingCount)).toEqual(shown.map(() => 0));
  const counts = shown.map(({ events }) => events);
  expect(counts.at(-1)).toBe(grown.events.length);
  expect(counts[0]).toBeLessThan(grown.events.length);
  writer = copy;
});

it('names the changed event of a copy, and that it is a copy', async () => {
  const at = 40;
  const changed = { ...writer.events[at]!, data: { ...writer.events[at]!.data, limit: { count: 1_000 } } };
  const copy = await openEventStore(servers[1]!.url);
  await store(copy, writer.events.with(at, changed));
  await copy.close();
  const ran = await runAudit(['verify', '--log', servers[1]!.url, '--json', '--key', file('key.txt')]);
  expect(ran.exitCode).toBe(1);
  const { first } = ran.json<Shown>();
  expect(first).toMatchObject({
    kind: 'changed',
    event: { position: String(changed.position), id: changed.id },
  });
  expect(ran.stdout).toContain('this one is a copy, or was made anew');
  const told = await runAudit(['verify', '--log', servers[1]!.url, '--key', file('key.txt')]);
  expect(told.stdout).toContain(
    `${changed.stream}@${changed.revision} (${changed.type}, position ${changed.position}`,
  );
});

it('says where a message is gone from the server itself', async () => {
  const at = 30;
  const nats = await connect({ servers: servers[0]!.url });
  const seq = Number(writer.events[at]!.position / 1_024n);
  const reply = await nats.request('$JS.API.STREAM.MSG.DELETE.mcpstack_log', JSON.stringify({ seq }));
  expect(reply.json()).toMatchObject({ success: true });
  await nats.close();
  const ran = await verify('--key', file('key.txt'));
  expect(ran.exitCode).toBe(1);
  expect(ran.json<Shown>().first).toMatchObject({
    kind: 'missing',
    after: { position: String(writer.events[at - 1]!.position) },
    before: { position: String(writer.events[at + 1]!.position) },
  });
});

it('a log whose checkpoints are gone, or that nobody signs any more, does not fit', async () => {
  const { signer: own } = newSigner(`mcpstack-keys/${LOG_ID}`);
  const { events } = new LogWriter(new Dice(3), LOG_ID, [own]).fill({ events: 40, every: 9, uncovered: 3 });
  const trusted = [parseVkey(own.vkey)];
  const nowMs = Date.parse(String(events.at(-1)!.metadata['at']));
  const tail = events.at(-3)!;
  const unsigned = events.filter(({ type }) => type !== 'CheckpointSigned');
  const kindsOf = async (log: readonly RecordedEvent[], options: VerifyOptions) =>
    (await verifyLog(sourceOf(log), options)).findings.map(({ kind, event }) => `${kind} ${event?.position}`);
  const late = nowMs + 10 * 60_000;
  expect(await kindsOf(events, { trusted, nowMs })).toEqual([]);
  expect(await kindsOf(events, { trusted, nowMs: late })).toEqual([`uncovered ${tail.position}`]);
  expect(await kindsOf(events, { nowMs: late })).toEqual([`uncovered ${tail.position}`]);
  expect(await kindsOf(unsigned, { trusted, nowMs: late })).toEqual([`uncovered ${events[0]!.position}`]);
  // The control: nobody asks for how long.
  expect(await kindsOf(unsigned, { trusted })).toEqual([]);
});

it('lists what a person had erased, by which record, and marks what no checkpoint vouches for', async () => {
  const server = await startNats();
  try {
    const erased = await openEventStore(server.url);
    const logId = await erased.logId();
    const { signer: own } = newSigner(`mcpstack-keys/${logId}`);
    const person = new LogWriter(new Dice(4), logId, [own]);
    person.beganMs = Date.now() - 30_000;
    const profile = (stream: string) => person.append(stream, 'UserProfileChanged', { userId: 'user_gone' });
    const gone = [profile('user-user_a'), profile('user-user_a'), profile('user-user_b')];
    person.append('key-key_1', 'KeyCreated', {});
    // Of the last one the checkpoint says that it was gone already.
    person.unseen.add(2);
    person.checkpoint();
    const records = [person.erase('user-user_a'), person.erase('user-user_b')];
    await store(erased, person.events);
    for (const { stream, revision } of records) await erased.truncate(stream, revision);
    await erased.close();
    await writeFile(file('own.txt'), own.vkey);
    const args = ['verify', '--log', server.url, '--key', file('own.txt')];
    const told = await runAudit(args);
    expect(told.exitCode).toBe(0);
    const at = gone.map(({ position }) => position);
    expect(told.stdout).toMatch(/Erased: +3 events, as their records say/);
    expect(told.stdout).toMatch(
      new RegExp(
        `Erased: +at ${at[0]}, ${at[1]}, by user-user_a@2 \\(UserProfileErased, position \\d+, id \\S+\\)\n`,
      ),
    );
    expect(told.stdout).toMatch(new RegExp(`Erased: +at ${at[2]}, by user-user_b@1 .* !\n`));
    expect(told.stdout).toContain('Of 1 of the erased events only the record says');
    const shown = (await runAudit([...args, '--json'])).json<Record<string, unknown>>();
    expect(shown).toMatchObject({ erased: 3, erasedByRecordAlone: 1 });
    expect(shown['erasedLeaves']).toMatchObject([
      { index: 0, stream: 'user-user_a', revision: '0', position: String(at[0]), isSigned: true },
      { index: 1, record: { stream: 'user-user_a', revision: '2', position: String(records[0]!.position) } },
      { index: 2, stream: 'user-user_b', isSigned: false },
    ]);
  } finally {
    await server.stop();
  }
});

it('refuses keys and kept checkpoints that say nothing', async () => {
  const note = writer.notes[2]!;
  await writeFile(file('other.txt'), newSigner('mcpstack-keys/other').signer.vkey);
  await writeFile(file('edited.txt'), note.replace(/\n\d+\n/, '\n7\n'));
  await writeFile(file('empty.txt'), '\n');
  const key = ['--key', file('key.txt')];
  for (const [args, message] of [
    [['--key', file('none.txt')], 'there is no such file'],
    [['--key', file('empty.txt')], 'holds no public key'],
    [['--key', file('kept.txt')], 'this is no verifier key'],
    [[...key, '--witness', file('edited.txt')], 'the note was changed after it was signed'],
    [[...key, '--witness', file('empty.txt')], 'it is empty'],
    [[...key, '--witness', file('key.txt')], 'no blank line'],
    [['--key', file('other.txt'), '--witness', file('kept.txt')], 'and the keys are of mcpstack-keys/other'],
  ] as const) {
    const ran = await verify(...args);
    expect({ args, exitCode: ran.exitCode }).toEqual({ args, exitCode: 2 });
    expect(ran.stderr).toContain(message);
  }
  // A wrong key without anything to compare: every checkpoint is by somebody else.
  const ran = await verify('--key', file('other.txt'));
  expect(ran.exitCode).toBe(1);
  expect(ran.json<Shown>().first).toMatchObject({ kind: 'checkpoint' });
});
