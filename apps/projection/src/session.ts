/**
 * One session with one Redis primary: take the data set, bring it up to the log's head, then stamp it and
 * follow the log, until a write is refused, the connection breaks, or the lease is lost.
 */
import { mayStamp } from '@mcpstack/contracts';
import type { EventStore, RecordedEvent } from '@mcpstack/event-store';
import {
  applyEvents,
  applyFolded,
  foldEvents,
  PROJECTED_CATEGORIES,
  type FoldedEvents,
  type FoundGeneration,
  type Generation,
  type LastEvent,
  type ReadModelWriter,
  type WriteSession,
} from '@mcpstack/read-models';
import { pause, type Lease, type Log } from '@mcpstack/service-kit';
import type { Confirmations } from './confirmations.ts';
import { warnOfEviction } from './eviction.ts';
import { aborted, holds, sameLog, type Place } from './same-log.ts';
import type { Status } from './status.ts';
import { tellApplied, tellParked } from './told-events.ts';

export interface SessionDeps {
  store: EventStore;
  writer: ReadModelWriter;
  lease: Lease;
  confirmations: Confirmations;
  status: Status;
  log: Log;
  /** T. Milliseconds. */
  stampLifeMs: number;
  /** Told which streams Redis now holds a change of. */
  onChanged: (streams: ReadonlySet<string>) => void;
}

export class Session {
  readonly #deps: SessionDeps;
  readonly #write: WriteSession;
  readonly #logId: string;
  /** Aborts everything of this session. */
  readonly #stop: AbortController;
  #generation!: Generation;
  /** Position up to which Redis has answered that it holds everything. */
  #applied = -1n;
  /** The event there, so far as this or the session before noted it. */
  #last: LastEvent | undefined;
  #rebuild: Promise<void> | undefined;
  #switching: Promise<unknown> = Promise.resolve();

  private constructor(deps: SessionDeps, write: WriteSession, logId: string, stop: AbortController) {
    this.#deps = deps;
    this.#write = write;
    this.#logId = logId;
    this.#stop = stop;
  }

