/** A projection: holds the lease, runs sessions, confirms. The steps are those of the service, one by one. */
import { finalAfterMs } from '../../src/freshness.ts';
import { Lease } from './lease.ts';
import type { Model } from './model.ts';
import type { Connection, Server } from './redis.ts';
import type { Machine, Task, Wait } from './world.ts';

interface Session {
  id: string;
  connection: Connection;
  identity: string;
  beganAtMs: number;
  applied: number;
  sent: number;
  answered: number;
  isLive: boolean;
}
interface Waiter {
  position: number;
  reply: (value: unknown) => void;
}
type Written = 'ok' | 'refused' | undefined;

export class Projection {
  readonly machine: Machine;
  readonly #model: Model;
  #lease!: Lease;
  #isActive = false;
  #session: Session | undefined;
  #waiters: Waiter[] = [];
  #headBefore = 0;
  #sessions = 0;
  #wakeFollow: (() => void) | undefined;

  constructor(model: Model, name: string) {
    this.#model = model;
    this.machine = model.world.machine(name);
    this.start();
  }

  /** The process begins, or begins anew. */
  start(): void {
    const { machine } = this;
    machine.life += 1;
    this.#lease = new Lease(this.#model, machine, `${machine.name}.${machine.life}`);
    this.#isActive = false;
    this.#session = undefined;
    this.#waiters = [];
    this.#model.world.spawn(machine, this.#terms());
    this.#model.world.spawn(machine, this.#runSessions());
  }

  /** Gives the lease up in an orderly way, and begins to want it again later. */
  handOver(): void {
    this.#lease.stop();
    this.#wakeFollow?.();
  }

  get isActive(): boolean {
    return this.#isActive;
  }
  /** Asked whether what stands at this position is final; waits until it is. */
  confirm(position: number, reply: (value: unknown) => void): void {
    this.#waiters.push({ position, reply });
    this.#settle();
  }

