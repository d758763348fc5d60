/**
 * Appends. The server's compare-and-set on the subject's last sequence is the truth; everything else
 * here finds out which sequence to expect, and what an answer that was lost would have said.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { PubHeaders } from '@nats-io/jetstream';
import type { LRUCache } from 'lru-cache';
import { checkAppend } from '../append-limits.ts';
import { ConflictError, EventStoreUnavailableError } from '../errors.ts';
import type { AppendResult, ExpectedRevision, NewEvent, StreamName } from '../event-store.ts';
import { uuidFrom } from '@mcpstack/contracts';
import { answerOf, JetStreamRefusal } from './connection.ts';
import { Deadline } from './deadline.ts';
import type { LogStream } from './log-stream.ts';
import {
  encodeHead,
  lastRevision,
  nextHead,
  POSITION,
  positionOf,
  type AppendHead,
  type StoredAppend,
} from './message.ts';
import { Reader } from './reader.ts';

const WRONG_LAST_SEQUENCE = 10071;
const WRONG_LAST_SEQUENCE_UNKNOWN = 10164;
/** The same message id is being stored at this moment (clusters). */
const DUPLICATE_IN_FLIGHT = 10158;

/** Between attempts, once the second one was in vain too. */
const LONGEST_WAIT_MS = 200;

/** Where streams stood when we last wrote to them. A hint that saves a read; the server has the last word. */
export type Tips = LRUCache<StreamName, AppendHead>;

interface Append {
  stream: StreamName;
  expected: ExpectedRevision;
  events: readonly NewEvent[];
  body: string;
  /** Of one event that is brought from another log. */
  position?: bigint;
}

export async function append(
  log: LogStream,
  tips: Tips,
  request: Omit<Append, 'body'>,
  deadline: Deadline,
): Promise<AppendResult> {
  const wanted: Append = { ...request, body: checkAppend(request.events) };
  const { stream, expected, events } = wanted;
  let tip: AppendHead | undefined = tips.get(stream);
  let fresh = false;
  let inDoubt = false;
  try {
    for (let attempt = 1; ; attempt += 1) {
      if (attempt > 2) await sleep(Math.min(LONGEST_WAIT_MS, 2 ** attempt));
      if (!fresh && (events.length === 0 || revisionAt(tip) !== expected)) {
        tip = await new Reader(log, deadline).last(stream);
        fresh = true;
      }
      if (events.length === 0 || revisionAt(tip) !== expected) {
        return await settle(new Reader(log, deadline), wanted, tip as StoredAppend | undefined);
      }
      const answer = await publish(log, wanted, tip, deadline);
      if (typeof answer === 'object') {
        if (answer.head) tips.set(stream, answer.head);
        return answer.result;
      }
      if (answer === 'in-doubt') inDoubt = true;
      tips.delete(stream);
      tip = await new Reader(log, deadline).last(stream);
      fresh = true;
    }
  } catch (error) {
    if (!(error instanceof EventStoreUnavailableError) || error.inDoubt === inDoubt) throw error;
    throw new EventStoreUnavailableError(error.message, { inDoubt, cause: error.cause });
  }
}

/** Where a stream with this tip stands. */
function revisionAt(tip: AppendHead | undefined): ExpectedRevision {
  return tip ? BigInt(lastRevision(tip)) : 'no_stream';
}

/**
 * Publishes at the tip. `moved`: nothing was written, the stream stands elsewhere. `in-doubt`: no answer;
 * to publish again at the same tip is safe, because only one of the two can meet the expected sequence.
 */
async function publish(
  log: LogStream,
  { stream, expected, events, body, position: brought }: Append,
  tip: AppendHead | undefined,
  deadline: Deadline,
): Promise<{ result: AppendResult; head?: AppendHead } | 'moved' | 'in-doubt'> {
  const head = nextHead(tip, events.length);
  const headers = encodeHead(head);
  const ids = events.map((event) => event.id).join();
  // The id covers place and content, so that a duplicate is this very append and nothing else.
  headers.set(PubHeaders.MsgIdHdr, uuidFrom(`${stream} ${expected} ${ids}`));
  if (brought !== undefined) headers.set(POSITION, String(brought));
  headers.set(PubHeaders.ExpectedStreamHdr, log.name);
  headers.set(PubHeaders.ExpectedLastSubjectSequenceHdr, String(tip?.sequence ?? 0));
  try {
    // Half of what is left, so that a lost answer leaves time to read back.
    const attempt = new Deadline(Math.max(1, deadline.leftMs / 2));
    const message = await log.connection.request(log.subjectOf(stream), body, attempt, headers);
    const { seq, duplicate } = answerOf<{ seq: number; duplicate?: boolean }>(message);
    const position = brought ?? log.numbering.positionOf(positionOf(seq, events.length - 1), undefined);
    // Of what was written before the log was moved, and of what fills a place: it is looked up.
    if (position === undefined && duplicate) return 'moved';
    const result = { revision: BigInt(head.revision + events.length - 1), position: position ?? -1n };
    return duplicate ? { result } : { result, head: { ...head, sequence: seq } };
  } catch (error) {
    if (error instanceof JetStreamRefusal) {
      if (error.errCode === DUPLICATE_IN_FLIGHT) return 'in-doubt';
      if ([WRONG_LAST_SEQUENCE, WRONG_LAST_SEQUENCE_UNKNOWN].includes(error.errCode)) return 'moved';
      throw error;
    }
    if (!(error instanceof EventStoreUnavailableError) || deadline.passed || log.connection.closed)
      throw error;
    return error.inDoubt ? 'in-doubt' : 'moved';
  }
}

/**
 * The answer to an append that finds the stream elsewhere: the original one when its ids stand at the
 * place where it would land, else a conflict. What stood there and was truncated can be compared no more.
 */
async function settle(
  reader: Reader,
  { stream, expected, events }: Append,
  tip: StoredAppend | undefined,
): Promise<AppendResult> {
  const actual = revisionAt(tip);
  if (events.length === 0 && actual === expected) {
    if (!tip) return { revision: -1n, position: -1n };
    return { revision: BigInt(lastRevision(tip)), position: tip.positionOf(tip.count - 1) ?? -1n };
  }
  const first = expected === 'no_stream' ? 0 : Number(expected) + 1;
  const last = first + events.length - 1;
  const conflict = new ConflictError(stream, expected, actual);
  if (events.length === 0 || !tip || last > lastRevision(tip)) throw conflict;

  const holder = await reader.seek(tip, last);
  if (!holder) throw conflict;
  for (let at = holder; ;) {
    for (const stored of at.events()) {
      const mine = events[Number(stored.revision) - first];
      if (mine && mine.id !== stored.id) throw conflict;
    }
    if (at.revision <= first) break;
    const before = await reader.before(at, at.skips[0]!);
    if (!before) throw conflict;
    at = before;
  }
  return { revision: BigInt(last), position: holder.positionOf(last - holder.revision) ?? -1n };
}
