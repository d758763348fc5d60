// Reads and subscriptions: one call of the protocol serves both.
import { randomUUID } from 'node:crypto';
import { status } from '@grpc/grpc-js';
import { DELETED } from './log.mjs';
import {
  caughtUp,
  checkpoint,
  confirmation,
  eventResponse,
  streamNameOf,
  streamNotFound,
} from './protocol.mjs';
import { fail, streamDeleted } from './failures.mjs';

/** How many records a filtered subscription looks at before it reports a checkpoint, by default. */
const DEFAULT_WINDOW = 32;
const BACKWARDS = 1;

/** @param {import('./log.mjs').Log} log @param {any} call */
export function read(log, call) {
  const options = call.request.getOptions();
  if (options.hasSubscription()) return void subscribe(log, call, options);
  if (options.getCount() === '0') throw fail(status.UNKNOWN, 'Unexpected ReadResult: count must be positive');
  const source = options.hasStream() ? streamRecords(log, call, options) : allRecords(log, options);
  return void pump(call, source, Number(options.getCount()), isStructured(options));
}

async function pump(call, records, count, structured) {
  let sent = 0;
  try {
    for (const record of records) {
      if (sent === count || call.cancelled) break;
      sent += 1;
      if (!call.write(eventResponse(record, structured))) await writable(call);
    }
    call.end();
  } catch (error) {
    call.emit('error', error);
  }
}

function* streamRecords(log, call, options) {
  const stream = options.getStream();
  const name = streamNameOf(stream);
  const { records, last, tombstoned } = log.stream(name);
  if (tombstoned || log.stream(name.slice(2)).tombstoned) throw streamDeleted(name.replace(/^\$\$/, ''));
  if (last < 0n || log.isSoftDeleted(name)) {
    call.write(streamNotFound(name));
    return;
  }
  const backwards = options.getReadDirection() === BACKWARDS;
  const start = stream.hasRevision() ? BigInt(stream.getRevision()) : stream.hasEnd() ? last : 0n;
  if (!backwards && stream.hasEnd()) throw fail(status.UNKNOWN, 'Unexpected ReadStreamResult: Error');
  const end = records.length;
  if (backwards) {
    for (let at = Math.min(Number(start), end - 1); at >= 0; at -= 1) {
      if (log.isVisible(records[at])) yield records[at];
    }
  } else {
    for (let at = Number(start); at < end; at += 1) if (log.isVisible(records[at])) yield records[at];
  }
}

function* allRecords(log, options) {
  const all = options.getAll();
  const matches = matcherOf(options);
  const backwards = options.getReadDirection() === BACKWARDS;
  const at = positionOf(all);
  // The position of an event that was scavenged is a place in the log all the same.
  if (at !== undefined && at <= log.end && log.indexOf(at) < 0) {
    throw fail(status.UNKNOWN, 'Unexpected ReadAllResult: InvalidPosition');
  }
  const end = log.records.length;
  if (backwards) {
    const first = at === undefined ? (all.hasStart() ? -1 : end - 1) : log.indexAfter(at - 1n) - 1;
    for (let index = first; index >= 0; index -= 1) if (matches(log.records[index])) yield log.records[index];
  } else {
    const first = at === undefined ? (all.hasEnd() ? end : 0) : log.indexAfter(at - 1n);
    for (let index = first; index < end; index += 1)
      if (matches(log.records[index])) yield log.records[index];
  }
}

async function subscribe(log, call, options) {
  try {
    if (options.hasStream()) await subscribeToStream(log, call, options);
    else await subscribeToAll(log, call, options);
  } catch (error) {
    call.emit('error', error);
  }
}

