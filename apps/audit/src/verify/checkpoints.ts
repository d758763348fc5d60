/**
 * The checkpoints of a log one after the other, on their own: who signed each, whether it grows out of the one before,
 * and which leaves are thereby signed. Whether the log still holds these leaves is for the alignment to say.
 */
import { checkpointCodec, parseErasable, UnknownEventError, type ErasableLeaves } from '@mcpstack/domain';
import { type RecordedEvent } from '@mcpstack/event-store';
import {
  CompactRange,
  parseCheckpoint,
  parseNote,
  TlogError,
  type Checkpoint,
  type Verifier,
} from '@mcpstack/tlog';
import { named, wordsOf, type Findings, type NamedEvent } from './finding.ts';
import { type KeptChecks } from './kept.ts';
import { openNote } from './own-note.ts';

/** Leaves that a checkpoint vouches for, or how many of unknown ones lie before them. */
export interface SignedLeaves {
  /** Of leaves that no good checkpoint lists. */
  gap: number;
  /** Hexadecimal. */
  leaves: string[];
  /** How many leaves there are with these. */
  size: number;
  /** Where the last of them stands, as the checkpoint has it. */
  position: bigint;
  /** Which of them may be missing. Absent: it says nothing of that. */
  erasable?: ErasableLeaves;
  /** The checkpoint. */
  event: NamedEvent;
}

interface ReadCheckpoint extends Checkpoint {
  event: NamedEvent;
  leaves: Buffer[];
  frontier: Buffer[];
  position: bigint;
  isTrusted: boolean;
  erasable: SignedLeaves['erasable'];
}

const HASH_BYTES = 32;

export class CheckpointChain {
  /** Of all leaves that are signed so far. */
  #tree = new CompactRange();
  /** What follows if the checkpoints that do not hold list the right leaves: the next good one tells. */
  #doubtful: { tree: CompactRange; signed: SignedLeaves[] } | undefined;
  /** The one before does not hold: what follows from that is not told again. */
  #isBroken = false;
  /** Those of the first version say nothing of what may be erased; after one that does, silence means nothing may. */
  #tellsErasable = false;
  count = 0;
  origin: string | undefined;
  readonly signedBy = new Map<string, number>();
  /** Keys that signed, and the first checkpoint that they did not sign: from then on others did. */
  readonly #retired = new Map<string, NamedEvent>();

  /** @param trusted absent: signatures are not looked at. */
  constructor(
    private readonly findings: Findings,
    private readonly kept: KeptChecks,
    private readonly trusted: readonly Verifier[] | undefined,
  ) {}

  get size(): number {
    return this.#tree.size;
  }

