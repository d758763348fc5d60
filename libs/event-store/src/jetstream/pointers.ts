/**
 * Whether appends point to those before them, for whoever reads the whole log. What a read of one stream would refuse is
 * found here as well; a read of the log goes by the order of the messages and would not meet it.
 */
import type { StreamName } from '../event-store.ts';
import { misled, nextHead, type AppendHead, type StoredAppend } from './message.ts';

/** As many sums there are of a head's pointers. A number holds one beside a revision. */
const SUMS = 2 ** 20;

export class Pointers {
  /** By stream: the next append's revision, and the sum of what else its head must say. */
  readonly #next = new Map<StreamName, number>();
  #last = 0;

  /** Takes the next append in the order of the log. @throws LogCorruptError when its head does not go on from there. */
  check(append: StoredAppend): void {
    // After an interruption the last one comes again.
    if (append.sequence <= this.#last) return;
    this.#last = append.sequence;
    const wanted = this.#next.get(append.stream);
    this.#next.set(append.stream, placeOf(nextHead(append, 1)));
    // Of revisions that are missing the reader knows: they may have been erased.
    if (wanted === undefined || append.revision > Math.floor(wanted / SUMS)) return;
    if (placeOf(append) !== wanted) throw misled(append);
  }
}

function placeOf({ ordinal, revision, skips }: Omit<AppendHead, 'sequence'>): number {
  let sum = mixed(0x811c9dc5, ordinal);
  for (const skip of skips) sum = mixed(mixed(sum, skip.sequence), skip.revision);
  return revision * SUMS + (sum >>> 12);
}

function mixed(sum: number, value: number): number {
  const product = Math.imul(sum ^ value, 0x9e3779b1);
  return product ^ (product >>> 15);
}
