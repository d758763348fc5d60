/** One courier by itself, with stand-ins for its peers: gaps, clocks, and what cannot be written or signed. */
import { setTimeout as delay } from 'node:timers/promises';
import { waitFor } from '@mcpstack/local-servers';
import { eventAt, webhook } from '../../test/events.ts';
import { DAY_MS, feedOf, OneCourier } from '../../test/one-courier.ts';
import { Courier, type CourierDeps } from './courier.ts';
import type { SavedState } from './saved-state.ts';

let spec: OneCourier;
beforeEach(() => (spec = new OneCourier()));
afterEach(() => spec.courier.stop());

it('tells a gap where events were dropped before their turn came, and goes on behind it', async () => {
  spec.start({ feed: feedOf([90, 91, 92], 90) }).courier.look(webhook(), 92n);
  await spec.reaches('92');
  expect(spec.courier.progress()!.gap).toEqual({
    ...{ after: '0', before: '90', at: '2026-11-24T08:00:00.000Z' },
  });
  expect(spec.posted).toHaveLength(3);
  await waitFor(() => spec.saved?.gap?.before === '90');
});

it('control: where nothing was dropped that it had not had, there is none', async () => {
  spec.saved = { cursor: '89', delivered: [], failed: [], failures: 0, attempts: [] };
  spec.start({ feed: feedOf([90, 91, 92], 90) }).courier.look(webhook(), 92n);
  await spec.reaches('92');
  expect(spec.courier.progress()).not.toHaveProperty('gap');
});

it('asks for it to be disabled after five days of nothing but failure, and not a moment sooner', async () => {
  const began = new Date(spec.nowMs).toISOString();
  spec.answer = () => ({ ok: false, status: 500, reason: 'no' });
  spec.start();
  await waitFor(() => spec.posted.length >= 3);
  spec.nowMs += 5 * DAY_MS - 1;
  spec.courier.look(webhook(), 3n);
  await waitFor(() => spec.posted.length >= 6);
  expect(spec.disabled).toEqual([]);
  spec.nowMs += DAY_MS;
  spec.courier.look(webhook(), 3n);
  await waitFor(() => spec.disabled.length > 0);
  expect(spec.disabled[0]).toEqual({ reason: 'failing', since: began });
});

it('one success in between, and the days are counted anew', async () => {
  const later = async (ms: number, posts: number) => {
    spec.nowMs += ms;
    spec.courier.look(webhook(), 3n);
    await waitFor(() => spec.posted.length >= posts);
  };
  spec.answer = () => (spec.posted.length === 4 ? { ok: true, status: 204 } : { ok: false, status: 500 });
  spec.start();
  await waitFor(() => spec.posted.length >= 3);
  await later(4 * DAY_MS, 6);
  await later(4 * DAY_MS, 8);
  expect(spec.disabled).toEqual([]);
  // Control: without another success they are over.
  await later(2 * DAY_MS, 10);
  await waitFor(() => spec.disabled.length > 0);
});

it('enabled again, earlier failures count no more', async () => {
  const failingSinceMs = spec.nowMs - 6 * DAY_MS;
  const failed: SavedState['failed'] = [['1', 9, spec.nowMs + DAY_MS]];
  spec.saved = {
    ...{ cursor: '0', delivered: [], failed, failures: 9, failingSinceMs },
    ...{ pausedUntilMs: spec.nowMs + DAY_MS, attempts: [] },
  };
  spec.start();
  await spec.reaches('3');
});

it('begins nothing more while what was done cannot be written down, and nothing without the lease', async () => {
  let isAway = true;
  const saved: SavedState[] = [];
  spec.start({
    feed: feedOf([1]),
    store: {
      load: () => Promise.resolve(undefined),
      save: (_id, state) => (isAway ? Promise.reject(new Error('away')) : Promise.resolve(saved.push(state))),
    },
  });
  await waitFor(() => spec.posted.length === 1);
  await delay(20);
  const { courier } = spec;
  expect(courier.replay(0n, 'r-1')).toBe(true);
  await delay(50);
  expect(spec.posted).toHaveLength(1);
  isAway = false;
  await waitFor(() => spec.posted.length === 2, { timeoutMs: 5_000 });
  await courier.stop();
  const idle = new OneCourier().start({ isActive: () => false });
  await delay(50);
  expect(idle.posted).toEqual([]);
  await idle.courier.stop();
});

