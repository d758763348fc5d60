import { setTimeout as sleep } from 'node:timers/promises';
import { withMargin } from '@mcpstack/contracts';
import { createClient } from '@redis/client';
import type { ReadModels } from '@mcpstack/read-models';
import { FRESHNESS, isValid, until, World, type Key } from './world.ts';

/** How long things go wrong. A fault about every 700 ms, three revocations under way at any time. */
const CHAOS_MS = 12_000;
const FEWEST_FAULTS = 6;

let world: World;
let readers: ReadModels[];
let stop: boolean;
let finals: Key[];
let violations: string[];

beforeAll(async () => {
  world = await World.start();
  readers = [world.read(), world.read()];
  await world.project();
  await world.project();
  await until('trust', () => readers[0]!.state().trusted);
});
afterAll(() => world.stop());

beforeEach(() => {
  stop = false;
  finals = [];
  violations = [];
});

/** What a restricting command does: success only when all of it has held. */
async function revokeOne(organizationId: string, isCareful: boolean): Promise<void> {
  const key = await world.createKey(organizationId);
  await world.confirm(key.position, 'visible', 500);
  const position = await world.revoke(key);
  if (isCareful) {
    if (!(await world.confirm(position, 'final', 4_000)).confirmed) return;
    await sleep(withMargin(FRESHNESS.deltaMs));
  }
  finals.push(key);
}

async function revoker(organizationId: string, isCareful = true): Promise<void> {
  // A write that fails while NATS is away is not what is tested here.
  while (!stop) await revokeOne(organizationId, isCareful).catch(() => sleep(50));
}

async function checker(models: ReadModels): Promise<number> {
  let checks = 0;
  while (!stop) {
    // Half of the time the one that became final last: if any, that one is still believed somewhere.
    const place = Math.random() < 0.5 ? finals.length - 1 : Math.floor(Math.random() * finals.length);
    const key = finals[place];
    if (key) {
      checks += 1;
      // Every request here begins after the success that it is held against.
      if (await isValid(models, key)) violations.push(`${key.id} was VALID after its revocation was final`);
    }
    await sleep(2);
  }
  return checks;
}

async function fault(n: number): Promise<void> {
  const client = createClient({ url: world.redis.url });
  client.on('error', () => undefined);
  switch (n % 6) {
    case 0:
      return world.redis.restart({ kill: true });
    case 1:
      await world.redis.pause();
      await sleep(400);
      return world.redis.resume();
    case 2:
      await client.connect();
      await client.flushAll();
      return client.destroy();
    case 3:
      await client.connect();
      await client.sendCommand(['CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes']);
      return client.destroy();
    case 4:
      // The active one, whichever it is, hands over to the standby; a new one joins.
      await world.stopFirst();
      await world.project();
      return;
    default:
      return world.natsServer.restart({ kill: true });
  }
}

it('G3, G4, G5: while parts are killed, hung, emptied and handed over, nothing final is VALID again', async () => {
  let faults = 0;
  const organizationId = await world.createOrganization();
  const working = Promise.all([1, 2, 3].map(() => revoker(organizationId)));
  const checking = Promise.all(readers.map(checker));
  const endsAtMs = performance.now() + CHAOS_MS;
  // On a busy machine a fault takes long; there must be enough of them all the same.
  while (performance.now() < endsAtMs || faults <= FEWEST_FAULTS) {
    await fault(faults);
    faults += 1;
    // Between faults there must be time for something to become final (T after each new session).
    await sleep(faults % 3 === 0 ? 2 * FRESHNESS.stampLifeMs : 300);
  }
  stop = true;
  const checks = (await checking).reduce((sum, count) => sum + count, 0);
  await working;
  expect(violations).toEqual([]);
  expect(faults).toBeGreaterThan(FEWEST_FAULTS);
  expect(finals.length).toBeGreaterThan(3);
  expect(checks).toBeGreaterThan(200);

  // All heals by itself, and the read models are the fold of what was appended.
  const last = await world.createKey(organizationId);
  await until(
    'confirmed',
    async () => (await world.confirm(last.position, 'visible', 1_000)).confirmed,
    30_000,
  );
  await until('valid', () => isValid(readers[0]!, last), 30_000);
  expect(await world.expectFold(readers[0]!)).toBeGreaterThan(10);
});

it('control: success as soon as the event is in the log, and VALID is seen after it, without any fault', async () => {
  const organizationId = await world.createOrganization();
  const working = Promise.all([1, 2, 3].map(() => revoker(organizationId, false)));
  const checking = Promise.all(readers.map(checker));
  await until('a violation', () => violations.length > 0);
  stop = true;
  await Promise.all([working, checking]);
});
