/** Counters where the server's clock went back, or the server became another. */
import { freePort, startRedis, type LocalServer } from '@mcpstack/local-servers';
import { ClockedLimits, keyWith, START_MS } from './limit-world.ts';

const MINUTE_MS = 60_000;
const YEAR_MS = 365 * 24 * 60 * MINUTE_MS;
/** A window and what is left of the sub-window at the start. */
const BACK_IN_MS = MINUTE_MS + 600 - (START_MS % 600);
const PER_MINUTE = { limits: [{ name: 'requests', limit: 5, windowMs: MINUTE_MS }] };

let redis: LocalServer;
let limits: ClockedLimits;
beforeAll(async () => {
  redis = await startRedis();
  limits = await ClockedLimits.connect(redis.url);
});
beforeEach(() => (limits.nowMs = START_MS));
afterAll(async () => {
  limits.close();
  await redis.stop();
});

it('units that a clock a year ahead took are back a window after it was set right', async () => {
  const taking = keyWith(PER_MINUTE);
  limits.nowMs = START_MS + YEAR_MS;
  await limits.one(taking(3));
  limits.nowMs = START_MS;
  expect((await limits.one(taking(1))).states).toMatchObject([{ remaining: 1, resetMs: BACK_IN_MS }]);
  limits.nowMs += BACK_IN_MS;
  expect((await limits.one(taking(0))).states).toMatchObject([{ remaining: 5 }]);
});

it('also a limit that they filled, though nothing was granted since', async () => {
  const taking = keyWith(PER_MINUTE);
  limits.nowMs = START_MS + YEAR_MS;
  await limits.one(taking(5));
  limits.nowMs = START_MS;
  expect((await limits.one(taking(1))).states).toMatchObject([{ remaining: 0, resetMs: BACK_IN_MS }]);
  // Refused meanwhile as well: that puts nothing off.
  limits.nowMs += BACK_IN_MS - 1;
  expect((await limits.one(taking(1))).states).toMatchObject([{ remaining: 0, resetMs: 1 }]);
  limits.nowMs += 1;
  expect((await limits.one(taking(1))).states).toMatchObject([{ remaining: 4 }]);
});

it('a quota that a clock a year ahead used up is whole again in the next interval', async () => {
  const taking = keyWith({ limits: [], quotas: [{ name: 'calls', limit: 5, interval: 'day' }] });
  limits.nowMs = START_MS + YEAR_MS;
  await limits.one(taking(5));
  limits.nowMs = START_MS;
  const { states } = await limits.one(taking(1));
  expect(states).toMatchObject([{ remaining: 0 }]);
  limits.nowMs += states[0]!.resetMs;
  expect((await limits.one(taking(1))).states).toMatchObject([{ remaining: 4 }]);
});

it('a limit whose window was made shorter is open a new window later, not when the old one ends', async () => {
  const taking = keyWith(PER_MINUTE);
  await limits.one(taking(1, { limits: [{ name: 'requests', limit: 5, windowMs: 24 * 60 * MINUTE_MS }] }));
  expect((await limits.one(taking(1))).states).toMatchObject([{ remaining: 0 }]);
  limits.nowMs += BACK_IN_MS;
  expect((await limits.one(taking(1))).states).toMatchObject([{ remaining: 4 }]);
});

it('after a small step back all is back when the latest unit is', async () => {
  const taking = keyWith(PER_MINUTE);
  limits.nowMs = START_MS + MINUTE_MS / 2;
  await limits.one(taking(1));
  limits.nowMs = START_MS;
  const resetMs = BACK_IN_MS + MINUTE_MS / 2;
  expect((await limits.one(taking(1))).states).toMatchObject([{ remaining: 3, resetMs }]);
});

it('a server that has become another gets nothing back: it may lack what was taken', async () => {
  const taking = keyWith(PER_MINUTE);
  const unused = taking(3);
  await limits.one(unused);
  await limits.command('REPLICAOF', '127.0.0.1', `${await freePort()}`);
  await limits.command('REPLICAOF', 'NO', 'ONE');
  await limits.giveBack([unused]);
  expect((await limits.one(taking(0))).states).toMatchObject([{ remaining: 2 }]);
});