it('what cannot even be signed waits like a receiver that is away, and says so', async () => {
  let tries = 0;
  const sign = () => {
    tries += 1;
    throw new RangeError('WEBHOOK_KEY_FILE has no key of version 1 any more: add it.');
  };
  spec.start({ keys: { sign }, backOff: { firstMs: 3_600_000 } });
  await waitFor(() => spec.courier.attempts().length === 3);
  await delay(50);
  expect([tries, spec.posted]).toEqual([3, []]);
  expect(spec.courier.progress()).toMatchObject({ waiting: 3, position: '0' });
  expect(spec.courier.attempts()[0]).toMatchObject({
    ok: false,
    reason: expect.stringMatching(/^its secret cannot be made/) as string,
  });
  // The receiver is not to blame, however long it lasts.
  expect(spec.courier.progress()).not.toHaveProperty('failingSince');
  spec.nowMs += 6 * DAY_MS;
  spec.courier.look(webhook(), 3n);
  await waitFor(() => tries > 3);
  expect(spec.disabled).toEqual([]);
});

describe('a webhook that was changed a moment ago, which the last look did not see', () => {
  it('is told at its new address', async () => {
    spec.webhook = webhook({ url: 'https://new.example.com/in' });
    await spec.start().reaches('3');
    expect(new Set(spec.urls)).toEqual(new Set(['https://new.example.com/in']));
  });

  it.each(['disabled', 'removed'] as const)('is told nothing once it is %s', async (state) => {
    let looked = 0;
    const current = () => Promise.resolve((looked += 1) > 0 ? webhook({ state }) : undefined);
    spec.start({ current });
    await waitFor(() => looked > 0);
    await spec.courier.stop();
    expect(spec.posted).toEqual([]);
  });

  it('is told nothing of a type that it does not want any more, though that was read already', async () => {
    spec.answer = () => ({ ok: false, status: 500 });
    spec.start({ backOff: { firstMs: DAY_MS } });
    await waitFor(() => spec.posted.length === 3);
    expect(spec.courier.progress()).toMatchObject({ position: '0', waiting: 3 });
    spec.courier.look(webhook({ eventTypes: ['KeyRevoked'] }), 3n);
    await spec.reaches('3');
    await waitFor(() => spec.saved?.cursor === '3');
    expect(spec.posted).toHaveLength(3);
  });

  it('misses no event of a type that it wants since: nothing is read beyond what the look saw', async () => {
    const events = [1, 2, 3, 4].map((position) => eventAt(position, `k${position}`));
    // The fourth was written after the look, and after its type was asked for.
    const feed: CourierDeps['feed'] = {
      ...feedOf([1, 2, 3, 4]),
      after: (_organizationId, position, { types, until }) =>
        Promise.resolve({
          events: events.filter(
            (one) =>
              BigInt(one.position) > position && BigInt(one.position) <= until && types!.includes(one.type),
          ),
          until: until < 4n ? until : 4n,
          droppedBefore: undefined,
        }),
    };
    const before = webhook({ eventTypes: ['KeyRevoked'] });
    spec.webhook = webhook({ eventTypes: ['KeyRenamed', 'KeyRevoked'] });
    spec.courier = new Courier(before, { ...spec.deps(), feed });
    spec.courier.look(before, 3n);
    await spec.reaches('3');
    expect(spec.posted).toEqual([]);
    spec.courier.look(spec.webhook, 4n);
    await spec.reaches('4');
    expect(spec.posted).toEqual([events[3]!.id]);
  });
});

describe('a replay', () => {
  it('goes back, is noted, and skips nothing: what lies ahead of what was delivered is refused', async () => {
    spec.answer = () => (spec.posted.length > 1 ? { ok: false, status: 500 } : { ok: true, status: 204 });
    spec.start({ backOff: { firstMs: DAY_MS } });
    await waitFor(() => spec.posted.length === 3);
    await spec.reaches('1');
    const before = spec.courier.progress();
    for (const ahead of [2n, 3n, 99n]) expect(spec.courier.replay(ahead, 'r-1')).toBe(false);
    expect(spec.courier.progress()).toEqual(before);
    spec.answer = () => ({ ok: true, status: 204 });
    expect(spec.courier.replay(0n, 'r-2')).toBe(true);
    await spec.reaches('3');
    expect(new Set(spec.posted.slice(3))).toEqual(new Set(spec.posted.slice(0, 3)));
    const replayed = { after: '0', at: new Date(spec.nowMs).toISOString(), requestId: 'r-2' };
    expect(spec.courier.progress()).toMatchObject({ replayed });
    await waitFor(() => spec.saved?.cursor === '3');
    expect(spec.saved).toMatchObject({ replayed });
  });

  it('hides no gap: one that it begins within is told whole', async () => {
    spec.start({ feed: feedOf([90, 91, 92], 90) }).courier.look(webhook(), 92n);
    await spec.reaches('92');
    const gap = { after: '0', before: '90', at: new Date(spec.nowMs).toISOString() };
    for (const from of [91n, 50n]) {
      const sent = spec.posted.length;
      expect(spec.courier.replay(from, 'r-1')).toBe(true);
      await waitFor(() => spec.posted.length > sent);
      await spec.reaches('92');
      expect(spec.courier.progress()!.gap).toEqual(gap);
    }
  });
});
