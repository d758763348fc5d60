import { jest } from '@jest/globals';
import fc from 'fast-check';
import type { RecordUsageInput, UsageWindow } from '@mcpstack/contracts';
import { UsageCounter, type UsageOptions } from './usage.ts';

const T0 = Date.parse('2026-06-01T12:00:03.000Z');
const key = (n: number) => ({ id: `key_${n}`, organizationId: 'org_1' });

let counter: UsageCounter;
let batches: {
  id: string;
  source: string;
  number: number;
  windows: readonly UsageWindow[];
  end: (isRecorded: boolean) => void;
}[];
let lost: number;
/** Whether issuance answers by itself. */
let answers: boolean;

function start(more: Partial<UsageOptions> = {}): void {
  batches = [];
  lost = 0;
  answers = true;
  const deliver = ((_: string, id: string, { source, number, windows: sent }: RecordUsageInput) =>
    new Promise<boolean>((end) => {
      batches.push({ id, source, number, windows: sent, end });
      if (answers) end(true);
    })) as unknown as UsageOptions['delivery']['deliver'];
  counter = new UsageCounter({ delivery: { deliver }, onLost: (count) => (lost += count), ...more });
}
/** Timers stand still but for what the test does: time passes while it stops. */
async function stop(): Promise<void> {
  const stopped = counter.stop();
  await jest.advanceTimersByTimeAsync(1_000);
  await stopped;
}
const use = (n: number, times = 1) => {
  for (let i = 0; i < times; i += 1) counter.count(key(n), Date.now(), 1, {});
};
const windows = () => batches.flatMap((batch) => batch.windows);
const total = () => windows().reduce((sum, { count }) => sum + count, 0);

beforeEach(() => {
  jest.useFakeTimers({ now: T0 });
  start();
});
afterEach(() => jest.useRealTimers());

it('a first use is sent within a second, further ones at the end of their window', async () => {
  use(1, 3);
  await jest.advanceTimersByTimeAsync(1_000);
  expect(windows()).toEqual([
    {
      keyId: 'key_1',
      organizationId: 'org_1',
      from: '2026-06-01T12:00:03.000Z',
      to: '2026-06-01T12:00:10.000Z',
      count: 3,
      lastUsedAt: '2026-06-01T12:00:03.000Z',
    },
  ]);
  use(1, 2);
  await jest.advanceTimersByTimeAsync(5_000);
  expect(batches).toHaveLength(1);
  await jest.advanceTimersByTimeAsync(1_500);
  expect(windows()[1]).toMatchObject({
    count: 2,
    from: '2026-06-01T12:00:04.000Z',
    lastUsedAt: '2026-06-01T12:00:04.000Z',
  });
  use(1);
  await jest.advanceTimersByTimeAsync(1_000);
  expect(batches).toHaveLength(2);
});

it('a batch holds at most 200 windows and has a command id of its own', async () => {
  for (let n = 0; n < 450; n += 1) use(n);
  await jest.advanceTimersByTimeAsync(510);
  expect(batches.map((batch) => batch.windows.length)).toEqual([200, 200, 50]);
  expect(new Set(batches.map(({ id }) => id)).size).toBe(3);
});

it('while issuance is away counts grow in place, and all arrive once it is back', async () => {
  answers = false;
  for (let n = 0; n < 1_000; n += 1) use(n);
  await jest.advanceTimersByTimeAsync(510);
  expect(batches).toHaveLength(4);
  for (let minute = 0; minute < 5; minute += 1) {
    await jest.advanceTimersByTimeAsync(60_000);
    for (let n = 0; n < 1_000; n += 1) use(n);
  }
  expect(batches).toHaveLength(4);
  answers = true;
  for (const { end } of batches.slice()) end(true);
  await jest.advanceTimersByTimeAsync(20_000);
  expect(total()).toBe(6_000);
  // One window for each key for all the while, instead of one for each ten seconds.
  expect(windows()).toHaveLength(800 + 1_000);
  expect(lost).toBe(0);
});

