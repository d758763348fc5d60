/**
 * Delivers to one webhook, by itself: reads what comes next, sends what may be sent, writes down how far it came. What
 * was delivered is written down afterwards, never before: after a crash an event may come twice, and none is lost.
 */
import { setMaxListeners } from 'node:events';
import type { WebhookAttempt, WebhookDisableReason, WebhookProgress } from '@mcpstack/contracts';
import type { WatchedWebhook } from '@mcpstack/read-models';
import type { Log, WebhookKeys } from '@mcpstack/service-kit';
import type { BackOff } from './back-off.ts';
import type { Feed } from './feed.ts';
import { attempt, BUSY, GONE, isoOf, outcomeOf, type Post, type Told } from './attempt.ts';
import { messageOf, type Message } from './message.ts';
import { Notes } from './notes.ts';
import { freshState, type SavedState } from './saved-state.ts';
import type { Answer } from './send.ts';
import { StateKeeper } from './state-keeper.ts';
import type { StateStore } from './state-store.ts';
import { Waker } from './waker.ts';
import { DeliveryWindow, type Entry } from './window.ts';

/** What could not be read or written is tried again after this. */
const RETRY_MS = 1_000;
/** Progress over events that nobody wants is written down so often. */
const IDLE_SAVE_MS = 30_000;
const MOST_LISTENERS = 64;

export interface CourierDeps extends Partial<Told> {
  feed: Feed;
  store: Pick<StateStore, 'load' | 'save'>;
  keys: Pick<WebhookKeys, 'sign'>;
  post: Post;
  /** Whether this process is the active one, at this instant. */
  isActive: () => boolean;
  /** Messages under way of all webhooks; of each there may always be one. */
  load: { underWay: number; most: number };
  /** The webhook as the read models hold it now. */
  current: (webhook: WatchedWebhook) => Promise<WatchedWebhook | undefined>;
  /** Has the webhook disabled; settles when that was recorded. */
  disable: (webhook: WatchedWebhook, reason: WebhookDisableReason, since: string) => Promise<void>;
  backOff: BackOff;
  disableAfterMs: number;
  log: Log;
  nowMs?: () => number;
}

export class Courier {
  readonly #deps: CourierDeps;
  readonly #nowMs: () => number;
  readonly #stopping = new AbortController();
  /** Ends what is under way. */
  readonly #cutting = new AbortController();
  readonly #underWay = new Set<Promise<void>>();
  readonly #keeper: StateKeeper;
  readonly #notes = new Notes();
  readonly #waker = new Waker();
  readonly #running: Promise<void>;
  #webhook: WatchedWebhook;
  #window: DeliveryWindow | undefined;
  #headSeen = 0n;
  #isDisabling = false;

