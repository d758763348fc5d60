/** One session by itself: what it waits for before it stamps, and what ends with it. */
import { newId } from '@mcpstack/contracts';
import type { EventStore } from '@mcpstack/event-store';
import { ReadModelWriter } from '@mcpstack/read-models';
import { Log, type Lease, type LeaseStore } from '@mcpstack/service-kit';
import { createClient } from '@redis/client';
import { Confirmations } from '../src/confirmations.ts';
import { Session } from '../src/session.ts';
import { Status } from '../src/status.ts';
import { FRESHNESS, until, World } from './world.ts';

let world: World;
let client: ReturnType<typeof createClient>;
let confirmations: Confirmations;
let stop: AbortController;
let running: Promise<unknown> | undefined;
let [isHeld, isLive] = [true, false];
let changed: string[];

beforeAll(async () => {
  world = await World.start();
  client = createClient({ url: world.redis.url });
  await client.connect();
});
afterAll(async () => {
  client.destroy();
  await world.stop();
});
beforeEach(() => {
  [isHeld, isLive, changed, stop] = [true, false, [], new AbortController()];
  const nowMs = () => performance.now();
  confirmations = new Confirmations({ freshness: FRESHNESS, leaseHeld: () => true, nowMs });
});
afterEach(() => end());

/** Begins a session. */
function begin(store: EventStore = world.store): void {
  const session = Session.run(
    {
      store,
      writer: new ReadModelWriter({ url: world.redis.url }),
      lease: { held: () => isHeld } as Lease,
      confirmations,
      status: new Status(),
      log: new Log('projection', 'info', { write: (line) => void world.lines.push(line) }),
      stampLifeMs: FRESHNESS.stampLifeMs,
      onChanged: (streams) => void changed.push(...streams),
    },
    stop.signal,
    () => (isLive = true),
  );
  running = session.catch((error: unknown) => error);
}
async function end(): Promise<void> {
  stop.abort();
  await running;
  [isLive, stop] = [false, new AbortController()];
}
const counter = async () => Number(await client.hGet('mcpstack:{p0}:control', 'counter'));

it('G4: the lease is looked at before each stamp; without it the session ends', async () => {
  begin();
  await until('stamps', async () => (await counter()) > 1);
  isHeld = false;
  expect(await running).toMatchObject({ message: 'the lease has run out' });
});

it('G4: no stamp before all is applied that the log held; then who keeps answers is told of it', async () => {
  begin();
  await until('the first session', () => isLive);
  await end();
  const key = await world.createKey(newId('organization'));
  let [open, isFollowing] = [(): void => undefined, false];
  const gate = new Promise<void>((resolve) => (open = resolve));
  const { store } = world;
  begin({
    logId: () => store.logId(),
    head: (options: Parameters<EventStore['head']>[0]) => store.head(options),
    readStream: (stream: string, options: Parameters<EventStore['readStream']>[1]) =>
      store.readStream(stream, options),
    async *subscribe(options: Parameters<EventStore['subscribe']>[0]) {
      isFollowing = true;
      await gate;
      yield* store.subscribe(options);
    },
  } as unknown as EventStore);
  await until('the log is asked for', () => isFollowing);
  const before = [isLive, await counter(), [...changed]];
  open();
  expect(before).toEqual([false, 0, []]);
  await until('stamps', async () => (await counter()) > 0);
  expect(changed).toEqual([key.stream]);
});

it('G3: once a session is over nothing is confirmed on what it applied', async () => {
  begin();
  const key = await world.createKey(newId('organization'));
  const ask = (timeoutMs: number) =>
    confirmations.ask({ position: `${key.position}`, need: 'visible', timeoutMs });
  expect(await ask(4_000)).toEqual({ confirmed: true });
  await end();
  expect(await ask(20)).toEqual({ confirmed: false, reason: 'no session with Redis' });
});

it('G4: who loses the lease is a standby, and begins no session any more', async () => {
  let [holder, revision, isTaken]: [string | null, number, boolean] = [null, 0, false];
  const leaseStore: LeaseStore = {
    // Another one renews it each time that it is looked at.
    read: () => Promise.resolve({ holder, revision: (revision += isTaken ? 1 : 0) }),
    write: (by) => {
      if (isTaken) return Promise.reject(new Error('another one wrote'));
      holder = by;
      return Promise.resolve((revision += 1));
    },
  };
  const { status } = await world.project({ leaseStore });
  await until('active', () => status.report().lastStampAt !== undefined);
  [holder, isTaken] = ['another', true];
  await until('standby', () => status.report().role === 'standby', 4_000);
});
