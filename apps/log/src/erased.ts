/**
 * What was erased from the log, as its own records say. Such events are never written anywhere, wherever a log still
 * shows them: KurrentDB does so until a scavenge, a backup of before the erasure for ever.
 */
import type { RecordedEvent } from '@mcpstack/event-store';
import { CommandError } from './errors.ts';

/** Nothing is ever erased from other streams. */
export const ERASABLE_CATEGORY = 'user';
const RECORD = 'UserProfileErased';
const DECIMAL = /^\d{1,16}$/;

interface Place {
  stream: string;
  revision: bigint;
}

export class Erased {
  readonly #byPosition = new Map<bigint, Place>();
  /** Stream → the last revision that was erased. */
  readonly last = new Map<string, bigint>();

  /** Takes what an event says, if it is the record of an erasure. Answers how many events it named for the first time. */
  learn(event: RecordedEvent): bigint[] {
    if (event.type !== RECORD || !event.stream.startsWith(`${ERASABLE_CATEGORY}-`)) return [];
    const { firstRevision = '0', erased = [] } = event.data;
    if (!isDecimal(firstRevision) || !Array.isArray(erased)) throw unreadable(event);
    const learnt: bigint[] = [];
    for (const [at, one] of erased.entries()) {
      const { position: named } = (one ?? {}) as { position?: unknown };
      if (!isDecimal(named)) throw unreadable(event);
      const position = BigInt(named);
      const revision = BigInt(firstRevision) + BigInt(at);
      // What a record names beyond its own place cannot have stood: auditors are told of that.
      if (position >= event.position || revision >= event.revision || this.#byPosition.has(position))
        continue;
      this.#byPosition.set(position, { stream: event.stream, revision });
      if (revision > (this.last.get(event.stream) ?? -1n)) this.last.set(event.stream, revision);
      learnt.push(position);
    }
    return learnt;
  }

  has({ stream, revision, position }: RecordedEvent): boolean {
    const place = this.#byPosition.get(position);
    return place !== undefined && place.stream === stream && place.revision === revision;
  }
}

const isDecimal = (value: unknown): value is string => typeof value === 'string' && DECIMAL.test(value);

function unreadable({ position }: RecordedEvent): CommandError {
  return new CommandError(
    'failed',
    `The record of an erasure at position ${position} cannot be read by this version: use the one that wrote it.`,
  );
}
