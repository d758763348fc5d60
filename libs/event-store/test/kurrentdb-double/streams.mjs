// The Streams service: appends (as one stream of batches, and unary), deletes, tombstones, reads.
import { Empty, identifier, proposed, shared, streamNameOf, streams, uuid, uuidText } from './protocol.mjs';
import { accessDenied, batchFailure, fail, unaryFailure, unauthenticated } from './failures.mjs';
import { Refused } from './log.mjs';
import { read } from './reads.mjs';

/** @param {import('./log.mjs').Log} log @param {import('./access.mjs').Access} access @param {number} writeMs */
export function streamsHandlers(log, access, writeMs) {
  return {
    read: (call) =>
      attempt(call, () => {
        const options = call.request.getOptions();
        admit(access, call, 'read', options.hasStream() ? streamNameOf(options.getStream()) : '$all');
        read(log, call);
      }),
    append: (call, callback) => unaryAppend(log, access, call, callback),
    batchAppend: (call) => batchAppend(log, access, writeMs, call),
    delete: (call, callback) => remove(log, access, call, callback, streams.DeleteResp, false),
    tombstone: (call, callback) => remove(log, access, call, callback, streams.TombstoneResp, true),
  };
}

function attempt(call, act) {
  try {
    act();
  } catch (error) {
    call.emit('error', error);
  }
}

function admit(access, call, right, stream) {
  const user = access.user(call.metadata);
  if (user === 'wrong') throw unauthenticated();
  if (!access.may(user, right, stream)) throw accessDenied();
}

function expectedOf(options, exact) {
  if (options.hasNoStream()) return 'no_stream';
  if (options.hasAny()) return 'any';
  if (options.hasStreamExists()) return 'stream_exists';
  return BigInt(exact());
}

/** What the server's write timeout and its check every half second come to. */
const OVERTAKEN_MS = 2_500;
/** Appends that are being written, by stream and ids. */
const inFlight = new Set();

/** One long call; each append is one or more requests with a correlation id, the last one final. */
function batchAppend(log, access, writeMs, call) {
  const user = access.user(call.metadata);
  if (user === 'wrong') return void call.emit('error', unauthenticated());
  const open = new Map();
  call.on('data', (request) => {
    const correlation = uuidText(request.getCorrelationId());
    const pending = open.get(correlation) ?? { options: request.getOptions(), events: [] };
    open.set(correlation, pending);
    pending.events.push(...request.getProposedMessagesList().map(proposed));
    if (!request.getIsFinal()) return;
    open.delete(correlation);
    write(call, pending, writeMs, () => answer(log, access, user, correlation, pending));
  });
  call.on('end', () => call.end());
  call.on('error', () => {});
  return undefined;
}

/** A write takes a moment; the same ids once more before it is acknowledged are held until they time out. */
function write(call, pending, writeMs, act) {
  const ids = pending.events.map((event) => event.id).join();
  const key = `${streamNameOf(pending.options)} ${ids}`;
  if (ids !== '' && inFlight.has(key)) {
    pending.overtaken = true;
    setTimeout(() => call.write(act()), OVERTAKEN_MS);
    return;
  }
  inFlight.add(key);
  const response = act();
  setTimeout(() => {
    inFlight.delete(key);
    call.write(response);
  }, writeMs);
}

function answer(log, access, user, correlation, { options, events, overtaken }) {
  const name = streamNameOf(options);
  const response = new streams.BatchAppendResp().setCorrelationId(uuid(correlation, false));
  response.setStreamIdentifier(identifier(name));
  try {
    if (!access.may(user, 'write', name)) throw new Refused('access-denied');
    if (overtaken) throw new Refused('timeout');
    if (options.hasDeadline21100() && options.getDeadline21100().toDate().getTime() < Date.now()) {
      throw new Refused('timeout');
    }
    validate(name, events);
    const expected = expectedOf(options, () => options.getStreamPosition());
    const { revision, position } = log.append(name, expected, events);
    const success = new streams.BatchAppendResp.Success().setCurrentRevision(revision.toString());
    if (position === undefined) success.setNoPosition(new Empty());
    else success.setPosition(placed(new shared.AllStreamPosition(), position));
    return response.setSuccess(success);
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    return response.setError(batchFailure(error, name));
  }
}

function validate(name, events) {
  if (name === '' || events.some((event) => event.type === '' || event.id === undefined)) {
    throw new Refused('bad-request');
  }
}

function unaryAppend(log, access, call, callback) {
  let options;
  const events = [];
  call.on('data', (request) => {
    if (request.hasOptions()) options = request.getOptions();
    else events.push(proposed(request.getProposedMessage()));
  });
  call.on('end', () => {
    const name = streamNameOf(options);
    try {
      admit(access, call, 'write', name);
      const expected = expectedOf(options, () => options.getRevision());
      callback(null, appendResponse(log, name, expected, events));
    } catch (error) {
      callback(error instanceof Refused ? unaryFailure(error, name) : error);
    }
  });
}

function appendResponse(log, name, expected, events) {
  const response = new streams.AppendResp();
  try {
    const { revision, position } = log.append(name, expected, events);
    const success = new streams.AppendResp.Success().setCurrentRevision(revision.toString());
    if (position === undefined) success.setNoPosition(new shared.Empty());
    else success.setPosition(placed(new streams.AppendResp.Position(), position));
    return response.setSuccess(success);
  } catch (error) {
    if (error.kind !== 'wrong-expected-version') throw error;
    const { actual } = error.details;
    const wrong = new streams.AppendResp.WrongExpectedVersion();
    if (actual < 0n) wrong.setCurrentNoStream(new shared.Empty());
    else wrong.setCurrentRevision(actual.toString());
    if (expected === 'any') wrong.setExpectedAny(new shared.Empty());
    else if (expected === 'no_stream') wrong.setExpectedNoStream(new shared.Empty());
    else if (expected === 'stream_exists') wrong.setExpectedStreamExists(new shared.Empty());
    else wrong.setExpectedRevision(expected.toString());
    return response.setWrongExpectedVersion(wrong);
  }
}

function remove(log, access, call, callback, Response, tombstone) {
  const options = call.request.getOptions();
  const name = streamNameOf(options);
  try {
    admit(access, call, 'delete', name);
    const position = log.delete(
      name,
      expectedOf(options, () => options.getRevision()),
      { tombstone },
    );
    callback(null, new Response().setPosition(placed(new Response.Position(), position)));
  } catch (error) {
    if (error instanceof Refused) callback(unaryFailure(error, name));
    else callback(error.code === undefined ? fail(2, 'Exception was thrown by handler.') : error);
  }
}

function placed(message, position) {
  return message.setCommitPosition(position.toString()).setPreparePosition(position.toString());
}
