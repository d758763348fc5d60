/** Issuance appends, has it confirmed, waits, and answers; whoever asked repeats what did not succeed. */
import type { Model } from './model.ts';
import type { Projection } from './projection.ts';
import type { Machine, Task } from './world.ts';

type Outcome = 'final' | 'not final';

export class Issuance {
  readonly machine: Machine;
  readonly #client: Machine;
  readonly #model: Model;
  readonly #projections: readonly Projection[];
  readonly #onFinal: (key: number) => void;

  constructor(model: Model, projections: readonly Projection[], onFinal: (key: number) => void) {
    this.#model = model;
    this.#projections = projections;
    this.#onFinal = onFinal;
    this.machine = model.world.machine('issuance');
    this.#client = model.world.machine('client');
  }

  start(): void {
    this.machine.life += 1;
  }

  /** A caller that repeats its DELETE until it succeeds, a few times. */
  revoke(key: number): void {
    this.#model.world.spawn(this.#client, this.#ask(key));
  }

  *#ask(key: number): Task {
    const { world, settings, counts } = this.#model;
    for (let tries = 1; tries <= 5; tries += 1) {
      const outcome = (yield world.request(this.#client, 2.5 * settings.stampLifeMs, (reply) =>
        world.spawn(this.machine, this.#revoke(key, reply)),
      )) as Outcome | undefined;
      if (outcome === 'final') return;
      counts.notFinal += 1;
      yield world.sleep(this.#client, settings.stampLifeMs / 20);
    }
  }

  *#revoke(key: number, reply: (outcome: Outcome) => void): Task {
    const { world, rules, settings } = this.#model;
    const appended = (yield world.request(this.machine, settings.stampLifeMs / 5, (answer) =>
      answer(this.#model.append(key)),
    )) as ReturnType<Model['append']> | undefined;
    if (!appended) return reply('not final');
    if (!appended.isNew && !rules.retryWaits) return this.#succeed(key, 'nobody', reply);
    const startedAtMs = world.clock(this.machine);
    const timeoutMs = 1.5 * settings.stampLifeMs;
    for (;;) {
      const leftMs = startedAtMs + timeoutMs - world.clock(this.machine);
      if (leftMs <= 0) return reply('not final');
      const confirmedBy = (yield world.request(
        this.machine,
        Math.min(leftMs, settings.stampLifeMs / 2),
        (answer) =>
          this.#projections
            .find((one) => one.isActive && world.chance(0.6))
            ?.confirm(appended.position, answer),
      )) as string | undefined;
      if (confirmedBy !== undefined) {
        yield world.sleep(this.machine, rules.finalWaitMs(settings));
        return this.#succeed(key, confirmedBy, reply);
      }
      yield world.sleep(this.machine, settings.stampLifeMs / 40);
    }
  }

  #succeed(key: number, confirmedBy: string, reply: (outcome: Outcome) => void): void {
    const model = this.#model;
    if (!model.finalAtMs.has(key)) {
      model.finalAtMs.set(key, model.world.now);
      model.counts.finals += 1;
      if (model.lastConfirmedBy !== '' && model.lastConfirmedBy !== confirmedBy)
        model.counts.finalsAfterChange += 1;
      model.lastConfirmedBy = confirmedBy;
      model.world.say(() => `the restriction of key ${key} returns`);
      this.#onFinal(key);
    }
    reply('final');
  }
}
