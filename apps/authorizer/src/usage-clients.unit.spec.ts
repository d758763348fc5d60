/** Where uses came from, and when: of the latest use that told it, in the window that it is told in. */
import { jest } from '@jest/globals';
import type { RecordUsageInput, UsageWindow } from '@mcpstack/contracts';
import { Agents } from './client-agents.ts';
import { UsageCounter } from './usage.ts';

const T0 = Date.parse('2026-06-01T12:00:03.000Z');
const KEY = { id: 'key_1', organizationId: 'org_1' };
let counter: UsageCounter;
let windows: UsageWindow[];
beforeEach(() => {
  jest.useFakeTimers({ now: T0 });
  windows = [];
  const deliver = (_: string, _id: string, { windows: sent }: RecordUsageInput) => {
    windows.push(...sent);
    return Promise.resolve(true);
  };
  counter = new UsageCounter({
    delivery: { deliver },
    onLost: () => undefined,
  });
});
afterEach(async () => {
  const stopped = counter.stop();
  await jest.advanceTimersByTimeAsync(1_000);
  await stopped;
  jest.useRealTimers();
});

it('a window whose uses told nothing of a client names none, whatever an earlier one told', async () => {
  counter.count(KEY, Date.now(), 1, { ip: '192.0.2.9', userAgent: 'curl/8' });
  await jest.advanceTimersByTimeAsync(1_000);
  counter.count(KEY, Date.now(), 1, {});
  await jest.advanceTimersByTimeAsync(10_000);
  expect(windows.map(({ lastUsedFrom }) => lastUsedFrom)).toEqual([
    { addressPrefix: '192.0.2.0/24', userAgent: 'curl' },
    undefined,
  ]);
});

it('the last use stays the last one where the clock is set back', async () => {
  counter.count(KEY, T0, 1);
  counter.count(KEY, T0 - 2_000, 1);
  await jest.advanceTimersByTimeAsync(1_000);
  expect(windows).toMatchObject([{ count: 2, lastUsedAt: new Date(T0).toISOString() }]);
});

it('a flood of ever other headers is not kept: a thousand new ones in each tick', () => {
  const agents = new Agents();
  const known = (from: number, to: number) =>
    Array.from({ length: to - from }, (_, n) => agents.of(`agent${from + n}/1`)).filter(Boolean).length;
  expect(known(0, 1_500)).toBe(1_000);
  expect(agents.of('agent7/1')?.family).toBe('agent7');
  agents.renew();
  expect(known(1_000, 1_500)).toBe(500);
});
