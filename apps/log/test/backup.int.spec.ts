/** Backups: whole or refused, restored to the same log, however often the restoring was killed. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openEventStore, openRestorableLog, type EventStore } from '@mcpstack/event-store';
import { startNats, type LocalServer } from '@mcpstack/local-servers';
import { checkFile, Lines } from '../src/backup-file.ts';
import { textOf } from '../src/source.ts';
import { allOf, append, erase, event, eventsOf, fillLog, run } from './world.ts';

const folder = mkdtempSync(join(tmpdir(), 'mcpstack-log-'));
const file = join(folder, 'whole.jsonl');
const MAIN = join(import.meta.dirname, '../bin/mcpstack-log.mjs');
let nats: LocalServer;
let store: EventStore;
beforeAll(async () => {
  nats = await startNats();
  store = await openEventStore(nats.url);
  await fillLog(store);
}, 120_000);
afterAll(async () => {
  await store?.close();
  await nats?.stop();
  rmSync(folder, { recursive: true, force: true });
});

const env = () => ({ EVENT_STORE_URL: nats.url });

/** On a new server, which is stopped afterwards. */
async function onNew(act: (url: string) => Promise<void>): Promise<void> {
  const server = await startNats();
  try {
    await act(server.url);
  } finally {
    await server.stop();
  }
}

it('a backup is one file for its owner alone, the same to the byte each time, and equal to the log', async () => {
  const made = await run(['backup', '--to', file, '--json'], env());
  const { header, trailer } = await checkFile(file);
  expect(JSON.parse(made.out)).toMatchObject({ events: trailer.count, sha256: trailer.sha256 });
  expect(header.log).toBe(await store.originId());
  expect(statSync(file).mode & 0o777).toBe(0o600);
  expect(readdirSync(folder)).toEqual(['whole.jsonl']);
  expect(readFileSync(file, 'utf8')).not.toContain('Planted');
  const piped = await run(['backup', '--to', '-', '--quiet'], env());
  expect(piped.out).toBe(readFileSync(file, 'utf8'));
  expect((await run(['compare', '--from', file], env())).exitCode).toBe(0);
});

it('cut off at any byte, or with any byte changed, it is refused before anything is written', async () => {
  const whole = readFileSync(file);
  const bad = join(folder, 'bad.jsonl');
  const ends = new Set([0, 1, whole.length - 1, whole.length - 2]);
  for (let at = whole.indexOf(10); at >= 0; at = whole.indexOf(10, at + 1))
    for (const by of [0, 1]) ends.add(at + by);
  for (let at = 0; at < whole.length; at += 97) ends.add(at);
  ends.delete(whole.length);
  for (const end of ends) {
    writeFileSync(bad, whole.subarray(0, end));
    await expect(checkFile(bad)).rejects.toThrow(/not whole|damaged|no backup/);
    const changed = Buffer.from(whole);
    changed[end]! ^= 1;
    writeFileSync(bad, changed);
    await expect(checkFile(bad)).rejects.toThrow(/not whole|damaged|no backup|version/);
  }
  writeFileSync(bad, Buffer.concat([whole, Buffer.from('{}\n')]));
  await expect(checkFile(bad)).rejects.toThrow('damaged');
  // The control: as it stands it is taken.
  writeFileSync(bad, whole);
  await expect(checkFile(bad)).resolves.toMatchObject({ file: bad });
  writeFileSync(bad, whole.subarray(0, whole.length / 2));
  await onNew(async (url) => {
    expect((await run(['restore', '--from', bad], { EVENT_STORE_URL: url })).exitCode).toBe(1);
    const target = await openEventStore(url);
    expect([await target.head(), await target.originId()]).toEqual([-1n, await target.logId()]);
    await target.close();
  });
  rmSync(bad);
});

it('no space, no such folder: told, and nothing is left behind', async () => {
  expect(await run(['backup', '--to', '/dev/full', '--quiet'], env())).toMatchObject({
    exitCode: 3,
    err: expect.stringContaining('no space is left') as string,
  });
  const nowhere = join(folder, 'nowhere/file');
  expect(await run(['backup', '--to', nowhere], env())).toMatchObject({
    exitCode: 3,
    err: expect.stringContaining('ENOENT') as string,
  });
  expect((await run(['restore', '--from', nowhere], env())).exitCode).toBe(2);
});

