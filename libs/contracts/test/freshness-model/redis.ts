/** Two Redis servers with asynchronous replication, and connections that execute in the order sent. */
import type { Rules } from './rules.ts';
import type { Machine, Wait, World } from './world.ts';

const { max } = Math;

/** A data set is a prefix of the log (how far it is), and who stamps it. */
export interface DataSet {
  position: number;
  session?: string;
  boundTo?: string;
  counter: number;
}
export const EMPTY: DataSet = { position: 0, counter: -1 };

export class Server {
  readonly name: string;
  isPrimary: boolean;
  /** Changes with a restart. */
  run: number;
  /** Changes with a promotion. */
  replication: number;
  data: DataSet = { ...EMPTY };
  /** What stands on its disk. */
  snapshot: DataSet = { ...EMPTY };
  /** Its replica, if it has one that follows. */
  replica: Server | undefined;
  /** Counts restarts: connections break. */
  life = 0;
  /** Writes reach the replica this much later. */
  lagMs = 0.5;
  readonly #world: World;
  readonly #rules: Rules;
  #names = 0;
  #copiedAtMs = 0;

  constructor(world: World, rules: Rules, name: string, isPrimary: boolean) {
    this.#world = world;
    this.#rules = rules;
    this.name = name;
    this.isPrimary = isPrimary;
    this.run = this.#newName();
    this.replication = this.#newName();
  }

  get identity(): string {
    return this.#rules.identity({ server: this.name, run: this.run, replication: this.replication });
  }

  /** To be called after each change. */
  replicate(): void {
    const { replica } = this;
    if (!replica) return;
    const copy = { ...this.data };
    const source = this.replication;
    this.#copiedAtMs = max(this.#copiedAtMs, this.#world.now + this.#world.random() * this.lagMs);
    this.#world.after(this.#copiedAtMs - this.#world.now, () => {
      if (this.replica === replica && this.replication === source && !replica.isPrimary) replica.data = copy;
    });
  }

  /** It takes over; the old primary goes on answering, and knows nothing of it. */
  promote(): void {
    if (this.isPrimary) return;
    this.isPrimary = true;
    this.replication = this.#newName();
    this.#world.say(() => `${this.name} is promoted at position ${this.data.position}`);
  }

  /** It becomes the other's replica; its connections stay. */
  demote(primary: Server): void {
    this.isPrimary = false;
    this.replica = undefined;
    this.data = { ...primary.data };
    this.replication = primary.replication;
    primary.replica = this;
    this.#world.say(() => `${this.name} is demoted, and has the data of ${primary.name}`);
  }

  /** With its data, an old snapshot of them, or none. A proxy in between may hide it from who is connected. */
  restart(data: DataSet): void {
    this.run = this.#newName();
    this.life += 1;
    this.data = { ...data };
    this.#world.say(() => `${this.name} is restarted at position ${data.position}`);
    this.replicate();
  }

  /** Names of one server never are another's. */
  #newName(): number {
    this.#names += 2;
    return this.#names + (this.name === 'redis-a' ? 0 : 1);
  }
}

/** One client's connection. What was sent is executed though the client may have gone. */
export class Connection {
  readonly server: Server;
  isOpen = true;
  readonly #world: World;
  readonly #machine: Machine;
  readonly #life: number;
  /** There is a proxy in between, which connects anew by itself. */
  readonly #isProxied: boolean;
  #arrivesAtMs = 0;
  #repliesAtMs = 0;

  constructor(world: World, machine: Machine, server: Server, isProxied: boolean) {
    this.#world = world;
    this.#machine = machine;
    this.server = server;
    this.#life = server.life;
    this.#isProxied = isProxied;
  }

  /** What is sent takes at least this long from now. */
  hold(ms: number): void {
    this.#arrivesAtMs = max(this.#arrivesAtMs, this.#world.now + ms);
  }
  /** Replies take at least this long from now. */
  stall(ms: number): void {
    this.#repliesAtMs = max(this.#repliesAtMs, this.#world.now + ms);
  }

  /** One atomic step on the server; `undefined` when the connection is over, or is by now. */
  send<Reply>(execute: (server: Server) => Reply, timeoutMs: number): Wait {
    const world = this.#world;
    return (resume) => {
      if (!this.isOpen) return resume(undefined);
      const fail = (): void => {
        this.isOpen = false;
        resume(undefined);
      };
      this.#arrivesAtMs = max(this.#arrivesAtMs, world.now + world.latency());
      world.after(this.#arrivesAtMs - world.now, () => {
        if (this.server.life !== this.#life && !this.#isProxied) return world.after(0.1, fail);
        const reply = execute(this.server);
        this.#repliesAtMs = max(this.#repliesAtMs, world.now + world.latency());
        world.after(this.#repliesAtMs - world.now, () => resume(this.isOpen ? reply : undefined));
      });
      let isAnswered = false;
      const answer = resume;
      resume = (value) => {
        isAnswered = true;
        answer(value);
      };
      world.after(timeoutMs / this.#machine.rate, () => {
        if (!isAnswered) fail();
      });
    };
  }
}
