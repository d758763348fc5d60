/**
 * The leaves that the checkpoints signed beside those that the log holds, in order: where they part, it says whether
 * an event was changed, put there, taken away or moved, and finds the way back to where they agree.
 */
import { type Excuses, type Missing } from './excuses.ts';
import { wordsOf, type Findings, type NamedEvent } from './finding.ts';
import { Queue } from './queue.ts';
import { type SignedLeaves } from './checkpoints.ts';

/** An event of the log as a leaf. */
export interface Leaf extends NamedEvent {
  /** Hexadecimal. */
  digest: string;
  /** When it says it was written. */
  at: string | undefined;
}

/** How far ahead both sides are looked through where they differ: as many may be taken away at one place. */
const LOOK = 4_096;
const MOST_MISSING = 10_000;
/** After so many missing ones it is looked up what was erased since. */
const MISSING_UNTIL_REFRESH = 1_000;

/** What it takes to go on. */
export type Needs = 'nothing' | 'signed' | 'erasures';

export interface AlignmentHooks {
  /** This event is leaf `index`, as it was signed or as nobody signed it yet. */
  onLeaf: (index: number, leaf: Leaf) => void;
  /** No checkpoint covers this event. */
  onUncovered: (leaf: Leaf) => void;
}

/** So many leaves were signed and are not listed. */
interface Gap {
  gap: number;
  isBegun: boolean;
}

export class Alignment {
  readonly #signed = new Queue<string | Gap>();
  readonly #computed = new Queue<Leaf>();
  readonly #marks = new Queue<SignedLeaves>();
  /** Signed earlier than they stand, and standing earlier than they were signed. */
  readonly #later = new Set<string>();
  readonly #earlier = new Set<string>();
  readonly #missing: Missing[] = [];
  /** Of those, without an excuse as yet; and how many more there are. */
  #unexcused = 0;
  #more = 0;
  /** What stands where no good checkpoint lists the leaves, and what comes right before. */
  #unlisted = new Map<string, Leaf>();
  #beforeUnlisted: NamedEvent | undefined;
  #signedEnded = false;
  #computedEnded = false;
  #knowsErasures = false;
  /** The leaf that comes next. */
  #index = 0;
  #last: Leaf | undefined;
  /** Position of the last event that a checkpoint lists, as far as it is known. */
  signedTo = -1n;

  constructor(
    private readonly findings: Findings,
    private readonly excuses: Excuses,
    private readonly hooks: AlignmentHooks,
  ) {}

  pushSigned(signed: SignedLeaves): void {
    if (signed.gap > 0) this.#signed.push({ gap: signed.gap, isBegun: false });
    for (const leaf of signed.leaves) this.#signed.push(leaf);
    this.#marks.push(signed);
  }

  pushComputed(leaf: Leaf): void {
    this.#computed.push(leaf);
  }

  endSigned(): void {
    this.#signedEnded = true;
  }

  endComputed(): void {
    this.#computedEnded = true;
  }

  erasuresAreKnown(): void {
    this.#knowsErasures = true;
    this.#excuse();
  }

