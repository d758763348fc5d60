/** What a taking answers, and what becomes of counters: rotation, changes, giving back, expiry, fail-over. */
import { newId, type Bounds } from '@mcpstack/contracts';
import { freePort, startRedis, type LocalServer } from '@mcpstack/local-servers';
import { openReadModels, type ReadModels } from '../src/index.ts';
import { PREFIX } from '../src/namespace.ts';
import { ClockedLimits, keyWith, START_MS } from './limit-world.ts';
import { MemoryLog } from './log.ts';
import { FRESHNESS, until, writeLog } from './world.ts';

const MINUTE_MS = 60_000;
/** A minute and what is left of the sub-window at the start. */
const BACK_IN_MS = MINUTE_MS + 600 - (START_MS % 600);
const perMinute = (limit: number, name = 'requests') => ({ name, limit, windowMs: MINUTE_MS });
const perDay = (limit: number, name = 'daily') => ({ name, limit, interval: 'day' as const });

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

const left = async (taking: Parameters<ReadModels['take']>[0][number]) =>
  (await limits.one({ ...taking, cost: 0 })).states.map(({ remaining }) => remaining);

describe('a taking', () => {
  it('answers where every limit and quota stands, limits first', async () => {
    const taking = keyWith({ limits: [perMinute(3), perMinute(5, 'burst')], quotas: [perDay(10)] });
    expect(await limits.one(taking(0))).toEqual({
      granted: true,
      states: [
        { name: 'requests', limit: 3, remaining: 3, resetMs: 0 },
        { name: 'burst', limit: 5, remaining: 5, resetMs: 0 },
        { name: 'daily', limit: 10, remaining: 10, resetMs: 0 },
      ],
    });
    expect(await limits.one(taking(2))).toEqual({
      granted: true,
      states: [
        { name: 'requests', limit: 3, remaining: 1, resetMs: BACK_IN_MS },
        { name: 'burst', limit: 5, remaining: 3, resetMs: BACK_IN_MS },
        { name: 'daily', limit: 10, remaining: 8, resetMs: 86_400_000 },
      ],
    });
    expect(await limits.one({ keyId: newId('key'), cost: 1, bounds: {} })).toEqual({
      granted: true,
      states: [],
    });
  });

  it.each<[string, Bounds, 'limit' | 'quota']>([
    ['the second limit', { limits: [perMinute(9, 'a'), perMinute(2, 'b')], quotas: [perDay(9)] }, 'limit'],
    ['a quota', { limits: [perMinute(9, 'a'), perMinute(8, 'b')], quotas: [perDay(2)] }, 'quota'],
    ['a limit and a quota', { limits: [perMinute(2)], quotas: [perDay(2)] }, 'limit'],
  ])('that %s refuses takes from none', async (_, bounds, refusedBy) => {
    const taking = keyWith(bounds);
    expect(await limits.one(taking(2))).toMatchObject({ granted: true });
    const before = await left(taking());
    for (let n = 0; n < 3; n++)
      expect(await limits.one(taking(1))).toMatchObject({ granted: false, refusedBy });
    expect(await left(taking())).toEqual(before);
  });

  it('of more than the limit is refused for ever, and says the window', async () => {
    const taking = keyWith({ limits: [perMinute(5)] });
    const refused = { granted: false, states: [{ remaining: 5, resetMs: MINUTE_MS }] };
    expect(await limits.one(taking(6))).toMatchObject(refused);
    expect(await limits.one(taking(5))).toMatchObject({ granted: true });
  });

  it('of cost 0 is granted where nothing is left', async () => {
    const taking = keyWith({ limits: [perMinute(1)], quotas: [perDay(1)] });
    await limits.one(taking(1));
    expect(await limits.one(taking(0))).toMatchObject({
      granted: true,
      states: [{ remaining: 0 }, { remaining: 0 }],
    });
  });

  it('is made in order with the others of its list, each in full or not at all', async () => {
    const [one, other] = [keyWith({ limits: [perMinute(4)] }), keyWith({ quotas: [perDay(1)] })];
    const taken = await limits.take([one(3), other(1), one(2), one(1), other(1), one(1)]);
    expect(taken.map(({ granted }) => granted)).toEqual([true, true, false, true, false, false]);
    expect(taken[2]).toMatchObject({ refusedBy: 'limit', states: [{ remaining: 1, resetMs: BACK_IN_MS }] });
    expect([await left(one()), await left(other())]).toEqual([[0], [0]]);
  });

  it('comes in lists of 1 to 1,000, in whole units', async () => {
    const taking = keyWith({
      limits: Array.from({ length: 10 }, (_, n) => perMinute(1_000, `limit-${n}`)),
      quotas: Array.from({ length: 10 }, (_, n) => perDay(999, `quota-${n}`)),
    });
    const taken = await limits.take(Array.from({ length: 1_000 }, () => taking(1)));
    expect(taken.filter(({ granted }) => granted)).toHaveLength(999);
    expect(taken[999]).toMatchObject({ refusedBy: 'quota' });
    expect(taken[999]!.states).toHaveLength(20);
    await expect(limits.take([])).rejects.toThrow(RangeError);
    await expect(limits.take(Array.from({ length: 1_001 }, () => taking(1)))).rejects.toThrow(RangeError);
    for (const cost of [-1, 0.5, Number.NaN, Number.POSITIVE_INFINITY])
      await expect(limits.take([taking(cost)])).rejects.toThrow(RangeError);
  });
});

