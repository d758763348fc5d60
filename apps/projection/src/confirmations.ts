/** "Have the read models reached this position?", answered by the active projection (G3, G6). */
import {
  finalAfterMs,
  mayConfirm,
  type ConfirmReply,
  type ConfirmRequest,
  type FreshnessSettings,
} from '@mcpstack/contracts';

/** More who wait at once are told so at once. */
const MAX_WAITERS = 10_000;
const MAX_TIMEOUT_MS = 60_000;

export interface ConfirmationsOptions {
  freshness: FreshnessSettings;
  /** Checked at every answer, so after the answer to the write that it speaks of. */
  leaseHeld: () => boolean;
  nowMs: () => number;
}

interface Waiter {
  position: bigint;
  need: ConfirmRequest['need'];
  settle: (reply: ConfirmReply) => void;
}

export class Confirmations {
  readonly #options: ConfirmationsOptions;
  readonly #waiters = new Set<Waiter>();
  #session: { beganAtMs: number; applied: bigint } | undefined;
  #finalTimer: NodeJS.Timeout | undefined;

  constructor(options: ConfirmationsOptions) {
    this.#options = options;
  }

  /** A session has begun; nothing of an earlier one counts. */
  begin(): void {
    this.#session = { beganAtMs: this.#options.nowMs(), applied: -1n };
    clearTimeout(this.#finalTimer);
    this.#finalTimer = setTimeout(() => this.#settleAll(), finalAfterMs(this.#options.freshness) + 1);
  }

  /** Redis has answered that it holds everything up to this position. */
  advance(applied: bigint): void {
    if (!this.#session || applied <= this.#session.applied) return;
    this.#session.applied = applied;
    this.#settleAll();
  }

  /** The session is over. Who waits goes on waiting, for the next one. */
  end(): void {
    this.#session = undefined;
    clearTimeout(this.#finalTimer);
  }

  /** Not active any more: another projection answers from now on. */
  dismiss(): void {
    this.end();
    for (const waiter of this.#waiters) waiter.settle({ confirmed: false, reason: 'not active any more' });
  }

  /** Waits as long as the request says, bounded. Never rejects. */
  async ask(request: unknown): Promise<ConfirmReply> {
    if (!isConfirmRequest(request)) return { confirmed: false, reason: 'malformed request' };
    const { need, timeoutMs } = request;
    const position = BigInt(request.position);
    if (this.#whyNot(position, need) === undefined) return { confirmed: true };
    if (this.#waiters.size >= MAX_WAITERS) return { confirmed: false, reason: 'too many wait already' };
    return new Promise((resolve) => {
      const waiter: Waiter = {
        position,
        need,
        settle: (reply) => {
          clearTimeout(timer);
          this.#waiters.delete(waiter);
          resolve(reply);
        },
      };
      const timer = setTimeout(() => {
        const reason = this.#whyNot(position, need);
        waiter.settle(reason === undefined ? { confirmed: true } : { confirmed: false, reason });
      }, timeoutMs);
      this.#waiters.add(waiter);
    });
  }

  #settleAll(): void {
    for (const waiter of this.#waiters)
      if (this.#whyNot(waiter.position, waiter.need) === undefined) waiter.settle({ confirmed: true });
  }

  #whyNot(position: bigint, need: ConfirmRequest['need']): string | undefined {
    const { freshness, nowMs } = this.#options;
    if (!this.#session) return 'no session with Redis';
    if (this.#session.applied < position) return `the read models are at ${this.#session.applied}`;
    const leaseHeld = this.#options.leaseHeld();
    if (!leaseHeld) return 'the lease has run out';
    if (need === 'visible') return undefined;
    return mayConfirm({ sessionBeganAtMs: this.#session.beganAtMs, nowMs: nowMs(), leaseHeld }, freshness)
      ? undefined
      : 'the session is too young: stamps of an earlier one may still be believed';
  }
}

function isConfirmRequest(value: unknown): value is ConfirmRequest {
  const { position, need, timeoutMs } = (value ?? {}) as Partial<Record<keyof ConfirmRequest, unknown>>;
  return (
    typeof position === 'string' &&
    /^(-1|[0-9]{1,16})$/.test(position) &&
    (need === 'visible' || need === 'final') &&
    typeof timeoutMs === 'number' &&
    timeoutMs > 0 &&
    timeoutMs <= MAX_TIMEOUT_MS
  );
}
