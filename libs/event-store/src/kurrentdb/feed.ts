/**
 * One subscription of the client, pulled. The client's own iterator costs a promise an event, cannot be
 * given up while it waits, and emits an error on `break`; this reads the stream's buffer directly.
 */
import type { AllStreamSubscription, ResolvedEvent, StreamSubscription } from '@kurrent/kurrentdb-client';

export type Woken = 'changed' | 'late' | 'aborted';

export class Feed {
  readonly #subscription: StreamSubscription | AllStreamSubscription;
  #wake: (() => void) | undefined;
  #error: unknown;
  #failed = false;
  #ended = false;
  #confirmed = false;
  #caughtUp: { revision: bigint | undefined } | undefined;

  constructor(subscription: StreamSubscription | AllStreamSubscription) {
    this.#subscription = subscription;
    const changed = () => this.#wake?.();
    subscription.on('readable', changed);
    for (const over of ['end', 'close'] as const) {
      subscription.on(over, () => {
        this.#ended = true;
        changed();
      });
    }
    // Stays for good: the client emits errors after the end too, and an unheard one ends the process.
    subscription.on('error', (error: unknown) => {
      if (!this.#failed) this.#error = error;
      this.#failed = true;
      changed();
    });
    subscription.on('confirmation', () => {
      this.#confirmed = true;
      changed();
    });
    subscription.on('caughtUp', (info: { revision?: bigint } | undefined) => {
      this.#caughtUp ??= { revision: info?.revision };
      changed();
    });
  }

  /** The server has accepted the subscription. */
  get confirmed(): boolean {
    return this.#confirmed;
  }

  /** Set once everything that stood in the stream has been sent: some of it may still be unread here. */
  get caughtUp(): { revision: bigint | undefined } | undefined {
    return this.#caughtUp;
  }

  get empty(): boolean {
    return this.#subscription.readableLength === 0;
  }

  /**
   * The next event that is here already, or null.
   * @throws what the subscription failed with, once all that came before is read.
   */
  take(): ResolvedEvent | null {
    const event = this.#subscription.read() as ResolvedEvent | null;
    if (event !== null) return event;
    if (this.#failed) throw this.#error;
    return null;
  }

  get ended(): boolean {
    return this.#ended;
  }

  /** Until something may have changed, the time is over, or the signal aborts. */
  changed(ms: number | undefined, signal?: AbortSignal): Promise<Woken> {
    return new Promise((resolve) => {
      if (signal?.aborted) return resolve('aborted');
      const finish = (how: Woken) => {
        this.#wake = undefined;
        clearTimeout(timer);
        signal?.removeEventListener('abort', onAbort);
        resolve(how);
      };
      const onAbort = () => finish('aborted');
      const timer = ms === undefined ? undefined : setTimeout(() => finish('late'), ms);
      signal?.addEventListener('abort', onAbort, { once: true });
      this.#wake = () => finish('changed');
      if (!this.empty || this.#failed || this.#ended) finish('changed');
    });
  }

  /** Gives the subscription up, here and on the server. */
  close(): void {
    // Waits for the connection inside; one that never comes must not hold anybody up.
    this.#subscription.unsubscribe().catch(() => undefined);
    this.#subscription.destroy();
  }
}
