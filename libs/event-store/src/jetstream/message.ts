/**
 * How the log is stored: one JetStream message per append, on a subject of its stream's own. The body is
 * the JSON array of its events; the headers say which revisions it holds and where its predecessors are.
 * These names are a storage format.
 *
 * The predecessors form a skip list. The n-th append of a stream (its ordinal n, from 0) points to the
 * ordinals p = n-1, then p with its lowest bit cleared, and so on down to 0: at most log2(n) + 1 of them,
 * all known from the predecessor's own headers. So any revision of any stream is found with O(log n)
 * reads by sequence, and a short stream among millions is read without looking at a single other one.
 */
import { headers, type MsgHdrs } from '@nats-io/transport-node';
import { LogCorruptError } from '../errors.ts';
import type { NewEvent, RecordedEvent, StreamName } from '../event-store.ts';

const FORMAT = 'Mcpstack-Format';
const ORDINAL = 'Mcpstack-Ordinal';
const REVISION = 'Mcpstack-Revision';
const COUNT = 'Mcpstack-Count';
const SKIPS = 'Mcpstack-Skips';
const CURRENT_FORMAT = '1';

/** Event positions: 1,024 for each message. MAX_EVENTS_PER_APPEND is far below. */
const POSITIONS_PER_MESSAGE = 1024n;

/** An append of the same stream, seen from a later one. */
export interface Skip {
  ordinal: number;
  sequence: number;
  /** Of its first event. */
  revision: number;
}

/** What an append's headers say. */
export interface AppendHead extends Skip {
  count: number;
  /** Predecessors, nearest first; the last one is always ordinal 0. Empty for ordinal 0. */
  skips: readonly Skip[];
}

/** A stored append. Its body is parsed when its events are asked for. */
export interface StoredAppend extends AppendHead {
  stream: StreamName;
  events(): RecordedEvent[];
}

/** Revision of its last event. */
export function lastRevision(head: AppendHead): number {
  return head.revision + head.count - 1;
}

export function positionOf(sequence: number, index: number): bigint {
  return BigInt(sequence) * POSITIONS_PER_MESSAGE + BigInt(index);
}

/** The message that a position lies in. */
export function sequenceOf(position: bigint): number {
  return Number(position / POSITIONS_PER_MESSAGE);
}

/** What the append after `tip` says of itself; its sequence is known only once it is stored. */
export function nextHead(tip: AppendHead | undefined, count: number): Omit<AppendHead, 'sequence'> {
  if (!tip) return { ordinal: 0, revision: 0, count, skips: [] };
  const wanted = new Set<number>();
  for (let at = tip.ordinal; at > 0;) wanted.add((at &= at - 1));
  const { ordinal, sequence, revision } = tip;
  const skips = [{ ordinal, sequence, revision }, ...tip.skips.filter((skip) => wanted.has(skip.ordinal))];
  return { ordinal: ordinal + 1, revision: lastRevision(tip) + 1, count, skips };
}

export function encodeHead(head: Omit<AppendHead, 'sequence'>): MsgHdrs {
  const all = headers();
  all.set(FORMAT, CURRENT_FORMAT);
  all.set(ORDINAL, String(head.ordinal));
  all.set(REVISION, String(head.revision));
  all.set(COUNT, String(head.count));
  if (head.skips.length > 0) {
    all.set(SKIPS, head.skips.map((skip) => `${skip.ordinal}:${skip.sequence}:${skip.revision}`).join(','));
  }
  return all;
}

/** @throws LogCorruptError for a message that was not written by this adapter. */
export function decodeAppend(
  stream: StreamName,
  sequence: number,
  header: (name: string) => string | undefined,
  body: () => string,
): StoredAppend {
  const number = (name: string) => {
    const value = Number(header(name) || NaN);
    if (!Number.isSafeInteger(value) || value < 0) throw foreign(sequence);
    return value;
  };
  if (header(FORMAT) !== CURRENT_FORMAT) throw foreign(sequence);
  const revision = number(REVISION);
  return {
    stream,
    sequence,
    ordinal: number(ORDINAL),
    revision,
    count: number(COUNT),
    skips: decodeSkips(header(SKIPS), sequence),
    events: () =>
      (JSON.parse(body()) as NewEvent[]).map(({ id, type, data, metadata }, index) => ({
        id,
        type,
        data,
        metadata,
        stream,
        revision: BigInt(revision + index),
        position: positionOf(sequence, index),
      })),
  };
}

function decodeSkips(text: string | undefined, sequence: number): Skip[] {
  if (!text) return [];
  return text.split(',').map((part) => {
    const [ordinal, at, revision] = part.split(':').map(Number);
    if (!Number.isSafeInteger(ordinal) || !Number.isSafeInteger(at) || !Number.isSafeInteger(revision)) {
      throw foreign(sequence);
    }
    return { ordinal: ordinal!, sequence: at!, revision: revision! };
  });
}

function foreign(sequence: number): LogCorruptError {
  return new LogCorruptError(
    `Message ${sequence} of the event log was not written by this software. Nobody else may publish to its subjects.`,
  );
}
