/**
 * Counters of limits and quotas: not read models. Written by authorizers, kept over every rebuild.
 *
 * A limit is never exceeded in any window, a quota in no calendar interval, over all authorizers together: a taking is
 * one script on the primary, on that server's clock. A counter is named by key and bound, not by how high or how long
 * the bound is: a rotated key keeps its counters, and a lowered limit counts what was taken before.
 */
import type { Bounds } from '@mcpstack/contracts';
import { LIMIT_SCRIPTS } from './limit-scripts.ts';
import type { ReadModels, Taken, Taking } from './reading.ts';
import type { TrustedReader } from './trusted-reader.ts';

const MAX_TAKINGS = 1_000;
/** A script of this many bounds holds Redis for some milliseconds; a longer list goes as several, in order. */
const BOUNDS_PER_SCRIPT = 500;

/** Where and when a taking was made: on which data set, by the server's clock. */
interface Receipt {
  identity: string;
  atMs: number;
}

export function limitTakings(reader: Pick<TrustedReader, 'run'>): Pick<ReadModels, 'take' | 'giveBack'> {
  // By the taking itself, and once: what was refused, or given back before, gives nothing back.
  const receipts = new WeakMap<Taking, Receipt>();
  return {
    async take(takings) {
      if (takings.length === 0 || takings.length > MAX_TAKINGS)
        throw new RangeError(`take takes 1 to ${MAX_TAKINGS} takings`);
      const words = takings.map(({ keyId, cost, bounds }) => [keyId, whole(cost, 0), ...wordsOf(bounds)]);
      // All are sent before the first is answered: one connection's scripts are executed in the order sent.
      const taken = split(takings).map(async ([from, to]) => {
        const { identity, body } = await reader.run(LIMIT_SCRIPTS.take, words.slice(from, to).flat());
        const [atMs, ...numbers] = body as [number, ...number[]];
        const answers = takenIn(numbers, takings.slice(from, to));
        answers.forEach(({ granted }, n) => {
          if (granted) receipts.set(takings[from + n]!, { identity, atMs });
        });
        return answers;
      });
      return (await Promise.all(taken)).flat();
    },

    async giveBack(takings) {
      const words = takings.map((taking) => {
        const receipt = receipts.get(taking);
        if (!receipt || !receipts.delete(taking)) return [];
        const { keyId, cost, bounds } = taking;
        return [keyId, `${cost}`, receipt.identity, `${receipt.atMs}`, ...wordsOf(bounds)];
      });
      const given = split(takings).map(async ([from, to]) => {
        const some = words.slice(from, to).flat();
        if (some.length > 0) await reader.run(LIMIT_SCRIPTS.giveBack, some);
      });
      // Units that could not be given back come back with their window.
      await Promise.allSettled(given);
    },
  };
}

/** Places from and to of the takings that one script makes. */
function split(takings: readonly Taking[]): [from: number, to: number][] {
  const parts: [number, number][] = [];
  let bounds = 0;
  takings.forEach(({ bounds: { limits = [], quotas = [] } }, place) => {
    bounds += limits.length + quotas.length;
    const part = parts.at(-1);
    if (part && bounds <= BOUNDS_PER_SCRIPT) part[1] = place + 1;
    else {
      parts.push([place, place + 1]);
      bounds = limits.length + quotas.length;
    }
  });
  return parts;
}

function wordsOf({ limits = [], quotas = [] }: Bounds): string[] {
  return [
    `${limits.length}`,
    `${quotas.length}`,
    ...limits.flatMap(({ name, limit, windowMs }) => [name, whole(limit, 0), whole(windowMs, 1)]),
    ...quotas.flatMap(({ name, limit, interval }) => [name, whole(limit, 0), interval]),
  ];
}

function whole(value: number, atLeast: number): string {
  if (!Number.isSafeInteger(value) || value < atLeast)
    throw new RangeError(`costs, limits and windows are whole numbers from ${atLeast} on`);
  return `${value}`;
}

function takenIn(numbers: readonly number[], takings: readonly Taking[]): Taken[] {
  let next = 0;
  return takings.map(({ bounds: { limits = [], quotas = [] } }) => {
    const refused = numbers[next++]!;
    const states = [...limits, ...quotas].map(({ name, limit }) => {
      const [remaining, resetMs] = [numbers[next++]!, numbers[next++]!];
      return { name, limit, remaining, resetMs };
    });
    if (refused === 0) return { granted: true, states };
    return { granted: false, refusedBy: refused <= limits.length ? 'limit' : 'quota', states };
  });
}