  #settle(): void {
    const { rules, settings, world } = this.#model;
    const session = this.#session;
    if (!session || this.#waiters.length === 0 || this.machine.pausedUntil > world.now) return;
    const { beganAtMs: sessionBeganAtMs, applied } = session;
    const facts = { sessionBeganAtMs, nowMs: this.#clock(), leaseHeld: this.#lease.held() };
    if (!rules.mayConfirm(facts, settings)) return;
    const isReady = ({ position }: Waiter): boolean => position <= applied;
    for (const { position, reply } of this.#waiters.filter(isReady)) {
      world.say(() => `${session.id} on ${session.connection.server.name} confirms position ${position}`);
      reply(session.id);
    }
    this.#waiters = this.#waiters.filter((waiter) => !isReady(waiter));
  }

  #clock(): number {
    return this.#model.world.clock(this.machine);
  }
  #sleep(ms: number): Wait {
    return this.#model.world.sleep(this.machine, ms);
  }

  *#terms(): Task {
    const { leaseLifeMs } = this.#model.settings;
    const lease = this.#lease;
    for (;;) {
      this.#headBefore = this.#model.head;
      yield* lease.acquire();
      this.#model.counts.takeOvers += 1;
      this.#model.world.say(() => `${lease.holder} holds the lease, revision ${lease.revision}`);
      this.#isActive = true;
      this.#model.onTakeOver?.();
      yield* lease.keep();
      this.#isActive = false;
      this.#waiters = [];
      if (this.#model.rules.endsSessionWithLease) {
        while (this.#session) yield this.#sleep(leaseLifeMs / 100);
        if (this.#lease.isStopping) yield* lease.release();
      }
    }
  }

  *#runSessions(): Task {
    for (;;) {
      if (this.#isActive) yield* this.#runSession();
      yield this.#sleep(this.#model.settings.stampLifeMs / 50);
    }
  }

  *#runSession(): Task {
    const model = this.#model;
    const connection = model.connect(this.machine);
    const id = `${this.#lease.holder}#${(this.#sessions += 1)}`;
    const found = (yield connection.send((server) => begin(server, id), this.#timeoutMs())) as
      { identity: string; position: number } | undefined;
    if (!found) return;
    model.counts.sessions += 1;
    const [beganAtMs, applied] = [this.#clock(), found.position];
    const identity = found.identity;
    const session = { id, connection, identity, beganAtMs, applied, sent: 0, answered: 0, isLive: true };
    this.#session = session;
    model.world.say(() => `${id} begins on ${connection.server.name} at position ${applied}`);
    model.world.spawn(this.machine, this.#settleWhenOld());
    const head = yield* this.#readHead();
    while (this.#goesOn(session) && session.applied < head) yield* this.#apply(session, head);
    if (this.#goesOn(session)) model.world.spawn(this.machine, this.#stamp(session));
    while (this.#goesOn(session)) {
      yield (resume) => {
        this.#wakeFollow = resume;
        model.moreThan(session.applied, model.settings.stampLifeMs / 10)(resume);
      };
      if (model.deaf.has(this.machine)) yield this.#sleep(model.settings.stampLifeMs / 20);
      else if (this.#goesOn(session) && model.head > session.applied) yield* this.#apply(session, model.head);
    }
    session.isLive = false;
    connection.isOpen = false;
    this.#session = undefined;
    model.world.say(() => `${id} has ended`);
  }

  *#readHead(): Task<number> {
    const { rules } = this.#model;
    if (rules.readsHead === 'not at all') return 0;
    if (rules.readsHead === 'before the lease') return this.#headBefore;
    for (;;) {
      const head = (yield this.#model.world.request(this.machine, this.#timeoutMs(), (reply) =>
        reply(this.#model.head),
      )) as number | undefined;
      if (head !== undefined) return head;
    }
  }

  #goesOn(session: Session): boolean {
    const isOurs = this.#isActive && !this.#lease.isStopping;
    return session.isLive && session.connection.isOpen && (isOurs || !this.#model.rules.endsSessionWithLease);
  }

  *#apply(session: Session, to: number): Task {
    const from = session.applied;
    const written = (yield this.#write(session, ({ data }) => {
      if (data.position >= from) data.position = Math.max(data.position, to);
      return 'ok';
    })) as Written;
    if (written !== 'ok') return void (session.isLive = false);
    session.applied = to;
    this.#settle();
  }

  *#stamp(session: Session): Task {
    const { rules, settings } = this.#model;
    let heldBefore = this.#lease.held();
    while (this.#goesOn(session)) {
      const unanswered = session.sent - session.answered;
      const leaseHeld = rules.looksAtLease === 'after the answer' ? this.#lease.held() : heldBefore;
      if (rules.mayStamp({ unanswered, leaseHeld })) {
        heldBefore = this.#lease.held();
        session.sent += 1;
        this.#model.world.spawn(this.machine, this.#sendStamp(session, session.sent));
        yield this.#sleep(settings.stampLifeMs / 5);
      } else if (unanswered > 0 || !rules.endsSessionWithLease) yield this.#sleep(settings.stampLifeMs / 50);
      else session.isLive = false;
    }
  }

  *#sendStamp(session: Session, counter: number): Task {
    const { world } = this.#model;
    // Between the look at the lease and the sending the machine may pause.
    const lateMs = world.chance(world.weather.late) ? world.random() * world.weather.longestMs : 0;
    if (lateMs > 0 && world.chance(0.5)) session.connection.hold(lateMs);
    else if (lateMs > 0) yield this.#sleep(lateMs);
    else yield world.step;
    const written = (yield this.#write(session, ({ data }) => {
      if (data.counter + 1 !== counter) return 'refused';
      data.counter = counter;
      return 'ok';
    })) as Written;
    if (written !== 'ok') session.isLive = false;
    session.answered = Math.max(session.answered, counter);
    this.#settle();
  }

  #write(session: Session, act: (server: Server) => Written): Wait {
    const { provesIdentity, provesSession } = this.#model.rules;
    return session.connection.send((server) => {
      const { data } = server;
      if (!server.isPrimary || data.session === undefined) return 'refused';
      const isSame = server.identity === session.identity && data.boundTo === session.identity;
      if (provesIdentity && !isSame) return 'refused';
      if (provesSession && data.session !== session.id) return 'refused';
      const written = act(server);
      server.replicate();
      return written;
    }, this.#timeoutMs());
  }

  *#settleWhenOld(): Task {
    yield this.#sleep(finalAfterMs(this.#model.settings) + 1);
    this.#settle();
  }

  #timeoutMs(): number {
    return 0.4 * this.#model.settings.stampLifeMs;
  }
}

function begin(server: Server, session: string): { identity: string; position: number } | undefined {
  if (!server.isPrimary) return undefined;
  const { identity, data } = server;
  Object.assign(data, { session, boundTo: identity, counter: 0 });
  server.replicate();
  return { identity, position: data.position };
}
