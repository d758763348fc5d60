/** Where streams stood when we last wrote to them. A hint that saves a read; the server has the last word. */
import type { StreamName } from '../event-store.ts';
import type { AppendHead } from './message.ts';

const MOST_STREAMS = 10_000;

export class TipCache {
  readonly #tips = new Map<StreamName, AppendHead>();

  get(stream: StreamName): AppendHead | undefined {
    return this.#tips.get(stream);
  }

  set(stream: StreamName, tip: AppendHead): void {
    // A Map keeps the order of insertion: the first one is the one that was written longest ago.
    this.#tips.delete(stream);
    this.#tips.set(stream, tip);
    if (this.#tips.size > MOST_STREAMS) this.#tips.delete(this.#tips.keys().next().value!);
  }

  delete(stream: StreamName): void {
    this.#tips.delete(stream);
  }
}
