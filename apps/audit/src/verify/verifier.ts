/** Verifies a whole log: streams, leaves, checkpoints, and checkpoints that were kept elsewhere; reads it once. */
import { categoryOf, checkpointStream } from '@mcpstack/domain';
import { eventDigest, type LogCorruptError, type RecordedEvent } from '@mcpstack/event-store';
import { type CompactRange, type Verifier } from '@mcpstack/tlog';
import { Alignment, type Leaf } from './alignment.ts';
import { CheckpointChain } from './checkpoints.ts';
import { Erasures, PERSONAL } from './erasures.ts';
import { Excuses, type ExcusedLeaf } from './excuses.ts';
import { Findings, named, wordsOf, type Finding, type NamedEvent } from './finding.ts';
import { keptFinding } from './kept-finding.ts';
import { KeptChecks, type KeptCheckpoint, type KeptOutcome } from './kept.ts';
import { readingOn, type VerifySource } from './source.ts';
import { Streams, type Hole } from './streams.ts';

const CHECKPOINT = 'checkpoint';
/** Within a minute each event is covered (ADR 0016); so long it takes while the checkpointer is started anew, or the log. */
const LONGEST_WAIT_MS = 10 * 60_000;

export interface VerifyOptions {
  /** The keys that may sign checkpoints; absent: no signature is looked at. */
  trusted?: readonly Verifier[];
  /** Checkpoints that were kept elsewhere. */
  kept?: readonly KeptCheckpoint[];
  /** Milliseconds since 1970; absent: nobody asks how long events have waited for a checkpoint. */
  nowMs?: number;
  /** For specs, which show what each check is for. */
  without?: readonly ('links' | 'leaves' | 'places')[];
}

export interface Verification {
  logId: string;
  origin: string | undefined;
  /** Of the last event that was read; -1n for none. */
  position: bigint;
  events: number;
  streams: number;
  checkpoints: { count: number; leaves: number; signedBy: ReadonlyMap<string, number> };
  /** Not yet covered by a checkpoint that holds; checkpoints themselves are not counted. */
  uncovered: { count: number; first: NamedEvent | undefined; since: string | undefined };
  /** Events that are gone, of which a record of an erasure says so; and those of which no checkpoint says the same. */
  erased: number;
  erasedByRecordAlone: number;
  /** Each of them; the first ones where there are very many. */
  erasedLeaves: readonly ExcusedLeaf[];
  /** Events of streams that began before events were chained. */
  unlinked: number;
  kept: { checkpoint: KeptCheckpoint; outcome: KeptOutcome }[];
  /** How many, and the first of them in the order of the log. */
  findingCount: number;
  findings: Finding[];
}

export async function verifyLog(source: VerifySource, options: VerifyOptions = {}): Promise<Verification> {
  return new Run(readingOn(source), options).verify();
}

class Run {
  readonly #findings = new Findings();
  readonly #erasures: Erasures;
  readonly #excuses: Excuses;
  readonly #kept: KeptChecks;
  readonly #chain: CheckpointChain;
  readonly #streams: Streams;
  readonly #alignment: Alignment;
  readonly #withLeaves: boolean;
  /** When the oldest event that no checkpoint covers was written. Milliseconds since 1970. */
  #waitsSinceMs = Infinity;
  readonly #uncovered: Verification['uncovered'] = { count: 0, first: undefined, since: undefined };
  #events = 0;
  #position = -1n;
  #last: NamedEvent | undefined;
  /** The tree of what no checkpoint covers, once that is reached and somebody asks. */
  #tail: CompactRange | undefined;
  #tailFrom = -1n;

