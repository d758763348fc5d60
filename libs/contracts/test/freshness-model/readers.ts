/** Authorizers read with proof and decide; SDKs ask them, and share what they answered. */
import type { Observation } from '../../src/freshness.ts';
import type { Model } from './model.ts';
import type { Connection } from './redis.ts';
import type { Rules } from './rules.ts';
import type { Machine, Task } from './world.ts';

interface Current {
  connection: Connection;
  trust: ReturnType<Rules['trust']>;
}
interface Reading {
  position: number;
  beganAtMs: number;
  trustedUntilMs: number;
  decidableUntilMs: number;
}
interface Head {
  isPrimary: boolean;
  identity: string;
  stamp: Observation['stamp'];
  position: number;
}
interface Answer {
  isValid: boolean;
  freshForMs: number;
}

export class Authorizer {
  readonly machine: Machine;
  readonly #model: Model;
  #current: Current | undefined;
  /** Decided on again while it may be. */
  #reading: Reading | undefined;
  #readAtMs = 0;

  constructor(model: Model, name: string) {
    this.#model = model;
    this.machine = model.world.machine(name);
    this.start();
  }

  start(): void {
    this.machine.life += 1;
    this.#current = undefined;
    this.#reading = undefined;
    this.#model.world.spawn(this.machine, this.#stayConnected());
  }

  serve(key: number, reply: (answer: Answer) => void): void {
    this.#model.world.spawn(this.machine, this.#answer(key, reply));
  }

  *#answer(key: number, reply: (answer: Answer) => void): Task {
    const model = this.#model;
    const { world, rules, settings } = model;
    yield world.step;
    for (let tries = 1; tries <= 2; tries += 1) {
      const isShared = this.#isDecidable(this.#reading) && world.chance(0.5);
      const reading = isShared ? this.#reading : yield* this.#read();
      // A machine may pause in here; what counts is the clock at the decision.
      const nowMs = world.clock(this.machine);
      if (!reading || nowMs >= reading.decidableUntilMs) continue;
      if (isShared) model.counts.readingsShared += 1;
      const isValid = model.permits(key, reading.position);
      const { beganAtMs, trustedUntilMs } = reading;
      const freshForMs = rules.reusableForMs(beganAtMs, trustedUntilMs, nowMs, settings);
      world.say(() => {
        const [at, forMs] = [reading.position, freshForMs.toFixed(0)];
        const agoMs = nowMs - beganAtMs;
        const verdict = isValid ? `VALID for ${forMs} ms` : 'refused';
        return `${this.machine.name}: key ${key} is ${verdict}, read ${agoMs.toFixed(1)} ms ago at position ${at}`;
      });
      return reply({ isValid, freshForMs: isValid ? freshForMs : 0 });
    }
    reply({ isValid: false, freshForMs: 0 });
  }

  #isDecidable(reading: Reading | undefined): boolean {
    return reading !== undefined && this.#model.world.clock(this.machine) < reading.decidableUntilMs;
  }

  *#stayConnected(): Task {
    const { world, rules, settings } = this.#model;
    const everyMs = settings.stampLifeMs / 12;
    for (;;) {
      const connection = this.#model.connect(this.machine);
      const kept = rules.trustEndsWithConnection ? undefined : this.#current?.trust;
      this.#current = { connection, trust: kept ?? rules.trust(settings) };
      while (connection.isOpen) {
        if (world.clock(this.machine) - this.#readAtMs >= everyMs) yield* this.#read();
        yield world.sleep(this.machine, everyMs * world.between(0.5, 1));
      }
      yield world.sleep(this.machine, everyMs * world.between(0, 0.5));
    }
  }

  *#read(): Task<Reading | undefined> {
    const { world, rules, settings } = this.#model;
    const current = this.#current;
    if (!current) return undefined;
    const { connection, trust } = current;
    const sentAtMs = world.clock(this.machine);
    this.#readAtMs = sentAtMs;
    const before = rules.readsIdentity === 'beforehand' ? yield* this.#head(connection) : undefined;
    const shown = yield* this.#head(connection);
    if (!shown) return undefined;
    const { isPrimary, identity } = before ?? shown;
    if (!isPrimary) return void (connection.isOpen = false);
    const repliedAtMs = world.clock(this.machine);
    const beganAtMs = rules.readBegan(sentAtMs, repliedAtMs);
    trust.observe(rules.tell({ beganAtMs: sentAtMs, identity, stamp: shown.stamp }, repliedAtMs));
    const { trustedUntilMs } = trust;
    const decidableUntilMs = rules.decidableUntilMs(beganAtMs, trustedUntilMs, settings);
    return (this.#reading = { position: shown.position, beganAtMs, trustedUntilMs, decidableUntilMs });
  }

  *#head(connection: Connection): Task<Head | undefined> {
    const timeoutMs = 0.3 * this.#model.settings.stampLifeMs;
    return yield connection.send(({ isPrimary, identity, data }): Head => {
      const { session, boundTo, counter, position } = data;
      const stamp = session === undefined ? undefined : { session, counter, identity: boundTo! };
      return { isPrimary, identity, stamp, position };
    }, timeoutMs);
  }
}

