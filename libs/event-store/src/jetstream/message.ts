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
import { OWN_NUMBERS, type Numbering } from '../numbering.ts';

const FORMAT = 'Mcpstack-Format';
const ORDINAL = 'Mcpstack-Ordinal';
const REVISION = 'Mcpstack-Revision';
const COUNT = 'Mcpstack-Count';
const SKIPS = 'Mcpstack-Skips';
/** Of an append that was brought from another log: the position that its one event has. */
export const POSITION = 'Mcpstack-Position';
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
  /** Of the event with this index; undefined for what only fills a place. */
  positionOf: (index: number) => bigint | undefined;
  /** None of what only fills a place. */
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

/**
 * The append that a message is. What its head says is checked here; its body, when its events are asked for.
 * @param stream undefined when the message's subject is that of no stream.
 * @throws LogCorruptError for a message that was not written by this adapter.
 */
export function decodeAppend(
  stream: StreamName | undefined,
  sequence: number,
  header: (name: string) => string | undefined,
  body: () => string,
  numbering: Numbering = OWN_NUMBERS,
): StoredAppend {
  const refused = () => foreign(sequence, numbering);
  const number = (name: string) => {
    const value = Number(header(name) || NaN);
    if (!Number.isSafeInteger(value) || value < 0) throw refused();
    return value;
  };
  if (stream === undefined || header(FORMAT) !== CURRENT_FORMAT) throw refused();
  const [ordinal, revision, count] = [number(ORDINAL), number(REVISION), number(COUNT)];
  // Each append before it held an event.
  const isPlaced = ordinal === 0 ? revision === 0 : revision >= ordinal;
  if (!isPlaced || count < 1 || count > POSITIONS_PER_MESSAGE) throw refused();
  const skips = decodeSkips(header(SKIPS) ?? '', { ordinal, sequence, revision }, refused);
  const positionAt = (index: number) => {
    const position = numbering.positionOf(positionOf(sequence, index), header(POSITION));
    return position === undefined || !numbering.isBrought(positionOf(sequence, 0))
      ? position
      : position + BigInt(index);
  };
  const head = { sequence, ordinal, revision, count, skips };
  const append: StoredAppend = {
    ...{ stream, ...head },
    positionOf: positionAt,
    events: () => decodeEvents(body(), append, refused),
  };
  return append;
}

function decodeEvents(
  text: string,
  { stream, revision, count, positionOf: positionAt }: StoredAppend,
  refused: () => LogCorruptError,
): RecordedEvent[] {
  const stored = parsed(text);
  if (!Array.isArray(stored) || stored.length !== count) throw refused();
  return stored.flatMap((event: unknown, index) => {
    if (!isEvent(event)) throw refused();
    const { id, type, data, metadata } = event;
    const position = positionAt(index);
    if (position === undefined) return [];
    return [{ id, type, data, metadata, stream, revision: BigInt(revision + index), position }];
  });
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function isEvent(value: unknown): value is NewEvent {
  if (!isObject(value)) return false;
  const { id, type, data, metadata } = value;
  return typeof id === 'string' && typeof type === 'string' && isObject(data) && isObject(metadata);
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The ordinals are those that `nextHead` gives, and nothing but an earlier place comes from a pointer. */
function decodeSkips(text: string, own: Skip, refused: () => LogCorruptError): Skip[] {
  const skips: Skip[] = [];
  let after = own;
  let wanted = own.ordinal - 1;
  for (let at = 0; at < text.length; wanted &= wanted - 1) {
    const comma = text.indexOf(',', at);
    const end = comma < 0 ? text.length : comma;
    const first = text.indexOf(':', at);
    const second = text.indexOf(':', first + 1);
    const ordinal = digits(text, at, first);
    const skip = {
      ordinal,
      sequence: digits(text, first + 1, second),
      revision: digits(text, second + 1, end),
    };
    if (ordinal !== wanted || !isBefore(skip, after)) throw refused();
    skips.push(skip);
    after = skip;
    at = end + 1;
  }
  if (after.ordinal !== 0) throw refused();
  return skips;
}

/** Every append between the two holds a message and an event at the least. */
function isBefore(skip: Skip, later: Skip): boolean {
  const between = later.ordinal - skip.ordinal;
  return (
    between > 0 &&
    skip.sequence > 0 &&
    later.sequence - skip.sequence >= between &&
    later.revision - skip.revision >= between &&
    (skip.ordinal === 0 ? skip.revision === 0 : skip.revision >= skip.ordinal)
  );
}

/** The decimal number that stands from `from` to `end`; NaN for anything else. */
function digits(text: string, from: number, end: number): number {
  let value = from < end ? 0 : NaN;
  for (let at = from; at < end; at += 1) {
    const digit = text.charCodeAt(at) - 48;
    if (digit < 0 || digit > 9) return NaN;
    value = value * 10 + digit;
  }
  return value;
}

/** Whether an append is the one that a later one points to. Between direct neighbours no revision is missing. */
export function isMeant(later: StoredAppend, skip: Skip, found: StoredAppend): boolean {
  return (
    found.stream === later.stream &&
    found.sequence === skip.sequence &&
    found.ordinal === skip.ordinal &&
    found.revision === skip.revision &&
    (skip.ordinal < later.ordinal - 1 || lastRevision(found) === later.revision - 1)
  );
}

function foreign(sequence: number, numbering: Numbering): LogCorruptError {
  return new LogCorruptError(
    `Message ${sequence} of the event log was not written by this software. Nobody else may publish to its subjects.`,
    numbering.positionOf(positionOf(sequence + 1, 0) - 1n, undefined),
  );
}

/** For an append whose pointers do not lead to those before it. Its own events can be read. */
export function misled({ stream, sequence, positionOf: positionAt }: StoredAppend): LogCorruptError {
  const first = positionAt(0);
  return new LogCorruptError(
    `Message ${sequence} of the event log does not go on from the append before it in ${stream}, as its headers say.`,
    first === undefined ? undefined : first - 1n,
  );
}
