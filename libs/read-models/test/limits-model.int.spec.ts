/** Limits and quotas against plain models of what they promise, over random takings and a clock that steps back. */
import fc from 'fast-check';
import { startRedis, type LocalServer } from '@mcpstack/local-servers';
import type { Quota } from '@mcpstack/contracts';
import { ClockedLimits, FIXED_WINDOW, keyWith, START_MS, type Spoiling } from './limit-world.ts';

const RUNS = Number(process.env['LIMIT_MODEL_RUNS'] ?? 40);

let redis: LocalServer;
beforeAll(async () => (redis = await startRedis()));
afterAll(() => redis.stop());

/** What the script under test makes of a property; the clock starts anew for each run. */
async function outcome<Walk>(
  walks: fc.Arbitrary<Walk>,
  hold: (limits: ClockedLimits, walk: Walk) => Promise<void>,
  ...spoilings: Spoiling[]
): Promise<fc.RunDetails<[Walk]>> {
  const limits = await ClockedLimits.connect(redis.url, ...spoilings);
  const property = fc.asyncProperty(walks, async (walk) => {
    limits.nowMs = START_MS;
    await hold(limits, walk);
  });
  try {
    // A control ends at its first finding, which needs no smaller one.
    const isControl = spoilings.length > 0;
    return await fc.check(property, { numRuns: isControl ? 20 * RUNS : RUNS, endOnFailure: isControl });
  } finally {
    limits.close();
  }
}

const sum = (units: readonly number[]): number => units.reduce((all, one) => all + one, 0);

interface LimitStep {
  afterMs: number;
  clockBackMs: number;
  cost: number;
  /** The limit is lowered by this much first. */
  lowerBy: number;
}
interface LimitWalk {
  windowMs: number;
  limit: number;
  steps: readonly LimitStep[];
}

const limitWalks = (clockStepsBack: boolean): fc.Arbitrary<LimitWalk> =>
  fc.integer({ min: 1, max: 3_000 }).chain((windowMs) =>
    fc.record({
      windowMs: fc.constant(windowMs),
      limit: fc.integer({ min: 1, max: 12 }),
      steps: fc.array(
        fc.record({
          afterMs: fc.oneof(
            fc.integer({ min: 0, max: Math.ceil(windowMs / 20) }),
            fc.integer({ min: 0, max: windowMs }),
            fc.constantFrom(windowMs - 1, windowMs, 2 * windowMs),
          ),
          clockBackMs: clockStepsBack
            ? fc.oneof(
                { weight: 9, arbitrary: fc.constant(0) },
                { weight: 1, arbitrary: fc.integer({ min: 1, max: 5 * windowMs }) },
              )
            : fc.constant(0),
          cost: fc.oneof({ weight: 4, arbitrary: fc.constant(1) }, fc.integer({ min: 0, max: 6 })),
          lowerBy: fc.oneof({ weight: 15, arbitrary: fc.constant(0) }, fc.integer({ min: 1, max: 3 })),
        }),
        { minLength: 5, maxLength: 60 },
      ),
    }),
  );

/** At most `limit` in any window of time that passed, and no refusal while a window and two hundredths have room. */
async function holdLimit(limits: ClockedLimits, { windowMs, limit: first, steps }: LimitWalk): Promise<void> {
  const taking = keyWith({});
  const width = Math.ceil(windowMs / 100);
  const grants: { atMs: number; cost: number }[] = [];
  const takenSince = (atMs: number) => sum(grants.filter((one) => one.atMs > atMs).map(({ cost }) => cost));
  let [passedMs, limit, hasSteppedBack] = [0, first, false];
  for (const { afterMs, clockBackMs, cost, lowerBy } of steps) {
    passedMs += afterMs;
    limits.nowMs += afterMs - clockBackMs;
    hasSteppedBack ||= clockBackMs > 0;
    limit = Math.max(1, limit - lowerBy);
    const bounds = { limits: [{ name: 'a', limit, windowMs }] };
    const { granted, refusedBy, states } = await limits.one(taking(cost, bounds));
    if (granted) {
      grants.push({ atMs: passedMs, cost });
      if (cost > 0) expect(takenSince(passedMs - windowMs)).toBeLessThanOrEqual(limit);
    } else {
      expect(refusedBy).toBe('limit');
      if (!hasSteppedBack) expect(takenSince(passedMs - windowMs - 2 * width) + cost).toBeGreaterThan(limit);
    }
    const { remaining, resetMs } = states[0]!;
    expect(remaining).toBeLessThanOrEqual(Math.max(0, limit - takenSince(passedMs - windowMs)));
    if (hasSteppedBack) continue;
    expect(resetMs).toBeLessThanOrEqual(windowMs + 2 * width);
    // A millisecond before the reset the refused cost has no room; at the reset it has (a look at what remains).
    const needed = granted ? limit : cost;
    const now = limits.nowMs;
    if (resetMs === 0 || cost > limit) continue;
    limits.nowMs = now + resetMs - 1;
    expect((await limits.one(taking(0, bounds))).states[0]!.remaining).toBeLessThan(needed);
    limits.nowMs = now + resetMs;
    expect((await limits.one(taking(0, bounds))).states[0]!.remaining).toBeGreaterThanOrEqual(needed);
    limits.nowMs = now;
  }
}

