/**
 * What was erased from the log, as its own records say: a person's events, by place in their stream, position and
 * digest. Such an event may be missing; its digest stands for it in the tree. Whoever may append can write such a
 * record, so that none is believed that another one, or what stands in the log, contradicts.
 */
import { categoryOf } from '@mcpstack/domain';
import { type RecordedEvent } from '@mcpstack/event-store';
import { z } from 'zod';
import { named, wordsOf, type Findings, type NamedEvent } from './finding.ts';
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

/** A place in a stream. */
export const placeOf = ({ stream, revision }: Pick<Erased, 'stream' | 'revision'>): string =>
  `${stream}@${revision}`;

export class Erasures {
  readonly #byDigest = new Map<string, Erased>();
  readonly #byPlace = new Map<string, Erased>();
  readonly #byPosition = new Map<bigint, Erased>();
  #readTo = -1n;

  constructor(
    private readonly source: VerifySource,
    private readonly findings: Findings,
  ) {}

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
    return this.#byPlace.get(placeOf({ stream, revision }));
  }

  /** All with a position between these two, in order. */
  between(after: bigint, before: bigint): Erased[] {
    if (this.#byDigest.size === 0) return [];
    return [...this.#byDigest.values()]
      .filter(({ position }) => position > after && position < before)
      .sort((a, b) => Number(a.position - b.position));
  }

  /** What stands, though it may go, is what its record names; and no record names the place of another event. */
  compare(event: NamedEvent & { digest: string }): void {
    if (this.#byPosition.size === 0) return;
    const here = this.#byPosition.get(event.position);
    const own = this.#byPlace.get(placeOf(event));
    if (own === here && (!own || own.digest === event.digest)) return;
    const wrong = own ?? here!;
    const message = `The record of an erasure (${wordsOf(wrong.record)}) names another event for this place: ${placeOf(wrong)} at position ${wrong.position}, digest ${wrong.digest}.`;
    this.findings.add({ kind: 'erasure', event, message });
  }

  #learn(event: RecordedEvent): void {
    const read = RECORD_DATA.safeParse(event.data);
    if (!read.success || categoryOf(event.stream) !== PERSONAL) return;
    const erased = erasedBy(event, read.data);
    const last = erased.at(-1);
    const isBefore = !last || (last.revision < event.revision && last.position < event.position);
    if (!isBefore || erased.some(({ position }, at) => at > 0 && position <= erased[at - 1]!.position))
      return this.#find(event, 'It names events that cannot have stood before it, in this order');
    const other = erased.map((each) => this.#contradicting(each)).find((each) => each !== undefined);
    if (other) this.#find(event, `It contradicts another record of an erasure, ${wordsOf(other.record)}`);
    for (const each of erased) if (!this.#contradicting(each)) this.#keep(each);
  }

  /** A place has one event and one position, and an event one place. */
  #contradicting(erased: Erased): Erased | undefined {
    const { position, digest } = erased;
    return [
      this.#byPlace.get(placeOf(erased)),
      this.#byPosition.get(position),
      this.#byDigest.get(digest),
    ].find(
      (known) =>
        known !== undefined &&
        (known.digest !== digest || known.position !== position || placeOf(known) !== placeOf(erased)),
    );
  }

  #keep(erased: Erased): void {
    // The first record that names it stays the one: a later one names what went earlier, too.
    if (this.#byDigest.has(erased.digest)) return;
    this.#byDigest.set(erased.digest, erased);
    this.#byPlace.set(placeOf(erased), erased);
    this.#byPosition.set(erased.position, erased);
  }

  #find(event: RecordedEvent, message: string): void {
    this.findings.add({ kind: 'erasure', event: named(event), message: `${message}.` });
  }
}

/** What one record names: events of its own stream. */
function erasedBy(event: RecordedEvent, { firstRevision, erased }: z.infer<typeof RECORD_DATA>): Erased[] {
  return erased.map(({ position, digest }, at) => ({
    stream: event.stream,
    revision: BigInt(firstRevision) + BigInt(at),
    position: BigInt(position),
    digest,
    record: named(event),
  }));
}
