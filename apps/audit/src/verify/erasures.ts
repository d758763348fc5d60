/**
 * What was erased from the log, as its own records say: a person's events, by position and digest. Such an event may be
 * missing; its digest stands for it in the tree.
 */
import { categoryOf } from '@mcpstack/domain';
import { type RecordedEvent } from '@mcpstack/event-store';
import { z } from 'zod';
import { named, type NamedEvent } from './finding.ts';
import { type VerifySource } from './source.ts';

/** The only streams from which anything may be erased. */
export const PERSONAL = 'user';
const RECORD = 'UserProfileErased';

export interface Erased {
  stream: string;
  revision: bigint;
  position: bigint;
  /** 64 hexadecimal digits. */
  digest: string;
  /** The record that says so. */
  record: NamedEvent;
}

const DECIMAL = z.string().regex(/^(0|[1-9][0-9]{0,18})$/);
/** What a record names; its first version names nothing. Read as it stands: what is wrong with it is found elsewhere. */
const RECORD_DATA = z.object({
  /** Of the first event that is named. */
  firstRevision: DECIMAL.default('0'),
  erased: z.array(
    z.object({
      position: DECIMAL,
      digest: z.string().regex(/^[0-9a-f]{64}$/),
    }),
  ),
});

export class Erasures {
  readonly #byDigest = new Map<string, Erased>();
  readonly #byPlace = new Map<string, Erased>();
  #readTo = -1n;

  constructor(private readonly source: VerifySource) {}

  get count(): number {
    return this.#byDigest.size;
  }

  /** Reads the records that were appended since the last time, up to now: a record comes before what it explains. */
  async refresh(): Promise<void> {
    const categories = [PERSONAL];
    const head = await this.source.head(categories);
    if (head <= this.#readTo) return;
    for await (const event of this.source.events({ after: this.#readTo, until: head, categories }))
      if (event.type === RECORD) this.#learn(event);
    this.#readTo = head;
  }

  /** @param digest 64 hexadecimal digits. */
  withDigest(digest: string): Erased | undefined {
    return this.#byDigest.get(digest);
  }

  at(stream: string, revision: bigint): Erased | undefined {
    return this.#byPlace.get(`${stream}@${revision}`);
  }

  /** All with a position between these two, in order. */
  between(after: bigint, before: bigint): Erased[] {
    if (this.#byDigest.size === 0) return [];
    return [...this.#byDigest.values()]
      .filter(({ position }) => position > after && position < before)
      .sort((a, b) => Number(a.position - b.position));
  }

  #learn(event: RecordedEvent): void {
    for (const erased of erasedBy(event)) {
      this.#byDigest.set(erased.digest, erased);
      this.#byPlace.set(`${erased.stream}@${erased.revision}`, erased);
    }
  }
}

/** What one record names: events of its own stream, all of them before it. */
function erasedBy(event: RecordedEvent): Erased[] {
  if (event.type !== RECORD || categoryOf(event.stream) !== PERSONAL) return [];
  const read = RECORD_DATA.safeParse(event.data);
  if (!read.success) return [];
  const { erased, firstRevision } = read.data;
  const first = BigInt(firstRevision);
  if (first + BigInt(erased.length) > event.revision) return [];
  return erased.map(({ position, digest }, at) => ({
    stream: event.stream,
    revision: first + BigInt(at),
    position: BigInt(position),
    digest,
    record: named(event),
  }));
}
