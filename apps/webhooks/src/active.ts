/** While this process holds the lease it delivers; a standby takes over when it does not renew it. */
import type { Lease, Log } from '@mcpstack/service-kit';
import { Asks } from './asks/asks.ts';
import { serveAsks, type ServedAsks } from './asks/serve-asks.ts';
import { Couriers, type CouriersDeps, type CouriersReport } from './delivery/couriers.ts';
import type { NatsConnection } from '@nats-io/transport-node';

/** What is under way when the process stops may take so long. */
const GRACE_MS = 5_000;

export interface ActiveDeps extends Omit<CouriersDeps, 'isActive'> {
  nats: NatsConnection;
  lease: Lease;
  log: Log;
}

export class Active {
  readonly #deps: ActiveDeps;
  readonly #stopping = new AbortController();
  readonly #running: Promise<void>;
  #role: 'standby' | 'active' = 'standby';
  #couriers: Couriers | undefined;

  constructor(deps: ActiveDeps) {
    this.#deps = deps;
    this.#running = this.#run();
  }

  get role(): 'standby' | 'active' {
    return this.#role;
  }

  /** While this one is active. */
  report(): CouriersReport | undefined {
    return this.#couriers?.report();
  }

  /** Ends what is under way in peace, and gives the lease up. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#running;
  }

  async #run(): Promise<void> {
    const { lease, log } = this.#deps;
    while (await lease.acquire(this.#stopping.signal)) {
      this.#role = 'active';
      log.info('active', { role: this.#role });
      await this.#serve().catch((error: unknown) => log.error('delivering ended', { err: error }));
      this.#role = 'standby';
      this.#couriers = undefined;
      log.info('standing by', { role: this.#role });
    }
  }

  /** Until the lease is lost, or the process stops. */
  async #serve(): Promise<void> {
    const { lease, nats, log } = this.#deps;
    const [following, holding] = [new AbortController(), new AbortController()];
    const couriers = new Couriers({ ...this.#deps, isActive: () => lease.held() });
    this.#couriers = couriers;
    const followed = couriers.run(following.signal);
    const asks: ServedAsks = serveAsks(nats, log, new Asks({ ...this.#deps, couriers }));
    // The lease is kept until the last state is written down: a standby would send again what is under way.
    const keeping = lease.keep(holding.signal);
    const stopped = new Promise<void>((resolve) => {
      const { signal } = this.#stopping;
      if (signal.aborted) resolve();
      else signal.addEventListener('abort', () => resolve(), { once: true });
    });
    await Promise.race([keeping, stopped]);
    const graceMs = lease.held() ? GRACE_MS : 0;
    following.abort();
    await followed;
    await Promise.all([asks.close(), couriers.stop({ graceMs })]);
    holding.abort();
    await keeping;
    await lease.release();
  }
}
