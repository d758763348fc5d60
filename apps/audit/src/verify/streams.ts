/**
 * The streams of a log while it is read: revisions without a gap, each event linked to the one before it, ids that do
 * not come twice. What is kept of a stream is its name and about 45 bytes.
 */
import { type RecordedEvent } from '@mcpstack/event-store';
import { named, type Findings, type NamedEvent } from './finding.ts';
import { IdSet } from './id-set.ts';

const DIGEST_BYTES = 32;

/** Revisions that are not there, seen at the event after them. */
export interface Hole {
  stream: string;
  from: bigint;
  /** Exclusive: the revision of `event`. */
  until: bigint;
  event: NamedEvent;
  /** What that event carries as the digest of the last missing one. */
  link: unknown;
}

export interface StreamChecks {
  links: boolean;
}

export class Streams {
  readonly #numbers = new Map<string, number>();
  readonly #ids = new IdSet();
  /** By number: the revision to come, the digest of the last event, and whether it is chained. */
  #next = new Float64Array(1024);
  #digests = Buffer.alloc(1024 * DIGEST_BYTES);
  #isChained = new Uint8Array(1024);
  /** What is missing may have been erased: it is judged when all that was erased is known. By stream. */
  readonly holes = new Map<string, Hole[]>();
  /** Events that carry no link because their stream began before there were any. */
  unlinked = 0;

  constructor(
    private readonly findings: Findings,
    private readonly checks: StreamChecks = { links: true },
  ) {}

  get count(): number {
    return this.#numbers.size;
  }

  /** Did an event stand there? */
  saw(stream: string, revision: bigint): boolean {
    const number = this.#numbers.get(stream);
    if (number === undefined || revision >= BigInt(this.#next[number]!)) return false;
    const holes = this.holes.get(stream) ?? [];
    return !holes.some(({ from, until }) => revision >= from && revision < until);
  }

  /** @param digest of the event. */
  add(event: RecordedEvent, digest: Uint8Array): void {
    const number = this.#numberOf(event.stream);
    const revision = Number(event.revision);
    const next = this.#next[number]!;
    const link = event.metadata['previousDigest'];
    if (!this.#ids.add(number, event.id))
      this.#find('id', event, 'An event with this id stands in this stream already');
    if (revision < next) {
      this.#find(
        'revision',
        event,
        `Revision ${revision} of this stream came before: it stands there twice, or late`,
      );
      return;
    }
    if (revision > next) this.#findHole(event, BigInt(next), link);
    else this.#checkLink(event, number, link);
    this.#next[number] = revision + 1;
    this.#digests.set(digest, number * DIGEST_BYTES);
    if (link !== undefined) this.#isChained[number] = 1;
  }

  #findHole(event: RecordedEvent, from: bigint, link: unknown): void {
    const { stream, revision: until } = event;
    const hole = { stream, from, until, event: named(event), link };
    this.holes.set(stream, [...(this.holes.get(stream) ?? []), hole]);
  }

  #checkLink(event: RecordedEvent, number: number, link: unknown): void {
    if (!this.checks.links) return;
    if (event.revision === 0n) {
      if (link !== undefined)
        this.#find('link', event, 'It is the first event of its stream, and names one before it');
      return;
    }
    if (link === undefined) {
      if (this.#isChained[number] === 0) this.unlinked += 1;
      else
        this.#find('link', event, 'It does not carry the digest of the event before it, as its stream does');
      return;
    }
    const at = number * DIGEST_BYTES;
    if (link !== this.#digests.toString('hex', at, at + DIGEST_BYTES))
      this.#find(
        'link',
        event,
        `It carries another digest than that of the event before it, ${event.stream}@${event.revision - 1n}: one of the two was changed`,
      );
  }

  #find(kind: 'id' | 'revision' | 'link', event: RecordedEvent, message: string): void {
    this.findings.add({ kind, event: named(event), message: `${message}.` });
  }

  #numberOf(stream: string): number {
    const known = this.#numbers.get(stream);
    if (known !== undefined) return known;
    const number = this.#numbers.size;
    this.#numbers.set(stream, number);
    if (number === this.#next.length) this.#grow();
    return number;
  }

  #grow(): void {
    const size = 2 * this.#next.length;
    const next = new Float64Array(size);
    next.set(this.#next);
    const digests = Buffer.alloc(size * DIGEST_BYTES);
    digests.set(this.#digests);
    const isChained = new Uint8Array(size);
    isChained.set(this.#isChained);
    [this.#next, this.#digests, this.#isChained] = [next, digests, isChained];
  }
}