interface Check {
  key: number;
  beganAtMs: number;
  /** In true time, for the judge alone. */
  trulyBeganAtMs: number;
}
interface Flight {
  asker: Check;
  joined: Check[];
}

export class Sdk {
  readonly machine: Machine;
  readonly #model: Model;
  readonly #authorizers: readonly Authorizer[];
  readonly #reusableUntilMs = new Map<number, number>();
  readonly #flights = new Map<number, Flight>();

  constructor(model: Model, name: string, authorizers: readonly Authorizer[]) {
    this.#model = model;
    this.#authorizers = authorizers;
    this.machine = model.world.machine(name);
  }

  start(): void {
    this.machine.life += 1;
    this.#reusableUntilMs.clear();
    this.#flights.clear();
  }

  verify(key: number): void {
    const { world } = this.#model;
    if (this.machine.pausedUntil > world.now) return;
    this.#model.counts.checks += 1;
    const check = { key, beganAtMs: world.clock(this.machine), trulyBeganAtMs: world.now };
    const untilMs = this.#reusableUntilMs.get(key);
    if (untilMs !== undefined && this.#model.rules.mayReuse(check.beganAtMs, untilMs))
      return this.#share(check);
    const flight = this.#flights.get(key);
    if (flight) flight.joined.push(check);
    else this.#ask(check);
  }

  #ask(asker: Check): void {
    const flight = { asker, joined: [] };
    this.#flights.set(asker.key, flight);
    this.#model.world.spawn(this.machine, this.#fly(flight));
  }

  #share(check: Check): void {
    this.#model.counts.shared += 1;
    this.#model.answeredValid(`${this.machine.name} shares`, check.key, check.trulyBeganAtMs);
  }

  *#fly(flight: Flight): Task {
    const { world, rules, settings, counts } = this.#model;
    const { key, trulyBeganAtMs } = flight.asker;
    // Questions gather before they are sent.
    if (world.chance(0.3)) yield world.sleep(this.machine, world.between(0, 3));
    const sentAt = world.clock(this.machine);
    yield world.step;
    const answer = (yield world.request(this.machine, 0.5 * settings.stampLifeMs, (reply) =>
      world.pick(this.#authorizers).serve(key, reply),
    )) as Answer | undefined;
    const sentAtMs = rules.askedAt(sentAt, world.clock(this.machine));
    if (this.#flights.get(key) === flight) this.#flights.delete(key);
    if (!answer?.isValid) {
      counts.refusedChecks += 1 + flight.joined.length;
      this.#reusableUntilMs.delete(key);
      return;
    }
    const untilMs = rules.reusableUntilMs(sentAtMs, answer.freshForMs);
    this.#reusableUntilMs.set(key, untilMs);
    this.#model.answeredValid(`${this.machine.name} asked`, key, trulyBeganAtMs);
    for (const check of flight.joined) {
      if (!rules.judgesJoined || rules.mayReuse(check.beganAtMs, untilMs)) this.#share(check);
      else if (this.#flights.has(key)) this.#flights.get(key)!.joined.push(check);
      else this.#ask(check);
    }
  }
}