describe('a counter', () => {
  it('goes on under a lowered limit, and when another bound comes beside it', async () => {
    const taking = keyWith({ limits: [perMinute(10)] });
    await limits.one(taking(6));
    const lower = { limits: [perMinute(7), perMinute(5, 'new')] };
    expect(await left(taking(0, lower))).toEqual([1, 5]);
    expect(await left(taking(0, { limits: [perMinute(2)] }))).toEqual([0]);
    limits.nowMs += MINUTE_MS + 1_000;
    expect(await left(taking(0, { limits: [perMinute(2)] }))).toEqual([2]);
  });

  it('over another window or interval than asked for counts as used up', async () => {
    const taking = keyWith({ limits: [perMinute(10)], quotas: [perDay(10)] });
    await limits.one(taking(1));
    const other: Bounds = {
      limits: [{ name: 'requests', limit: 10, windowMs: 2 * MINUTE_MS }],
      quotas: [{ name: 'daily', limit: 10, interval: 'week' }],
    };
    expect(await left(taking(0, other))).toEqual([0, 0]);
    const hourly: Bounds = { quotas: [{ name: 'daily', limit: 10, interval: 'hour' }] };
    expect(await left(taking(0, hourly))).toEqual([0]);
  });

  it('of a limit and of a quota with the same name are two', async () => {
    const taking = keyWith({ limits: [perMinute(2, 'same')], quotas: [perDay(5, 'same')] });
    await limits.one(taking(2));
    expect(await left(taking())).toEqual([0, 3]);
  });

  it('is bounded, whatever is taken', async () => {
    const taking = keyWith({ limits: [perMinute(1e9)] });
    for (let n = 0; n < 250; n++, limits.nowMs += 600) await limits.one(taking());
    // The present sub-window, the hundred before it, and three fields more: the compact encoding takes 128.
    const name = `${PREFIX}limit:${taking().keyId}:requests`;
    expect(await limits.command('HLEN', name)).toBe(101 + 3);
    expect(await limits.command('OBJECT', 'ENCODING', name)).toBe('listpack');
    expect(await left(taking())).toEqual([1e9 - 100]);
  });

  it('expires with its window, and with its interval', async () => {
    const models = openReadModels({ url: redis.url, freshness: FRESHNESS });
    await until('connected', () => Promise.resolve(models.state().connected));
    const taking = keyWith({
      limits: [{ name: 'short', limit: 9, windowMs: 100 }],
      quotas: [{ name: 'hourly', limit: 9, interval: 'hour' }],
    });
    const taken = await models.take([taking()]);
    const nameOf = (kind: string, bound: string) => `${PREFIX}${kind}:${taking().keyId}:${bound}`;
    const ends = Number(await limits.command('PEXPIRETIME', nameOf('quota', 'hourly')));
    expect(ends % 3_600_000).toBe(0);
    expect(Math.abs(Date.now() + taken[0]!.states[1]!.resetMs - ends)).toBeLessThan(MINUTE_MS);
    await until(
      'expiry',
      async () => (await limits.command('EXISTS', nameOf('limit', 'short'))) === 0,
      2_000,
    );
    await models.close();
  });
});

