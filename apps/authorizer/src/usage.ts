/**
 * Counts uses per key and window, and has them recorded (G7): cheap for a check, which waits for nothing; counted
 * once, because a batch keeps its number through all its tries; nothing lost on a clean stop.
 *
 * Uses are sent in small batches, a few at once, each built in a slice of its own between checks. A key's next uses
 * are sent once its last ones are taken. While issuance is slow or away they go on growing in place: a window becomes
 * longer then, and memory stays bounded by the number of keys.
 */
import { randomBytes, randomUUID } from 'node:crypto';
import type { UsageWindow } from '@mcpstack/contracts';
import { Agents } from './client-agents.ts';
import { lastUsedFrom, type Client } from './client.ts';
import type { Delivery } from './delivery.ts';
import { Queue } from './usage-queue.ts';
import { UsageTable, type Use } from './usage-table.ts';

export interface UsageOptions {
  delivery: Pick<Delivery, 'deliver'>;
  /** Told how many uses were not recorded since it was last told: too many keys at once, refused, or given up. */
  onLost: (count: number, reason: string) => void;
  /** How many keys are held at once; 1,000,000 by default, for which about 250 MB are needed. */
  maxKeys?: number;
}

/** A window begins with its first use, and ends at a multiple of this since 1970. */
const WINDOW_MS = 10_000;
/** How often it is looked what is due; a first use is sent within this. */
const TICK_MS = 500;
const MAX_BATCH = 200;
const MAX_BATCHES_UNDER_WAY = 4;
export const MAX_KEYS = 1_000_000;
/** Keys that one slice looks at, at most: about a millisecond. */
const SLICE = 2_000;
/** From this share of `maxKeys` on, uses are sent before their window ends, and keys leave once theirs are taken. */
const FULL = 0.9;
const NOBODY: Client = {};

const TOO_MANY = 'too many keys are in use at once';
const NOT_TAKEN = 'issuance did not record them';

interface Taken {
  keyId: string;
  use: Use;
  window: UsageWindow;
}

export class UsageCounter {
  readonly #options: UsageOptions;
  readonly #maxKeys: number;
  readonly #table = new UsageTable();
  readonly #agents = new Agents();
  /** Names this run to issuance. */
  readonly #source = randomBytes(12).toString('base64url');
  readonly #startMs = windowOf(Date.now()) * WINDOW_MS;
  /** Keys that were not used in this window or the one before: sent at once, so that a first use shows soon. */
  readonly #firsts = new Queue();
  /** Where the walk over all keys is, while one goes on. */
  #walk: Iterator<[string, Use], undefined> | undefined;
  /** The window in which the last walk began. */
  #walkedIn: number;
  /** Keys with uses that were not sent yet. */
  #waiting = 0;
  #number = 0;
  #batches = 0;
  #isScheduled = false;
  readonly #lost = new Map<string, number>();
  readonly #totals = { counted: 0, tooMany: 0, notTaken: 0 };
  #idle: (() => void) | undefined;
  #isStopping = false;
  readonly #timer: NodeJS.Timeout;

  constructor(options: UsageOptions) {
    this.#options = options;
    this.#maxKeys = options.maxKeys ?? MAX_KEYS;
    this.#walkedIn = this.#now().window;
    this.#timer = setInterval(() => this.#tick(), TICK_MS).unref();
  }

