/** Writes the state of one webhook down: one write at a time, and what changes meanwhile goes into the next. */
import { pause } from '@mcpstack/service-kit';
import type { SavedState } from './saved-state.ts';
import { SupersededError, type StateStore } from './state-store.ts';
import { Waker } from './waker.ts';

/** What could not be read or written is tried again after this. */
const RETRY_MS = 1_000;
/** So often at the end: whoever takes over sends again what was not written down. */
const LAST_TRIES = 3;

export interface KeeperEvents {
  onError: (error: unknown) => void;
  /** Something was written down after it could not be. */
  onSaved: () => void;
}

export class StateKeeper {
  readonly #store: Pick<StateStore, 'load' | 'save'>;
  readonly #webhookId: string;
  readonly #events: KeeperEvents;
  #revision = 0;
  #savedAtMs = performance.now();
  #isDirty = false;
  #isStuck = false;
  #isEnding = false;
  #isOver = false;
  readonly #waker = new Waker();
  /** Whoever waits until it is written down. */
  #waiting: { resolve: () => void; reject: (error: Error) => void }[] = [];
  #hasEnded = false;

  constructor(store: Pick<StateStore, 'load' | 'save'>, webhookId: string, events: KeeperEvents) {
    this.#store = store;
    this.#webhookId = webhookId;
    this.#events = events;
  }

  /** Nothing more may be begun: what was done cannot be written down. */
  get isStuck(): boolean {
    return this.#isStuck;
  }

  /** Somebody else has written: nothing of ours counts any more. */
  get isOver(): boolean {
    return this.#isOver;
  }

  /** Since the last write. */
  get idleMs(): number {
    return performance.now() - this.#savedAtMs;
  }

  /** What was written down, asked for until there is an answer; `undefined` when the signal aborted first. */
  async load(signal: AbortSignal): Promise<{ state: SavedState | undefined } | undefined> {
    while (!signal.aborted) {
      try {
        const stored = await this.#store.load(this.#webhookId);
        this.#revision = stored?.revision ?? 0;
        return { state: stored?.state };
      } catch (error) {
        this.#events.onError(error);
        await pause(RETRY_MS, signal);
      }
    }
    return undefined;
  }

  /** There is something to write down. */
  changed(): void {
    this.#isDirty = true;
    this.#waker.wake();
  }

  /** Settles once what stands now is written down. Rejects when it will not be: somebody else has written, or we end. */
  written(): Promise<void> {
    if (this.#hasEnded) return Promise.reject(notWritten());
    const written = new Promise<void>((resolve, reject) => this.#waiting.push({ resolve, reject }));
    this.changed();
    return written;
  }

  /** The last state is written down, and then no other. */
  end(): void {
    this.#isEnding = true;
    this.changed();
  }

  /** Writes until the end. */
  async keep(stateOf: () => SavedState): Promise<void> {
    try {
      await this.#keep(stateOf);
    } finally {
      this.#hasEnded = true;
      for (const { reject } of this.#waiting.splice(0)) reject(notWritten());
    }
  }

  async #keep(stateOf: () => SavedState): Promise<void> {
    let lastTries = 0;
    for (;;) {
      if (!this.#isDirty) {
        if (this.#isEnding) return;
        await this.#waker.wait();
        continue;
      }
      this.#isDirty = false;
      const waiting = this.#waiting.splice(0);
      try {
        this.#revision = await this.#store.save(this.#webhookId, stateOf(), this.#revision);
        this.#savedAtMs = performance.now();
        for (const { resolve } of waiting) resolve();
        if (this.#isStuck) {
          this.#isStuck = false;
          this.#events.onSaved();
        }
      } catch (error) {
        this.#waiting.unshift(...waiting);
        this.#events.onError(error);
        this.#isStuck = true;
        this.#isDirty = true;
        this.#isOver = error instanceof SupersededError;
        if (this.#isOver) return;
        if (this.#isEnding && (lastTries += 1) >= LAST_TRIES) return;
        await pause(RETRY_MS, new AbortController().signal);
      }
    }
  }
}

function notWritten(): Error {
  return new Error('what changed is not written down');
}
