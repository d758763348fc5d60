import { EventStoreUnavailableError } from '../errors.ts';
import { classify } from './failures.ts';

/** As the client throws it: an Error with fields of its own. */
function thrown(fields: Record<string, unknown>, message = ''): Error {
  return Object.assign(new Error(message), fields);
}

describe('what the errors of the client mean', () => {
  it.each([
    [{ type: 'unavailable', code: 14 }, '14 UNAVAILABLE: Connection dropped'],
    [{ type: 'unavailable', code: 13 }, '13 INTERNAL: Received RST_STREAM with code 0'],
    [{ type: 'cancelled' }, ''],
    [{ type: 'deadline-exceeded' }, ''],
    [{ type: 'timeout' }, ''],
    [{ type: 'unknown', code: 10 }, '10 ABORTED: Operation timed out: Commit phase timeout.'],
    [{ type: 'unknown' }, 'Could not recognize Server Is Not Ready'],
    [{ code: 14 }, '14 UNAVAILABLE: read ECONNRESET'],
  ])('G2: %j %s is in doubt', (fields, message) => {
    expect(classify(thrown(fields, message))).toEqual({ kind: 'unavailable', sent: true });
  });

  it.each([
    '14 UNAVAILABLE: No connection established. Last error: Error: connect ECONNREFUSED 127.0.0.1:1.',
    '14 UNAVAILABLE: Name resolution failed for target dns:no-such-host.invalid:2113',
  ])('%s was never sent', (message) => {
    expect(classify(thrown({ code: 14 }, message))).toEqual({ kind: 'unavailable', sent: false });
  });

  it('a conflict carries the actual revision, or no_stream', () => {
    const type = 'wrong-expected-version';
    expect(classify(thrown({ type, actualState: 6n }))).toEqual({ kind: 'conflict', actual: 6n });
    expect(classify(thrown({ type, actualState: 'no_stream' }))).toEqual({
      kind: 'conflict',
      actual: 'no_stream',
    });
  });

  it.each([
    [{ type: 'stream-deleted' }, 'stream-deleted'],
    [{ type: 'stream-not-found' }, 'stream-not-found'],
    [{ type: 'access-denied', code: 16 }, 'access-denied'],
    [{ type: 'maximum-append-size-exceeded' }, 'too-large'],
  ])('%j', (fields, kind) => {
    expect(classify(thrown(fields))).toEqual({ kind });
  });

  it('a position of another log is told from an outage', () => {
    const error = thrown(
      { type: 'unknown', code: 3 },
      '3 INVALID_ARGUMENT: Trying to read from an invalid position.',
    );
    expect(classify(error)).toEqual({ kind: 'invalid-position' });
  });

  it('our own timers keep what they know', () => {
    for (const inDoubt of [true, false]) {
      const error = new EventStoreUnavailableError('late', { inDoubt });
      expect(classify(error)).toEqual({ kind: 'unavailable', sent: inDoubt });
    }
  });

  it('what nobody knows is not retried', () => {
    for (const error of [
      new TypeError('x'),
      thrown({ type: 'unknown' }, 'Could not recognize BadRequest'),
      'text',
      null,
    ]) {
      expect(classify(error)).toEqual({ kind: 'other' });
    }
  });
});
