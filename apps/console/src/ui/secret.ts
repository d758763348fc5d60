/** A secret on its way to the reader's eyes: in one place, which can be emptied. */

/**
 * Components hold the box and never the text, so that nothing of the page keeps it once it is emptied: neither their
 * state nor what React remembers of earlier renderings.
 */
export class SecretBox {
  #value: string | undefined;

  constructor(value: string) {
    this.#value = value;
  }

  /** `undefined` once it is emptied. */
  read(): string | undefined {
    return this.#value;
  }

  empty(): void {
    this.#value = undefined;
  }
}
