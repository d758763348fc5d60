/** The audit events of an organization in the order of the log, from the read models. */
import type { AuditEvent, AuditEventType } from '@mcpstack/contracts';
import type { Reading, ReadModels } from '@mcpstack/read-models';

/** So many events are asked for at once. */
const MOST_AT_ONCE = 100;
/** A time is looked for in so many steps; each looks at up to 10,000 events, and 100,000 are kept. */
const MOST_STEPS = 20;

/** The read models are away, or not proven to be the live ones. */
export class FeedUnavailableError extends Error {
  override readonly name = 'FeedUnavailableError';
  readonly code = 'unavailable';
}

export interface Batch {
  events: readonly AuditEvent[];
  /** All events up to here were looked at. */
  until: bigint;
  /** Events before this one may have been dropped. */
  droppedBefore: bigint | undefined;
}

export interface AfterOptions {
  limit: number;
  /** All if absent. */
  types?: readonly AuditEventType[] | undefined;
  /** Nothing beyond: of what comes later, other types may be wanted. */
  until: bigint;
}

export interface Feed {
  /** Up to where the read models hold the log. */
  head(): Promise<bigint>;
  /** Events after a position, oldest first. */
  after(organizationId: string, position: bigint, options: AfterOptions): Promise<Batch>;
  /** The position before the first event at or after this time; that of the last one looked at when there is none. */
  before(organizationId: string, time: string): Promise<bigint>;
}

export class ReadModelsFeed implements Feed {
  readonly #models: Pick<ReadModels, 'position' | 'listAuditEvents'>;

  constructor(models: Pick<ReadModels, 'position' | 'listAuditEvents'>) {
    this.#models = models;
  }

  async head(): Promise<bigint> {
    return BigInt(trusted(await this.#models.position()));
  }

  async after(
    organizationId: string,
    position: bigint,
    { limit, types, until: last }: AfterOptions,
  ): Promise<Batch> {
    const reading = await this.#models.listAuditEvents(organizationId, {
      order: 'oldest',
      after: `${position}`,
      before: `${last + 1n}`,
      limit: Math.min(limit, MOST_AT_ONCE),
      ...(types && { filter: { types } }),
    });
    const { items, droppedBefore, position: until = reading.position } = trusted(reading);
    return {
      events: items,
      until: BigInt(until) < last ? BigInt(until) : last,
      droppedBefore: droppedBefore === undefined ? undefined : BigInt(droppedBefore),
    };
  }

  async before(organizationId: string, time: string): Promise<bigint> {
    let after = 0n;
    for (let step = 0; step < MOST_STEPS; step += 1) {
      const reading = await this.#models.listAuditEvents(organizationId, {
        order: 'oldest',
        after: `${after}`,
        limit: 1,
        filter: { from: time },
      });
      const { items, position = reading.position, nextCursor } = trusted(reading);
      if (items[0]) return BigInt(items[0].position) - 1n;
      after = BigInt(position);
      if (nextCursor === undefined) break;
    }
    return after;
  }
}

/** @throws FeedUnavailableError: nothing is told on the word of a data set that is not the live one (G4). */
export function trusted<Value>(reading: Reading<Value>): Value {
  if (reading.trusted) return reading.value;
  throw new FeedUnavailableError(`the read models are not trusted: ${reading.reason ?? 'no reason given'}`);
}