  /**
   * Runs a session until it ends; always rejects or returns with nothing of it left running.
   * @param onReady gets the session once it is live, for rebuilds.
   */
  static async run(
    deps: SessionDeps,
    signal: AbortSignal,
    onReady: (session: Session) => void,
  ): Promise<void> {
    const write = await deps.writer.begin();
    const stop = new AbortController();
    const forward = (): void => stop.abort();
    signal.addEventListener('abort', forward);
    if (signal.aborted) stop.abort();
    deps.confirmations.begin();
    deps.status.sessionBegan();
    deps.log.info('session begun', { session: write.id.slice(0, 8) });
    let session: Session | undefined;
    let working: Promise<void> | undefined;
    try {
      const over = write.ended.then((cause) => Promise.reject(cause));
      over.catch(() => undefined);
      const work = async (): Promise<void> => {
        await warnOfEviction(write, deps.log);
        session = new Session(deps, write, await deps.store.logId(), stop);
        await session.#live(onReady);
      };
      working = work();
      working.catch(() => undefined);
      await Promise.race([working, over, aborted(stop.signal)]);
    } finally {
      stop.abort();
      signal.removeEventListener('abort', forward);
      deps.confirmations.end();
      deps.status.sessionEnded();
      write.end();
      await Promise.allSettled([working, session ? session.#rebuild : undefined]);
    }
  }

  /** Builds the read models anew beside the live ones, then switches. One at a time. */
  async rebuild(reason: string): Promise<Generation> {
    if (this.#rebuild) throw new Error('a rebuild is under way');
    const generation = await this.#write.build(this.#logId);
    this.#rebuild = this.#buildBeside(generation, reason).finally(() => (this.#rebuild = undefined));
    this.#rebuild.catch((error: unknown) => {
      if (this.#stop.signal.aborted) return;
      this.#deps.status.counts.failedRebuilds += 1;
      this.#deps.log.error('the rebuild failed; the live read models stay', { generation, err: error });
    });
    return generation;
  }

  /** Of the generation in force, in one step with the proof that this session still writes it. */
  keysOfMaker(query: Parameters<WriteSession['keysOfMaker']>[1]): ReturnType<WriteSession['keysOfMaker']> {
    return this.#write.keysOfMaker(this.#generation, query);
  }

  async #live(onReady: (session: Session) => void): Promise<void> {
    const { store, status, log } = this.#deps;
    // Measured after the session began: whatever an earlier session has confirmed is in it.
    const head = await store.head({ categories: PROJECTED_CATEGORIES });
    const outdated = await this.#openGeneration(head);
    status.switched(this.#generation, await this.#write.parkedCount(this.#generation));
    this.#advance(this.#applied);
    await this.#follow(head, () => {
      log.info('read models are live', { generation: this.#generation, position: `${this.#applied}` });
      onReady(this);
      this.#tidyUp(outdated);
    });
  }

  /** What need not be done before the read models are live. A refusal in here ends the session by itself. */
  #tidyUp(outdated: boolean): void {
    const tidying = outdated ? this.rebuild('written by another version') : this.#write.dropOld();
    tidying.catch((error: unknown) => this.#deps.log.debug('could not tidy up', { err: error }));
  }

  /** Finds the generation in force usable, or builds one before anything is served. */
  async #openGeneration(head: bigint): Promise<boolean> {
    const { found } = this.#write;
    const { log } = this.#deps;
    if (found) {
      const reason = await this.#whyForeign(found, head);
      if (reason === undefined) {
        this.#generation = found.generation;
        this.#applied = found.position;
        this.#last = found.last;
        return found.outdated;
      }
      log.error('the read models do not belong to this log and are built anew', {
        reason,
        position: `${found.position}`,
      });
      await this.#write.discard();
    }
    const generation = await this.#write.build(this.#logId);
    log.info('building the read models', { generation });
    await this.#fill(generation, () => head);
    return false;
  }

  /** Why what was found is not made of this log; `undefined` where it is. */
  async #whyForeign({ logId, position, last }: FoundGeneration, head: bigint): Promise<string | undefined> {
    if (logId !== this.#logId) return 'they are of another log';
    if (position > head) return 'they are ahead of the log';
    if (last && !(await holds(this.#deps.store, last))) return 'the log lacks their last event';
    return undefined;
  }

  async #buildBeside(generation: Generation, reason: string): Promise<void> {
    this.#deps.log.info('rebuilding beside the live read models', { generation, reason });
    const startedAt = performance.now();
    await this.#fill(generation, () => this.#applied);
    const durationMs = Math.round(performance.now() - startedAt);
    this.#deps.status.counts.rebuilds += 1;
    this.#deps.log.info('rebuilt and switched', { generation, position: `${this.#applied}`, durationMs });
    await this.#write.dropOld();
  }

  /**
   * Reads the whole log into a generation and puts it in force once it has reached the goal. While Redis applies a
   * batch the next one is folded, and sent once that was answered.
   */
  async #fill(generation: Generation, goal: () => bigint): Promise<void> {
    if (goal() < 0n && (await this.#switch(generation, -1n))) return;
    // From here on, so that one to which no event ever comes is seen to stand still.
    this.#deps.status.building(-1n);
    const done = new AbortController();
    let inForce: Promise<boolean> = Promise.resolve(false);
    const apply = async (folded: FoldedEvents): Promise<boolean> => {
      const result = await applyFolded(this.#write, generation, folded, this.#readStream);
      if (result === 'superseded') throw new Error('the generation was given up while it was built');
      tellParked(this.#deps.log, result.parked);
      const last = folded.events.at(-1)!;
      const { position } = last;
      this.#deps.status.building(position);
      if (position < goal() || !(await this.#switch(generation, position))) return false;
      this.#last = last;
      return true;
    };
    try {
      for await (const batch of this.#subscribe(undefined, done.signal)) {
        const folded = await foldEvents(this.#write, generation, batch, this.#readStream);
        if (await inForce) return;
        inForce = apply(folded);
        inForce.then((isDone) => isDone && done.abort()).catch(() => done.abort());
      }
      if (await inForce) return;
    } finally {
      done.abort();
      await inForce.catch(() => undefined);
      this.#deps.status.building(undefined);
    }
    throw new Error('the session ended before the generation was built');
  }

  async #switch(generation: Generation, position: bigint): Promise<boolean> {
    const switching = this.#write.switchTo(generation).then(async (status) => {
      if (status === 'superseded') throw new Error('the generation was given up while it was built');
      if (status === 'behind') return false;
      this.#generation = generation;
      this.#advance(position);
      this.#deps.status.switched(generation, await this.#write.parkedCount(generation));
      return true;
    });
    this.#switching = switching.catch(() => undefined);
    return switching;
  }

  /** Applies the log to the generation in force; stamps begin once it has reached `head`. */
  async #follow(head: bigint, onLive: () => void): Promise<void> {
    let stamping: Promise<void> | undefined;
    const goLive = (): void => {
      if (stamping || this.#applied < head) return;
      stamping = this.#stamp();
      stamping.catch((error: unknown) => this.#write.end(error as Error));
      onLive();
    };
    goLive();
    for await (const batch of this.#subscribe({ position: this.#applied, last: this.#last })) {
      const began = performance.now();
      await this.#applyLive(batch);
      if (stamping) tellApplied(this.#deps.log, batch, performance.now() - began);
      goLive();
    }
  }

  async #applyLive(batch: readonly RecordedEvent[]): Promise<void> {
    for (;;) {
      const generation = this.#generation;
      const result = await applyEvents(this.#write, generation, batch, this.#readStream);
      if (result !== 'superseded') {
        tellParked(this.#deps.log, result.parked);
        this.#deps.status.followed(batch.length, result.parked.length);
        this.#deps.onChanged(new Set(batch.map(({ stream }) => stream)));
        return this.#advance(batch.at(-1)!.position);
      }
      // A rebuilt generation was put in force in between: this batch goes there.
      await this.#switching;
      if (this.#generation === generation) throw new Error('the generation in force was replaced by another');
    }
  }

  /** Each stamp is sent after the one before was answered and the lease was checked after that answer. */
  async #stamp(): Promise<void> {
    const { lease, stampLifeMs, status } = this.#deps;
    while (!this.#stop.signal.aborted) {
      if (!mayStamp({ leaseHeld: lease.held(), unanswered: this.#write.unansweredStamps }))
        throw new Error('the lease has run out');
      const sentAtMs = performance.now();
      await this.#write.stamp();
      status.stamped();
      await pause(Math.max(1, stampLifeMs / 5 - (performance.now() - sentAtMs)), this.#stop.signal);
    }
  }

  #advance(position: bigint): void {
    if (position > this.#applied) this.#applied = position;
    this.#deps.status.applied(this.#applied);
    this.#deps.confirmations.advance(this.#applied);
  }

  #subscribe(after?: Place, done?: AbortSignal): AsyncIterable<RecordedEvent[]> {
    const signal = done ? AbortSignal.any([this.#stop.signal, done]) : this.#stop.signal;
    const onOther = (error: Error): void => this.#write.end(error);
    return sameLog({ ...this.#deps, onOther }, signal, after);
  }

  readonly #readStream = (stream: string, from: bigint): AsyncIterable<RecordedEvent> =>
    this.#deps.store.readStream(stream, { from });
}