  constructor(
    private readonly source: VerifySource,
    private readonly options: VerifyOptions,
  ) {
    const { trusted, kept = [], without = [] } = options;
    this.#withLeaves = !without.includes('leaves');
    this.#erasures = new Erasures(source, this.#findings);
    this.#excuses = new Excuses(this.#erasures, {
      places: !without.includes('places'),
      saw: (stream, revision) => this.#streams.saw(stream, revision),
    });
    this.#kept = new KeptChecks(kept);
    this.#chain = new CheckpointChain(this.#findings, this.#kept, trusted);
    this.#streams = new Streams(this.#findings, { links: !without.includes('links') });
    this.#alignment = new Alignment(this.#findings, this.#excuses, {
      onLeaf: (index, leaf) => this.#kept.name(index, () => leaf),
      onUncovered: (leaf) => this.#takeUncovered(leaf),
    });
  }

  async verify(): Promise<Verification> {
    // First: of what is appended between the two nobody waits for a checkpoint.
    const newest = await this.source.head([CHECKPOINT]);
    const until = await this.source.head();
    const checkpoints = this.#checkpoints(newest)[Symbol.asyncIterator]();
    // What stands is compared with what records say of it.
    await this.#erasures.refresh();
    const onCorrupt = ({ message }: LogCorruptError) =>
      this.#findings.add({ kind: 'foreign', ...(this.#last && { after: this.#last }), message });
    for await (const event of this.source.events({ until, label: 'Verifying', onCorrupt })) {
      this.#take(event);
      if (this.#alignment.advance() !== 'nothing') await this.#settle(checkpoints);
    }
    this.#alignment.endComputed();
    await this.#settle(checkpoints);
    await checkpoints.return?.();
    return this.#conclude();
  }

  #take(event: RecordedEvent): void {
    const digest = this.#digestOf(event);
    this.#streams.add(event, digest);
    this.#events += 1;
    this.#position = event.position;
    this.#last = named(event);
    const at = event.metadata['at'];
    const leaf = { ...this.#last, digest: digest.toString('hex') };
    this.#erasures.compare(leaf);
    this.#alignment.pushComputed({ ...leaf, at: typeof at === 'string' ? at : undefined });
  }

  #digestOf(event: RecordedEvent): Buffer {
    try {
      return eventDigest(event);
    } catch {
      const message = 'It has no canonical spelling, so no digest: nobody of ours wrote it so.';
      this.#findings.add({ kind: 'unreadable', event: named(event), message });
      return Buffer.alloc(32);
    }
  }

  async #settle(checkpoints: AsyncIterator<RecordedEvent>): Promise<void> {
    for (;;) {
      const needs = this.#alignment.advance();
      switch (needs) {
        case 'nothing':
          return;
        case 'erasures':
          await this.#learnErasures();
          break;
        case 'signed': {
          const next = await checkpoints.next();
          if (next.done === true) this.#alignment.endSigned();
          else for (const signed of this.#chain.add(next.value)) this.#sign(signed);
          break;
        }
        default:
          needs satisfies never;
      }
    }
  }

  #sign(signed: Parameters<Alignment['pushSigned']>[0]): void {
    if (this.#withLeaves) this.#alignment.pushSigned(signed);
    else this.#alignment.pushSigned({ ...signed, gap: signed.gap + signed.leaves.length, leaves: [] });
  }

  async #learnErasures(): Promise<void> {
    await this.#erasures.refresh();
    this.#alignment.erasuresAreKnown();
  }

  /** The checkpoints of this log, in order. @param until position of the last one. */
  async *#checkpoints(until: bigint): AsyncGenerator<RecordedEvent, void, undefined> {
    const stream = await this.#checkpointStream(until);
    for await (const event of this.source.events({ until, categories: [CHECKPOINT] }))
      if (event.stream === stream) yield event;
  }

  /** By its name; in a log that was copied from another one, that of the other. */
  async #checkpointStream(until: bigint): Promise<string | undefined> {
    const own = checkpointStream(this.source.id);
    let first: RecordedEvent | undefined;
    for await (const event of this.source.events({ until, categories: [CHECKPOINT] })) {
      if (event.stream === own) return own;
      first ??= event;
    }
    if (!first) return undefined;
    const message = `Its checkpoints are of another log (${first.stream}, not ${own}): this one is a copy, or was made anew.`;
    this.#findings.add({ kind: 'other-log', event: named(first), message });
    return first.stream;
  }

  #takeUncovered(leaf: Leaf): void {
    if (categoryOf(leaf.stream) !== CHECKPOINT) {
      this.#uncovered.count += 1;
      this.#uncovered.first ??= leaf;
      this.#uncovered.since ??= leaf.at;
      const atMs = Date.parse(leaf.at ?? '');
      if (atMs < this.#waitsSinceMs) this.#waitsSinceMs = atMs;
    }
    if (this.#kept.largest <= (this.#tail ?? this.#chain).size) return;
    if (!this.#tail) [this.#tail, this.#tailFrom] = [this.#chain.tree(), this.#alignment.signedTo];
    for (const erased of this.#erasures.between(this.#tailFrom, leaf.position))
      this.#grow(Buffer.from(erased.digest, 'hex'));
    this.#tailFrom = leaf.position;
    this.#kept.name(this.#tail.size, () => leaf);
    this.#grow(Buffer.from(leaf.digest, 'hex'));
  }

  #grow(digest: Buffer): void {
    const tail = this.#tail!;
    tail.append(digest);
    this.#kept.compare(tail.size, () => tail.root());
  }

  async #conclude(): Promise<Verification> {
    // What was erased while this ran stands in records that came after the log's end of then.
    await this.#erasures.refresh();
    this.#alignment.end();
    for (const hole of [...this.#streams.holes.values()].flat()) this.#judgeHole(hole);
    const size = (this.#tail ?? this.#chain).size;
    const outcomes = this.#kept.outcomes(size, this.#chain.origin);
    const against = { kept: this.#kept, leaves: size, last: this.#last, origin: this.#chain.origin };
    for (const [checkpoint, outcome] of outcomes) {
      const finding = keptFinding(checkpoint, outcome, against);
      if (finding) this.#findings.add(finding);
    }
    this.#judgeOrigin();
    this.#judgeUncovered();
    return {
      logId: this.source.id,
      origin: this.#chain.origin,
      position: this.#position,
      events: this.#events,
      streams: this.#streams.count,
      checkpoints: { count: this.#chain.count, leaves: this.#chain.size, signedBy: this.#chain.signedBy },
      uncovered: this.#uncovered,
      erased: this.#excuses.count,
      erasedByRecordAlone: this.#excuses.unsigned,
      erasedLeaves: this.#excuses.list,
      unlinked: this.#streams.unlinked,
      kept: [...outcomes].map(([checkpoint, outcome]) => ({ checkpoint, outcome })),
      findingCount: this.#findings.count,
      findings: this.#findings.list(),
    };
  }

  #judgeHole({ stream, from, until, event, link }: Hole): void {
    const isPersonal = categoryOf(stream) === PERSONAL;
    for (let revision = from; revision < until; revision += 1n) {
      const erased = isPersonal ? this.#erasures.at(stream, revision) : undefined;
      if (erased === undefined) {
        const which =
          until - from === 1n
            ? `Revision ${from} of its stream is`
            : `Revisions ${from} to ${until - 1n} of its stream are`;
        this.#findings.add({ kind: 'hole', event, message: `${which} not there.` });
        return;
      }
      if (revision === until - 1n && link !== undefined && link !== erased.digest) {
        const message = `It carries another digest than the record of the erasure (${wordsOf(erased.record)}) names for the event before it.`;
        this.#findings.add({ kind: 'link', event, message });
      }
    }
  }

  #judgeOrigin(): void {
    const origin = this.#chain.origin;
    if (origin === undefined || origin.endsWith(`/${this.source.id}`)) return;
    const message = `Its checkpoints are signed for ${origin}, and this is the log ${this.source.id}.`;
    this.#findings.add({ kind: 'other-log', message });
  }

  /** Without it, whoever removes checkpoints could change what they covered. */
  #judgeUncovered(): void {
    const { nowMs, trusted } = this.options;
    const { first } = this.#uncovered;
    const isSigned = trusted !== undefined || this.#chain.count > 0;
    if (nowMs === undefined || !first || !isSigned || nowMs - this.#waitsSinceMs < LONGEST_WAIT_MS) return;
    const since = new Date(this.#waitsSinceMs).toISOString();
    const what =
      this.#chain.size === 0 ? 'No checkpoint that holds covers the log' : 'No checkpoint covers it';
    const message = `${what}, though there are events of ${since}: the checkpointer does not run, or began only now, or checkpoints were removed.`;
    this.#findings.add({ kind: 'uncovered', event: first, message });
  }
}