async function subscribeToStream(log, call, options) {
  const stream = options.getStream();
  const name = streamNameOf(stream);
  if (log.stream(name).tombstoned) throw streamDeleted(name);
  await send(call, confirmation(randomUUID()));
  // Exclusive: the first record after what was named.
  let next = stream.hasRevision() ? Number(stream.getRevision()) + 1 : 0;
  if (stream.hasEnd()) next = log.stream(name).records.length;
  const structured = isStructured(options);
  let live = false;
  while (!call.cancelled) {
    const { records, last, tombstoned } = log.stream(name);
    for (; next < records.length && !call.cancelled; next += 1) {
      if (log.isVisible(records[next]) || records[next].revision === DELETED) {
        await send(call, eventResponse(records[next], structured));
      }
    }
    if (tombstoned) throw streamDeleted(name);
    if (next < log.stream(name).records.length) continue;
    if (!live) await send(call, caughtUp(last < 0n ? {} : { revision: last }));
    live = true;
    if (next >= log.stream(name).records.length) await moreRecords(log, call);
  }
}

async function subscribeToAll(log, call, options) {
  const all = options.getAll();
  const at = positionOf(all);
  const filter = options.hasFilter() ? options.getFilter() : undefined;
  const matches = matcherOf(options);
  await send(call, confirmation(randomUUID()));
  if (at !== undefined && at <= log.end && at !== 0n && log.indexOf(at) < 0) {
    throw fail(status.INVALID_ARGUMENT, 'Trying to read from an invalid position.');
  }
  const window =
    (filter?.hasMax() ? filter.getMax() : DEFAULT_WINDOW) * (filter?.getCheckpointintervalmultiplier() ?? 1);
  let next = all.hasEnd() ? log.records.length : at === undefined ? 0 : log.indexAfter(at);
  const structured = isStructured(options);
  const beyondEnd = at !== undefined && at > log.end;
  let seen = 0;
  let live = false;
  while (!call.cancelled) {
    for (; next < log.records.length && !call.cancelled; next += 1) {
      const record = log.records[next];
      if (record.position <= (at ?? -1n)) continue;
      if (matches(record)) await send(call, eventResponse(record, structured));
      seen += 1;
      if (filter && seen % window === 0) await send(call, checkpoint(record.position));
    }
    if (!live && filter && seen > 0) await send(call, checkpoint(log.records[next - 1].position));
    if (!live) await send(call, caughtUp({ position: beyondEnd ? at : log.end }));
    live = true;
    if (next >= log.records.length) await moreRecords(log, call);
  }
}

/** @returns {(record: any) => boolean} */
function matcherOf(options) {
  if (!options.hasFilter()) return (record) => !record.gone;
  const filter = options.getFilter();
  const onStream = filter.hasStreamIdentifier();
  const expression = onStream ? filter.getStreamIdentifier() : filter.getEventType();
  const prefixes = expression.getPrefixList();
  const regex = expression.getRegex() ? new RegExp(expression.getRegex()) : undefined;
  return (record) => {
    if (record.gone) return false;
    const text = onStream ? record.stream : record.type;
    return regex ? regex.test(text) : prefixes.some((prefix) => text.startsWith(prefix));
  };
}

function positionOf(all) {
  if (!all.hasPosition()) return undefined;
  const commit = BigInt(all.getPosition().getCommitPosition());
  if (BigInt(all.getPosition().getPreparePosition()) > commit) {
    throw fail(status.UNKNOWN, 'Exception was thrown by handler.');
  }
  return commit;
}

function isStructured(options) {
  return options.getUuidOption()?.hasStructured() ?? false;
}

async function send(call, message) {
  if (!call.cancelled && !call.write(message)) await writable(call);
}

/** Until the consumer has taken what was written: true backpressure. */
function writable(call) {
  return firstOf([
    [call, 'drain'],
    [call, 'cancelled'],
    [call, 'close'],
  ]);
}

function moreRecords(log, call) {
  return firstOf([
    [log, 'records'],
    [call, 'cancelled'],
    [call, 'close'],
  ]);
}

function firstOf(events) {
  return new Promise((resolve) => {
    const done = () => {
      for (const [emitter, name] of events) emitter.off(name, done);
      resolve(undefined);
    };
    for (const [emitter, name] of events) emitter.on(name, done);
  });
}
