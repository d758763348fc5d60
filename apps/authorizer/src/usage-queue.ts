/** Keys that wait in line. To take the first ones costs the same however many there are. */

/** Taken ones at the front are let go of from this many on. */
const MANY = 10_000;

export class Queue {
  #ids: string[] = [];
  #head = 0;

  get size(): number {
    return this.#ids.length - this.#head;
  }

  push(id: string): void {
    this.#ids.push(id);
  }

  /** The first ones, at most `most`. */
  take(most: number): readonly string[] {
    const taken = this.#ids.slice(this.#head, this.#head + most);
    this.#head += taken.length;
    if (this.#head > MANY && this.#head > this.size) {
      this.#ids = this.#ids.slice(this.#head);
      this.#head = 0;
    }
    return taken;
  }
}
