/** Checkpoints that were kept elsewhere, against the roots of the log: what an operator cannot rewrite. */
import { EMPTY_ROOT, parseCheckpoint, parseNote, TlogError, type Verifier } from '@mcpstack/tlog';
import { AuditError } from '../errors.ts';
import { type NamedEvent } from './finding.ts';
import { openCheckpoint } from './own-note.ts';

export interface KeptCheckpoint {
  /** The file that it stands in. */
  from: string;
  origin: string;
  size: number;
  root: Buffer;
  /** Whether a trusted key signed it; without trusted keys nobody looked. */
  isVerified: boolean;
}

export type KeptOutcome =
  | 'agrees'
  /** The log has another root at this size. */
  | 'differs'
  /** The log has fewer leaves. */
  | 'beyond'
  /** A faulty checkpoint of the log stands in the way. */
  | 'unknown'
  /** It is of another log. */
  | 'other-log';

const SIGNATURE = '\u2014 ';

/** Several notes one after the other, each ending with its signature lines. */
function splitNotes(text: string): string[] {
  const notes: string[] = [];
  let lines: string[] = [];
  for (const line of text.split('\n')) {
    const isSigned = lines.at(-1)?.startsWith(SIGNATURE) ?? false;
    if (isSigned && !line.startsWith(SIGNATURE)) {
      notes.push(`${lines.join('\n')}\n`);
      lines = [];
    }
    // Blank lines between notes belong to none.
    if (lines.length > 0 || line !== '') lines.push(line);
  }
  if (lines.length > 0) notes.push(lines.join('\n'));
  return notes;
}

/**
 * Reads a file of one or more checkpoints.
 * @throws AuditError `usage` for what is none, or was changed since it was signed: it says nothing about the log.
 */
export function parseKept(
  from: string,
  text: string,
  trusted: readonly Verifier[] | undefined,
): KeptCheckpoint[] {
  const notes = splitNotes(text);
  if (notes.length === 0) throw unusable(from, 'it is empty');
  return notes.map((note) => {
    try {
      const { origin, size, root } = trusted
        ? openCheckpoint(note, trusted)
        : parseCheckpoint(parseNote(note).text);
      return { from, origin, size, root, isVerified: trusted !== undefined };
    } catch (error) {
      if (error instanceof TlogError) throw unusable(from, error.message, error.code);
      throw error;
    }
  });
}

function unusable(from: string, why: string, code = 'malformed-note'): AuditError {
  return new AuditError('usage', `The checkpoint in ${from} cannot be relied on: ${why}.`, {
    code,
    next: 'Take the file as it was published, and the public keys (--key) of the time when it was.',
  });
}

/** Compares as the log's tree grows. */
export class KeptChecks {
  readonly #outcomes = new Map<KeptCheckpoint, KeptOutcome>();
  readonly #bySize = new Map<number, KeptCheckpoint[]>();
  readonly #names = new Map<number, NamedEvent>();
  readonly #wantedNames = new Set<number>([0]);
  readonly largest: number;
  readonly #sizes: readonly number[];
  /** So many of them the tree has passed. */
  #passed = 0;

  constructor(readonly kept: readonly KeptCheckpoint[]) {
    for (const each of kept) {
      this.#bySize.set(each.size, [...(this.#bySize.get(each.size) ?? []), each]);
      this.#wantedNames.add(each.size - 1).add(each.size);
    }
    this.#sizes = [...this.#bySize.keys()].sort((one, other) => one - other);
    this.largest = this.#sizes.at(-1) ?? 0;
    this.compare(0, () => EMPTY_ROOT);
  }

  /** The log has this root at this size. */
  compare(size: number, root: () => Buffer): void {
    for (const each of this.#bySize.get(size) ?? [])
      this.#outcomes.set(each, each.root.equals(root()) ? 'agrees' : 'differs');
  }

  /** Is there one of more leaves than `size`, and of `most` or fewer? */
  hasBetween(size: number, most: number): boolean {
    while ((this.#sizes[this.#passed] ?? Infinity) <= size) this.#passed += 1;
    return (this.#sizes[this.#passed] ?? Infinity) <= most;
  }

  /** The event that is leaf `index`, for those that words are made of. */
  name(index: number, event: () => NamedEvent): void {
    if (this.#wantedNames.has(index)) this.#names.set(index, event());
  }

  /** @param size how many leaves the log has. */
  outcomes(size: number, origin: string | undefined): Map<KeptCheckpoint, KeptOutcome> {
    for (const each of this.kept) {
      if (origin !== undefined && each.origin !== origin) this.#outcomes.set(each, 'other-log');
      else if (each.size > size) this.#outcomes.set(each, 'beyond');
      else if (!this.#outcomes.has(each)) this.#outcomes.set(each, 'unknown');
    }
    return this.#outcomes;
  }

  /** Up to which size below this one a kept checkpoint agrees: the log was not rewritten up to there. */
  agreedBelow(size: number): { size: number; last?: NamedEvent; next?: NamedEvent } {
    const agreed = this.kept.filter((each) => each.size < size && this.#outcomes.get(each) === 'agrees');
    const at = agreed.reduce((most, each) => Math.max(most, each.size), 0);
    const [last, next] = [this.#names.get(at - 1), this.#names.get(at)];
    return { size: at, ...(last && { last }), ...(next && { next }) };
  }
}
