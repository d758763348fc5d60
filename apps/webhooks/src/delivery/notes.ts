/** What is noted of the deliveries to one webhook, beside how far they are: the latest attempts, a gap, a replay. */
import type { WebhookAttempt, WebhookProgress } from '@mcpstack/contracts';
import { KEPT_ATTEMPTS, type SavedState } from './saved-state.ts';

type Noted = Pick<WebhookProgress, 'gap' | 'replayed'>;

export class Notes {
  #attempts: readonly WebhookAttempt[] = [];
  #noted: Noted = {};

  /** As they were kept; what was tried meanwhile is newer. */
  open({ attempts, gap, replayed }: SavedState): void {
    this.#attempts = [...attempts, ...this.#attempts].slice(-KEPT_ATTEMPTS);
    this.#noted = { ...(gap && { gap }), ...(replayed && { replayed }) };
  }

  /** Newest last. */
  get attempts(): readonly WebhookAttempt[] {
    return this.#attempts;
  }

  get noted(): Noted {
    return this.#noted;
  }

  tried(attempt: WebhookAttempt): void {
    this.#attempts = [...this.#attempts, attempt].slice(-KEPT_ATTEMPTS);
  }

  /** What stood between these positions was dropped. Where a replay began within an earlier gap, that one grows. */
  dropped(after: bigint, before: bigint, at: string): void {
    const { gap } = this.#noted;
    const isWithin = gap && after >= BigInt(gap.after) && after < BigInt(gap.before);
    const found = { after: isWithin ? gap.after : `${after}`, before: `${before}`, at };
    this.#noted = { ...this.#noted, gap: found };
  }

  replayed(after: bigint, at: string, requestId: string): void {
    this.#noted = { ...this.#noted, replayed: { after: `${after}`, at, requestId } };
  }
}
