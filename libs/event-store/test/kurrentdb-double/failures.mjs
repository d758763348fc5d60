// What the server says when it refuses, on the unary calls and inside the append stream.
import { Metadata, status } from '@grpc/grpc-js';
import { Any, Empty, Status, identifier, shared } from './protocol.mjs';
import { MAX_APPEND_BYTES } from './log.mjs';

/** An error as grpc-js sends it. @param {number} code @param {string} details */
export function fail(code, details, headers = {}) {
  const metadata = new Metadata();
  for (const [key, value] of Object.entries(headers)) metadata.set(key, value);
  return Object.assign(new Error(details), { code, details, metadata });
}

export function streamDeleted(name) {
  return fail(status.FAILED_PRECONDITION, `Event stream '${name}' is deleted.`, {
    exception: 'stream-deleted',
    'stream-name': name,
  });
}

export function accessDenied() {
  return fail(status.PERMISSION_DENIED, 'Access Denied', { exception: 'access-denied' });
}

export function unauthenticated() {
  return fail(status.UNAUTHENTICATED, 'Unauthenticated');
}

/** A refusal of the log as the unary calls report it. @param {any} refused @param {string} name */
export function unaryFailure(refused, name) {
  switch (refused.kind) {
    case 'stream-deleted':
      return streamDeleted(name);
    case 'access-denied':
      return accessDenied();
    case 'wrong-expected-version': {
      const { expected, actual } = refused.details;
      return fail(
        status.FAILED_PRECONDITION,
        `Delete failed due to WrongExpectedVersion. Stream: ${name}, Expected version: ${expected}, Actual version: ${actual}`,
        {
          exception: 'wrong-expected-version',
          'stream-name': name,
          'expected-version': expected.toString(),
          'actual-version': actual.toString(),
        },
      );
    }
    case 'too-large':
      return fail(status.INVALID_ARGUMENT, 'Maximum Append Size exceeded.', {
        exception: 'maximum-append-size-exceeded',
        'maximum-append-size': MAX_APPEND_BYTES.toString(),
      });
    default:
      return fail(status.UNKNOWN, 'Exception was thrown by handler.');
  }
}

/** A refusal of the log as the append stream reports it. @param {any} refused @param {string} name */
export function batchFailure(refused, name) {
  switch (refused.kind) {
    case 'stream-deleted':
      return packed('StreamDeleted', new shared.StreamDeleted().setStreamIdentifier(identifier(name)));
    case 'access-denied':
      return packed('AccessDenied', new shared.AccessDenied());
    case 'timeout':
      return packed('Timeout', new shared.Timeout());
    case 'too-large':
      return packed(
        'MaximumAppendSizeExceeded',
        new shared.MaximumAppendSizeExceeded().setMaxappendsize(MAX_APPEND_BYTES),
      );
    case 'wrong-expected-version':
      return packed('WrongExpectedVersion', wrongExpectedVersion(refused.details));
    default:
      return packed('BadRequest', new shared.BadRequest().setMessage('BadRequest'));
  }
}

function wrongExpectedVersion({ expected, actual }) {
  const message = new shared.WrongExpectedVersion();
  if (actual < 0n) message.setCurrentNoStream(new Empty());
  else message.setCurrentStreamRevision(actual.toString());
  if (expected === 'any') message.setExpectedAny(new Empty());
  else if (expected === 'no_stream') message.setExpectedNoStream(new Empty());
  else if (expected === 'stream_exists') message.setExpectedStreamExists(new Empty());
  else message.setExpectedStreamPosition(expected.toString());
  return message;
}

function packed(name, message) {
  const any = new Any();
  any.pack(message.serializeBinary(), `event_store.client.${name}`);
  return new Status().setCode(2).setMessage(name).setDetails(any);
}