describe('a limit', () => {
  it('is never exceeded in any window and refuses nothing that has room, under any takings and lowerings', async () => {
    expect((await outcome(limitWalks(false), holdLimit)).counterexample).toBeNull();
  });

  it('is not exceeded in any time that passed when the clock steps back', async () => {
    expect((await outcome(limitWalks(true), holdLimit)).counterexample).toBeNull();
  });

  it.each<[string, boolean, ...Spoiling[]]>([
    ['a fixed window', false, FIXED_WINDOW],
    ['the oldest sub-window left out', false, ['math.ceil(window / width)', 'math.ceil(window / width) - 1']],
    [
      'a fresh counter for a lowered limit',
      false,
      ['nameOf(kind, keyId, ARGV[i])', 'nameOf(kind, keyId, limit)'],
    ],
    [
      'a fresh counter after a step back',
      true,
      [
        'counter.isAnew, counter.added, counter.counts = true, counter.used, {',
        'counter.used = 0 local _ = {',
      ],
    ],
    ['a coarser division of the window', false, ['window / 100', 'window / 50']],
    ['refusals that cost', false, ['if refused == 0 and cost > 0 then take', 'if cost > 0 then take']],
  ])('control: %s is found wanting', async (_, clockStepsBack, ...spoilings) => {
    expect((await outcome(limitWalks(clockStepsBack), holdLimit, ...spoilings)).failed).toBe(true);
  });
});

/** How much of a limit is granted to demand that never ends, of the windows after the first one. */
async function shareGranted(windowMs: number, ...spoilings: Spoiling[]): Promise<number> {
  const limits = await ClockedLimits.connect(redis.url, ...spoilings);
  const [limit, windows, stepMs] = [600, 10, windowMs / 200];
  const taking = keyWith({ limits: [{ name: 'a', limit, windowMs }] });
  let granted = 0;
  for (let step = 0; step < 200 * (1 + windows); step++) {
    limits.nowMs = START_MS + Math.floor(step * stepMs);
    // Evenly at first: a burst would repeat itself and round the measure up.
    const count = step < 200 ? 3 : 12;
    const taken = await limits.take(Array.from({ length: count }, () => taking()));
    if (step >= 200) granted += taken.filter((one) => one.granted).length;
  }
  limits.close();
  return granted / (limit * windows);
}

describe('a limit that is always asked for', () => {
  // 1,002 ms divides worst of all windows.
  it.each([1_000, 1_002, 60_000, 86_400_000])('over %d ms is granted to at least 95 %%', async (windowMs) => {
    expect(await shareGranted(windowMs)).toBeGreaterThanOrEqual(0.95);
  });

  it('control: under a coarser division it is not', async () => {
    expect(await shareGranted(1_000, ['window / 100', 'window / 16'])).toBeLessThan(0.95);
  });
});

/** The beginning of the interval by JavaScript's own calendar. */
function beginningOf(interval: Quota['interval'], atMs: number): number {
  const at = new Date(atMs);
  if (interval === 'hour') return at.setUTCMinutes(0, 0, 0);
  at.setUTCHours(0, 0, 0, 0);
  if (interval === 'week') at.setUTCDate(at.getUTCDate() - ((at.getUTCDay() + 6) % 7));
  if (interval === 'month') at.setUTCDate(1);
  return at.getTime();
}

function endOf(interval: Quota['interval'], atMs: number): number {
  const at = new Date(beginningOf(interval, atMs));
  if (interval === 'hour') return at.setUTCHours(at.getUTCHours() + 1);
  if (interval === 'month') return at.setUTCMonth(at.getUTCMonth() + 1);
  return at.setUTCDate(at.getUTCDate() + (interval === 'day' ? 1 : 7));
}

interface QuotaWalk {
  interval: Quota['interval'];
  startMs: number;
  limit: number;
  steps: readonly { to: 'edge' | 'just before the edge' | number; clockBackMs: number; cost: number }[];
}

const HOUR_MS = 3_600_000;
const LONGEST_MS = { hour: HOUR_MS, day: 24 * HOUR_MS, week: 7 * 24 * HOUR_MS, month: 31 * 24 * HOUR_MS };

