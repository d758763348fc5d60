/** A checkpoint as it stands in the log: read, and held to what it says of itself. */
import { checkpointCodec, formatErasable, MOST_LEAVES_PER_CHECKPOINT, parseErasable } from '@mcpstack/domain';
import { chainEnd, type ChainEnd, type EventStore, type RecordedEvent } from '@mcpstack/event-store';
import {
  CompactRange,
  parseCheckpoint,
  parseNote,
  verifyNote,
  type Checkpoint,
  type Verifier,
} from '@mcpstack/tlog';
import { RefusalError } from './errors.ts';
import type { Leaf } from './pending-leaves.ts';

const HASH_BYTES = 32;

export interface SignedCheckpoint {
  end: ChainEnd;
  note: string;
  size: number;
  root: Buffer;
  /** Of the last event that is covered. */
  position: bigint;
  /** From the checkpoint before to this one. */
  leaves: Buffer[];
  /** Of this size. */
  frontier: Buffer[];
  /** When it was signed, as its event says; ISO 8601. */
  at: string;
  previousDigest: unknown;
  /** Which of its leaves may be erased; absent in one of the first version. */
  erasable: string | undefined;
}

export interface Trust {
  origin: string;
  /** Whose signature it must have; anybody's where a later checkpoint vouches for it. */
  verifiers: readonly Verifier[] | undefined;
}

/** @throws RefusalError when it is none, or is not signed by one of these keys. */
export function readCheckpoint(event: RecordedEvent, { origin, verifiers }: Trust): SignedCheckpoint {
  const where = `checkpoint ${event.revision} of ${event.stream}`;
  try {
    const { note, position, leaves, frontier, erasable } = checkpointCodec.decode(event).data;
    const { text } = textOf(note, verifiers, where);
    const checkpoint = parseCheckpoint(text);
    if (checkpoint.origin !== origin)
      throw new RefusalError('bad-checkpoint', `The ${where} is of another log: ${checkpoint.origin}.`);
    const read = {
      end: chainEnd(event),
      note,
      size: checkpoint.size,
      root: checkpoint.root,
      position: BigInt(position),
      leaves: hashesOf(Buffer.from(leaves, 'base64')),
      frontier: frontier.map((hash) => Buffer.from(hash, 'base64')),
      at: String(event.metadata['at']),
      previousDigest: event.metadata['previousDigest'],
      erasable: erasable === undefined ? undefined : textOf(erasable, verifiers, where).text,
    };
    if (!CompactRange.from(read.size, read.frontier).root().equals(read.root))
      throw new RangeError('frontier');
    return read;
  } catch (error) {
    if (error instanceof RefusalError) throw error;
    throw new RefusalError(
      'bad-checkpoint',
      `The ${where} is not what this service writes (${error instanceof Error ? error.message : 'unknown'}): somebody else wrote it, or changed it. Run mcpstack-audit verify.`,
    );
  }
}

/** The text that says which of these leaves, the last ones of a tree of this size, may be erased. */
export function erasableText(checkpoint: Checkpoint, leaves: readonly Leaf[]): string {
  const { origin, size, root } = checkpoint;
  const first = size - leaves.length;
  const places = placesOf(checkpoint, leaves);
  const unseen = new Set([...places.keys()].filter((index) => leaves[index - first]!.isUnseen));
  return formatErasable({ origin, root: root.toString('base64'), places, unseen });
}

/** Does it say of these leaves which of them may be erased? What was seen when it was signed may be gone by now. */
export function tellsErasable(checkpoint: SignedCheckpoint, leaves: readonly Leaf[]): boolean {
  if (checkpoint.erasable === undefined) return true;
  const told = parseErasable(checkpoint.erasable);
  const spell = (places: ReadonlyMap<number, string>) => JSON.stringify([...places]);
  return told !== undefined && spell(told.places) === spell(placesOf(checkpoint, leaves));
}

