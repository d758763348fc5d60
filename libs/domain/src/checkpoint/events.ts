/**
 * Signed checkpoints of the log, in a stream of their own: events only; nothing is decided from them. These names
 * and shapes are a storage format (G10): never edit, add.
 */
import { z } from 'zod';
import { eventCodec, firstVersion, nextVersion } from '../codec.ts';
import type { DomainEvent } from '../decider.ts';

/** So many leaves does one checkpoint cover at the most beyond the one before. */
export const MOST_LEAVES_PER_CHECKPOINT = 1_000;

/** 32 bytes. */
const hash = z.string().regex(/^[A-Za-z0-9+/]{43}=$/);
/** Each with the longest name that a stream has. */
const MOST_ERASABLE_LETTERS = MOST_LEAVES_PER_CHECKPOINT * 320;
const MOST_LEAVES_LETTERS = Math.ceil((MOST_LEAVES_PER_CHECKPOINT * 32) / 3) * 4;

const firstCheckpoint = z.strictObject({
  /** A C2SP signed note whose text is a C2SP tlog-checkpoint: origin, size, root; its lines end in newlines. */
  note: z.string().min(1).max(16_384),
  /** Decimal: the position of the last event that is covered. */
  position: z.string().regex(/^(0|[1-9][0-9]{0,18})$/),
  /** Leaf hashes of 32 bytes from the size of the checkpoint before (0 for the first) to this size: base64 of all. */
  leaves: z.base64().min(44).max(MOST_LEAVES_LETTERS),
  /** Roots of the complete subtrees of all leaves, the largest first: base64 each. */
  frontier: z.array(hash).min(1).max(53),
});

/** Which of the leaves may be missing some day is told, and signed, so that no removal of another passes for an erasure. */
const checkpointSigned = z.strictObject({
  ...firstCheckpoint.shape,
  /** A signed note of the same keys; its text is that of `erasable.ts`. Absent in what was read of version 1 alone. */
  erasable: z.string().min(1).max(MOST_ERASABLE_LETTERS).exactOptional(),
});

export type CheckpointSigned = DomainEvent<'CheckpointSigned', z.infer<typeof checkpointSigned>>;
export type CheckpointEvent = CheckpointSigned;

export const checkpointCodec = eventCodec<CheckpointEvent>({
  CheckpointSigned: nextVersion(firstVersion(firstCheckpoint), checkpointSigned, (data) => data),
});
