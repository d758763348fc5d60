/**
 * Which event may be sent to one webhook now. Pure; the caller has the clock. In order per subject: an event waits for
 * those before it that are about the same thing. Events about different things go side by side, so far as the window
 * reaches: it holds a bounded number of events that wait or were delivered beyond the cursor, and when one event at its
 * beginning goes on failing, the webhook waits for it.
 *
 * A receiver that fails again and again is let alone: one event at a time, at growing intervals, and all that waited at
 * once when it answers again.
 */
import type { AuditEvent, WebhookProgress } from '@mcpstack/contracts';
import { isoOf } from './attempt.ts';
import { retryAfterMs, type BackOff } from './back-off.ts';
import type { SavedState } from './saved-state.ts';

export const WINDOW_SIZE = 256;
export const MOST_IN_FLIGHT = 16;
/** After so many failures in a row the receiver counts as away. */
const AWAY_AFTER = 8;

export interface Entry {
  readonly event: AuditEvent;
  readonly position: bigint;
  /** Failed attempts so far. */
  failures: number;
  dueAtMs: number;
  inFlight: boolean;
  /** It was sent to see whether the receiver is back. */
  isProbe: boolean;
}

type Progress = Omit<SavedState, 'gap' | 'replayed' | 'attempts'>;

export class DeliveryWindow {
  readonly #backOff: BackOff;
  /** In the order of the log. */
  readonly #entries: Entry[] = [];
  readonly #delivered: Set<bigint>;
  readonly #saved: Map<bigint, { failures: number; dueAtMs: number }>;
  /** Up to where events were looked at. */
  #readUntil: bigint;
  #failures: number;
  #failingSinceMs: number | undefined;
  #pausedUntilMs: number;
  #inFlight = 0;