  constructor(webhook: WatchedWebhook, deps: CourierDeps) {
    this.#webhook = webhook;
    this.#deps = deps;
    this.#nowMs = deps.nowMs ?? Date.now;
    // Each message under way listens; so does each test.
    setMaxListeners(MOST_LISTENERS, this.#cutting.signal);
    this.#keeper = new StateKeeper(deps.store, webhook.id, {
      onError: (error) => this.#tell(error),
      onSaved: () => this.#waker.wake(),
    });
    this.#running = this.#run();
  }

  /** The webhook as it is now, and how far the read models are: perhaps there is something to do. */
  look(webhook: WatchedWebhook, head: bigint): void {
    this.#renew(webhook);
    this.#headSeen = head;
    this.#waker.wake();
  }

  /** Begins nothing more; settles once what is under way has ended, within a grace, and is written down. */
  async stop({ graceMs = 0 } = {}): Promise<void> {
    this.#stopping.abort();
    const cut = setTimeout(() => this.#cutting.abort(), graceMs);
    this.#waker.wake();
    await this.#running;
    clearTimeout(cut);
  }

  /** Somebody else has written how far it came: one that begins anew has to take its place. */
  get isOver(): boolean {
    return this.#keeper.isOver;
  }

  progress(): WebhookProgress | undefined {
    return this.#window && { ...this.#window.progress(this.#nowMs()), ...this.#notes.noted };
  }

  /** When the oldest event happened that waits to be delivered; ISO 8601. */
  oldestWaitingAt = (): string | undefined => this.#window?.oldestAt;

  /** Newest first. */
  attempts(): WebhookAttempt[] {
    return this.#notes.attempts.toReversed();
  }

  /**
   * Goes back: on after this position, whatever was delivered before. `false` for one that lies ahead of that, since what
   * lies between would not be sent, and nobody would know.
   */
  replay(position: bigint, requestId: string): boolean {
    if (!this.#window || position > this.#window.cursor) return false;
    this.#window = new DeliveryWindow(freshState(`${position}`), this.#deps.backOff);
    this.#notes.replayed(position, isoOf(this.#nowMs()), requestId);
    this.#changed();
    return true;
  }

  /** Settles once what stands now is written down; rejects when it will not be. */
  written(): Promise<void> {
    return this.#keeper.written();
  }

  /** Sends one message now, beside the order of events unless it is of an entry, and notes what came of it. */
  async try(message: Message, webhook: WatchedWebhook, entry?: Entry) {
    const tried = await attempt(this.#deps, webhook, message, this.#cutting.signal);
    const { answer, fault } = tried;
    const noted: WebhookAttempt = {
      ...tried.noted,
      ...(entry && { subject: entry.event.subject, position: entry.event.position }),
      attempt: (entry?.failures ?? 0) + 1,
    };
    if (fault !== undefined) this.#tell(fault);
    this.#deps.onAttempt?.(outcomeOf(answer, fault), noted, webhook.id, entry?.event);
    this.#notes.tried(noted);
    if (!entry && answer.ok) this.#window?.answeredAgain();
    this.#changed();
    return { answer, noted, fault };
  }

  #renew(webhook: WatchedWebhook): void {
    // Disabled and enabled since: it is tried anew.
    if (webhook.enabledAt !== this.#webhook.enabledAt) this.#window?.answeredAgain();
    this.#webhook = webhook;
    // What was read already, and is not wanted any more.
    if (this.#window?.narrow(webhook.eventTypes)) this.#keeper.changed();
  }

  async #run(): Promise<void> {
    const { signal } = this.#stopping;
    const keeping = this.#keeper.load(signal).then((loaded) => {
      if (!loaded) return undefined;
      this.#open(loaded.state);
      this.#waker.wake();
      return this.#keeper.keep(() => this.#state());
    });
    while (!signal.aborted) {
      const waitMs = await this.#step().catch((error: unknown) => this.#tell(error));
      await this.#waker.wait(waitMs);
    }
    await Promise.all(this.#underWay);
    this.#keeper.end();
    await keeping;
  }

  /** What can be done now; how long until something can be done without being waked. Milliseconds. */
  async #step(): Promise<number | undefined> {
    const window = this.#window;
    if (!window || this.#keeper.isStuck || !this.#deps.isActive()) return undefined;
    if (window.room > 0 && this.#headSeen > window.readUntil) await this.#read(window);
    if (!(await this.#isReady(window))) return undefined;
    if (window !== this.#window) return 0;
    const { load } = this.#deps;
    while (this.#underWay.size === 0 || load.underWay < load.most) {
      const entry = window.take(this.#nowMs());
      if (!entry) break;
      this.#begin(window, entry);
    }
    if (window.room > 0 && this.#headSeen > window.readUntil) return 0;
    const nextAtMs = window.nextAtMs();
    return nextAtMs === undefined ? undefined : Math.max(nextAtMs - this.#nowMs(), 10);
  }

  /**
   * Whoever was answered that the address, a secret or the state changed may count on it from then on: before anything is
   * sent, the webhook is read anew. One that is not active any more waits for its end.
   */
  async #isReady(window: DeliveryWindow): Promise<boolean> {
    const nextAtMs = window.nextAtMs();
    if (nextAtMs === undefined || nextAtMs > this.#nowMs()) return true;
    const webhook = await this.#deps.current(this.#webhook);
    if (webhook?.state !== 'active' || this.#stopping.signal.aborted) return false;
    this.#renew(webhook);
    return true;
  }

  async #read(window: DeliveryWindow): Promise<void> {
    const { feed } = this.#deps;
    const { organizationId, eventTypes: types } = this.#webhook;
    const { readUntil } = window;
    const { events, until, droppedBefore } = await feed.after(organizationId, readUntil, {
      limit: window.room,
      types,
      until: this.#headSeen,
    });
    if (droppedBefore !== undefined && droppedBefore > readUntil + 1n) {
      this.#notes.dropped(readUntil, droppedBefore, isoOf(this.#nowMs()));
      this.#deps.log.warn('events were dropped before they were delivered', this.#named());
    }
    const before = window.cursor;
    window.add(events, until);
    // Where nothing is wanted it is written down now and then, so that it is not looked for among what was dropped.
    const isLate = this.#keeper.idleMs > IDLE_SAVE_MS;
    if (window.cursor !== before && (events.length > 0 || isLate)) this.#changed();
  }

  #begin(window: DeliveryWindow, entry: Entry): void {
    const { load } = this.#deps;
    load.underWay += 1;
    const task = this.#deliver(window, entry)
      .catch((error: unknown) => {
        window.failed(entry, this.#nowMs(), { isOurs: true });
        this.#tell(error);
      })
      .finally(() => {
        this.#underWay.delete(task);
        load.underWay -= 1;
        this.#waker.wake();
      });
    this.#underWay.add(task);
  }

  async #deliver(window: DeliveryWindow, entry: Entry): Promise<void> {
    // Somebody else may be active by now: what is begun after that would only come twice, but it may.
    if (!this.#deps.isActive()) return window.putBack(entry);
    const { answer, fault } = await this.try(messageOf(entry.event), this.#webhook, entry);
    // Given up because this process ends: neither a success nor a failure of the receiver.
    if (!answer.ok && answer.status === undefined && this.#cutting.signal.aborted)
      return window.putBack(entry);
    if (answer.ok) window.delivered(entry);
    // It could not even be signed; that is waited for like a receiver that is away.
    else if (fault !== undefined) window.failed(entry, this.#nowMs(), { isOurs: true });
    else this.#failed(window, entry, answer);
    this.#changed();
  }

  #failed(window: DeliveryWindow, entry: Entry, { status, askedMs }: Answer): void {
    const nowMs = this.#nowMs();
    const isBusy = status !== undefined && BUSY.has(status);
    window.failed(entry, nowMs, { ...(askedMs !== undefined && { askedMs }), isBusy });
    const sinceMs = window.failingSinceMs ?? nowMs;
    if (status === GONE) this.#disable('gone', sinceMs);
    else if (nowMs - sinceMs >= this.#deps.disableAfterMs) this.#disable('failing', sinceMs);
  }

  #disable(reason: WebhookDisableReason, sinceMs: number): void {
    if (this.#isDisabling) return;
    this.#isDisabling = true;
    this.#deps.onDisable?.(reason);
    this.#deps.log.warn('a webhook is disabled', { ...this.#named(), reason });
    this.#deps
      .disable(this.#webhook, reason, isoOf(sinceMs))
      .catch((error: unknown) => this.#tell(error))
      .finally(() => (this.#isDisabling = false));
  }

  #open(stored: SavedState | undefined): void {
    const { createdPosition, enabledAt } = this.#webhook;
    const state = stored ?? freshState(createdPosition);
    this.#notes.open(state);
    // What failed before it was enabled again counts no more.
    const isStale = (state.failingSinceMs ?? Infinity) < Date.parse(enabledAt);
    const { failingSinceMs: _, pausedUntilMs: _until, ...rest } = state;
    const progress = isStale ? { ...rest, failed: [], failures: 0 } : state;
    this.#window ??= new DeliveryWindow(progress, this.#deps.backOff);
  }

  #changed(): void {
    this.#keeper.changed();
    this.#waker.wake();
  }

  #state(): SavedState {
    const { noted, attempts } = this.#notes;
    return { ...this.#window!.state(), ...noted, attempts: [...attempts] };
  }

  #tell(error: unknown): number {
    const { name } = error as { name?: unknown };
    // That the read models are away is told by whoever watches them, once.
    const isTold = name === 'ReadModelsUnavailableError' || name === 'FeedUnavailableError';
    this.#deps.log[isTold ? 'debug' : 'warn']('a webhook was held up', { ...this.#named(), err: error });
    return RETRY_MS;
  }

  #named() {
    return { webhookId: this.#webhook.id, orgId: this.#webhook.organizationId };
  }
}
