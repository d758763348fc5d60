/** Reads stored appends one by one, by sequence: never a scan. */
import { LogCorruptError } from '../errors.ts';
import type { StreamName } from '../event-store.ts';
import type { Deadline } from './deadline.ts';
import { ignoring, type LogStream } from './log-stream.ts';
import { decodeAppend, lastRevision, type Skip, type StoredAppend } from './message.ts';

const NO_MESSAGE = 10037;

interface MessageAnswer {
  message: { subject: string; seq: number; hdrs?: string; data?: string };
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
    const query = { last_by_subj: subject };
    const answer = await this.log
      .call<MessageAnswer>('STREAM.MSG.GET', query, this.deadline)
      .catch(ignoring(NO_MESSAGE));
    return answer && this.#keep(answer);
  }

  /** The stream's first append that still stands: what came before it was truncated. Never from what was read before. */
  async first({ stream, sequence, skips }: StoredAppend): Promise<StoredAppend | undefined> {
    const query = { seq: skips.at(-1)?.sequence ?? sequence, next_by_subj: this.log.subjectOf(stream) };
    const answer = await this.log
      .call<MessageAnswer>('STREAM.MSG.GET', query, this.deadline)
      .catch(ignoring(NO_MESSAGE));
    return answer && this.#keep(answer);
  }

  /** Undefined when no message has this sequence (any more). */
  async find(sequence: number): Promise<StoredAppend | undefined> {
    const seen = this.#seen.get(sequence);
    if (seen) return seen;
    const answer = await this.log
      .call<MessageAnswer>('STREAM.MSG.GET', { seq: sequence }, this.deadline)
      .catch(ignoring(NO_MESSAGE));
    return answer && this.#keep(answer);
  }

  /** The append that a later one points to; undefined when it was truncated. @throws LogCorruptError when it is lost. */
  async before(later: StoredAppend, { ordinal, sequence }: Skip): Promise<StoredAppend | undefined> {
    const append = await this.find(sequence);
    if (!append) await this.#refuseLost(later, ordinal);
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
      const wanted = new Map<number, number>();
      for (const { ordinal, sequence } of round.flatMap((one) => one.skips)) {
        if (ordinal >= lowest && ordinal > lost && !found.has(ordinal)) wanted.set(ordinal, sequence);
      }
      const answers = await Promise.all([...wanted.values()].map((sequence) => this.find(sequence)));
      lost = Math.max(lost, ...[...wanted.keys()].filter((_, index) => !answers[index]));
      round = answers.filter((one) => one !== undefined);
      for (const one of round) found.set(one.ordinal, one);
    }
    if (lost >= 0) await this.#refuseLost(top, lost);
    return [...found.values()].filter(({ ordinal }) => ordinal > lost).sort((a, b) => a.ordinal - b.ordinal);
  }

  /** A stream is truncated from its beginning on: an append that is gone while an earlier one stands was not truncated. */
  async #refuseLost(later: StoredAppend, ordinal: number): Promise<void> {
    const first = await this.first(later);
    if (first && first.ordinal <= ordinal)
      throw new LogCorruptError(`An append in the middle of ${later.stream} is missing.`);
  }

  #keep({ message }: MessageAnswer): StoredAppend {
    const header = headerReader(Buffer.from(message.hdrs ?? '', 'base64').toString());
    const body = () => Buffer.from(message.data ?? '', 'base64').toString();
    const append = decodeAppend(this.log.streamOf(message.subject), message.seq, header, body);
    this.#seen.set(append.sequence, append);
    return append;
  }
}

/** Looks names up in a NATS header block (`NATS/1.0`, then `Name: value` lines). */
function headerReader(block: string): (name: string) => string | undefined {
  const lines = block.split('\r\n').map((line) => line.split(/: ?(.*)/s, 2) as [string, string]);
  const all = new Map(lines);
  return (name) => all.get(name);
}