  constructor(state: Progress, backOff: BackOff) {
    this.#backOff = backOff;
    this.#readUntil = BigInt(state.cursor);
    this.#delivered = new Set(state.delivered.map(BigInt));
    this.#saved = new Map(
      state.failed.map(([position, failures, dueAtMs]) => [BigInt(position), { failures, dueAtMs }]),
    );
    this.#failures = state.failures;
    this.#failingSinceMs = state.failingSinceMs;
    this.#pausedUntilMs = state.pausedUntilMs ?? 0;
  }

  get readUntil(): bigint {
    return this.#readUntil;
  }

  /** How many more events may be looked at. */
  get room(): number {
    return WINDOW_SIZE - this.#entries.length - this.#delivered.size;
  }

  get waiting(): number {
    return this.#entries.length;
  }

  /** When the oldest event happened that waits; ISO 8601. */
  get oldestAt(): string | undefined {
    return this.#entries[0]?.event.at;
  }

  get failingSinceMs(): number | undefined {
    return this.#failingSinceMs;
  }

  /** Everything up to here is delivered, or not wanted. */
  get cursor(): bigint {
    const [first] = this.#entries;
    return first ? first.position - 1n : this.#readUntil;
  }

  progress(nowMs: number): WebhookProgress {
    const [nextAtMs, failingSinceMs] = [this.nextAtMs(), this.#failingSinceMs];
    return {
      position: `${this.cursor}`,
      waiting: this.#entries.length,
      ...(failingSinceMs !== undefined && { failingSince: isoOf(failingSinceMs) }),
      ...(nextAtMs !== undefined && nextAtMs > nowMs && { nextAttemptAt: isoOf(nextAtMs) }),
    };
  }

  /** Events that follow those looked at so far; all up to `until` were looked at. */
  add(events: readonly AuditEvent[], until: bigint): void {
    for (const event of events) {
      const position = BigInt(event.position);
      if (position <= this.#readUntil || this.#delivered.has(position)) continue;
      const { failures, dueAtMs } = this.#saved.get(position) ?? { failures: 0, dueAtMs: 0 };
      this.#entries.push({ event, position, failures, dueAtMs, inFlight: false, isProbe: false });
    }
    if (until > this.#readUntil) this.#readUntil = until;
    this.#forgetPassed();
  }

  /** Leaves out what waits and is of none of these types (all if absent); whether there was any. */
  narrow(types: readonly string[] | undefined): boolean {
    if (!types) return false;
    const kept = this.#entries.filter(({ inFlight, event }) => inFlight || types.includes(event.type));
    const isLess = kept.length < this.#entries.length;
    if (isLess) this.#entries.splice(0, Infinity, ...kept);
    this.#forgetPassed();
    return isLess;
  }

  /** The next event that may be sent now; it counts as under way from here on. */
  take(nowMs: number): Entry | undefined {
    if (nowMs < this.#pausedUntilMs || this.#inFlight >= (this.#isAway ? 1 : MOST_IN_FLIGHT))
      return undefined;
    const entry = this.#startable().find(({ dueAtMs }) => this.#isAway || dueAtMs <= nowMs);
    if (!entry) return undefined;
    entry.inFlight = true;
    entry.isProbe = this.#isAway;
    this.#inFlight += 1;
    return entry;
  }

  /** When something may be sent again without anything else happening; `undefined`: not by waiting alone. */
  nextAtMs(): number | undefined {
    if (this.#inFlight >= (this.#isAway ? 1 : MOST_IN_FLIGHT)) return undefined;
    const dueAtMs = this.#startable().map((entry) => (this.#isAway ? 0 : entry.dueAtMs));
    if (dueAtMs.length === 0) return undefined;
    return Math.max(Math.min(...dueAtMs), this.#pausedUntilMs);
  }

  delivered(entry: Entry): void {
    this.#end(entry);
    this.#entries.splice(this.#entries.indexOf(entry), 1);
    this.#delivered.add(entry.position);
    this.#forgetPassed();
    this.answeredAgain();
  }

  /** The receiver took something: whoever waited for it need not. */
  answeredAgain(): void {
    if (this.#isAway || this.#pausedUntilMs > 0) for (const entry of this.#entries) entry.dueAtMs = 0;
    this.#failures = 0;
    this.#failingSinceMs = undefined;
    this.#pausedUntilMs = 0;
  }

  /**
   * @param isBusy the receiver asks for this pause for all of them.
   * @param isOurs it could not be sent, so the receiver is not to blame.
   */
  failed(entry: Entry, nowMs: number, { askedMs = 0, isBusy = false, isOurs = false } = {}): void {
    this.#end(entry);
    entry.failures += 1;
    entry.dueAtMs = nowMs + retryAfterMs(entry.failures, this.#backOff, askedMs);
    // What was under way when the receiver went away says no more than that it did.
    if (!this.#isAway || entry.isProbe) this.#failures += 1;
    if (!isOurs) this.#failingSinceMs ??= nowMs;
    if (this.#isAway)
      this.#pausedUntilMs = nowMs + retryAfterMs(this.#failures - AWAY_AFTER + 1, this.#backOff, askedMs);
    else if (isBusy && askedMs > 0) this.#pausedUntilMs = entry.dueAtMs;
  }

  /** It was not sent after all. */
  putBack(entry: Entry): void {
    this.#end(entry);
  }

  state(): Progress {
    const cursor = this.cursor;
    const failed = this.#entries.filter(({ failures }) => failures > 0);
    const failedEarlier = [...this.#saved].filter(([position]) => position > this.#readUntil);
    return {
      cursor: `${cursor}`,
      delivered: [...this.#delivered].map(String),
      failed: [
        ...failed.map((one): [string, number, number] => [`${one.position}`, one.failures, one.dueAtMs]),
        ...failedEarlier.map(([position, one]): [string, number, number] => [
          `${position}`,
          one.failures,
          one.dueAtMs,
        ]),
      ],
      failures: this.#failures,
      ...(this.#failingSinceMs !== undefined && { failingSinceMs: this.#failingSinceMs }),
      ...(this.#pausedUntilMs > 0 && { pausedUntilMs: this.#pausedUntilMs }),
    };
  }

  get #isAway(): boolean {
    return this.#failures >= AWAY_AFTER;
  }

  /** Those that wait for nothing but their time: the first of each subject, unless it is under way. */
  #startable(): Entry[] {
    const seen = new Set<string>();
    return this.#entries.filter((entry) => {
      const { kind, id } = entry.event.subject;
      const subject = `${kind}:${id}`;
      const isFirst = !seen.has(subject);
      seen.add(subject);
      return isFirst && !entry.inFlight;
    });
  }

  #end(entry: Entry): void {
    if (entry.inFlight) this.#inFlight -= 1;
    entry.inFlight = false;
  }

  /** What the cursor has passed need not be remembered. */
  #forgetPassed(): void {
    const cursor = this.cursor;
    for (const position of this.#delivered) if (position <= cursor) this.#delivered.delete(position);
    for (const position of this.#saved.keys()) if (position <= this.#readUntil) this.#saved.delete(position);
  }
}
