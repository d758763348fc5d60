/**
 * Reads the whole log into the pending leaves, and finds out up to where it is known what was erased: a record of an
 * erasure is appended before anything goes, so whoever has read up to a place, and then the records up to a head that
 * was taken afterwards, knows of every hole below that place.
 */
import { EventStoreUnavailableError, type EventStore } from '@mcpstack/event-store';
import { Changes } from './changes.ts';
import { erasedBy, ERASABLE_CATEGORY } from './erasures.ts';
import { PendingLeaves } from './pending-leaves.ts';

/** So many events are held at the most; the log waits meanwhile. */
const MOST_PENDING = 10_000;
/** Of a log that is written to just now, the reader is behind the head for a moment. */
const CATCH_UP_MS = 250;
/** The head of the records is looked for from the end of the log. */
const RECORDS_TIMEOUT_MS = 60_000;

export interface LogReaderOptions {
  store: EventStore;
  /** The stream of this log's checkpoints. */
  checkpoints: string;
  /** Exclusive: where the pending leaves begin. */
  after: bigint;
  /** Milliseconds since 1970. */
  now: () => number;
  onState: (state: 'live' | 'interrupted') => void;
}

export class LogReader {
  readonly pending: PendingLeaves;
  readonly changes = new Changes();
  /** Revision of the newest checkpoint that was read. */
  newestCheckpoint = -1n;
  readonly #options: LogReaderOptions;
  #settled: bigint;
  /** Up to here the records of erasures are known. */
  #scanned: bigint;

  constructor(options: LogReaderOptions) {
    this.#options = options;
    this.pending = new PendingLeaves(options.after);
    this.#settled = options.after;
    this.#scanned = options.after;
  }

  /** Until the signal aborts. @throws when the log cannot be read on. */
  async run(signal: AbortSignal): Promise<void> {
    const { store, after, now, onState, checkpoints } = this.#options;
    for await (const event of store.subscribe({ after, signal, onState })) {
      this.pending.add(event, now());
      this.pending.addErased(erasedBy(event));
      if (event.stream === checkpoints) this.newestCheckpoint = event.revision;
      this.changes.tell();
      while (this.pending.length >= MOST_PENDING && !signal.aborted) await this.changes.next(signal);
    }
  }

  /** Up to here every leaf is known, also those that are gone. */
  get known(): bigint {
    return this.#settled;
  }

  /** Waits until the log is read up to here. */
  async reached(position: bigint, signal: AbortSignal): Promise<void> {
    while (this.pending.lastPosition < position && !signal.aborted) await this.changes.next(signal);
  }

  /**
   * Finds out of every event that was read up to now what was erased before it.
   * @param enough with that many leaves pending, the rest of the log is not waited for.
   * @returns the new `known`.
   */
  async settle(enough: number, signal: AbortSignal): Promise<bigint> {
    // What comes while the first head is asked for is taken in by the second.
    for (let round = 0; round < 2 && this.#settled < this.pending.lastPosition; round += 1) {
      let read = this.pending.lastPosition;
      const head = await this.#options.store.head();
      await this.#catchUp(head, enough, signal);
      if (this.pending.lastPosition < head) {
        read = this.pending.lastPosition;
        await this.#scan(signal);
      }
      this.#settled = read;
    }
    return this.#settled;
  }

  /** Waits until the log is read up to here, unless it is so far behind that a checkpoint is full before. */
  async #catchUp(head: bigint, enough: number, signal: AbortSignal): Promise<void> {
    const untilMs = performance.now() + CATCH_UP_MS;
    while (this.pending.lastPosition < head && !signal.aborted) {
      const leftMs = untilMs - performance.now();
      if (this.pending.length >= enough || leftMs <= 0) return;
      await this.changes.next(signal, leftMs);
    }
  }

  /** Reads the records of erasures up to their head. */
  async #scan(signal: AbortSignal): Promise<void> {
    const { store } = this.#options;
    const categories = [ERASABLE_CATEGORY];
    const head = await store.head({ categories, timeoutMs: RECORDS_TIMEOUT_MS });
    if (head <= this.#scanned) return;
    const late = AbortSignal.timeout(RECORDS_TIMEOUT_MS);
    const reading = AbortSignal.any([signal, late]);
    for await (const event of store.subscribe({ after: this.#scanned, categories, signal: reading })) {
      this.pending.addErased(erasedBy(event));
      this.#scanned = event.position;
      if (event.position >= head) return;
    }
    if (late.aborted)
      throw new EventStoreUnavailableError('The records of erasures were not read in time.', {
        inDoubt: false,
      });
  }
}
