/** What is asked of the active process, about one courier with stand-ins for its peers. */
import { newId } from '@mcpstack/contracts';
import { waitFor } from '@mcpstack/local-servers';
import type { WatchedWebhook } from '@mcpstack/read-models';
import { Log } from '@mcpstack/service-kit';
import { webhook } from '../../test/events.ts';
import { OneCourier } from '../../test/one-courier.ts';
import type { CourierDeps } from '../delivery/courier.ts';
import type { Answer } from '../delivery/send.ts';
import { SupersededError } from '../delivery/state-store.ts';
import { Asks } from './asks.ts';

let spec: OneCourier;
beforeEach(() => (spec = new OneCourier()));
afterEach(() => spec.courier?.stop());

/** @param couriers whether the webhooks have one. */
function asksOf(deps: Partial<CourierDeps> = {}, { couriers = true } = {}): Asks {
  const all = { ...spec.deps(), ...deps };
  return new Asks({
    ...all,
    models: {
      watchWebhook: (organizationId, id) =>
        Promise.resolve({
          ...{ value: { ...spec.webhook, organizationId, id }, position: '3', trusted: true },
          ...{ beganAtMs: 0, freshUntilMs: Infinity, freshForMs: () => Infinity },
        }),
    },
    couriers: { of: () => (couriers ? spec.courier : undefined) },
    store: all.store,
    log: new Log('spec', 'silent'),
  });
}

const askOf = ({ id: webhookId, organizationId }: WatchedWebhook, more: object = {}) => ({
  ...{ webhookId, organizationId, requestId: 'r-1' },
  ...more,
});
const ask = (more: object = {}) => askOf(spec.webhook, more);

describe('replay', () => {
  it('is refused ahead of what was delivered, whatever the log holds; a time goes no further than that', async () => {
    spec.answer = () => (spec.posted.length > 1 ? { ok: false, status: 500 } : { ok: true, status: 204 });
    spec.start({ backOff: { firstMs: 86_400_000 } });
    await spec.reaches('1');
    const asks = asksOf();
    for (const position of ['2', '3', '999'])
      expect(await asks.replay(ask({ from: { position } }))).toEqual({ problem: 'bad-position' });
    expect(spec.courier.progress()).not.toHaveProperty('replayed');
    const { progress } = await asks.replay(ask({ from: { time: '0003-01-01T00:00:00Z' } }));
    expect(progress).toMatchObject({ position: '1', replayed: { after: '1', requestId: 'r-1' } });
    expect((await asks.replay(ask({ from: { position: '0' } }))).progress).toMatchObject({ position: '0' });
  });

  it('G2: is answered once it is written down', async () => {
    await spec.start().reaches('3');
    await waitFor(() => spec.saved?.cursor === '3');
    await spec.courier.stop();
    let [isHeld, isAsked] = [false, false];
    let release = (): void => undefined;
    const held = new Promise<void>((resolve) => (release = resolve));
    const { store } = spec.deps();
    spec.start({
      store: {
        ...store,
        save: async (id, state, expected) => {
          isAsked ||= isHeld;
          if (isHeld) await held;
          return store.save(id, state, expected);
        },
      },
    });
    await spec.reaches('3');
    isHeld = true;
    let isAnswered = false;
    const answer = asksOf().replay(ask({ from: { position: '1' } }));
    void answer.then(() => (isAnswered = true));
    await waitFor(() => isAsked && spec.posted.length >= 5);
    expect([isAnswered, spec.saved?.replayed]).toEqual([false, undefined]);
    release();
    expect((await answer).progress).toMatchObject({ position: '1' });
    expect(spec.saved).toMatchObject({ replayed: { after: '1' } });
  });

  it('G2: is not answered as done where another process has taken over', async () => {
    await spec.start().reaches('3');
    await waitFor(() => spec.saved?.cursor === '3');
    await spec.courier.stop();
    spec.start({
      store: { ...spec.deps().store, save: () => Promise.reject(new SupersededError('another')) },
    });
    await spec.reaches('3');
    expect(await asksOf().replay(ask({ from: { position: '1' } }))).toEqual({ problem: 'unavailable' });
    // Asked again before another courier takes its place.
    expect(await asksOf().replay(ask({ from: { position: '0' } }))).toEqual({ problem: 'unavailable' });
  });
});

describe('test', () => {
  it('goes to where the webhook leads now, though its courier has not seen the change', async () => {
    const nothing = { events: [], until: 3n, droppedBefore: undefined };
    await spec.start({ feed: { ...spec.deps().feed, after: () => Promise.resolve(nothing) } }).reaches('3');
    spec.webhook = webhook({ url: 'https://new.example.com/in' });
    expect((await asksOf().test(ask())).attempt).toMatchObject({ ok: true });
    expect(spec.urls).toEqual(['https://new.example.com/in']);
  });

  it.each([true, false])('says that its secret cannot be made (with a courier: %j)', async (couriers) => {
    const sign = () => {
      throw new RangeError('WEBHOOK_KEY_FILE has no key of version 1 any more: add it.');
    };
    spec.start({ keys: { sign } });
    const { attempt, problem } = await asksOf({ keys: { sign } }, { couriers }).test(ask());
    expect([problem, spec.posted]).toEqual([undefined, []]);
    expect(attempt).toMatchObject({
      ...{ type: 'Ping', ok: false },
      reason: expect.stringMatching(/^its secret cannot be made/) as string,
    });
  });

  it('of one organization two at a time, so that others have theirs; control: of many, 32', async () => {
    let answerAll = (): void => undefined;
    const answered = new Promise<Answer>((resolve) => (answerAll = () => resolve({ ok: true, status: 204 })));
    const asks = asksOf({ post: () => answered }, { couriers: false });
    const testOf = (organizationId: string) => asks.test(ask({ organizationId }));
    const theirs = [testOf(spec.webhook.organizationId), testOf(spec.webhook.organizationId)];
    expect(await testOf(spec.webhook.organizationId)).toEqual({ problem: 'busy' });
    const others = Array.from({ length: 30 }, () => testOf(newId('organization')));
    expect(await testOf(newId('organization'))).toEqual({ problem: 'busy' });
    answerAll();
    for (const { attempt } of await Promise.all([...theirs, ...others])) expect(attempt?.ok).toBe(true);
    expect((await testOf(spec.webhook.organizationId)).attempt?.ok).toBe(true);
  });
});