function placesOf({ size }: { size: number }, leaves: readonly Leaf[]): Map<number, string> {
  const first = size - leaves.length;
  return new Map(leaves.flatMap(({ place }, at) => (place === undefined ? [] : [[first + at, place]])));
}

/** Does this one go on from that one (or from nothing), with just the leaves that it names? */
export function follows(checkpoint: SignedCheckpoint, before: SignedCheckpoint | undefined): boolean {
  const range = before ? CompactRange.from(before.size, before.frontier) : new CompactRange();
  for (const leaf of checkpoint.leaves) range.append(leaf);
  return (
    checkpoint.leaves.length <= MOST_LEAVES_PER_CHECKPOINT &&
    checkpoint.end.revision === (before?.end.revision ?? -1n) + 1n &&
    checkpoint.previousDigest === before?.end.digest &&
    checkpoint.position > (before?.position ?? -1n) &&
    range.size === checkpoint.size &&
    range.root().equals(checkpoint.root)
  );
}

/** @param wrong which of the leaves that stand there is not what was signed; -1 when there are too few or too many. */
export function logChanged(
  checkpoint: SignedCheckpoint,
  standing: readonly Leaf[],
  wrong: number,
): RefusalError {
  const first = checkpoint.size - checkpoint.leaves.length;
  const index = first + (wrong >= 0 ? wrong : standing.length);
  const place = wrong >= 0 ? `, at position ${standing[wrong]!.position}` : '';
  return new RefusalError(
    'log-changed',
    `Leaf ${index} of the log${place} is not what was signed: an event was changed, removed or put in. Nothing more is signed until the log is restored. Run mcpstack-audit verify to see all of it.`,
  );
}

/** What is gone may go only where it was signed that it may. */
export function erasedOtherwise({ position }: SignedCheckpoint): RefusalError {
  return new RefusalError(
    'log-changed',
    `Below position ${position} an event is gone, and the record of an erasure tells another place of it than the one that was signed: nobody erased it. Nothing more is signed until the log is restored. Run mcpstack-audit verify to see which one.`,
  );
}

/** The last checkpoint of a stream and the one before it, as far as there are any. */
export async function lastTwo(
  store: EventStore,
  stream: string,
  trust: Trust,
): Promise<[last: SignedCheckpoint | undefined, before: SignedCheckpoint | undefined]> {
  const events: RecordedEvent[] = [];
  for await (const event of store.readStream(stream, { direction: 'backwards', maxCount: 2 }))
    events.push(event);
  const [last, before] = events;
  if (!last) return [undefined, undefined];
  const read = readCheckpoint(last, trust);
  // Whose signature it has does not matter: that its frontier is right is what the last one proves.
  const previous = before && readCheckpoint(before, { ...trust, verifiers: undefined });
  if (!follows(read, previous))
    throw new RefusalError(
      'bad-checkpoint',
      `The last checkpoint (revision ${last.revision}) does not go on from the one before it: one of them was changed. Run mcpstack-audit verify.`,
    );
  return [read, previous];
}

function textOf(note: string, verifiers: Trust['verifiers'], where: string): { text: string } {
  if (!verifiers) return parseNote(note);
  try {
    return verifyNote(note, verifiers);
  } catch (error) {
    throw new RefusalError(
      'foreign-signature',
      `The ${where} is signed by no key of this service (${error instanceof Error ? error.message : 'unknown'}). Put the key that signed it back into CHECKPOINT_KEY_FILE; if it is lost, name a file with its public key in CHECKPOINT_FORMER_VKEY_FILE.`,
    );
  }
}

function hashesOf(bytes: Buffer): Buffer[] {
  if (bytes.length % HASH_BYTES !== 0) throw new RangeError('leaves');
  return Array.from({ length: bytes.length / HASH_BYTES }, (_, index) =>
    bytes.subarray(index * HASH_BYTES, (index + 1) * HASH_BYTES),
  );
}
