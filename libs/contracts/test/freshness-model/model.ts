/** What the actors of the model share: the log, the lease's entry, the servers, and the count of what happened. */
import type { FreshnessSettings } from '../../src/freshness.ts';
import type { Rules } from './rules.ts';
import { Connection, Server } from './redis.ts';
import type { Machine, Wait, World } from './world.ts';

/** What happened in a run, so that a model in which nothing happens cannot pass for a proof. */
export interface Counts {
  checks: number;
  valid: number;
  /** VALID answers that were given to checks which did not ask themselves. */
  shared: number;
  /** Decisions on a reading that was made for another check. */
  readingsShared: number;
  finals: number;
  notFinal: number;
  /** Finals that were answered by another session than the one before. */
  finalsAfterChange: number;
  takeOvers: number;
  sessions: number;
  refusedChecks: number;
}

export const NO_COUNTS: Counts = {
  checks: 0,
  valid: 0,
  shared: 0,
  readingsShared: 0,
  finals: 0,
  notFinal: 0,
  finalsAfterChange: 0,
  takeOvers: 0,
  sessions: 0,
  refusedChecks: 0,
};

export class Model {
  readonly world: World;
  readonly rules: Rules;
  readonly settings: FreshnessSettings;
  readonly counts: Counts = { ...NO_COUNTS };
  readonly servers: readonly [Server, Server];
  /** Whom discovery names as the primary. */
  believed: Server;
  /** Share of connections that go to the other server all the same. */
  misled = 0;
  /** Share of connections with a proxy in between. */
  proxied = 0;
  /** Durable. Position 1 made the keys, each later one revokes a key. */
  head = 1;
  readonly revokedAt = new Map<number, number>();
  /** When a success was first answered to the restriction of a key: true time. */
  readonly finalAtMs = new Map<number, number>();
  lease: { holder: string; revision: number } | undefined;
  /** Machines that do not reach the lease's store. */
  readonly cutOff = new Set<Machine>();
  /** Machines whose next renewal is answered late, and is the last that arrives. */
  readonly slowLease = new Set<Machine>();
  /** Machines to which the log tells nothing new. */
  readonly deaf = new Set<Machine>();
  onTakeOver: (() => void) | undefined;
  onFinal: (() => void) | undefined;
  lastConfirmedBy = '';
  violation: string | undefined;
  readonly #connections = new Map<Machine, Connection>();
  readonly #followers = new Set<() => void>();

  constructor(world: World, rules: Rules, settings: FreshnessSettings) {
    this.world = world;
    this.rules = rules;
    this.settings = settings;
    this.servers = [new Server(world, rules, 'redis-a', true), new Server(world, rules, 'redis-b', false)];
    this.believed = this.servers[0];
    this.servers[1].replication = this.servers[0].replication;
    this.servers[0].replica = this.servers[1];
  }

  connect(machine: Machine): Connection {
    const { world } = this;
    const server = world.chance(this.misled) ? world.pick(this.servers) : this.believed;
    const connection = new Connection(world, machine, server, world.chance(this.proxied));
    this.#connections.set(machine, connection);
    return connection;
  }

  /** The connection breaks; what was sent may be executed all the same. */
  disconnect(machine: Machine): void {
    const connection = this.#connections.get(machine);
    if (connection) connection.isOpen = false;
  }

  /** Answers the position of the key's restriction, which may stand there already. */
  append(key: number): { position: number; isNew: boolean } {
    const known = this.revokedAt.get(key);
    if (known !== undefined) return { position: known, isNew: false };
    this.head += 1;
    this.revokedAt.set(key, this.head);
    const { head } = this;
    this.world.say(() => `the log has position ${head}: key ${key} is revoked`);
    for (const wake of this.#followers) this.world.after(this.world.latency(), wake);
    this.#followers.clear();
    return { position: this.head, isNew: true };
  }

  /** Until the log has more, or this long. */
  moreThan(position: number, ms: number): Wait {
    return (resume) => {
      if (this.head > position) return this.world.after(this.world.latency(), resume);
      const wake = (): void => {
        this.#followers.delete(wake);
        resume();
      };
      this.#followers.add(wake);
      this.world.after(ms, wake);
    };
  }

  /** Replies on the machine's connection are held up. */
  stall(machine: Machine, ms: number): void {
    this.#connections.get(machine)?.stall(ms);
  }

  /** What a data set of this position says of a key. */
  permits(key: number, position: number): boolean {
    const revokedAt = this.revokedAt.get(key);
    return position >= 1 && (revokedAt === undefined || revokedAt > position);
  }

  /** A check that began at `beganAtMs` (true time) is answered VALID. This is what must hold. */
  answeredValid(who: string, key: number, beganAtMs: number): void {
    this.counts.valid += 1;
    const finalAtMs = this.finalAtMs.get(key);
    if (finalAtMs === undefined || beganAtMs <= finalAtMs || this.violation !== undefined) return;
    this.violation =
      `${who}: key ${key} is VALID for a check that began at ${beganAtMs.toFixed(1)}, ` +
      `its restriction returned at ${finalAtMs.toFixed(1)}`;
    this.world.say(() => `VIOLATION ${this.violation}`);
  }
}
