/** Which keys are asked about: seeded, so that two runs ask the same. */

/** 0 ≤ x < 1; mulberry32. */
export function randomFrom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

export type Distribution = 'uniform' | 'zipf';

/** Draws numbers from 0 to `count` - 1. Zipf with exponent 1, as requests per customer usually are. */
export function drawFrom(distribution: Distribution, count: number, random: () => number): () => number {
  if (distribution === 'uniform') return () => Math.floor(random() * count);
  const cumulative = new Float64Array(count);
  let sum = 0;
  for (let rank = 0; rank < count; rank += 1) cumulative[rank] = sum += 1 / (rank + 1);
  return () => {
    const wanted = random() * sum;
    let low = 0;
    let high = count - 1;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (cumulative[middle]! < wanted) low = middle + 1;
      else high = middle;
    }
    // Scattered over the keys, so that those asked about most were not made at the same time.
    return (low * 7_919) % count;
  };
}
