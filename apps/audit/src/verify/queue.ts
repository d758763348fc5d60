/** A queue that can be looked into: taking from its front costs nothing. */
export class Queue<Item> {
  #items: Item[] = [];
  #head = 0;

  get length(): number {
    return this.#items.length - this.#head;
  }

  push(item: Item): void {
    this.#items.push(item);
  }

  at(index: number): Item | undefined {
    return this.#items[this.#head + index];
  }

  shift(): Item | undefined {
    if (this.length === 0) return undefined;
    const item = this.#items[this.#head];
    this.#head += 1;
    if (this.#head > 1024 && this.#head * 2 > this.#items.length) {
      this.#items = this.#items.slice(this.#head);
      this.#head = 0;
    }
    return item;
  }

  /** The first place from `from` on, or -1. */
  find(from: number, test: (item: Item) => boolean): number {
    for (let at = this.#head + from; at < this.#items.length; at += 1)
      if (test(this.#items[at]!)) return at - this.#head;
    return -1;
  }
}
