/**
 * What must hold of the checkpoints of a log, found out without the code that makes them: the tree by the definition
 * of RFC 6962 (section 2.1), the signatures by Node, every leaf in exactly one list.
 */
import { createHash, createPublicKey, verify } from 'node:crypto';
import { eventDigest, type EventStore, type RecordedEvent } from '@mcpstack/event-store';
import { chainFaults } from '@mcpstack/testing';

const sha256 = (...parts: Uint8Array[]) => createHash('sha256').update(Buffer.concat(parts)).digest();

/** The Merkle tree hash of these leaf hashes. */
export function treeHash(leaves: readonly Buffer[]): Buffer {
  if (leaves.length === 0) return sha256();
  if (leaves.length === 1) return leaves[0]!;
  let split = 1;
  while (split * 2 < leaves.length) split *= 2;
  return sha256(Buffer.from([1]), treeHash(leaves.slice(0, split)), treeHash(leaves.slice(split)));
}

export async function wholeLog(store: EventStore): Promise<RecordedEvent[]> {
  const head = await store.head();
  const ending = new AbortController();
  const events: RecordedEvent[] = [];
  if (head < 0n) return events;
  for await (const event of store.subscribe({ signal: ending.signal })) {
    events.push(event);
    if (event.position >= head) break;
  }
  ending.abort();
  return events;
}

export interface Signed {
  size: number;
  leaves: number;
  signedBy: string[];
  note: string;
}

export interface AuditOptions {
  /** Positions and digests of events that are gone. */
  erased?: readonly { position: string; digest: string }[];
}

/** Every checkpoint in the log; throws an error that names the first one that is not as it must be. */
export async function audit(store: EventStore, { erased = [] }: AuditOptions = {}): Promise<Signed[]> {
  const log = await wholeLog(store);
  const standing = log.map((event) => ({ position: event.position, hash: eventDigest(event) }));
  const gone = erased
    .map(({ position, digest }) => ({ position: BigInt(position), hash: Buffer.from(digest, 'hex') }))
    .filter(({ position }) => !standing.some((event) => event.position === position));
  const all = [...standing, ...gone].sort((a, b) => (a.position < b.position ? -1 : 1));
  const checkpoints = log.filter(({ type }) => type === 'CheckpointSigned');
  const faults = chainFaults(checkpoints);
  if (faults.length > 0) throw new Error(faults.join());
  let before = 0;
  return checkpoints.map(({ data, revision }) => {
    const { note, position, leaves } = data as Record<string, string>;
    const [, decimal, root, ...rest] = note!.split('\n');
    const size = Number(decimal);
    const listed = Buffer.from(leaves!, 'base64');
    const fail = (why: string) => new Error(`checkpoint ${revision}: ${why}`);
    if (size !== before + listed.length / 32)
      throw fail(`${listed.length / 32} leaves from ${before} to ${size}`);
    if (listed.length / 32 > 1_000) throw fail('more than 1,000 leaves');
    const covered = all.slice(0, size);
    if (!Buffer.concat(covered.slice(before).map(({ hash }) => hash)).equals(listed))
      throw fail('other leaves');
    if (String(covered.at(-1)!.position) !== position) throw fail('another position');
    if (treeHash(covered.map(({ hash }) => hash)).toString('base64') !== root) throw fail('another root');
    before = size;
    const signedBy = rest
      .filter((line) => line.startsWith('\u2014 '))
      .map((line) => line.split(' ')[2]!.slice(0, 5));
    return { size, leaves: listed.length / 32, signedBy, note: note! };
  });
}

/** Is there a signature on the note by the key of this vkey? */
export function isSignedBy(note: string, vkey: string): boolean {
  const [, name, hash, key] = /^([^+]+)\+([^+]+)\+(.+)$/.exec(vkey)!;
  const raw = Buffer.from(key!, 'base64').subarray(1);
  const spki = Buffer.concat([Buffer.from('302a300506032b6570032100', 'hex'), raw]);
  const publicKey = createPublicKey({ key: spki, format: 'der', type: 'spki' });
  const text = note.slice(0, note.lastIndexOf('\n\n') + 1);
  return note.split('\n').some((line) => {
    const [, by, base64] = /^\u2014 (\S+) (\S+)$/.exec(line) ?? [];
    if (by !== name || base64 === undefined) return false;
    const bytes = Buffer.from(base64, 'base64');
    return (
      bytes.subarray(0, 4).toString('hex') === hash &&
      verify(null, Buffer.from(text), publicKey, bytes.subarray(4))
    );
  });
}
