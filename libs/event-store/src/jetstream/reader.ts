/** Reads stored appends one by one, by sequence: never a scan. */
import { LogCorruptError } from '../errors.ts';
import type { StreamName } from '../event-store.ts';
import type { Deadline } from './deadline.ts';
import { ignoring, type LogStream } from './log-stream.ts';
import { decodeAppend, isMeant, lastRevision, misled, type Skip, type StoredAppend } from './message.ts';

const NO_MESSAGE = 10037;

/** A message as it is stored, whoever wrote it. */
export interface StoredMessage {
  subject: string;
  seq: number;
  /** Both in base64. */
  hdrs?: string;
  data?: string;
}

/**
 * The reads of one call. What was read once is kept until the call ends, so that seeking and collecting
 * share their reads.
 */
export class Reader {
  readonly #seen = new Map<number, StoredAppend>();

  constructor(
    readonly log: LogStream,
    readonly deadline: Deadline,
  ) {}

  /** The last append of a stream, from the leader: never a stale one. Undefined when there is none. */
  async last(stream: StreamName): Promise<StoredAppend | undefined> {
    return this.lastOn(this.log.subjectOf(stream));
  }

  /** The last append on a subject, which may end in a wildcard. */
  async lastOn(subject: string): Promise<StoredAppend | undefined> {
    const message = await this.#get({ last_by_subj: subject });
    return message && this.decode(message);
  }

  /** The stream's first append that still stands, never from what was read before. Believes no pointer. */
  async first(stream: StreamName): Promise<StoredAppend | undefined> {
    const message = await this.#get({ seq: 1, next_by_subj: this.log.subjectOf(stream) });
    return message && this.decode(message);
  }

  /** The same, of a stream that was most likely not truncated: then without making the server look for it. */
  async beginning(tip: StoredAppend): Promise<StoredAppend | undefined> {
    const pointer = tip.skips.at(-1);
    if (!pointer) return tip;
    const append = await this.find(pointer.sequence);
    if (append && !isMeant(tip, pointer, append)) throw misled(tip);
    return append ?? this.first(tip.stream);
  }

  /** Undefined when no message has this sequence (any more). */
  async find(sequence: number): Promise<StoredAppend | undefined> {
    const seen = this.#seen.get(sequence);
    if (seen) return seen;
    const message = await this.message(sequence);
    return message && this.decode(message);
  }

  /** The message itself, also where no adapter of ours wrote it. */
  message(sequence: number): Promise<StoredMessage | undefined> {
    return this.#get({ seq: sequence });
  }

  /** @throws LogCorruptError for a message that is no append. */
  decode(message: StoredMessage): StoredAppend {
    const header = headerReader(Buffer.from(message.hdrs ?? '', 'base64').toString());
    const body = () => Buffer.from(message.data ?? '', 'base64').toString();
    const stream = this.log.streamOf(message.subject);
    const append = decodeAppend(stream, message.seq, header, body, this.log.numbering);
    this.#seen.set(append.sequence, append);
    return append;
  }

  /**
   * The append that a later one points to; undefined when it was truncated.
   * @throws LogCorruptError when it is lost, or another one stands there.
   */
  async before(later: StoredAppend, skip: Skip): Promise<StoredAppend | undefined> {
    const append = await this.find(skip.sequence);
    if (!append) await this.refuseLost(later, skip);
    else if (!isMeant(later, skip, append)) throw misled(later);
    return append;
  }

  /** The append that holds this revision, found from a later one; undefined when it was truncated. O(log n) reads. */
  async seek(from: StoredAppend, revision: number): Promise<StoredAppend | undefined> {
    let at = from;
    while (revision < at.revision) {
      const below = at.skips.findIndex((skip) => skip.revision <= revision);
      const next = at.skips[below <= 0 ? 0 : below - 1];
      if (!next) throw new LogCorruptError(`${at.stream} does not reach back to revision ${revision}.`);
      const append = await this.before(at, next);
      if (!append) return undefined;
      at = append;
    }
    if (revision > lastRevision(at)) {
      throw new LogCorruptError(`${at.stream} has no append that holds revision ${revision}.`);
    }
    return at;
  }

  /**
   * The appends from `lowest` (an ordinal) up to `top`, in order, but for those that were truncated. Each round asks
   * for all it knows of. Whatever stands is found: every append points to the one before it.
   */
  async collect(top: StoredAppend, lowest: number): Promise<StoredAppend[]> {
    const found = new Map([[top.ordinal, top]]);
    let lost = -1;
    for (let round = [top]; round.length > 0;) {
      const wanted = new Map<number, { later: StoredAppend; skip: Skip }>();
      for (const later of round)
        for (const skip of later.skips)
          if (skip.ordinal >= lowest && skip.ordinal > lost && !found.has(skip.ordinal))
            wanted.set(skip.ordinal, { later, skip });
      const pointers = [...wanted.values()];
      const answers = await Promise.all(pointers.map(({ skip }) => this.find(skip.sequence)));
      round = [];
      for (const [index, { later, skip }] of pointers.entries()) {
        const one = answers[index];
        if (!one) lost = Math.max(lost, skip.ordinal);
        else if (isMeant(later, skip, one)) round.push(one);
        else throw misled(later);
      }
      for (const one of round) found.set(one.ordinal, one);
    }
    for (const later of found.values())
      for (const skip of later.skips) {
        const one = found.get(skip.ordinal);
        if (one && !isMeant(later, skip, one)) throw misled(later);
      }
    const standing = [...found.values()].filter(({ ordinal }) => ordinal > lost);
    standing.sort((one, other) => one.ordinal - other.ordinal);
    const [first] = standing as [StoredAppend];
    if (lost >= 0) await this.refuseLost(first, first.skips[0]!);
    return standing;
  }

  /** A stream is truncated from its beginning on: an append that is gone while an earlier one stands was not truncated. */
  async refuseLost(later: StoredAppend, skip: Skip): Promise<void> {
    const first = await this.first(later.stream);
    const isNext = skip.ordinal === later.ordinal - 1;
    if (first && (first.ordinal <= skip.ordinal || (isNext && first.sequence < later.sequence)))
      throw new LogCorruptError(`An append in the middle of ${later.stream} is missing.`);
  }

  async #get(query: object): Promise<StoredMessage | undefined> {
    const answer = await this.log
      .call<{ message: StoredMessage }>('STREAM.MSG.GET', query, this.deadline)
      .catch(ignoring(NO_MESSAGE));
    return answer?.message;
  }
}

/** Looks names up in a NATS header block (`NATS/1.0`, then `Name: value` lines). */
function headerReader(block: string): (name: string) => string | undefined {
  const lines = block.split('\r\n').map((line) => line.split(/: ?(.*)/s, 2) as [string, string]);
  const all = new Map(lines);
  return (name) => all.get(name);
}
