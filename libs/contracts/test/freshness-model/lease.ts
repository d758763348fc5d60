/** A projection's part in the lease: to wait for it, to keep it, to give it up. Its home changes by compare-and-set. */
import type { Model } from './model.ts';
import type { Machine, Task, Wait } from './world.ts';

export class Lease {
  /** Unique to one life of the process. */
  readonly holder: string;
  revision = 0;
  isStopping = false;
  readonly #model: Model;
  readonly #machine: Machine;
  #goodUntilMs = -Infinity;
  #wake: (() => void) | undefined;

  constructor(model: Model, machine: Machine, holder: string) {
    this.#model = model;
    this.#machine = machine;
    this.holder = holder;
  }

  held(): boolean {
    return this.#clock() < this.#goodUntilMs;
  }

  /** It is to be given up at once. */
  stop(): void {
    this.isStopping = true;
    this.#wake?.();
  }

  *acquire(): Task {
    const { rules, settings } = this.#model;
    const watch = rules.watch(settings);
    for (;;) {
      const entry = (yield this.#request(() => ({ entry: this.#model.lease }))) as
        { entry: Model['lease'] } | undefined;
      if (entry) {
        const { holder, revision } = entry.entry ?? {};
        const isFree = !holder || holder === this.holder;
        const isStale = watch.mayTake(revision, this.#clock());
        yield this.#model.world.step;
        if ((isFree || isStale) && (yield* this.#write(this.holder, revision))) return;
      }
      yield this.#sleep(settings.leaseLifeMs / 8);
    }
  }

  *keep(): Task {
    const { leaseLifeMs } = this.#model.settings;
    while (this.held() && !this.isStopping) {
      yield (resume) => {
        this.#wake = resume;
        this.#sleep(leaseLifeMs / 3)(resume);
      };
      if (!this.held() || this.isStopping) return;
      if (yield* this.#write(this.holder, this.revision)) continue;
      const read = (yield this.#request(() => ({ entry: this.#model.lease }))) as
        { entry: Model['lease'] } | undefined;
      if (read && read.entry?.holder !== this.holder) this.#goodUntilMs = -Infinity;
      else if (read?.entry) this.revision = read.entry.revision;
    }
  }

  *release(): Task {
    this.isStopping = false;
    if (!this.held()) return;
    this.#goodUntilMs = -Infinity;
    yield* this.#write('', this.revision);
    this.#goodUntilMs = -Infinity;
    yield this.#sleep(this.#model.settings.leaseLifeMs * this.#model.world.between(0.2, 1.5));
  }

  *#write(holder: string, expected: number | undefined): Task<boolean> {
    const { rules, settings } = this.#model;
    const sentAtMs = this.#clock();
    const revision = (yield this.#request(() => {
      const stands = this.#model.lease;
      if (stands?.revision !== expected) return undefined;
      this.#model.lease = { holder, revision: (stands?.revision ?? 0) + 1 };
      return this.#model.lease.revision;
    })) as number | undefined;
    if (revision === undefined) return false;
    this.revision = revision;
    this.#goodUntilMs = rules.leaseGoodUntilMs(rules.renewedAt(sentAtMs, this.#clock()), settings);
    return true;
  }

  #request<Value>(act: () => Value): Wait {
    const { world, settings, cutOff, slowLease } = this.#model;
    const machine = this.#machine;
    return world.request(machine, settings.leaseLifeMs / 3, (reply) => {
      if (cutOff.has(machine)) return;
      const answer = act();
      if (!slowLease.delete(machine)) return reply(answer);
      cutOff.add(machine);
      world.after((settings.leaseLifeMs / 3) * world.between(0.5, 0.97), () => reply(answer));
    });
  }

  #clock(): number {
    return this.#model.world.clock(this.#machine);
  }
  #sleep(ms: number): Wait {
    return this.#model.world.sleep(this.#machine, ms);
  }
}