  /** Goes as far as it can. */
  advance(): Needs {
    for (;;) {
      const [signed, computed] = [this.#signed.at(0), this.#computed.at(0)];
      if (signed === undefined && !this.#signedEnded)
        return computed || this.#computedEnded ? 'signed' : 'nothing';
      if (computed === undefined && (signed === undefined || !this.#computedEnded)) return 'nothing';
      if (signed === undefined) this.#takeUncovered();
      else if (typeof signed === 'object') this.#takeUnlisted(signed);
      else if (signed === computed?.digest) this.#take(computed);
      else {
        const needs = this.#lookahead();
        if (needs) return needs === 'computed' ? 'nothing' : needs;
        this.#resolve(signed, computed);
      }
    }
  }

  /** What was signed and is not there: known only at the end, because it may have been erased meanwhile. */
  end(): void {
    this.#excuse();
    const gone = this.#missing.filter((missing) => !this.excuses.holds(missing));
    for (let at = 0; at < gone.length;) {
      const first = gone[at]!;
      let count = 1;
      while (gone[at + count]?.after === first.after && gone[at + count]?.index === first.index + count)
        count += 1;
      this.findings.add({
        kind: 'missing',
        ...(first.after && { after: first.after }),
        ...(first.before && { before: first.before }),
        message: `${count === 1 ? 'One event that was signed is' : `${count} events that were signed are`} not there any more (from leaf ${first.index} on).`,
      });
      at += count;
    }
    if (this.#more === 0) return;
    const message = `At least ${this.#more} more events that were signed are not there any more; their places are not listed.`;
    this.findings.add({ kind: 'missing', ...(this.#last && { after: this.#last }), message });
  }

  #excuse(): void {
    for (const missing of this.#missing)
      if (!missing.excuse && this.excuses.find(missing)) this.#unexcused -= 1;
  }

  #lookahead(): Needs | 'computed' | undefined {
    if (!this.#knowsErasures) return 'erasures';
    if (this.#signed.length < LOOK && !this.#signedEnded) return 'signed';
    if (this.#computed.length < LOOK && !this.#computedEnded) return 'computed';
    return undefined;
  }

  #resolve(signed: string, computed: Leaf | undefined): void {
    const unlisted = this.#unlisted.get(signed);
    if (unlisted) return this.#findUnlisted(signed, unlisted);
    if (this.#earlier.delete(signed)) return this.#passSigned();
    if (computed && this.#later.delete(computed.digest)) return void this.#passComputed();
    if (this.#takeErased(signed, computed)) return;
    if (!computed) return this.#lose(signed, undefined);
    const ahead = this.#computed.find(1, ({ digest }) => digest === signed);
    const behind = this.#signed.find(1, (leaf) => leaf === computed.digest);
    // What stands beyond the last of these leaves is none of them.
    const isBeyond = computed.position > (this.#marks.at(0)?.position ?? computed.position);
    if (ahead < 0 && behind < 0 && isBeyond) this.#lose(signed, computed);
    else if (ahead < 0 && behind < 0) this.#findChanged(computed);
    else if (behind < 0) this.#findInserted(computed);
    else if (ahead < 0) this.#lose(signed, computed);
    else this.#findMoved(signed, computed, ahead, behind);
  }

  /** A signed event stands among those before it, of which no list tells: they are too few, or it was moved there. */
  #findUnlisted(signed: string, leaf: Leaf): void {
    const digests = [...this.#unlisted.keys()];
    // They are too few when those that are signed next stand at their end.
    const isShort = digests
      .slice(digests.indexOf(signed))
      .every((digest, at) => this.#signed.at(at) === digest);
    this.#unlisted.delete(signed);
    this.findings.add(
      isShort
        ? {
            kind: 'missing',
            ...(this.#beforeUnlisted && { after: this.#beforeUnlisted }),
            message: `One event is gone between here and leaf ${this.#index}; the checkpoint that listed these does not hold, so the place is not known.`,
          }
        : {
            kind: 'moved',
            event: leaf,
            message: `It was signed for leaf ${this.#index}, and stands among earlier ones, of which no checkpoint that holds tells.`,
          },
    );
    this.#passSigned();
  }

  #findChanged(computed: Leaf): void {
    const message = `It is not the event that was signed for this place (leaf ${this.#index}).`;
    this.findings.add({ kind: 'changed', event: computed, message });
    this.#passComputed();
    this.#passSigned();
  }

  #findInserted(computed: Leaf): void {
    const message = `No checkpoint knows it, and they know what comes before and after it (leaf ${this.#index}).`;
    this.findings.add({ kind: 'inserted', event: computed, message });
    this.#passComputed();
  }

  #findMoved(signed: string, computed: Leaf, ahead: number, behind: number): void {
    const stray = this.#computed.at(ahead)!;
    if (ahead > behind) {
      const message = `The event that was signed for this place stands further on: ${wordsOf(stray)}.`;
      this.findings.add({
        kind: 'moved',
        ...(this.#last && { after: this.#last }),
        before: computed,
        message,
      });
      this.#later.add(signed);
      return this.#passSigned();
    }
    const here = `It stands at leaf ${this.#index} and was signed for leaf ${this.#index + behind}`;
    const message = ahead === behind ? `${here}: it changed places with ${wordsOf(stray)}.` : `${here}.`;
    this.findings.add({ kind: 'moved', event: computed, message });
    this.#earlier.add(computed.digest);
    this.#passComputed();
    if (ahead < behind) return;
    this.#later.add(signed);
    this.#passSigned();
  }

  #lose(digest: string, before: Leaf | undefined): void {
    this.#unexcused += 1;
    if (this.#unexcused > MOST_MISSING) this.#more += 1;
    else this.#missing.push(this.#missingOf(digest, before));
    if (this.#unexcused % MISSING_UNTIL_REFRESH === 0) this.#knowsErasures = false;
    this.#passSigned();
  }

  /** An erased event is missing where it stood. */
  #takeErased(signed: string, computed: Leaf | undefined): boolean {
    const missing = this.#missingOf(signed, computed);
    const excuse = this.excuses.find(missing);
    if (!excuse) return false;
    this.#missing.push(missing);
    this.#passSigned(excuse.erased.position);
    return true;
  }

  #missingOf(digest: string, before: Leaf | undefined): Missing {
    const erasable = this.#marks.at(0)?.erasable;
    const place = erasable && (erasable.places.get(this.#index) ?? null);
    const wasSeen = erasable !== undefined && !erasable.unseen.has(this.#index);
    return { digest, index: this.#index, after: this.#last, before, place, wasSeen };
  }

  #take(computed: Leaf): void {
    this.hooks.onLeaf(this.#index, computed);
    this.#passComputed();
    this.#passSigned(computed.position);
  }

  #takeUnlisted(signed: Gap): void {
    if (!signed.isBegun) [this.#unlisted, this.#beforeUnlisted] = [new Map<string, Leaf>(), this.#last];
    signed.isBegun = true;
    const computed = this.#passComputed();
    if (computed) {
      this.hooks.onLeaf(this.#index, computed);
      this.#unlisted.set(computed.digest, computed);
    }
    signed.gap = computed ? signed.gap - 1 : 0;
    if (signed.gap === 0) this.#signed.shift();
    this.#countSigned(undefined);
  }

  #takeUncovered(): void {
    this.hooks.onUncovered(this.#passComputed()!);
  }

  #passComputed(): Leaf | undefined {
    const leaf = this.#computed.shift();
    if (leaf) this.#last = leaf;
    return leaf;
  }

  #passSigned(position?: bigint): void {
    this.#signed.shift();
    this.#countSigned(position);
  }

  #countSigned(position: bigint | undefined): void {
    this.#index += 1;
    if (position !== undefined) this.signedTo = position;
    const mark = this.#marks.at(0);
    if (mark === undefined || this.#index < mark.size) return;
    this.#marks.shift();
    if (position !== undefined && position !== mark.position)
      this.findings.add({
        kind: 'checkpoint',
        event: mark.event,
        message: `It says that its last event stands at position ${mark.position}; it stands at ${position}.`,
      });
  }
}
