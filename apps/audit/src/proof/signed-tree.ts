/** The tree that the log's own checkpoints signed, from their stream alone: it lists every leaf. */
import { checkpointCodec, checkpointStream } from '@mcpstack/domain';
import { MerkleTree, parseCheckpoint, parseNote } from '@mcpstack/tlog';
import { AuditError } from '../errors.ts';
import { type AuditedLog } from '../log.ts';

const HASH_BYTES = 32;

export interface SignedTree {
  tree: MerkleTree;
  /** The newest checkpoint, a signed note. */
  note: string;
  /** The position of the last event that it covers. */
  position: bigint;
}

/**
 * Reads the checkpoints, and nothing else of the log. Signatures are for whoever gets the proof.
 * @throws AuditError `unknown` when there is none; `wrong` when one does not grow out of the one before.
 */
export async function readSignedTree(log: AuditedLog): Promise<SignedTree> {
  const stream = checkpointStream(log.id);
  const tree = new MerkleTree();
  let newest: { note: string; position: bigint } | undefined;
  for await (const event of log.events({ categories: ['checkpoint'] })) {
    if (event.stream !== stream) continue;
    const { data } = checkpointCodec.decode(event);
    const leaves = Buffer.from(data.leaves, 'base64');
    for (let at = 0; at < leaves.length; at += HASH_BYTES) tree.append(leaves.subarray(at, at + HASH_BYTES));
    const { size, root } = parseCheckpoint(parseNote(data.note).text);
    if (size !== tree.size || !root.equals(tree.root()))
      throw new AuditError(
        'wrong',
        `The checkpoint ${stream}@${event.revision} does not grow out of the one before it.`,
        {
          code: 'bad-checkpoint',
          next: 'Run "mcpstack-audit verify": it says what does not fit.',
        },
      );
    newest = { note: data.note, position: BigInt(data.position) };
  }
  if (newest) return { tree, ...newest };
  throw new AuditError('unknown', 'The log has no checkpoint of its own: nothing of it can be proved yet.', {
    code: 'no-checkpoint',
    next: 'The checkpointer signs one within a minute of the first event; see docs/auditing.md.',
  });
}
