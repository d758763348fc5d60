/** One courier by itself, with stand-ins for its peers: gaps, clocks, and what cannot be written or signed. */
import { setTimeout as delay } from 'node:timers/promises';
import { waitFor } from '@mcpstack/local-servers';
import { Log } from '@mcpstack/service-kit';
import { eventAt, webhook } from '../../test/events.ts';
import { Courier, type CourierDeps } from './courier.ts';
import type { SavedState } from './saved-state.ts';
import type { Answer } from './send.ts';

const DAY_MS = 86_400_000;

/** Events at these positions, those before `droppedBefore` gone. */
function feedOf(positions: readonly number[], droppedBefore?: number): CourierDeps['feed'] {
  const head = BigInt(positions.at(-1) ?? 0);
  return {
    head: () => Promise.resolve(head),
    before: () => Promise.resolve(0n),
    after: (_organizationId, position) =>
      Promise.resolve({
        events: positions.filter((one) => BigInt(one) > position).map((one) => eventAt(one, `k${one}`)),
        until: head,
        droppedBefore: droppedBefore === undefined ? undefined : BigInt(droppedBefore),
      }),
  };
}

class Spec {
  nowMs = Date.parse('2026-11-24T08:00:00.000Z');
  saved: SavedState | undefined;
  readonly posted: string[] = [];
  readonly disabled: { reason: string; since: string }[] = [];
  answer: () => Answer = () => ({ ok: true, status: 204 });
  courier!: Courier;

  start(deps: Partial<CourierDeps> = {}): this {
    this.courier = new Courier(webhook(), {
      feed: feedOf([1, 2, 3]),
      store: {
        load: () => Promise.resolve(this.saved && { state: this.saved, revision: 1 }),
        save: (_id, state) => Promise.resolve(void (this.saved = state)).then(() => 1),
      },
      keys: { sign: () => 'v1,AAAA' },
      post: (_url, { headers }) => {
        this.posted.push(headers['webhook-id']!);
        return Promise.resolve(this.answer());
      },
      isActive: () => true,
      load: { underWay: 0, most: 100 },
      disable: (_webhook, reason, since) => Promise.resolve(void this.disabled.push({ reason, since })),
      backOff: { firstMs: 5, random: () => 0.5 },
      disableAfterMs: 5 * DAY_MS,
      log: new Log('spec', 'silent'),
      nowMs: () => this.nowMs,
      ...deps,
    });
    this.courier.look(webhook(), 3n);
    return this;
  }

  async reaches(position: string): Promise<void> {
    await waitFor(() => this.courier.progress()?.position === position);
  }
}

let spec: Spec;
beforeEach(() => (spec = new Spec()));
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
  courier.replay(0n);
  await delay(50);
  expect(spec.posted).toHaveLength(1);
  isAway = false;
  await waitFor(() => spec.posted.length === 2, { timeoutMs: 5_000 });
  await courier.stop();
  const idle = new Spec().start({ isActive: () => false });
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
  await waitFor(() => tries === 3);
  await delay(50);
  expect([tries, spec.posted]).toEqual([3, []]);
  expect(spec.courier.progress()).toMatchObject({ waiting: 3, position: '0' });
});
