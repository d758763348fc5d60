/** The model's time and chance: a queue of what happens next, machines with clocks of their own, steps that may pause. */

/** What a task waits for: it is handed how to go on, and calls it once at most. */
export type Wait = (resume: (value?: unknown) => void) => void;
// Globals are looked up slowly within the test runner.
const { imul, floor, max } = Math;

export type Task<Result = void> = Generator<Wait, Result, never>;

/** How rough a run is: shares of messages that are delayed or lost and of steps that pause, and how long at most. */
export interface Weather {
  delayed: number;
  lost: number;
  paused: number;
  /** Of stamps that wait between the look at the lease and their sending. */
  late: number;
  longestMs: number;
}

/** A process. Tasks of an earlier life go no further. */
export interface Machine {
  name: string;
  /** Of its monotonic clock: 1 is true. */
  rate: number;
  offsetMs: number;
  life: number;
  pausedUntil: number;
}

interface Happening {
  atMs: number;
  order: number;
  run: () => void;
}

export class World {
  /** True time, which nobody in the model can read. */
  now = 0;
  weather: Weather = { delayed: 0, lost: 0, paused: 0, late: 0, longestMs: 0 };
  readonly trace: string[] = [];
  readonly #keepsTrace: boolean;
  readonly #heap: Happening[] = [];
  #order = 0;
  #state: number;

  constructor(seed: number, keepsTrace = false) {
    this.#state = imul(seed ^ 0x9e3779b9, 0x85ebca6b) >>> 0;
    this.#keepsTrace = keepsTrace;
  }

  /** 0 ≤ x < 1 (mulberry32). */
  random(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let x = this.#state;
    x = imul(x ^ (x >>> 15), x | 1);
    x ^= x + imul(x ^ (x >>> 7), x | 61);
    return ((x ^ (x >>> 14)) >>> 0) / 4_294_967_296;
  }
  chance(share: number): boolean {
    return share > 0 && this.random() < share;
  }
  between(from: number, to: number): number {
    return from + (to - from) * this.random();
  }
  pick<Item>(items: readonly Item[]): Item {
    return items[floor(this.random() * items.length)]!;
  }

  say(text: () => string): void {
    if (this.#keepsTrace) this.trace.push(`${this.now.toFixed(1).padStart(8)}  ${text()}`);
  }

  machine(name: string): Machine {
    const rate = this.pick([0.995, 0.995, 1, 1.005, 1.005]);
    return { name, rate, offsetMs: this.between(0, 1e6), life: 0, pausedUntil: 0 };
  }
  clock(machine: Machine): number {
    return this.now * machine.rate + machine.offsetMs;
  }

  after(ms: number, run: () => void): void {
    const heap = this.#heap;
    const item: Happening = { atMs: this.now + max(0, ms), order: this.#order, run };
    this.#order += 1;
    let at = heap.length;
    heap.push(item);
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (!isBefore(item, heap[parent]!)) break;
      heap[at] = heap[parent]!;
      at = parent;
    }
    heap[at] = item;
  }

  /** Lets happen what is due until then, or until `isOver`. */
  run(untilMs: number, isOver: () => boolean): void {
    while (this.#heap.length > 0 && this.#heap[0]!.atMs <= untilMs && !isOver()) {
      const next = this.#pop();
      this.now = next.atMs;
      next.run();
    }
  }

  /** Runs a task step by step; between any two of them the machine may pause, or be restarted. */
  spawn(machine: Machine, task: Task): void {
    const { life } = machine;
    const step = (value?: unknown): void => {
      if (machine.life !== life) return;
      if (machine.pausedUntil > this.now)
        return this.after(machine.pausedUntil - this.now, () => step(value));
      const { done, value: wait } = task.next(value as never);
      if (done) return;
      let isResumed = false;
      wait((answer) => {
        if (isResumed) return;
        isResumed = true;
        this.after(this.#pause(), () => step(answer));
      });
    };
    step();
  }

  /** How long a message is on its way. */
  latency(): number {
    const { delayed, longestMs } = this.weather;
    return this.chance(delayed) ? this.between(0, longestMs) : this.between(0.05, 0.6);
  }

  /** Sleeps on the machine's own clock. */
  sleep(machine: Machine, ms: number): Wait {
    return (resume) => this.after(ms / machine.rate, resume);
  }
  /** A place where nothing is awaited, and yet the machine may pause. */
  readonly step: Wait = (resume) => resume();

  /** A request and its reply, each of which may be delayed or lost; `undefined` after the timeout. */
  request(machine: Machine, timeoutMs: number, serve: (reply: (value: unknown) => void) => void): Wait {
    return (resume) => {
      const { lost } = this.weather;
      if (!this.chance(lost)) {
        const reply = (value: unknown): void => {
          if (!this.chance(lost)) this.after(this.latency(), () => resume(value));
        };
        this.after(this.latency(), () => serve(reply));
      }
      this.after(timeoutMs / machine.rate, () => resume(undefined));
    };
  }

  #pause(): number {
    const { paused, longestMs } = this.weather;
    return this.chance(paused) ? this.between(0, longestMs) : 0.01;
  }

  #pop(): Happening {
    const heap = this.#heap;
    const first = heap[0]!;
    const last = heap.pop()!;
    const size = heap.length;
    if (size === 0) return first;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= size) break;
      if (child + 1 < size && isBefore(heap[child + 1]!, heap[child]!)) child += 1;
      if (!isBefore(heap[child]!, last)) break;
      heap[at] = heap[child]!;
      at = child;
    }
    heap[at] = last;
    return first;
  }
}

function isBefore(one: Happening, other: Happening): boolean {
  return one.atMs < other.atMs || (one.atMs === other.atMs && one.order < other.order);
}
