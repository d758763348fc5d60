/** Test, replay and deliveries of one webhook, for somebody who waits for the answer. */
import { randomUUID } from 'node:crypto';
import {
  isId,
  type ReplayWebhookReply,
  type ReplayWebhookRequest,
  type TestWebhookReply,
  type WebhookAskProblem,
  type WebhookAttempt,
  type WebhookDeliveriesReply,
} from '@mcpstack/contracts';
import type { ReadModels, WatchedWebhook } from '@mcpstack/read-models';
import { pause, type Log } from '@mcpstack/service-kit';
import { z } from 'zod';
import { attempt } from '../delivery/attempt.ts';
import type { Courier, CourierDeps } from '../delivery/courier.ts';
import type { Couriers } from '../delivery/couriers.ts';
import { trusted, type Feed } from '../delivery/feed.ts';
import { pingOf } from '../delivery/message.ts';
import { Notes } from '../delivery/notes.ts';
import type { StateStore } from '../delivery/state-store.ts';
import { DeliveryWindow } from '../delivery/window.ts';

/** Tests under way: each may take as long as a receiver may. */
const MOST_TESTS = 32;
/** Of one organization: a receiver of theirs that does not answer leaves room for the others. */
const MOST_TESTS_OF_ONE = 2;
const COURIER_WAIT_MS = 5_000;
const COURIER_LOOK_MS = 50;
/** So long for writing down where a replay begins. */
const WRITTEN_WAIT_MS = 5_000;

const Ask = z.looseObject({
  organizationId: z.string().refine((id) => isId('organization', id)),
  webhookId: z.string().refine((id) => isId('webhook', id)),
  requestId: z.string().regex(/^[!-~]{1,128}$/),
});
const From = z.union([
  z.strictObject({ position: z.string().regex(/^\d{1,16}$/) }),
  z.strictObject({ time: z.iso.datetime() }),
]);

export interface AsksDeps extends Pick<CourierDeps, 'post' | 'keys' | 'backOff' | 'nowMs'> {
  models: Pick<ReadModels, 'watchWebhook'>;
  couriers: Pick<Couriers, 'of'>;
  feed: Feed;
  store: Pick<StateStore, 'load'>;
  log: Log;
}

type Problem = { problem: WebhookAskProblem };

export class Asks {
  readonly #deps: AsksDeps;
  /** The organization of each test that is under way. */
  readonly #tests: string[] = [];

  constructor(deps: AsksDeps) {
    this.#deps = deps;
  }

  /** Sends a ping now; to one that is disabled too, so that somebody can try before they enable it. */
  test(request: unknown): Promise<TestWebhookReply> {
    return this.#answer(request, async (webhook) => {
      const { organizationId } = webhook;
      const theirs = this.#tests.filter((one) => one === organizationId).length;
      if (this.#tests.length >= MOST_TESTS || theirs >= MOST_TESTS_OF_ONE) return { problem: 'busy' };
      this.#tests.push(organizationId);
      try {
        return { attempt: await this.#tested(webhook) };
      } finally {
        this.#tests.splice(this.#tests.indexOf(organizationId), 1);
      }
    });
  }

  async #tested(webhook: WatchedWebhook): Promise<WebhookAttempt> {
    const ping = pingOf(webhook, randomUUID(), (this.#deps.nowMs ?? Date.now)());
    const courier = this.#deps.couriers.of(webhook.id);
    // The courier may not know yet what the webhook was changed to just now.
    if (courier) return (await courier.try(ping, webhook)).noted;
    const { noted, fault } = await attempt(this.#deps, webhook, ping);
    if (fault !== undefined)
      this.#deps.log.warn('a test was not sent', { webhookId: webhook.id, err: fault });
    return noted;
  }

  /** Goes back only, and is answered once it is written down: then it holds, whoever delivers (G2). */
  replay(request: unknown): Promise<ReplayWebhookReply> {
    return this.#answer(request, async (webhook, requestId) => {
      const from = From.safeParse((request as ReplayWebhookRequest).from);
      if (!from.success) return { problem: 'bad-position' };
      if (webhook.state !== 'active') return { problem: 'not-active' };
      const courier = await this.#courierOf(webhook);
      if (!courier) return { problem: 'unavailable' };
      const asked = await this.#positionOf(webhook, from.data);
      const reached = BigInt(courier.progress()!.position);
      // From a time on that was not reached yet nothing is to be sent again.
      const position = 'time' in from.data && asked > reached ? reached : asked;
      if (!courier.replay(position, requestId)) return { problem: 'bad-position' };
      const progress = courier.progress()!;
      return (await isWritten(courier)) ? { progress } : { problem: 'unavailable' };
    });
  }

  deliveries(request: unknown): Promise<WebhookDeliveriesReply> {
    return this.#answer(request, async (webhook) => {
      const courier = this.#deps.couriers.of(webhook.id);
      const told = courier?.progress();
      if (courier && told) return { progress: told, attempts: courier.attempts() };
      // Disabled: as it was written down last.
      const state = (await this.#deps.store.load(webhook.id))?.state;
      if (!state) return { progress: { position: webhook.createdPosition, waiting: 0 }, attempts: [] };
      const notes = new Notes();
      notes.open(state);
      const { backOff, nowMs = Date.now } = this.#deps;
      const progress = { ...new DeliveryWindow(state, backOff).progress(nowMs()), ...notes.noted };
      return { progress, attempts: notes.attempts.toReversed() };
    });
  }

  /** One that was just made or enabled has a courier in a moment, and that one knows soon how far it is. */
  async #courierOf({ id }: WatchedWebhook): Promise<Courier | undefined> {
    const ending = AbortSignal.timeout(COURIER_WAIT_MS);
    while (!ending.aborted) {
      const courier = this.#deps.couriers.of(id);
      if (courier?.progress()) return courier;
      await pause(COURIER_LOOK_MS, ending);
    }
    return undefined;
  }

  async #positionOf({ organizationId }: WatchedWebhook, from: z.infer<typeof From>): Promise<bigint> {
    return 'time' in from ? this.#deps.feed.before(organizationId, from.time) : BigInt(from.position);
  }

  /** Never rejects: somebody waits for the answer. */
  async #answer<Reply extends object>(
    request: unknown,
    act: (webhook: WatchedWebhook, requestId: string) => Promise<Reply | Problem>,
  ): Promise<Reply | Problem> {
    const ask = Ask.safeParse(request);
    if (!ask.success) return { problem: 'not-found' };
    const { organizationId, webhookId, requestId } = ask.data;
    try {
      const webhook = trusted(await this.#deps.models.watchWebhook(organizationId, webhookId));
      if (!webhook || webhook.state === 'removed') return { problem: 'not-found' };
      return await act(webhook, requestId);
    } catch (error) {
      this.#deps.log.warn('a question about a webhook was not answered', {
        requestId,
        webhookId,
        err: error,
      });
      return { problem: 'unavailable' };
    }
  }
}

/** `false`: not in time, or never, since another process delivers. */
async function isWritten(courier: Courier): Promise<boolean> {
  const done = new AbortController();
  const late = pause(WRITTEN_WAIT_MS, done.signal).then(() => false);
  const written = courier.written().then(
    () => true,
    () => false,
  );
  return Promise.race([written, late]).finally(() => done.abort());
}
