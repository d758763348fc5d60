/** Whether two logs hold the same, event by event, in the same order. */
import type { RecordedEvent } from '@mcpstack/event-store';
import { Erased } from './erased.ts';
import type { Progress } from './progress.ts';
import { standing, textOf, type Source } from './source.ts';

const MOST_TOLD = 20;

export interface Difference {
  kind: 'missing' | 'added' | 'changed' | 'order';
  /** `<stream>@<revision>` of the event. */
  event: string;
  position: string;
  message: string;
}

export interface Comparison {
  /** Events that are the same in both. */
  equal: number;
  differences: number;
  /** The first ones. */
  told: Difference[];
  /** Position of the last event in each. */
  heads: [string, string];
}

export interface CompareOptions {
  one: Source;
  other: Source;
  progress: Progress;
  /** What was erased according to both, if that is known already. */
  erased?: Erased;
  /** The other may go on after the end of the first. */
  mayGoOn?: boolean;
}

export async function compare({ one, other, progress, ...options }: CompareOptions): Promise<Comparison> {
  const heads: [bigint, bigint] = [await one.head(), await other.head()];
  const erased = options.erased ?? new Erased();
  await one.learnErased(erased);
  await other.learnErased(erased);
  const found: Comparison = { equal: 0, differences: 0, told: [], heads: [`${heads[0]}`, `${heads[1]}`] };
  const tell = (kind: Difference['kind'], event: RecordedEvent, message: string) => {
    found.differences += 1;
    const { position } = event;
    if (found.told.length < MOST_TOLD)
      found.told.push({ kind, event: placeOf(event), position: `${position}`, message });
  };
  const until = options.mayGoOn && heads[1] > heads[0] ? heads[0] : heads[1];
  const left = new Side(standing(one, erased, -1n, heads[0]), (event, before) =>
    tell(
      'order',
      event,
      `${one.name} holds ${placeOf(event)} after ${placeOf(before)}, whose position is not before it.`,
    ),
  );
  const right = new Side(standing(other, erased, -1n, until), (event, before) =>
    tell(
      'order',
      event,
      `${other.name} holds ${placeOf(event)} after ${placeOf(before)}, whose position is not before it.`,
    ),
  );
  let [a, b] = [await left.next(), await right.next()];
  while (a ?? b) {
    if (a && (!b || a.position < b.position)) {
      tell('missing', a, `${other.name} does not hold ${placeOf(a)} (position ${a.position}).`);
      a = await left.next();
    } else if (b && (!a || b.position < a.position)) {
      tell('added', b, `Only ${other.name} holds ${placeOf(b)} (position ${b.position}).`);
      b = await right.next();
    } else {
      const what = changedIn(a!, b!);
      if (what.length > 0)
        tell('changed', a!, `${placeOf(a!)} (position ${a!.position}) differs in ${what.join(', ')}.`);
      else found.equal += 1;
      progress.step(a!.position);
      [a, b] = [await left.next(), await right.next()];
    }
  }
  return found;
}

/** Events of one side in the order of their positions; what is out of order is told and left out. */
class Side {
  #last: RecordedEvent | undefined;
  readonly #events: AsyncIterator<RecordedEvent, undefined>;

  constructor(
    events: AsyncIterable<RecordedEvent>,
    private readonly onOrder: (event: RecordedEvent, before: RecordedEvent) => void,
  ) {
    this.#events = events[Symbol.asyncIterator]() as AsyncIterator<RecordedEvent, undefined>;
  }

  async next(): Promise<RecordedEvent | undefined> {
    for (;;) {
      const next = await this.#events.next();
      if (next.done) return undefined;
      const { value } = next;
      if (!this.#last || value.position > this.#last.position) return (this.#last = value);
      this.onOrder(value, this.#last);
    }
  }
}

/** What of two events at one position is not the same. */
export function changedIn(one: RecordedEvent, other: RecordedEvent): string[] {
  if (textOf(one) === textOf(other)) return [];
  const parts = ['stream', 'revision', 'position', 'id', 'type', 'data', 'metadata'] as const;
  return parts.filter((part) => spelled(one[part]) !== spelled(other[part]));
}

const spelled = (value: unknown): string => (typeof value === 'bigint' ? `${value}` : JSON.stringify(value));

export const placeOf = ({ stream, revision }: RecordedEvent): string => `${stream}@${revision}`;
