/** How far it is, on stderr: a line now and then. */
import type { Writable } from 'node:stream';

const EVERY_MS = 5_000;

export class Progress {
  count = 0;
  #said = performance.now();

  constructor(
    private readonly what: string,
    private readonly stderr: Writable | undefined,
  ) {}

  step(position: bigint): void {
    this.count += 1;
    if (this.count % 256 !== 0 || performance.now() - this.#said < EVERY_MS) return;
    this.#said = performance.now();
    this.say(`${this.count} events ${this.what}, up to position ${position}`);
  }

  say(text: string): void {
    this.stderr?.write(`${text}\n`);
  }
}
