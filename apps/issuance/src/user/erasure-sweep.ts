/**
 * Erases what nobody else will. It reads all profiles' events from the beginning of the log, and then the new ones as they
 * come. Each instance does so: what it does may be repeated.
 *
 * - What an erasure left standing, because its process ended before the truncation, is truncated.
 * - The address of an invitation goes when it is so old that no invitation made with it can still be open: that of one
 *   that expired, and of one that never came about because its process ended.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Actor } from '@mcpstack/contracts';
import { LONGEST_INVITATION_MS } from '@mcpstack/domain';
import { EventStoreUnavailableError, type RecordedEvent } from '@mcpstack/event-store';
import { Log } from '@mcpstack/service-kit';
import { Injectable, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { Decisions } from '../decisions.ts';
import { Erasure, ISSUANCE } from './erasure.ts';

const LONGEST_PAUSE_MS = 30_000;
/** Between two looks at what has become old. */
const ROUND_MS = 1_000;

/** When, and by which command. */
interface Written {
  atMs: number;
  metadata: RecordedEvent['metadata'];
}

@Injectable()
export class ErasureSweep implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly ending = new AbortController();
  private working: Promise<unknown> | undefined;
  /** By stream: what issuance wrote for invitations, and nobody erased yet. */
  private readonly invited = new Map<string, Written>();

  constructor(
    private readonly decisions: Decisions,
    private readonly erasure: Erasure,
    private readonly log: Log,
  ) {}

  onApplicationBootstrap(): void {
    const following = this.follow().catch((err: unknown) =>
      this.log.error('erasures are not followed any more: restart the service', { err }),
    );
    this.working = Promise.all([following, this.eraseOld()]);
  }

  async onModuleDestroy(): Promise<void> {
    this.ending.abort();
    await this.working;
  }

  private async follow(): Promise<void> {
    const { signal } = this.ending;
    for await (const event of this.decisions.store.subscribe({ categories: ['user'], signal }))
      if (event.type === 'UserProfileErased') {
        this.invited.delete(event.stream);
        await this.finish(event);
      } else if (isOfInvitation(event)) this.invited.set(event.stream, writtenIn(event));
  }

  private async eraseOld(): Promise<void> {
    const { signal } = this.ending;
    while (!signal.aborted) {
      const allDone = await this.round();
      await sleep(allDone ? ROUND_MS : LONGEST_PAUSE_MS, undefined, { signal }).catch(() => undefined);
    }
  }

  /** Erases what has become old. @returns false when something could not be: it is tried again in the next round. */
  private async round(): Promise<boolean> {
    const now = Date.parse(this.decisions.now());
    let allDone = true;
    for (const [stream, { atMs, metadata }] of [...this.invited]) {
      if (this.ending.signal.aborted) break;
      if (now < atMs + LONGEST_INVITATION_MS) continue;
      try {
        await this.erasure.eraseOld({ stream, metadata });
        this.invited.delete(stream);
      } catch (err) {
        allDone = false;
        this.log.warn('the address of an old invitation is not yet erased', { stream, err });
        if (err instanceof EventStoreUnavailableError) break;
      }
    }
    return allDone;
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

const writtenIn = ({ metadata }: RecordedEvent): Written => ({
  atMs: Date.parse(String(metadata['at'])),
  metadata,
});

function isOfInvitation({ type, metadata }: RecordedEvent): boolean {
  const actor = metadata['actor'] as Partial<Actor> | undefined;
  return type === 'UserProfileChanged' && actor?.type === 'system' && actor.id === ISSUANCE.id;
}
