/**
 * Asks for many at once: while calls are under way, what is asked for gathers, and goes together in the next one.
 * Nothing waits for a timer; an idle moment costs no delay.
 */

export interface RoundsOptions<Asked, Answer> {
  /** Answers in the order in which it is asked. */
  call: (asked: readonly Asked[]) => Promise<readonly Answer[]>;
  /** How many one call asks for at most. */
  maxSize: number;
  /** How many calls are under way at once. */
  maxUnderWay: number;
}

interface Waiting<Asked, Answer> {
  asked: Asked;
  resolve: (answer: Answer) => void;
  reject: (error: unknown) => void;
}

export class Rounds<Asked, Answer> {
  readonly #options: RoundsOptions<Asked, Answer>;
  #waiting: Waiting<Asked, Answer>[] = [];
  #underWay = 0;
  #isScheduled = false;

  constructor(options: RoundsOptions<Asked, Answer>) {
    this.#options = options;
  }

  /** The call that answers begins after this. Whoever asks bounds how many ask. */
  ask(asked: Asked): Promise<Answer> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ asked, resolve, reject });
      this.#schedule();
    });
  }

  /** Whatever comes in the same turn, such as all of one message, goes together. */
  #schedule(): void {
    if (this.#isScheduled || this.#underWay >= this.#options.maxUnderWay) return;
    this.#isScheduled = true;
    queueMicrotask(() => {
      this.#isScheduled = false;
      while (this.#waiting.length > 0 && this.#underWay < this.#options.maxUnderWay) void this.#begin();
    });
  }

  async #begin(): Promise<void> {
    const round = this.#waiting.slice(0, this.#options.maxSize);
    this.#waiting = this.#waiting.slice(round.length);
    this.#underWay += 1;
    try {
      const answers = await this.#options.call(round.map(({ asked }) => asked));
      if (answers.length !== round.length) throw new Error('a round was answered with another number');
      round.forEach(({ resolve }, place) => resolve(answers[place]!));
    } catch (error) {
      for (const { reject } of round) reject(error);
    }
    this.#underWay -= 1;
    if (this.#waiting.length > 0) this.#schedule();
  }
}