it('an incremental one goes on from the one before; what was erased since is restored from neither', async () => {
  const [first, second] = ['first.jsonl', 'second.jsonl'].map((name) => join(folder, name)) as [
    string,
    string,
  ];
  await append(store, 'user-user_later', event({ name: 'Planted Later' }));
  await run(['backup', '--to', first], env());
  expect(readFileSync(first, 'utf8')).toContain('Planted Later');
  await erase(store, 'user-user_later');
  await append(store, 'key-key_1', event({ since: true }));
  expect((await run(['backup', '--to', second, '--after', first], env())).exitCode).toBe(0);
  expect((await checkFile(second)).trailer.count).toBe(2);
  await onNew(async (url) => {
    const target = { EVENT_STORE_URL: url };
    expect((await run(['restore', '--from', second], target)).exitCode).toBe(2);
    expect((await run(['restore', '--from', second, '--from', first], target)).exitCode).toBe(2);
    expect(await run(['restore', '--from', first, '--from', second], target)).toMatchObject({ exitCode: 0 });
    const restored = await allOf(url);
    expect(restored.map(textOf)).toEqual((await eventsOf(store)).map(textOf));
    expect(JSON.stringify(restored.map(textOf))).not.toContain('Planted');
    const both = await run(['compare', '--from', first, '--from', second], target);
    expect(both.exitCode).toBe(0);
    // A backup of the restored log goes on from those of before.
    const third = join(folder, 'third.jsonl');
    expect((await run(['backup', '--to', third, '--after', second], target)).exitCode).toBe(0);
  });
});

it('a restore that is killed goes on where it was, and is equal', async () => {
  await append(store, 'key-many', ...Array.from({ length: 200 }, (_, n) => event({ n })));
  for (let round = 0; round < 10; round += 1)
    await append(store, 'key-many', ...Array.from({ length: 200 }, (_, n) => event({ round, n })));
  const many = join(folder, 'many.jsonl');
  await run(['backup', '--to', many], env());
  const all = await eventsOf(store);
  await onNew(async (url) => {
    const child = spawn(process.execPath, [MAIN, 'restore', '--from', many, '--quiet'], {
      env: { PATH: process.env['PATH'], EVENT_STORE_URL: url },
      stdio: 'ignore',
    });
    const gone = once(child, 'exit');
    const middle = all[Math.floor(all.length / 4)]!.position;
    const ended = gone.then(() => true);
    const watching = await openRestorableLog(url);
    // Opened before anything is brought: which positions it has is learnt with its id.
    const headNow = () => watching.logId().then(() => watching.head());
    while ((await headNow()) < middle)
      if (await Promise.race([ended, new Promise<false>((resolve) => setTimeout(resolve, 5, false))])) break;
    child.kill('SIGKILL');
    await gone;
    const stands = await headNow();
    await watching.close();
    expect(stands).toBeLessThan(all.at(-1)!.position);
    await expect(openEventStore(url)).rejects.toThrow('is being restored');
    expect((await run(['restore', '--from', many], { EVENT_STORE_URL: url })).exitCode).toBe(0);
    expect((await allOf(url)).map(textOf)).toEqual(all.map(textOf));
  });
}, 120_000);

it('compare names what somebody changed in a file, sum and all', async () => {
  const all = await eventsOf(store);
  const edited = all.toSpliced(7, 1).with(3, { ...all[3]!, data: { name: 'somebody else' } });
  const lines = new Lines({ log: await store.originId(), after: '-1', at: '2026-11-30T12:00:00.000Z' });
  const forged = join(folder, 'forged.jsonl');
  writeFileSync(
    forged,
    [lines.header(), ...edited.map((one) => lines.event(one)), lines.end().line].join(''),
  );
  const compared = await run(['compare', '--from', forged, '--json'], env());
  expect(compared.exitCode).toBe(1);
  const { told } = JSON.parse(compared.out) as { told: { kind: string; event: string }[] };
  const places = [all[3]!, all[7]!].map(({ stream, revision }) => `${stream}@${revision}`);
  expect(told.map(({ kind, event: place }) => [kind, place])).toEqual([
    ['changed', places[0]],
    ['added', places[1]],
  ]);
});
