/**
 * Proofs as files. JSON, because a proof must carry the event whose digest it is of; inside it stand texts of C2SP
 * (tlog-proof, signed notes) just as other tools read them.
 */
import { canonicalEvent, type DigestedEvent } from '@mcpstack/event-store';
import {
  formatTlogProof,
  leafHash,
  parseTlogProof,
  TlogError,
  verifyConsistency,
  verifyInclusion,
  type Checkpoint,
  type TlogProof,
  type Verifier,
} from '@mcpstack/tlog';
import { z } from 'zod';
import { AuditError } from '../errors.ts';
import { openCheckpoint } from '../verify/own-note.ts';

const INCLUSION = 'mcpstack-audit/inclusion-proof/v1';
const CONSISTENCY = 'mcpstack-audit/consistency-proof/v1';

const hash = z.string().regex(/^[A-Za-z0-9+/]{43}=$/);
const proofFile = z.discriminatedUnion('format', [
  z.strictObject({
    format: z.literal(INCLUSION),
    /** Its canonical JSON (RFC 8785), with exactly these members, is the data of the leaf. */
    event: z.strictObject({
      stream: z.string(),
      revision: z.string().regex(/^(0|[1-9][0-9]{0,18})$/),
      id: z.string(),
      type: z.string(),
      data: z.record(z.string(), z.unknown()),
      metadata: z.record(z.string(), z.unknown()),
    }),
    leafHash: hash,
    /** C2SP tlog-proof: the leaf's index, the hashes, and the signed checkpoint. */
    proof: z.string(),
  }),
  z.strictObject({
    format: z.literal(CONSISTENCY),
    /** Signed notes. */
    from: z.string(),
    to: z.string(),
    /** RFC 6962, 2.1.2. */
    hashes: z.array(hash).max(64),
  }),
]);
export type ProofFile = z.infer<typeof proofFile>;
type InclusionFile = Extract<ProofFile, { format: typeof INCLUSION }>;
type ConsistencyFile = Extract<ProofFile, { format: typeof CONSISTENCY }>;

export function inclusionFile(event: DigestedEvent, proof: TlogProof): InclusionFile {
  const { stream, revision, id, type, data, metadata } = event;
  return {
    format: INCLUSION,
    event: { stream, revision: String(revision), id, type, data, metadata },
    leafHash: leafHash(canonicalEvent(event)).toString('base64'),
    proof: formatTlogProof(proof),
  };
}

export function consistencyFile(from: string, to: string, hashes: readonly Buffer[]): ConsistencyFile {
  return { format: CONSISTENCY, from, to, hashes: hashes.map((each) => each.toString('base64')) };
}

/** @throws AuditError `usage` for what is no proof of ours, or only a part of one. */
export function parseProofFile(text: string, file: string): ProofFile {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw notWhole(file, 'it is no JSON', cause);
  }
  const parsed = proofFile.safeParse(value);
  if (parsed.success) return parsed.data;
  const places = parsed.error.issues.slice(0, 3).map(({ path }) => path.join('.') || 'format');
  throw notWhole(file, `it does not have the form of a proof (${places.join(', ')})`);
}

function notWhole(file: string, why: string, cause?: unknown): AuditError {
  return new AuditError('usage', `${file} is no proof that can be checked: ${why}. It may be cut off.`, {
    code: 'bad-proof-file',
    cause,
    next: 'Take the file that "mcpstack-audit proof" or "mcpstack-audit consistency" wrote, whole.',
  });
}

/** What was proved, or why nothing was. */
export type Checked =
  | { holds: false; code: string; why: string }
  | { holds: true; kind: 'inclusion'; checkpoint: Checkpoint; index: number; event: InclusionFile['event'] }
  | { holds: true; kind: 'consistency'; from: Checkpoint; to: Checkpoint };

/** Checks a proof with public keys alone: no log, no network. */
export function checkProof(proof: ProofFile, keys: readonly Verifier[]): Checked {
  try {
    return proof.format === INCLUSION ? checkInclusion(proof, keys) : checkConsistency(proof, keys);
  } catch (error) {
    if (error instanceof TlogError) return no(error.code, error.message);
    throw error;
  }
}

function checkInclusion(
  { event, leafHash: stated, proof }: InclusionFile,
  keys: readonly Verifier[],
): Checked {
  const { index, proof: hashes, checkpoint: note } = parseTlogProof(proof);
  const checkpoint = openCheckpoint(note, keys);
  const { size, root } = checkpoint;
  const leaf = Buffer.from(stated, 'base64');
  if (!hashOf(event)?.equals(leaf))
    return no('another-event', 'the event in it is not the one that the proof is of: it was edited');
  if (!verifyInclusion({ index, size, leafHash: leaf, root, proof: hashes }))
    return no(
      'bad-proof',
      `its hashes do not lead from the event to the root that was signed for ${size} events`,
    );
  return { holds: true, kind: 'inclusion', checkpoint, index, event };
}

/** `undefined` for what has no canonical JSON, such as half of a surrogate pair: no event of a log. */
function hashOf(event: InclusionFile['event']): Buffer | undefined {
  try {
    return leafHash(canonicalEvent({ ...event, revision: BigInt(event.revision) }));
  } catch {
    return undefined;
  }
}

function checkConsistency(
  { from: first, to: second, hashes }: ConsistencyFile,
  keys: readonly Verifier[],
): Checked {
  const [from, to] = [openCheckpoint(first, keys), openCheckpoint(second, keys)];
  if (from.origin !== to.origin)
    return no('another-log', `its checkpoints are of two logs: ${from.origin} and ${to.origin}`);
  const proof = hashes.map((each) => Buffer.from(each, 'base64'));
  if (!verifyConsistency({ from: from.size, to: to.size, rootFrom: from.root, rootTo: to.root, proof }))
    return no(
      'bad-proof',
      `it does not show that the log of ${to.size} events begins with the log of ${from.size}`,
    );
  return { holds: true, kind: 'consistency', from, to };
}

const no = (code: string, why: string): Checked => ({ holds: false, code, why });
