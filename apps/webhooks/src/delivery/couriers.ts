/** One courier for each webhook that is active, kept in step with the read models. None of them waits for another. */
import type { ReadModels, WatchedWebhook } from '@mcpstack/read-models';
import { pause, type Log } from '@mcpstack/service-kit';
import { Courier, type CourierDeps } from './courier.ts';
import { trusted, type Feed } from './feed.ts';
import type { StateStore } from './state-store.ts';

/** Messages under way in all; beyond it each webhook has one at a time. */
export const MOST_UNDER_WAY = 1_024;
const PAGE = 200;
/** A failure is told again when it lasts so long. */
const TOLD_EVERY_MS = 60_000;

export interface CouriersDeps extends Omit<CourierDeps, 'load' | 'current'> {
  models: Pick<ReadModels, 'watchWebhooks' | 'watchWebhook'>;
  feed: Feed;
  store: StateStore;
  pollMs: number;
  log: Log;
}

export interface CouriersReport {
  webhooks: number;
  failing: number;
  /** Events that are not delivered yet, as far as they were read. */
  waiting: number;
  underWay: number;
  /** When the oldest of them happened; ISO 8601. */
  oldestAt?: string;
}

export class Couriers {
  readonly #deps: CouriersDeps;
  readonly #load = { underWay: 0, most: MOST_UNDER_WAY };
  readonly #couriers = new Map<string, { courier: Courier; webhook: WatchedWebhook }>();
  readonly #ending = new Set<Promise<void>>();
  #toldAtMs = -Infinity;

  constructor(deps: CouriersDeps) {
    this.#deps = deps;
  }

  of(webhookId: string): Courier | undefined {
    return this.#couriers.get(webhookId)?.courier;
  }

  /** How it stands with all webhooks that are delivered to. */
  report(): CouriersReport {
    const report: CouriersReport = { webhooks: 0, failing: 0, waiting: 0, underWay: this.#load.underWay };
    for (const { courier } of this.#couriers.values()) {
      const progress = courier.progress();
      report.webhooks += 1;
      if (progress?.failingSince !== undefined) report.failing += 1;
      report.waiting += progress?.waiting ?? 0;
      const at = courier.oldestWaitingAt();
      if (at !== undefined && (report.oldestAt === undefined || at < report.oldestAt)) report.oldestAt = at;
    }
    return report;
  }

  /** Follows the read models until the signal aborts. */
  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      try {
        await this.#look(signal);
      } catch (error) {
        this.#tell(error);
      }
      await pause(this.#deps.pollMs, signal);
    }
  }

  /** Settles once everything that was done is written down. */
  async stop({ graceMs = 0 } = {}): Promise<void> {
    await Promise.all([...this.#couriers.values()].map(({ courier }) => courier.stop({ graceMs })));
    this.#couriers.clear();
    await Promise.all(this.#ending);
  }

  async #look(signal: AbortSignal): Promise<void> {
    const head = await this.#deps.feed.head();
    const listed = await this.#all();
    if (signal.aborted) return;
    for (const webhook of listed.values()) {
      const known = this.#couriers.get(webhook.id);
      if (webhook.state !== 'active') continue;
      const { log } = this.#deps;
      if (!known)
        log.debug('a webhook is delivered to', { webhookId: webhook.id, orgId: webhook.organizationId });
      const courier = known?.courier ?? this.#courier(webhook);
      this.#couriers.set(webhook.id, { courier, webhook });
      courier.look(webhook, head);
    }
    for (const [id, { courier, webhook }] of this.#couriers)
      if (listed.get(id)?.state !== 'active' || courier.isOver) this.#end(id, courier, webhook);
  }

  #courier(webhook: WatchedWebhook): Courier {
    const { models } = this.#deps;
    return new Courier(webhook, {
      ...this.#deps,
      load: this.#load,
      current: async ({ organizationId, id }) => trusted(await models.watchWebhook(organizationId, id)),
    });
  }

  /** Every webhook that is not removed. */
  async #all(): Promise<Map<string, WatchedWebhook>> {
    const all = new Map<string, WatchedWebhook>();
    let cursor: string | undefined;
    do {
      const page = trusted(
        await this.#deps.models.watchWebhooks({ limit: PAGE, ...(cursor !== undefined && { cursor }) }),
      );
      for (const webhook of page.items) all.set(webhook.id, webhook);
      cursor = page.nextCursor;
    } while (cursor !== undefined);
    return all;
  }

  /** It is disabled or gone: what is under way ends by itself, and the state of one that is gone is forgotten. */
  #end(id: string, courier: Courier, { organizationId }: WatchedWebhook): void {
    this.#couriers.delete(id);
    const { models, store } = this.#deps;
    const forget = async (): Promise<void> => {
      await courier.stop();
      const found = trusted(await models.watchWebhook(organizationId, id));
      if (found?.state === 'removed') await store.remove(id);
    };
    const ending = forget()
      .catch((error: unknown) => this.#tell(error))
      .finally(() => this.#ending.delete(ending));
    this.#ending.add(ending);
  }

  #tell(error: unknown): void {
    const nowMs = performance.now();
    const level = nowMs < this.#toldAtMs + TOLD_EVERY_MS ? 'debug' : 'warn';
    if (level === 'warn') this.#toldAtMs = nowMs;
    this.#deps.log[level]('webhooks were not looked at', { err: error });
  }
}
