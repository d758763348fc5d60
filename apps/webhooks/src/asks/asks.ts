/** Test, replay and deliveries of one webhook, for somebody who waits for the answer. */
import { randomUUID } from 'node:crypto';
import {
  isId,
  type ReplayWebhookReply,
  type ReplayWebhookRequest,
  type TestWebhookReply,
  type WebhookAskProblem,
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
import type { StateStore } from '../delivery/state-store.ts';
import { DeliveryWindow } from '../delivery/window.ts';

/** Tests under way: each may take as long as a receiver may. */
const MOST_TESTS = 32;
const COURIER_WAIT_MS = 5_000;
const COURIER_LOOK_MS = 50;

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
  #tests = 0;

  constructor(deps: AsksDeps) {
    this.#deps = deps;
  }

  /** Sends a ping now; to one that is disabled too, so that somebody can try before they enable it. */
  test(request: unknown): Promise<TestWebhookReply> {
    return this.#answer(request, async (webhook) => {
      if (this.#tests >= MOST_TESTS) return { problem: 'unavailable' };
      this.#tests += 1;
      try {
        const nowMs = (this.#deps.nowMs ?? Date.now)();
        const ping = pingOf(webhook, randomUUID(), nowMs);
        const courier = this.#deps.couriers.of(webhook.id);
        const { noted } = courier ? await courier.try(ping) : await attempt(this.#deps, webhook, ping);
        return { attempt: noted };
      } finally {
        this.#tests -= 1;
      }
    });
  }

  replay(request: unknown): Promise<ReplayWebhookReply> {
    return this.#answer(request, async (webhook) => {
      const from = From.safeParse((request as ReplayWebhookRequest).from);
      if (!from.success) return { problem: 'bad-position' };
      if (webhook.state !== 'active') return { problem: 'not-active' };
      const courier = await this.#courierOf(webhook);
      if (!courier) return { problem: 'unavailable' };
      const position = await this.#positionOf(webhook, from.data);
      if (position === undefined) return { problem: 'bad-position' };
      courier.replay(position);
      return { progress: courier.progress()! };
    });
  }

  deliveries(request: unknown): Promise<WebhookDeliveriesReply> {
    return this.#answer(request, async (webhook) => {
      const courier = this.#deps.couriers.of(webhook.id);
      const progress = courier?.progress();
      if (courier && progress) return { progress, attempts: courier.attempts() };
      // Disabled: as it was written down last.
      const state = (await this.#deps.store.load(webhook.id))?.state;
      if (!state) return { progress: { position: webhook.createdPosition, waiting: 0 }, attempts: [] };
      const { failingSinceMs } = new DeliveryWindow(state, this.#deps.backOff);
      return {
        progress: {
          ...{ position: state.cursor, waiting: 0, ...(state.gap && { gap: state.gap }) },
          ...(failingSinceMs !== undefined && { failingSince: new Date(failingSinceMs).toISOString() }),
        },
        attempts: state.attempts.toReversed(),
      };
    });
  }

  /** One that was just made or enabled has a courier in a moment. */
  async #courierOf({ id }: WatchedWebhook): Promise<Courier | undefined> {
    const ending = AbortSignal.timeout(COURIER_WAIT_MS);
    while (!ending.aborted) {
      const courier = this.#deps.couriers.of(id);
      if (courier) return courier;
      await pause(COURIER_LOOK_MS, ending);
    }
    return undefined;
  }

  /** `undefined` for a position that the log has not reached. */
  async #positionOf(
    { organizationId }: WatchedWebhook,
    from: z.infer<typeof From>,
  ): Promise<bigint | undefined> {
    const { feed } = this.#deps;
    if ('time' in from) return feed.before(organizationId, from.time);
    const position = BigInt(from.position);
    return position <= (await feed.head()) ? position : undefined;
  }

  /** Never rejects: somebody waits for the answer. */
  async #answer<Reply extends object>(
    request: unknown,
    act: (webhook: WatchedWebhook) => Promise<Reply | Problem>,
  ): Promise<Reply | Problem> {
    const ask = Ask.safeParse(request);
    if (!ask.success) return { problem: 'not-found' };
    const { organizationId, webhookId, requestId } = ask.data;
    try {
      const webhook = trusted(await this.#deps.models.watchWebhook(organizationId, webhookId));
      if (!webhook || webhook.state === 'removed') return { problem: 'not-found' };
      return await act(webhook);
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
