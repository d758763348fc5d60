/** A projection of a spec's own: the log, through the fenced writer, into a real Redis. */
import { setTimeout as delay } from 'node:timers/promises';
import type { EventStore } from '@mcpstack/event-store';
import { startRedis, waitFor, type LocalServer } from '@mcpstack/local-servers';
import { applyEvents, openReadModels, ReadModelWriter, type ReadModels } from '@mcpstack/read-models';

const STAMP_LIFE_MS = 1_000;

export class Projector {
  readonly #stopping = new AbortController();

  private constructor(
    readonly redis: LocalServer,
    private readonly running: Promise<unknown>,
    stopping: AbortController,
  ) {
    this.#stopping = stopping;
  }

  /** Follows the log until it is stopped. */
  static async start(store: EventStore): Promise<Projector> {
    const redis = await startRedis();
    const stopping = new AbortController();
    const { signal } = stopping;
    const session = await waitFor(() =>
      new ReadModelWriter({ url: redis.url }).begin().catch(() => undefined),
    );
    const generation = await session.build('log-1');
    await session.switchTo(generation);
    const follow = async (): Promise<void> => {
      for await (const event of store.subscribe({ signal }))
        await applyEvents(session, generation, [event], (stream, from) => store.readStream(stream, { from }));
    };
    const stamp = async (): Promise<void> => {
      while (!signal.aborted) {
        await session.stamp();
        await delay(STAMP_LIFE_MS / 5, undefined, { signal }).catch(() => undefined);
      }
      session.end();
    };
    return new Projector(redis, Promise.allSettled([follow(), stamp()]), stopping);
  }

  /** As the scheduler opens them, and trusted. */
  async models(): Promise<ReadModels> {
    const freshness = { deltaMs: 250, stampLifeMs: STAMP_LIFE_MS, leaseLifeMs: 1_000 };
    const models = openReadModels({ url: this.redis.url, freshness });
    await waitFor(() => models.state().trusted);
    return models;
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.running;
    await this.redis.stop();
  }
}
