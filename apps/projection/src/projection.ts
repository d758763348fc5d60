/** The projection's life: wait for the lease, run sessions while it is held, answer whoever asks. */
import { randomUUID } from 'node:crypto';
import {
  CONFIRM_SUBJECT,
  KEYS_OF_MAKER_SUBJECT,
  REBUILD_SUBJECT,
  type FreshnessSettings,
} from '@mcpstack/contracts';
import type { EventStore } from '@mcpstack/event-store';
import { PROJECTED_CATEGORIES, type ReadModelWriter } from '@mcpstack/read-models';
import { Lease, pause, serveJson, type LeaseStore, type Log, type Served } from '@mcpstack/service-kit';
import type { NatsConnection } from '@nats-io/transport-node';
import { Confirmations } from './confirmations.ts';
import { publishHint } from './hints.ts';
import { keysOfMaker } from './keys-of-maker.ts';
import { Session } from './session.ts';
import { Status, type StatusReport } from './status.ts';

const RETRY_MIN_MS = 50;
const RETRY_MAX_MS = 1_000;
/** A session that lived this long was a good one: the next failure is the first again. */
const SETTLED_AFTER_MS = 10_000;

export interface ProjectionOptions {
  nats: NatsConnection;
  store: EventStore;
  writer: ReadModelWriter;
  leaseStore: LeaseStore;
  freshness: FreshnessSettings;
  log: Log;
  nowMs?: () => number;
}

export class Projection {
  readonly status = new Status();
  readonly #options: ProjectionOptions;
  readonly #lease: Lease;
  readonly #confirmations: Confirmations;
  readonly #stop = new AbortController();
  #session: Session | undefined;
  #running: Promise<void> | undefined;

  constructor(options: ProjectionOptions) {
    const { leaseStore, freshness, log, nowMs = () => performance.now() } = options;
    this.#options = options;
    this.#lease = new Lease(leaseStore, {
      freshness,
      holder: randomUUID(),
      nowMs,
      onError: (error) => log.debug('the lease was not answered as hoped', { err: error }),
    });
    this.#confirmations = new Confirmations({
      freshness,
      leaseHeld: () => this.#lease.held(),
      nowMs,
    });
  }

  start(): void {
    this.#running = this.#run();
  }

  get stopped(): boolean {
    return this.#stop.signal.aborted;
  }

  /** Ends the session, answers who still waits, and gives the lease up. */
  async stop(): Promise<void> {
    this.#stop.abort();
    await this.#running;
  }

  /** Position of the last event that read models are made of. @throws EventStoreUnavailableError within a second. */
  head(): Promise<bigint> {
    return this.#options.store.head({ categories: PROJECTED_CATEGORIES, timeoutMs: 1_000 });
  }

  /** What it is doing, and how far behind the log it is. */
  async report(): Promise<StatusReport> {
    const report = this.status.report();
    try {
      const head = await this.head();
      return { ...report, lag: Math.max(0, Number(head - BigInt(report.position ?? -1))) };
    } catch {
      return report;
    }
  }

  async #run(): Promise<void> {
    const { log } = this.#options;
    const { signal } = this.#stop;
    while (!signal.aborted) {
      this.status.became('standby');
      if (!(await this.#lease.acquire(signal))) break;
      this.status.became('active');
      log.info('active: the lease is held', { role: 'active' });
      const term = new AbortController();
      const keeping = this.#lease.keep(AbortSignal.any([signal, term.signal])).finally(() => term.abort());
      const served = this.#serve();
      await this.#runSessions(term.signal);
      term.abort();
      this.#confirmations.dismiss();
      await Promise.allSettled([keeping, ...served.map((each) => each.close())]);
      log.info('not active any more', { role: 'standby' });
      await this.#lease.release();
    }
    this.status.became('standby');
  }

  async #runSessions(signal: AbortSignal): Promise<void> {
    let delayMs = RETRY_MIN_MS;
    while (!signal.aborted) {
      const beganAtMs = performance.now();
      try {
        await Session.run(this.#sessionDeps(), signal, (session) => (this.#session = session));
      } catch (error) {
        if (!signal.aborted) this.#options.log.warn('the session ended', { err: error });
      }
      this.#session = undefined;
      if (performance.now() - beganAtMs > SETTLED_AFTER_MS) delayMs = RETRY_MIN_MS;
      await pause(delayMs, signal);
      delayMs = Math.min(2 * delayMs, RETRY_MAX_MS);
    }
  }

  #sessionDeps() {
    const { nats, store, writer, log, freshness } = this.#options;
    const { stampLifeMs } = freshness;
    const [lease, confirmations, status] = [this.#lease, this.#confirmations, this.status];
    const onChanged = (streams: ReadonlySet<string>): void => publishHint(nats, streams);
    return { store, writer, lease, confirmations, status, log, stampLifeMs, onChanged };
  }

  #serve(): Served[] {
    const { nats, log } = this.#options;
    return [
      serveJson(nats, log, CONFIRM_SUBJECT, (request) => this.#confirmations.ask(request)),
      serveJson(nats, log, KEYS_OF_MAKER_SUBJECT, async (request) => {
        const confirmations = this.#confirmations;
        const reply = await keysOfMaker(request, { confirmations, session: () => this.#session });
        if (!reply.keyIds) log.warn('the keys of a maker were not answered', { reason: reply.reason });
        return reply;
      }),
      serveJson(nats, log, REBUILD_SUBJECT, async () => {
        if (!this.#session) return { started: false, reason: 'no read models are live to rebuild beside' };
        try {
          return { started: true, generation: await this.#session.rebuild('asked for') };
        } catch (error) {
          return { started: false, reason: (error as Error).message };
        }
      }),
    ];
  }
}