  /** The tree of all that is signed, to go on with. */
  tree(): CompactRange {
    return copyOf(this.#tree);
  }

  /** Takes the next checkpoint of the stream; answers which leaves are now signed. */
  add(event: RecordedEvent): SignedLeaves[] {
    this.count += 1;
    const checkpoint = this.#read(event);
    if (!checkpoint) {
      this.#doubtful = undefined;
      this.#isBroken = true;
      return [];
    }
    this.origin ??= checkpoint.origin;
    if (checkpoint.origin !== this.origin)
      return this.#reject(checkpoint, `It is of another log: ${checkpoint.origin}, not ${this.origin}`);
    const wanted = (this.#doubtful?.tree ?? this.#tree).size;
    if (checkpoint.size <= wanted && checkpoint.isTrusted)
      return this.#reject(
        checkpoint,
        `It has ${checkpoint.size} leaves, and the one before it ${wanted}: a log only grows`,
      );
    return checkpoint.isTrusted ? this.#accept(checkpoint) : this.#doubt(checkpoint);
  }

  #accept(checkpoint: ReadCheckpoint): SignedLeaves[] {
    const { size, root, leaves, frontier, event } = checkpoint;
    const own = signedBy(checkpoint);
    const before = this.#doubtful?.signed ?? [];
    for (const [tree, earlier] of [
      [this.#tree, []],
      [this.#doubtful?.tree, before],
    ] as const) {
      if (tree?.size !== size - leaves.length) continue;
      const next = grown(tree, leaves);
      if (!next.root().equals(root)) continue;
      if (!folds(size, frontier, root)) this.#find(event, 'Its frontier is not that of its root');
      this.#doubtful = undefined;
      this.#isBroken = false;
      this.#compare([...earlier, own]);
      this.#tree = next;
      return [...earlier, own];
    }
    const base = size - leaves.length;
    if (base === this.#tree.size)
      this.#find(event, 'Its list of leaves does not have the root that was signed');
    else if (!this.#isBroken)
      this.#find(
        event,
        `It begins at leaf ${base}, and the last good one before it ends at ${this.#tree.size}`,
      );
    this.#doubtful = undefined;
    const anew = folds(size, frontier, root);
    this.#isBroken = anew === undefined;
    if (!anew) return [];
    // Its frontier is signed, so that the next ones can be checked again; its leaves are only listed.
    const isGap = base > this.#tree.size;
    const gap = (isGap ? base : size) - this.#tree.size;
    this.#tree = anew;
    this.kept.compare(size, () => root);
    return [{ ...own, gap, leaves: isGap ? own.leaves : [] }];
  }

  /** Kept until a good one shows whether its leaves are right: it is not believed, but need not hide the others. */
  #doubt(checkpoint: ReadCheckpoint): SignedLeaves[] {
    const { tree, signed } = this.#doubtful ?? { tree: this.#tree, signed: [] };
    this.#isBroken = true;
    const follows = tree.size === checkpoint.size - checkpoint.leaves.length;
    this.#doubtful = follows
      ? { tree: grown(tree, checkpoint.leaves), signed: [...signed, signedBy(checkpoint)] }
      : undefined;
    return [];
  }

  /** With what was kept elsewhere, at whatever size that was. */
  #compare(signed: readonly SignedLeaves[]): void {
    const last = signed.at(-1)!;
    if (!this.kept.hasBetween(this.#tree.size, last.size)) return;
    const tree = copyOf(this.#tree);
    for (const leaf of signed.flatMap(({ leaves }) => leaves)) {
      tree.append(Buffer.from(leaf, 'hex'));
      this.kept.compare(tree.size, () => tree.root());
    }
  }

  #reject({ event }: ReadCheckpoint, message: string): SignedLeaves[] {
    this.#find(event, message);
    this.#doubtful = undefined;
    this.#isBroken = true;
    return [];
  }

  #read(event: RecordedEvent): ReadCheckpoint | undefined {
    try {
      const { data } = checkpointCodec.decode(event);
      const bytes = Buffer.from(data.leaves, 'base64');
      if (bytes.length % HASH_BYTES !== 0)
        throw new TlogError('malformed-checkpoint', 'its leaves are cut off');
      const isTrusted = this.#isTrusted(event, data.note);
      const checkpoint = parseCheckpoint(parseNote(data.note).text);
      this.#tellsErasable ||= data.erasable !== undefined;
      return {
        ...checkpoint,
        erasable: this.#tellsErasable
          ? this.#erasableOf(event, checkpoint, isTrusted ? data.erasable : undefined)
          : undefined,
        event: named(event),
        leaves: hashesOf(bytes),
        frontier: data.frontier.map((hash) => Buffer.from(hash, 'base64')),
        position: BigInt(data.position),
        isTrusted,
      };
    } catch (error) {
      const kind = error instanceof UnknownEventError ? 'unreadable' : 'checkpoint';
      const message = `It cannot be read (${(error as Error).message}).`;
      this.findings.add({ kind, event: named(event), message });
      return undefined;
    }
  }

  #isTrusted(event: RecordedEvent, note: string): boolean {
    if (!this.trusted) return true;
    try {
      const keys = openNote(note, this.trusted).verified.map(({ vkey }) => vkey);
      if (keys.every((vkey) => this.#retired.has(vkey))) {
        const since = wordsOf(this.#retired.get(keys[0]!)!);
        const message = `It is signed by a retired key alone, ${keys[0]}, which did not sign ${since} any more`;
        this.#find(named(event), message);
        return false;
      }
      for (const vkey of this.signedBy.keys())
        if (!keys.includes(vkey) && !this.#retired.has(vkey)) this.#retired.set(vkey, named(event));
      for (const vkey of keys) {
        this.#retired.delete(vkey);
        this.signedBy.set(vkey, (this.signedBy.get(vkey) ?? 0) + 1);
      }
      return true;
    } catch (error) {
      if (!(error instanceof TlogError)) throw error;
      if (error.code === 'malformed-note') throw error;
      this.#find(named(event), `It does not hold: ${error.message}`);
      return false;
    }
  }

  /** What it says of its leaves that may be erased; nothing of it is believed that is not signed for just this tree. */
  #erasableOf(
    event: RecordedEvent,
    { origin, size, root }: Checkpoint,
    note: string | undefined,
  ): ErasableLeaves {
    const nothing = { origin, root: '', places: new Map<number, string>(), unseen: new Set<number>() };
    if (note === undefined) return nothing;
    try {
      const { text } = this.trusted ? openNote(note, this.trusted, { origin, size }) : parseNote(note);
      const read = parseErasable(text);
      if (read?.origin === origin && read.root === root.toString('base64')) return read;
      this.#find(named(event), 'What it says of erasable leaves is not said of its own');
    } catch (error) {
      if (!(error instanceof TlogError)) throw error;
      this.#find(named(event), `What it says of erasable leaves does not hold: ${error.message}`);
    }
    return nothing;
  }

  #find(event: NamedEvent, message: string): void {
    this.findings.add({ kind: 'checkpoint', event, message: `${message}.` });
  }
}

const copyOf = (tree: CompactRange) => CompactRange.from(tree.size, tree.hashes());

function grown(tree: CompactRange, leaves: readonly Buffer[]): CompactRange {
  const copy = copyOf(tree);
  for (const leaf of leaves) copy.append(leaf);
  return copy;
}

/** The tree of a frontier, if it has this root. */
function folds(size: number, frontier: readonly Buffer[], root: Buffer): CompactRange | undefined {
  try {
    const tree = CompactRange.from(size, frontier);
    return tree.root().equals(root) ? tree : undefined;
  } catch {
    return undefined;
  }
}

function hashesOf(bytes: Buffer): Buffer[] {
  const count = bytes.length / HASH_BYTES;
  return Array.from({ length: count }, (_, at) => bytes.subarray(at * HASH_BYTES, (at + 1) * HASH_BYTES));
}

const signedBy = ({ leaves, size, position, event, erasable }: ReadCheckpoint): SignedLeaves => ({
  gap: 0,
  leaves: leaves.map((leaf) => leaf.toString('hex')),
  size,
  position,
  event,
  ...(erasable && { erasable }),
});
