/** What is done to the product meanwhile, at random: one after the other, and some at once. */
import { setTimeout as delay } from 'node:timers/promises';
import type { Random } from './random.ts';
import type { World } from './world.ts';

export type Fault =
  | 'pause-service'
  | 'pause-projection'
  | 'pause-redis'
  | 'pause-nats'
  | 'pause-caller'
  | 'hold-redis'
  | 'hold-nats'
  | 'kill-projection'
  | 'redis-restart'
  | 'redis-empty'
  | 'redis-snapshot'
  | 'promotion'
  | 'split'
  | 'flush'
  | 'nats-restart'
  | 'clock';

/** How often each is chosen, against the others. */
export type FaultMix = Partial<Record<Fault, number>>;

export const EVERYTHING: FaultMix = {
  'pause-service': 4,
  'pause-projection': 3,
  'pause-redis': 2,
  'pause-nats': 1,
  'pause-caller': 2,
  'hold-redis': 2,
  'hold-nats': 1,
  'kill-projection': 1,
  'redis-restart': 1,
  'redis-empty': 1,
  'redis-snapshot': 1,
  promotion: 3,
  split: 1,
  flush: 1,
  'nats-restart': 1,
  clock: 3,
};

const HOUR_MS = 3_600_000;

export interface FaultsOptions {
  random: Random;
  mix: FaultMix;
  /** How many restrictions have returned: the next fault waits for some, so that both go on. */
  progress: () => number;
  signal: AbortSignal;
}

export class Faults {
  readonly counts: Partial<Record<Fault, number>> = {};
  /** Those that are going on. */
  readonly active = new Set<Fault>();
  /** The last ones, for reports. */
  readonly history: string[] = [];
  readonly #world: World;
  readonly #options: FaultsOptions;
  readonly #startedAtMs = performance.now();
  #exclusive: Promise<void> = Promise.resolve();

  constructor(world: World, options: FaultsOptions) {
    this.#world = world;
    this.#options = options;
  }

  /** Goes on until the signal aborts; then everything runs again. */
  async run(): Promise<void> {
    const { random, signal, progress } = this.#options;
    const underWay = new Set<Promise<void>>();
    while (!signal.aborted) {
      const fault = this.#choose();
      const before = progress();
      const task = this.#inject(fault).finally(() => underWay.delete(task));
      underWay.add(task);
      task.catch(() => undefined);
      // Every third fault comes while the one before goes on.
      if (random.chance(0.33) && underWay.size < 3) await delay(random.between(0, 600));
      else {
        await Promise.allSettled(underWay);
        const untilMs = performance.now() + 5_000;
        while (!signal.aborted && progress() < before + 5 && performance.now() < untilMs) await delay(20);
        await delay(random.between(0, 400));
      }
    }
    await Promise.allSettled(underWay);
  }

  #choose(): Fault {
    const { mix, random } = this.#options;
    const kinds = Object.entries(mix) as [Fault, number][];
    let left = random.next() * kinds.reduce((sum, [, weight]) => sum + weight, 0);
    for (const [kind, weight] of kinds) if ((left -= weight) < 0) return kind;
    return kinds[0]![0];
  }

  async #inject(fault: Fault): Promise<void> {
    const note = (what: string): void => {
      this.history.push(
        `${((performance.now() - this.#startedAtMs) / 1_000).toFixed(2)} s: ${fault} ${what}`,
      );
      if (this.history.length > 40) this.history.shift();
    };
    this.active.add(fault);
    note('begins');
    try {
      await this.#perform(fault);
      this.counts[fault] = (this.counts[fault] ?? 0) + 1;
      note('is over');
    } catch (error) {
      note(`failed: ${(error as Error).message}`);
      throw error;
    } finally {
      this.active.delete(fault);
    }
  }

  async #perform(fault: Fault): Promise<void> {
    const { random } = this.#options;
    const { product, redis, nats, natsRelay, probers, services } = this.#world;
    const whileMs = (): Promise<void> => delay(random.between(150, 2_500));
    const projections = services.filter((name) => name.startsWith('projection'));
    switch (fault) {
      case 'pause-service':
        return paused(product.stack.service(random.pick(services)), whileMs);
      case 'pause-projection':
        return paused(product.stack.service(random.pick(projections)), whileMs);
      case 'pause-redis':
        return this.#alone(() => paused(random.chance(0.8) ? redis.primary : redis.replica, whileMs));
      case 'pause-nats':
        return this.#alone(() => paused(nats, whileMs));
      case 'pause-caller': {
        const child = random.pick(probers.children);
        child.kill('SIGSTOP');
        await whileMs();
        child.kill('SIGCONT');
        return;
      }
      case 'hold-redis':
      case 'hold-nats': {
        const relay = fault === 'hold-redis' ? redis.relay : natsRelay;
        relay.hold(random.pick(['up', 'down', 'both'] as const));
        await whileMs();
        relay.release();
        return;
      }
      case 'kill-projection': {
        const service = product.stack.service(random.pick(projections));
        await service.kill();
        return service.restart();
      }
      case 'redis-restart':
        return this.#alone(() => redis.restart('kept'));
      case 'redis-empty':
        return this.#alone(() => redis.restart('empty'));
      case 'redis-snapshot':
        return this.#alone(async () => {
          if (redis.hasSnapshot) await redis.restart('snapshot');
          redis.snapshot();
        });
      case 'promotion':
        return this.#alone(() => this.#promote(random.between(500, 3_000)));
      case 'split':
        return this.#alone(() => this.#promote(random.between(3_000, 6_000)));
      case 'flush':
        return this.#alone(async () => void (await redis.flush()));
      case 'nats-restart':
        return this.#alone(() => nats.restart({ kill: random.chance(0.5) }));
      case 'clock': {
        const service = random.pick(services);
        // A session at the gateway lasts twelve hours; nothing else here ends by the clock.
        const reachMs = (service === 'gateway' ? 5 : random.pick([0.2, 5, 24 * 30])) * HOUR_MS;
        return this.#world.stepClock(service, random.between(-reachMs, reachMs));
      }
    }
  }

  /** The replica takes over; some connections are broken, and others go on with the old primary for a while. */
  async #promote(forMs: number): Promise<void> {
    const { random } = this.#options;
    const { redis } = this.#world;
    await redis.promote();
    redis.relay.cut(() => random.chance(0.5));
    await delay(forMs);
    await redis.demoteOld();
  }

  /** One thing at a time is done to the servers: each begins with servers that run. */
  #alone(work: () => Promise<void>): Promise<void> {
    const done = this.#exclusive.then(work);
    this.#exclusive = done.catch(() => undefined);
    return done;
  }
}

interface Pausable {
  pause(): Promise<void>;
  resume(): Promise<void>;
}

async function paused(process: Pausable, meanwhile: () => Promise<void>): Promise<void> {
  await process.pause();
  try {
    await meanwhile();
  } finally {
    await process.resume();
  }
}