  /**
   * Counts uses of a key.
   * @param times how many; nothing happens for 0.
   * @param client where the last of them came from, as far as that was told.
   */
  count(
    { id, organizationId }: { id: string; organizationId: string },
    nowMs: number,
    times = 1,
    client: Client = NOBODY,
  ): void {
    if (times === 0) return;
    const atMs = nowMs - this.#startMs;
    let use = this.#table.get(id);
    const isNew = use === undefined;
    if (!use) {
      if (this.#table.size >= this.#maxKeys) return this.#lose(times, TOO_MANY);
      use = this.#table.add(id, organizationId);
    }
    if (use.count === 0) {
      this.#waiting += 1;
      if (isNew || windowOf(use.lastMs) < windowOf(atMs) - 1) this.#firsts.push(id);
      use.fromMs = atMs;
      use.lastMs = atMs;
    }
    use.count += times;
    this.#totals.counted += times;
    if (atMs > use.lastMs) use.lastMs = atMs;
    if (client.ip === undefined && client.userAgent === undefined) return;
    use.ip = client.ip;
    use.agent = this.#agents.of(client.userAgent);
  }

  /** What is held and under way now, and what became of uses since this process began. */
  load() {
    return { keys: this.#table.size, waiting: this.#waiting, batches: this.#batches, ...this.#totals };
  }

  /** Sends all that is counted. Resolves once issuance has it, or the delivery has given up. */
  async stop(): Promise<void> {
    clearInterval(this.#timer);
    this.#isStopping = true;
    await new Promise<void>((resolve) => {
      this.#idle = resolve;
      this.#send();
    });
    this.#tellLost();
  }

  #tick(): void {
    this.#agents.renew();
    const { window, isFull } = this.#now();
    if (!this.#walk && (window !== this.#walkedIn || isFull)) this.#beginWalk(window);
    this.#send();
    this.#tellLost();
  }

  #beginWalk(window: number): void {
    this.#walk = this.#table.all();
    this.#walkedIn = window;
  }

  /** One slice: at most one batch. Others follow while there is room for them and anything is due. */
  #send(): void {
    if (this.#batches >= MAX_BATCHES_UNDER_WAY) return;
    const mayWalk = this.#isStopping && this.#waiting > 0;
    if (mayWalk && !this.#walk) this.#beginWalk(this.#now().window);
    const taken = this.#take();
    if (taken.length > 0) void this.#deliver(taken);
    if (this.#walk || this.#firsts.size > 0) this.#schedule();
    else if (this.#isStopping && this.#batches === 0) {
      if (this.#waiting > 0) this.#schedule();
      else this.#idle?.();
    }
  }

  #schedule(): void {
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    setImmediate(() => {
      this.#isScheduled = false;
      this.#send();
    });
  }

  /** The next uses that are due, at most a batch of them. First ones leave room for those of the walk. */
  #take(): Taken[] {
    const taken: Taken[] = [];
    const most = this.#walk ? MAX_BATCH / 2 : MAX_BATCH;
    for (const keyId of this.#firsts.take(most)) {
      const use = this.#table.get(keyId);
      if (use && use.count > 0 && !use.isUnderWay) taken.push(this.#taken(keyId, use));
    }
    const now = this.#now();
    for (let looked = 0; this.#walk && looked < SLICE && taken.length < MAX_BATCH; looked += 1) {
      const { value } = this.#walk.next();
      if (!value) {
        this.#walk = undefined;
        break;
      }
      const [keyId, use] = value;
      if (use.isUnderWay) continue;
      const isIdle = windowOf(use.lastMs) < now.window - 1;
      // A first use in another window than this one: in an earlier one, or the clock was set back.
      const isDue = now.isFull || this.#isStopping || windowOf(use.fromMs) !== now.window;
      if (use.count > 0 && isDue) taken.push(this.#taken(keyId, use));
      else if (use.count === 0 && (isIdle || now.isFull)) this.#table.delete(keyId);
    }
    return taken;
  }

  #taken(keyId: string, use: Use): Taken {
    const iso = (ms: number): string => new Date(this.#startMs + ms).toISOString();
    const from = lastUsedFrom(use.ip, use.agent?.family);
    const window: UsageWindow = {
      keyId,
      organizationId: use.organizationId,
      from: iso(use.fromMs),
      to: iso((windowOf(use.lastMs) + 1) * WINDOW_MS),
      count: use.count,
      lastUsedAt: iso(use.lastMs),
      ...(from && { lastUsedFrom: from }),
    };
    use.count = 0;
    use.ip = undefined;
    use.agent = undefined;
    use.isUnderWay = true;
    this.#waiting -= 1;
    return { keyId, use, window };
  }

  async #deliver(taken: readonly Taken[]): Promise<void> {
    this.#batches += 1;
    this.#number += 1;
    const windows = taken.map(({ window }) => window);
    const batch = { source: this.#source, number: this.#number, windows };
    const isRecorded = await this.#options.delivery.deliver('recordUsage', randomUUID(), batch);
    this.#batches -= 1;
    const { isFull } = this.#now();
    for (const { keyId, use } of taken) {
      use.isUnderWay = false;
      if (isFull && use.count === 0) this.#table.delete(keyId);
    }
    if (!isRecorded)
      this.#lose(
        windows.reduce((sum, { count }) => sum + count, 0),
        NOT_TAKEN,
      );
    this.#schedule();
  }

  #now(): { window: number; isFull: boolean } {
    return {
      window: windowOf(Date.now() - this.#startMs),
      isFull: this.#table.size >= this.#maxKeys * FULL,
    };
  }

  #lose(count: number, reason: string): void {
    this.#totals[reason === TOO_MANY ? 'tooMany' : 'notTaken'] += count;
    this.#lost.set(reason, (this.#lost.get(reason) ?? 0) + count);
  }

  #tellLost(): void {
    for (const [reason, count] of this.#lost) this.#options.onLost(count, reason);
    this.#lost.clear();
  }
}

function windowOf(ms: number): number {
  return Math.floor(ms / WINDOW_MS);
}
