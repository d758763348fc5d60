/** Asks the active projection whether what was appended has reached the read models (G3, G6). */
import { setTimeout as delay } from 'node:timers/promises';
import {
  CONFIRM_SUBJECT,
  ProblemError,
  finalWaitMs,
  type ConfirmReply,
  type ConfirmRequest,
} from '@mcpstack/contracts';
import { traced, type Log } from '@mcpstack/service-kit';
import type { NatsConnection } from '@nats-io/transport-node';

export interface ConfirmationSettings {
  /** Δ: how long a reader may go on answering from a read that began before the effect. */
  deltaMs: number;
  /** How long to wait for `final`; longer than a new projection session needs to be able to say so. */
  finalTimeoutMs: number;
}

/** How long a create waits to be visible. */
const VISIBLE_TIMEOUT_MS = 3_000;
/** Between two questions, while a projection takes over from another. */
const PAUSE_MS = 100;
/** The projection gives up this much earlier than we do, so that its answer arrives. */
const HEADROOM_MS = 50;

export class Confirmation {
  constructor(
    private readonly nats: NatsConnection,
    private readonly settings: ConfirmationSettings,
    private readonly log: Log,
  ) {}

  /** Waits a moment for the read models. Whoever needs more reads with the position. Never throws. */
  async visible(position: bigint, requestId: string): Promise<void> {
    const fields = { 'mcpstack.position': `${position}` };
    const reply = await traced('wait until applied', { kind: 'client', fields }, () =>
      this.ask(position, 'visible', VISIBLE_TIMEOUT_MS),
    );
    if (!reply.confirmed)
      this.log.info('answered before it was visible', { requestId, reason: reply.reason });
  }

  /**
   * Returns when no VALID can be answered any more for a request that begins later: the projection holds
   * the effect and no other primary is believed, and every read from before has aged out (Δ with margin).
   * @throws ProblemError `not-final` when that cannot be said in time.
   */
  final(position: bigint, requestId: string): Promise<void> {
    const fields = { 'mcpstack.position': `${position}` };
    return traced('wait until final', { kind: 'client', fields }, () =>
      this.confirmFinal(position, requestId),
    );
  }

  private async confirmFinal(position: bigint, requestId: string): Promise<void> {
    const deadline = performance.now() + this.settings.finalTimeoutMs;
    let reply: ConfirmReply = { confirmed: false };
    for (let leftMs = this.settings.finalTimeoutMs; leftMs > 0; leftMs = deadline - performance.now()) {
      reply = await this.ask(position, 'final', leftMs);
      if (reply.confirmed) break;
      await delay(Math.min(PAUSE_MS, Math.max(0, deadline - performance.now())));
    }
    if (!reply.confirmed) {
      this.log.warn('recorded, not yet final', { requestId, reason: reply.reason ?? 'unknown' });
      throw new ProblemError('not-final', 'Recorded, not yet final: repeat the request.');
    }
    await delay(finalWaitMs(this.settings));
  }

  private async ask(
    position: bigint,
    need: ConfirmRequest['need'],
    timeoutMs: number,
  ): Promise<ConfirmReply> {
    const request: ConfirmRequest = {
      position: position.toString(),
      need,
      timeoutMs: Math.max(1, Math.floor(timeoutMs - HEADROOM_MS)),
    };
    try {
      const message = await this.nats.request(CONFIRM_SUBJECT, JSON.stringify(request), {
        timeout: Math.max(1, Math.ceil(timeoutMs)),
      });
      const reply = message.json<Partial<ConfirmReply> | null>();
      // Only a plain `true` confirms; whatever else comes back does not.
      if (reply?.confirmed === true) return { confirmed: true };
      return {
        confirmed: false,
        reason: typeof reply?.reason === 'string' ? reply.reason : 'no reason given',
      };
    } catch (error) {
      return { confirmed: false, reason: error instanceof Error ? error.name : 'the request failed' };
    }
  }
}
