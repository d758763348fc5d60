/** Which ids a stream has had, for millions of events: 8 bytes each, in one table. */

const FIRST_SLOTS = 1 << 12;
/** Of the slots; beyond that the table doubles. */
const FULLEST = 0.6;

/**
 * Remembers a fingerprint of 64 bits of each id, not the id. Two different ones are taken for one with a
 * probability of 3 in 10^8 among a million events, and never is one that was added forgotten.
 */
export class IdSet {
  #slots = new Uint32Array(2 * FIRST_SLOTS);
  #size = 0;

  /** Adds an id of a stream, which is a number. Answers false when it was there. */
  add(stream: number, id: string): boolean {
    let high = 0x9e3779b9 ^ stream;
    let low = 0x85ebca6b ^ Math.imul(stream, 0xc2b2ae35);
    for (let at = 0; at < id.length; at += 1) {
      const code = id.charCodeAt(at);
      high = Math.imul(high ^ code, 0x85ebca77);
      low = Math.imul(low ^ code, 0xc2b2ae3d);
      high = (high ^ (low >>> 15)) >>> 0;
      low = (low ^ (high >>> 13)) >>> 0;
    }
    // Zeros mark a free slot.
    if (high === 0 && low === 0) low = 1;
    if (!this.#put(high, low)) return false;
    this.#size += 1;
    if (this.#size > (this.#slots.length / 2) * FULLEST) this.#grow();
    return true;
  }

  #put(high: number, low: number): boolean {
    const slots = this.#slots;
    const mask = slots.length / 2 - 1;
    for (let at = (high ^ Math.imul(low, 0x27d4eb2f)) & mask; ; at = (at + 1) & mask) {
      const [first, second] = [slots[2 * at]!, slots[2 * at + 1]!];
      if (first === high && second === low) return false;
      if (first !== 0 || second !== 0) continue;
      slots[2 * at] = high;
      slots[2 * at + 1] = low;
      return true;
    }
  }

  #grow(): void {
    const old = this.#slots;
    this.#slots = new Uint32Array(old.length * 2);
    for (let at = 0; at < old.length; at += 2)
      if (old[at] !== 0 || old[at + 1] !== 0) this.#put(old[at]!, old[at + 1]!);
  }
}