/** Over a leap year, one that is none although four divides it, and another leap year. */
const quotaWalks = (clockBackMs: fc.Arbitrary<number>): fc.Arbitrary<QuotaWalk> =>
  fc.constantFrom('hour', 'day', 'week', 'month').chain((interval) =>
    fc.record({
      interval: fc.constant(interval),
      startMs: fc.oneof(
        fc.integer({ min: START_MS, max: Date.UTC(2105, 0, 1) }),
        fc.constantFrom(2096, 2100, 2104).map((year) => Date.UTC(year, 1, 27)),
      ),
      limit: fc.integer({ min: 1, max: 6 }),
      steps: fc.array(
        fc.record({
          to: fc.oneof(
            fc.constantFrom('edge' as const, 'just before the edge' as const, 0),
            fc.integer({ min: 0, max: LONGEST_MS[interval] }),
          ),
          clockBackMs,
          cost: fc.integer({ min: 0, max: 3 }),
        }),
        { minLength: 10, maxLength: 40 },
      ),
    }),
  );

/**
 * Exactly `limit` in each calendar interval. Where the clock has stepped back into the interval before, at most that by
 * the latest time at which something was taken.
 */
async function holdQuota(
  limits: ClockedLimits,
  { interval, startMs, limit, steps }: QuotaWalk,
): Promise<void> {
  const taking = keyWith({ quotas: [{ name: 'a', limit, interval }] });
  const used = new Map<number, number>();
  limits.nowMs = startMs;
  let [latestMs, hasSteppedBack, hasGoneFar] = [Number.NEGATIVE_INFINITY, false, false];
  for (const { to, clockBackMs, cost } of steps) {
    const edge = endOf(interval, limits.nowMs);
    limits.nowMs = typeof to === 'number' ? limits.nowMs + to : to === 'edge' ? edge : edge - 1;
    const before = (await limits.one(taking(0))).states[0]!.remaining;
    limits.nowMs -= clockBackMs;
    hasSteppedBack ||= clockBackMs > 0;
    expect((await limits.one(taking(0))).states[0]!.remaining).toBeLessThanOrEqual(before);
    const { granted, refusedBy, states } = await limits.one(taking(cost));
    hasGoneFar ||= endOf(interval, limits.nowMs) < beginningOf(interval, latestMs);
    const present = beginningOf(interval, Math.max(latestMs, limits.nowMs));
    if (granted && cost > 0) latestMs = Math.max(latestMs, limits.nowMs);
    const total = (used.get(present) ?? 0) + (granted ? cost : 0);
    used.set(present, total);
    if (!hasGoneFar) expect(total).toBeLessThanOrEqual(limit);
    if (hasSteppedBack) continue;
    if (!granted) expect([refusedBy, total + cost > limit]).toEqual(['quota', true]);
    const resetMs = total > 0 || !granted ? endOf(interval, limits.nowMs) - limits.nowMs : 0;
    expect(states).toEqual([{ name: 'a', limit, remaining: limit - total, resetMs }]);
  }
}

describe('a quota', () => {
  const never = fc.constant(0);
  const sometimes = (max: number) =>
    fc.oneof(
      { weight: 5, arbitrary: fc.constant(0) },
      { weight: 1, arbitrary: fc.constantFrom(1, max) },
      { weight: 1, arbitrary: fc.integer({ min: 0, max }) },
    );

  it('is exactly its limit in each hour, day, week from Monday and month, leap years included', async () => {
    expect((await outcome(quotaWalks(never), holdQuota)).counterexample).toBeNull();
  });

  it('is not exceeded when the clock steps back over the edge of an interval', async () => {
    expect((await outcome(quotaWalks(sometimes(HOUR_MS)), holdQuota)).counterexample).toBeNull();
  });

  it('has never more left after the clock went back, however far', async () => {
    const far = sometimes(400 * 24 * HOUR_MS);
    const hold = async (limits: ClockedLimits, walk: QuotaWalk) => {
      const taking = keyWith({ quotas: [{ name: 'a', limit: walk.limit, interval: walk.interval }] });
      limits.nowMs = walk.startMs;
      for (const { to, clockBackMs, cost } of walk.steps) {
        limits.nowMs += typeof to === 'number' ? to : 1;
        const before = (await limits.one(taking(cost))).states[0]!.remaining;
        limits.nowMs -= clockBackMs;
        expect((await limits.one(taking(0))).states[0]!.remaining).toBeLessThanOrEqual(before);
      }
    };
    expect((await outcome(quotaWalks(far), hold)).counterexample).toBeNull();
  });

  it.each<[string, fc.Arbitrary<number>, Spoiling]>([
    ['weeks from Thursday', never, ['(count + 3) % 7', 'count % 7']],
    ['years without a leap day', never, ['isLeap and 29 or 28', '28']],
    ['every fourth year a leap year', never, ['and (next % 100 ~= 0 or next % 400 == 0)', '']],
    ['a fresh quota after a step back', sometimes(HOUR_MS), ['from >= counter.from', 'from == counter.from']],
  ])('control: %s is found wanting', async (_, clockBackMs, spoiling) => {
    expect((await outcome(quotaWalks(clockBackMs), holdQuota, spoiling)).failed).toBe(true);
  });
});