describe('giving back', () => {
  it('takes the units out of where they were taken, once', async () => {
    const taking = keyWith({ limits: [perMinute(10)], quotas: [perDay(10)] });
    await limits.one(taking(2));
    limits.nowMs += 10_000;
    const unused = taking(3);
    await limits.one(unused);
    limits.nowMs += 10_000;
    await limits.one(taking(1));
    expect(await left(taking())).toEqual([4, 4]);
    await limits.giveBack([unused]);
    expect(await left(taking())).toEqual([7, 7]);
    await limits.giveBack([unused, unused]);
    expect(await left(taking())).toEqual([7, 7]);
    limits.nowMs = START_MS + MINUTE_MS + 1_000;
    expect(await left(taking())).toEqual([9, 7]);
  });

  it('of what was refused, never taken, or has passed already gives nothing', async () => {
    const taking = keyWith({ limits: [perMinute(3)], quotas: [{ ...perDay(3), interval: 'hour' }] });
    const [first, refused, never] = [taking(2), taking(2), taking(2)];
    await limits.take([first, refused]);
    await limits.giveBack([refused, never]);
    expect(await left(taking())).toEqual([1, 1]);
    limits.nowMs += 3_600_000;
    await limits.one(taking(2));
    await limits.giveBack([first]);
    expect(await left(taking())).toEqual([1, 1]);
    await limits.giveBack([]);
  });

  it('does not bring a counter below what is there', async () => {
    const taking = keyWith({ limits: [perMinute(5)], quotas: [perDay(5)] });
    const unused = taking(4);
    await limits.one(unused);
    await limits.command('DEL', `${PREFIX}limit:${taking().keyId}:requests`);
    await limits.command('HSET', `${PREFIX}quota:${taking().keyId}:daily`, 'used', '1');
    await limits.giveBack([unused]);
    expect(await left(taking())).toEqual([5, 5]);
  });
});

describe('the server', () => {
  let primary: LocalServer;
  let models: ReadModels;
  const command = async (...words: string[]) => {
    const there = await ClockedLimits.connect(primary.url);
    try {
      return await there.command(...words);
    } finally {
      there.close();
    }
  };
  beforeEach(async () => {
    primary = await startRedis();
    models = openReadModels({ url: primary.url, freshness: FRESHNESS, timeoutMs: 500 });
    await until('connected', () => Promise.resolve(models.state().connected));
  });
  afterEach(async () => {
    await models.close();
    await primary.stop();
  });
  const taking = keyWith({ limits: [perMinute(5)] });

  it('that is a replica grants nothing, and nobody rejects a giving back', async () => {
    const unused = taking();
    await models.take([unused]);
    await command('REPLICAOF', '127.0.0.1', `${await freePort()}`);
    await expect(models.take([taking()])).rejects.toMatchObject({ reason: 'not-primary' });
    await expect(models.giveBack([unused])).resolves.toBeUndefined();
  });

  it('that became another one since the last read grants nothing on this connection', async () => {
    (await writeLog(primary.url, new MemoryLog())).end();
    // A reader that hardly reads by itself: it would see the other identity before the taking does.
    const freshness = { ...FRESHNESS, stampLifeMs: 600_000 };
    const idle = openReadModels({ url: primary.url, freshness });
    await until('a read', () => idle.position().catch(() => undefined));
    await command('REPLICAOF', '127.0.0.1', `${await freePort()}`);
    await command('REPLICAOF', 'NO', 'ONE');
    await expect(idle.take([taking()])).rejects.toThrow('has become another');
    await idle.position();
    expect(await idle.take([taking()])).toMatchObject([{ granted: true }]);
    await idle.close();
  });

  it('that hangs or is gone rejects within the deadline', async () => {
    await primary.pause();
    const beganAt = performance.now();
    await expect(models.take([taking()])).rejects.toMatchObject({ reason: 'timed-out' });
    expect(performance.now() - beganAt).toBeLessThan(5_000);
    await primary.resume();
  });

  it('that is killed and started again has forgotten nothing that was answered', async () => {
    const own = keyWith({ limits: [perMinute(5)], quotas: [perDay(5)] });
    await models.take([own(4)]);
    await primary.restart({ kill: true });
    const taken = await until('a connection', () => models.take([own(2)]).catch(() => undefined));
    expect(taken).toMatchObject([{ granted: false, states: [{ remaining: 1 }, { remaining: 1 }] }]);
  });

  it('keeps counters over a rebuild, a switch and a drop of the read models', async () => {
    const log = new MemoryLog();
    log.createOrganization();
    const own = keyWith({ limits: [perMinute(5)], quotas: [perDay(5)] });
    (await writeLog(primary.url, log)).end();
    await models.take([own(4)]);
    const session = await writeLog(primary.url, log);
    expect(await session.dropOld()).toBeGreaterThan(0);
    expect((await models.take([own(2)]))[0]).toMatchObject({ granted: false });
    session.end();
  });
});
