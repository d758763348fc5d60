/**
 * An older copy of the log's files is put back, under the same name and with positions that are given anew: nothing that
 * stands there now is taken for what stood there before.
 */
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ConfirmRequest } from '@mcpstack/contracts';
import { eventsUpTo, type EventStore, type ReadOptions, type RecordedEvent } from '@mcpstack/event-store';
import { startNats, waitFor, type LocalServer } from '@mcpstack/local-servers';
import type { ReadModels } from '@mcpstack/read-models';
import { holds } from '../src/same-log.ts';
import { FRESHNESS, isValid, until, World, type Key } from './world.ts';

let folder: string;
let world: World;
let models: ReadModels;
let server: LocalServer;
let first: Key;
/** What stood in the log before the copy was put back. */
let before: RecordedEvent[];

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'mcpstack-put-back-'));
  world = await World.start({ ...FRESHNESS, stampLifeMs: 2_500 }, { dataDir: join(folder, 'nats') });
  server = world.natsServer;
  models = world.read();
  first = await world.createKey(await world.createOrganization());
});
afterEach(async () => {
  await world.stop();
  await server.stop();
  rmSync(folder, { recursive: true });
});

/** Does this with the log's files while its server is away. */
async function whileAway(act: (log: string, copy: string) => void): Promise<void> {
  await server.stop();
  act(join(folder, 'nats', 'jetstream'), join(folder, 'copy'));
  server = await startNats({ dataDir: join(folder, 'nats'), port: server.port });
  // What is asked while a connection is away is lost.
  await waitFor(() => world.store.head());
  await waitFor(() => world.nats.rtt());
}
const copyLog = () => whileAway((log, copy) => cpSync(log, copy, { recursive: true }));

/** Asked again: a request is lost where the server, or who answers, goes away meanwhile. */
const confirmed = (position: bigint, need: ConfirmRequest['need']) =>
  waitFor(async () => (await world.confirm(position, need, 2_000)).confirmed);

/** Three more keys; then the log is as it was copied, and the first key is revoked where the first of those stood. */
async function moreAndPutBack(between: () => Promise<void>): Promise<bigint> {
  for (let n = 0; n < 3; n += 1) await world.createKey(first.organizationId);
  const head = await world.store.head();
  await confirmed(head, 'visible');
  await until('valid', () => isValid(models, first));
  before = [];
  for await (const event of eventsUpTo(world.store, head)) before.push(event);
  await between();
  await whileAway((log, copy) => {
    rmSync(log, { recursive: true });
    cpSync(copy, log, { recursive: true });
  });
  const revoked = await world.revoke(first);
  expect(revoked).toBeLessThan(head);
  while ((await world.store.head()) <= head) await world.createKey(first.organizationId);
  return revoked;
}

/** A log that shows what stood there before, where one event is asked for: whoever asks whether it is the same is deceived. */
function deceiving(log: EventStore): EventStore {
  async function* readStream(stream: string, options: ReadOptions = {}): AsyncGenerator<RecordedEvent> {
    const { from = 0n } = options;
    const there = before.filter((event) => event.stream === stream && event.revision === from);
    yield* there.length > 0 ? there : log.readStream(stream, options);
  }
  return new Proxy(log, {
    get(target, name) {
      if (name === 'readStream') return readStream;
      const value: unknown = Reflect.get(target, name);
      return typeof value === 'function' ? (value.bind(target) as unknown) : value;
    },
  });
}

async function expectFollowed(reason: RegExp): Promise<void> {
  await until('built anew', () => world.lines.some((line) => reason.test(line)));
  await confirmed(await world.store.head(), 'visible');
  await until('trust', () => models.state().trusted);
  expect(await isValid(models, first)).toBe(false);
  expect(await world.expectFold(models)).toBeGreaterThan(1);
}

describe('G1, G5: an older copy of the log is put back', () => {
  it('while no projection runs: the read models are built anew', async () => {
    await copyLog();
    const projection = await world.project();
    await until('trust', () => models.state().trusted);
    await moreAndPutBack(() => projection.stop());
    await world.project();
    await expectFollowed(/the log lacks their last event/);
  });

  it('under a projection that runs: its session ends, the read models are built anew', async () => {
    await copyLog();
    await world.project();
    await until('trust', () => models.state().trusted);
    await moreAndPutBack(() => Promise.resolve());
    await expectFollowed(/they are ahead of the log|the log lacks their last event/);
  });

  it.each([true, false])(
    'control: where that is not looked at, a revoked key stays VALID for ever (stopped meanwhile: %s)',
    async (isStopped) => {
      await copyLog();
      const projection = await world.project({ through: deceiving });
      await until('trust', () => models.state().trusted);
      const revoked = await moreAndPutBack(() => (isStopped ? projection.stop() : Promise.resolve()));
      if (isStopped) await world.project({ through: deceiving });
      const last = await world.createKey(first.organizationId);
      await until('followed', () => isValid(models, last));
      await confirmed(revoked, 'final');
      await until('VALID, though revoked', () => isValid(models, first));
    },
  );
});

it('an event holds at its place alone, and not where its stream was erased past it', async () => {
  const stream = 'user-user_1';
  const position = await world.append(stream, -1n, 'UserProfileChanged', { userId: 'user_1', name: 'Ada' });
  let id = '';
  for await (const event of world.store.readStream(stream)) id = event.id;
  const last = { stream, position, revision: 0n, id };
  expect(await holds(world.store, last)).toBe(true);
  for (const other of [
    { id: 'another' },
    { position: position + 1n },
    { revision: 1n },
    { stream: 'user-none' },
  ])
    expect([other, await holds(world.store, { ...last, ...other })]).toEqual([other, false]);
  await world.append(stream, 0n, 'UserErased', { userId: 'user_1' });
  expect(await holds(world.store, last)).toBe(true);
  await world.store.truncate(stream, 1n);
  expect(await holds(world.store, last)).toBe(false);
});
