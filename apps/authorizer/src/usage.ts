/**
 * Counts VALID answers per key and window, and has them recorded (G7): cheap for a check, which waits for
 * nothing; counted once, because a batch keeps its command id; nothing lost on a clean stop.
 *
 * Counts leave the map when they are sent. While issuance is slow or away they stay and go on growing: a window
 * becomes longer then, and memory stays bounded by the number of keys.
 */
import { randomUUID } from 'node:crypto';
import type { UsageWindow } from '@mcpstack/contracts';
import type { Delivery } from './delivery.ts';

export interface UsageOptions {
  delivery: Pick<Delivery, 'deliver'>;
  /** Told how many uses were not recorded: more keys than `maxKeys` at once, or refused, or given up. */
  onLost: (count: number, reason: string) => void;
  /** How many keys are counted at once; 100,000 by default. */
  maxKeys?: number;
}

/** A window begins with its first use, and ends at a multiple of this since 1970. */
const WINDOW_MS = 10_000;
/** How often it is looked what is due; a first use is sent within this. */
const TICK_MS = 500;
const MAX_BATCH = 200;
const MAX_BATCHES_UNDER_WAY = 4;
const MAX_KEYS = 100_000;
/** From this share of `maxKeys` on, counts are sent before their window ends. */
const FULL = 0.5;

interface Count {
  organizationId: string;
  fromMs: number;
  toMs: number;
  count: number;
  lastUsedMs: number;
  /** When it is to be sent. The map's order is the order of these. */
  dueMs: number;
}

export class UsageCounter {
  readonly #options: UsageOptions;
  /** Of keys that were not used in this window or the one before: sent at once, so that a first use shows soon. */
  readonly #first = new Map<string, Count>();
  readonly #more = new Map<string, Count>();
  /** Keys used in the window that began at `#windowMs`, and in the one before. */
  #used = new Set<string>();
  #usedBefore = new Set<string>();
  #windowMs = 0;
  #batches = 0;
  #overflowed = 0;
  #idle: (() => void) | undefined;
  #isStopping = false;
  readonly #timer: NodeJS.Timeout;

  constructor(options: UsageOptions) {
    this.#options = options;
    this.#timer = setInterval(() => this.#tick(), TICK_MS).unref();
  }

  /** Counts one use, now. */
  count({ id, organizationId }: { id: string; organizationId: string }, nowMs: number): void {
    this.#turn(nowMs);
    const toMs = this.#windowMs + WINDOW_MS;
    const counted = this.#first.get(id) ?? this.#more.get(id);
    if (counted) {
      counted.count += 1;
      if (nowMs > counted.lastUsedMs) counted.lastUsedMs = nowMs;
      if (toMs > counted.toMs) counted.toMs = toMs;
      return;
    }
    const { maxKeys = MAX_KEYS } = this.#options;
    const size = this.#first.size + this.#more.size;
    if (size >= maxKeys) {
      this.#overflowed += 1;
      return;
    }
    const isFirst = !this.#used.has(id) && !this.#usedBefore.has(id);
    if (this.#used.size < maxKeys) this.#used.add(id);
    const dueMs = isFirst ? nowMs : toMs;
    const counts = isFirst ? this.#first : this.#more;
    counts.set(id, { organizationId, fromMs: nowMs, toMs, count: 1, lastUsedMs: nowMs, dueMs });
  }

  /** Sends all that is counted. Resolves once issuance has it, or the delivery has given up. */
  async stop(): Promise<void> {
    clearInterval(this.#timer);
    this.#isStopping = true;
    this.#send(Infinity);
    while (this.#batches > 0) await new Promise<void>((resolve) => (this.#idle = resolve));
    this.#tellOverflow();
  }

  /** Begins the window that `nowMs` is in. */
  #turn(nowMs: number): void {
    const windowMs = nowMs - (nowMs % WINDOW_MS);
    if (windowMs === this.#windowMs) return;
    // After a pause nothing was used in the window before.
    this.#usedBefore = windowMs === this.#windowMs + WINDOW_MS ? this.#used : new Set();
    this.#used = new Set();
    this.#windowMs = windowMs;
  }

  #tick(): void {
    const { maxKeys = MAX_KEYS } = this.#options;
    const isFull = this.#first.size + this.#more.size >= maxKeys * FULL;
    this.#send(isFull ? Infinity : Date.now());
    this.#tellOverflow();
  }

  /** Sends what is due at `untilMs`, as far as there is room. */
  #send(untilMs: number): void {
    while (this.#batches < MAX_BATCHES_UNDER_WAY) {
      const windows = [...take(this.#first, untilMs, MAX_BATCH)];
      windows.push(...take(this.#more, untilMs, MAX_BATCH - windows.length));
      if (windows.length === 0) return;
      this.#batches += 1;
      void this.#deliver(windows, untilMs);
    }
  }

  async #deliver(windows: readonly UsageWindow[], untilMs: number): Promise<void> {
    const isRecorded = await this.#options.delivery.deliver('recordUsage', randomUUID(), { windows });
    this.#batches -= 1;
    if (!isRecorded) this.#options.onLost(sum(windows), 'issuance did not record them');
    this.#send(this.#isStopping ? Infinity : untilMs);
    if (this.#batches === 0) this.#idle?.();
  }

  #tellOverflow(): void {
    if (this.#overflowed > 0) this.#options.onLost(this.#overflowed, 'too many keys are in use at once');
    this.#overflowed = 0;
  }
}

/** Takes at most `max` counts that are due out of the map. */
function* take(counts: Map<string, Count>, untilMs: number, max: number): Generator<UsageWindow> {
  let left = max;
  for (const [keyId, { organizationId, fromMs, toMs, count, lastUsedMs, dueMs }] of counts) {
    // Further ahead than a window is long: the clock was set back, and it is sent now.
    if (left === 0 || (dueMs > untilMs && dueMs <= untilMs + WINDOW_MS)) return;
    left -= 1;
    counts.delete(keyId);
    yield {
      keyId,
      organizationId,
      from: new Date(fromMs).toISOString(),
      to: new Date(toMs).toISOString(),
      count,
      lastUsedAt: new Date(lastUsedMs).toISOString(),
    };
  }
}

function sum(windows: readonly UsageWindow[]): number {
  return windows.reduce((total, { count }) => total + count, 0);
}
