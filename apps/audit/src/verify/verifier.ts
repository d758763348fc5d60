/** Verifies a whole log: streams, leaves, checkpoints, and checkpoints that were kept elsewhere; reads it once. */
import { categoryOf, checkpointStream } from '@mcpstack/domain';
import { eventDigest, type RecordedEvent } from '@mcpstack/event-store';
import { type CompactRange, type Verifier } from '@mcpstack/tlog';
import { Alignment, type Leaf } from './alignment.ts';
import { CheckpointChain } from './checkpoints.ts';
import { Erasures, PERSONAL } from './erasures.ts';
import { Findings, named, wordsOf, type Finding, type NamedEvent } from './finding.ts';
import { KeptChecks, type KeptCheckpoint, type KeptOutcome } from './kept.ts';
import { type VerifySource } from './source.ts';
import { Streams, type Hole } from './streams.ts';

const CHECKPOINT = 'checkpoint';

export interface VerifyOptions {
  /** The keys that may sign checkpoints; absent: no signature is looked at. */
  trusted?: readonly Verifier[];
  /** Checkpoints that were kept elsewhere. */
  kept?: readonly KeptCheckpoint[];
  /** For specs, which show what each check is for. */
  without?: readonly ('links' | 'leaves')[];
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
  /** Events that are gone and were named by the record of an erasure. */
  erased: number;
  /** Events of streams that began before events were chained. */
  unlinked: number;
  kept: { checkpoint: KeptCheckpoint; outcome: KeptOutcome }[];
  /** How many, and the first of them in the order of the log. */
  findingCount: number;
  findings: Finding[];
}

export async function verifyLog(source: VerifySource, options: VerifyOptions = {}): Promise<Verification> {
  return new Run(source, options).verify();
}

class Run {
  readonly #findings = new Findings();
  readonly #erasures: Erasures;
  readonly #kept: KeptChecks;
  readonly #chain: CheckpointChain;
  readonly #streams: Streams;
  readonly #alignment: Alignment;
  readonly #withLeaves: boolean;
  readonly #uncovered: Verification['uncovered'] = { count: 0, first: undefined, since: undefined };
  #events = 0;
  #position = -1n;
  #last: NamedEvent | undefined;
  /** The tree of what no checkpoint covers, once that is reached and somebody asks. */
  #tail: CompactRange | undefined;
  #tailFrom = -1n;

  constructor(
    private readonly source: VerifySource,
    { trusted, kept = [], without = [] }: VerifyOptions,
  ) {
    this.#withLeaves = !without.includes('leaves');
    this.#erasures = new Erasures(source);
    this.#kept = new KeptChecks(kept);
    this.#chain = new CheckpointChain(this.#findings, this.#kept, trusted);
    this.#streams = new Streams(this.#findings, { links: !without.includes('links') });
    this.#alignment = new Alignment(this.#findings, this.#erasures, {
      onLeaf: (index, leaf) => this.#kept.name(index, () => leaf),
      onUncovered: (leaf) => this.#takeUncovered(leaf),
    });
  }

  async verify(): Promise<Verification> {
    // First: of what is appended between the two nobody waits for a checkpoint.
    const newest = await this.source.head([CHECKPOINT]);
    const until = await this.source.head();
    const checkpoints = this.#checkpoints(newest)[Symbol.asyncIterator]();
    // Checkpoints that were kept may reach beyond the log's own: then what was erased there must be known.
    if (this.#kept.kept.length > 0) await this.#learnErasures();
    for await (const event of this.source.events({ until, label: 'Verifying' })) {
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
    this.#alignment.pushComputed({
      ...this.#last,
      digest: digest.toString('hex'),
      at: typeof at === 'string' ? at : undefined,
    });
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
    for (const hole of this.#streams.holes) this.#judgeHole(hole);
    const size = (this.#tail ?? this.#chain).size;
    const outcomes = this.#kept.outcomes(size, this.#chain.origin);
    for (const [checkpoint, outcome] of outcomes) this.#judgeKept(checkpoint, outcome, size);
    this.#judgeOrigin();
    return {
      logId: this.source.id,
      origin: this.#chain.origin,
      position: this.#position,
      events: this.#events,
      streams: this.#streams.count,
      checkpoints: { count: this.#chain.count, leaves: this.#chain.size, signedBy: this.#chain.signedBy },
      uncovered: this.#uncovered,
      erased: this.#alignment.erased,
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

  #judgeKept({ from, origin, size }: KeptCheckpoint, outcome: KeptOutcome, leaves: number): void {
    switch (outcome) {
      case 'differs': {
        const agreed = this.#kept.agreedBelow(size);
        const since =
          agreed.size > 0
            ? `after leaf ${agreed.size - 1}, up to which another kept checkpoint agrees`
            : 'from its beginning on';
        this.#findings.add({
          kind: 'fork',
          ...(agreed.last && { after: agreed.last }),
          ...(agreed.next && { before: agreed.next }),
          message: `The log was rewritten ${since}: its first ${size} events do not have the root of the checkpoint in ${from}.`,
        });
        return;
      }
      case 'beyond':
        this.#findings.add({
          kind: 'truncated',
          ...(this.#last && { after: this.#last }),
          message: `The log ends with ${leaves} leaves, and the checkpoint in ${from} knows ${size}: at least ${size - leaves} events at its end are gone.`,
        });
        return;
      case 'other-log':
        this.#findings.add({
          kind: 'other-log',
          message: `The checkpoint in ${from} is of ${origin}; this log is ${this.#chain.origin}.`,
        });
        return;
      case 'agrees':
      case 'unknown':
        return;
      default:
        outcome satisfies never;
    }
  }

  #judgeOrigin(): void {
    const origin = this.#chain.origin;
    if (origin === undefined || origin.endsWith(this.source.id)) return;
    const message = `Its checkpoints are signed for ${origin}, and this is the log ${this.source.id}.`;
    this.#findings.add({ kind: 'other-log', message });
  }
}
