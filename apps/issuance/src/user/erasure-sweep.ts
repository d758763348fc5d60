/**
 * Truncates what an erasure left standing because its process ended in between: reads the erasures in the log from the
 * beginning, and then the new ones as they come. Each instance does so; a truncation may be repeated.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { EventStoreUnavailableError, type RecordedEvent } from '@mcpstack/event-store';
import { Log } from '@mcpstack/service-kit';
import { Injectable, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { Decisions } from '../decisions.ts';
import { Erasure } from './erasure.ts';

const LONGEST_PAUSE_MS = 30_000;

@Injectable()
export class ErasureSweep implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly ending = new AbortController();
  private working: Promise<void> | undefined;

  constructor(
    private readonly decisions: Decisions,
    private readonly erasure: Erasure,
    private readonly log: Log,
  ) {}

  onApplicationBootstrap(): void {
    this.working = this.follow().catch((err: unknown) =>
      this.log.error('erasures are not followed any more: restart the service', { err }),
    );
  }

  async onModuleDestroy(): Promise<void> {
    this.ending.abort();
    await this.working;
  }

  private async follow(): Promise<void> {
    const { signal } = this.ending;
    for await (const event of this.decisions.store.subscribe({ categories: ['user'], signal }))
      if (event.type === 'UserProfileErased') await this.finish(event);
  }

  /** Until it is done, or cannot be done: then the log says so, and the others go on. */
  private async finish(event: RecordedEvent): Promise<void> {
    const { signal } = this.ending;
    for (let pauseMs = 100; !signal.aborted; pauseMs = Math.min(pauseMs * 2, LONGEST_PAUSE_MS)) {
      try {
        return await this.erasure.finish(event);
      } catch (err) {
        const { stream } = event;
        if (!(err instanceof EventStoreUnavailableError))
          return this.log.error('what was erased could not be removed from the log', { stream, err });
        this.log.warn('what was erased is not yet removed from the log', { stream, err });
      }
      await sleep(pauseMs, undefined, { signal }).catch(() => undefined);
    }
  }
}