it('more keys than there is room for: told, never kept', async () => {
  start({ maxKeys: 10 });
  answers = false;
  for (let n = 0; n < 25; n += 1) use(n);
  await jest.advanceTimersByTimeAsync(500);
  expect(lost).toBe(15);
  expect(total()).toBe(10);
});

it('nearly full: sent before the window ends, and keys leave once theirs are taken', async () => {
  start({ maxKeys: 10 });
  for (let n = 0; n < 9; n += 1) use(n);
  await jest.advanceTimersByTimeAsync(500);
  for (let n = 0; n < 9; n += 1) use(n);
  await jest.advanceTimersByTimeAsync(1_000);
  expect(total()).toBe(18);
  for (let n = 10; n < 20; n += 1) use(n);
  await jest.advanceTimersByTimeAsync(1_000);
  expect([total(), lost]).toEqual([28, 0]);
});

it('many uses at once count as many, none counts nothing', async () => {
  counter.count(key(1), Date.now(), 40, {});
  counter.count(key(1), Date.now(), 0, { ip: '192.0.2.1' });
  counter.count(key(2), Date.now(), 0, {});
  await stop();
  expect(windows()).toMatchObject([{ keyId: 'key_1', count: 40 }]);
  expect(windows()[0]).not.toHaveProperty('lastUsedFrom');
});

it('the latest use that tells where it came from is shown; one that tells nothing hides nothing', async () => {
  const from = (ip?: string, userAgent?: string) => counter.count(key(1), Date.now(), 1, { ip, userAgent });
  from('192.0.2.1', 'curl/8.1');
  from('2001:db8:1:2::3');
  from();
  await jest.advanceTimersByTimeAsync(500);
  from('garbage', '<>');
  from(undefined, 'python-requests/2.31');
  await stop();
  expect(windows().map((window) => window.lastUsedFrom)).toEqual([
    { addressPrefix: '2001:db8:1::/48' },
    { userAgent: 'python-requests' },
  ]);
});

it('of one key one batch is under way at a time, with ever higher numbers of one source', async () => {
  answers = false;
  for (let n = 0; n < 12; n += 1) {
    use(1);
    use(100 + n);
    await jest.advanceTimersByTimeAsync(10_000);
    expect(windows().filter(({ keyId }) => keyId === 'key_1')).toHaveLength(1);
  }
  answers = true;
  for (const { end } of batches.slice()) end(true);
  await stop();
  expect(windows().filter(({ keyId }) => keyId === 'key_1')).toMatchObject([{ count: 1 }, { count: 11 }]);
  expect(batches.map(({ number }) => number)).toEqual(batches.map((_, index) => index + 1));
  expect(new Set(batches.map(({ source }) => source)).size).toBe(1);
});

it('a clean stop loses none; without it the same uses are missing', async () => {
  use(1);
  await jest.advanceTimersByTimeAsync(500);
  for (let n = 0; n < 1_500; n += 1) use(n, 2);
  expect(total()).toBe(1);
  await stop();
  expect(total()).toBe(3_001);
  expect(lost).toBe(0);
});

it('what could not be recorded is told', async () => {
  answers = false;
  use(1, 7);
  const stopped = stop();
  batches[0]!.end(false);
  await stopped;
  expect(lost).toBe(7);
});

it('a clock that is set back keeps nothing waiting', async () => {
  use(1);
  await jest.advanceTimersByTimeAsync(500);
  use(1);
  jest.setSystemTime(T0 - 3_600_000);
  await jest.advanceTimersByTimeAsync(500);
  expect(total()).toBe(2);
});

it('every use is in exactly one window that holds its time, whatever comes when', async () => {
  const step = fc.record({ n: fc.nat(5), times: fc.integer({ min: 1, max: 4 }), waitMs: fc.nat(12_000) });
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 30 }), async (steps) => {
      start();
      for (const { n, times, waitMs } of steps) {
        use(n, times);
        await jest.advanceTimersByTimeAsync(waitMs);
      }
      await stop();
      expect(total()).toBe(steps.reduce((sum, { times }) => sum + times, 0));
      for (const { from, to, lastUsedAt } of windows())
        expect(from <= lastUsedAt && lastUsedAt < to).toBe(true);
    }),
    { numRuns: 50 },
  );
});
