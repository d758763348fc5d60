/** G7 at size: a million keys in use take bounded memory, lose nothing, and no check waits while they are sent. */
import { jest } from '@jest/globals';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setImmediate as turn } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import type { RecordUsageInput } from '@mcpstack/contracts';
import { UsageCounter, type UsageOptions } from './usage.ts';

const KEYS = 1_000_000;
/** What one more key may take. Measured: 245 and 249. */
const MOST_BYTES = 320;
/**
 * What a check may have to wait for at most. Measured: 19 and 66, on a machine that did other things as well; that and
 * the collection of garbage are in it. The first spec shows that building all windows at once takes longer.
 */
const LONGEST_STALL_MS = 250;

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;
function heapBytes(): number {
  collect();
  return process.memoryUsage().heapUsed;
}

const organizations = Array.from({ length: 1_000 }, (_, n) => `org_${String(n).padStart(22, '0')}`);
/** As one comes from a reading: texts of its own. */
const key = (n: number): { id: string; organizationId: string } =>
  JSON.parse(
    `{"id":"key_${String(n).padStart(22, '0')}","organizationId":"${organizations[n % 1_000]}"}`,
  ) as { id: string; organizationId: string };

let counter: UsageCounter;
let total: number;
let lost: number;
/** Issuance answers once this resolves. */
let answering: Promise<void>;
let answer: () => void;

let nowMs: number;

beforeEach(() => {
  nowMs = Date.now();
  jest.spyOn(Date, 'now').mockImplementation(() => nowMs);
  [total, lost] = [0, 0];
  answering = new Promise((resolve) => (answer = resolve));
  const deliver = (async (_name: string, _id: string, { windows }: RecordUsageInput) => {
    await answering;
    for (const { count } of windows) total += count;
    await turn();
    return true;
  }) as unknown as UsageOptions['delivery']['deliver'];
  counter = new UsageCounter({ delivery: { deliver }, onLost: (count) => (lost += count) });
});
afterEach(() => jest.restoreAllMocks());

/** Counts one use of each key, a few at a time, as checks come. */
async function use(keys: number): Promise<void> {
  for (let n = 0; n < keys; n += 1) {
    counter.count(key(n), nowMs, 1, { ip: `10.${n & 255}.${(n >> 8) & 255}.1`, userAgent: 'curl/8.1' });
    if (n % 500 === 0) await turn();
  }
}

/** The longest that the event loop stood still while this ran. Milliseconds. */
async function longestStallMs(act: () => unknown): Promise<number> {
  const delay = monitorEventLoopDelay({ resolution: 1 });
  const aMoment = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 5));
  delay.enable();
  // It measures between two of its own ticks.
  await aMoment();
  await act();
  await aMoment();
  delay.disable();
  return delay.max / 1e6;
}

it('while 30,000 windows are sent no check waits; were they built at once it would', async () => {
  answer();
  const keys = 30_000;
  await use(keys);
  nowMs += 10_000;
  const ms = await longestStallMs(() => counter.stop());
  expect(ms).toBeLessThan(LONGEST_STALL_MS);
  expect(total).toBe(keys);
  const atOnce = await longestStallMs(() => {
    const windows = Array.from({ length: 3 * keys }, (_, n) => ({
      ...key(n),
      from: new Date(n).toISOString(),
    }));
    JSON.stringify(windows);
  });
  expect(atOnce).toBeGreaterThan(LONGEST_STALL_MS);
});

it('1,000,000 keys while issuance stands still: all are held, in bounded memory', async () => {
  const before = heapBytes();
  await use(KEYS);
  const perKey = (heapBytes() - before) / KEYS;
  expect(perKey).toBeLessThan(MOST_BYTES);
  // Control: it does hold them.
  expect(perKey).toBeGreaterThan(80);
  // More uses of the same keys make windows longer, and take nothing.
  await use(KEYS / 500);
  expect((heapBytes() - before) / KEYS).toBeLessThan(perKey + 10);
  expect(lost).toBe(0);
});
