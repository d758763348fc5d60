/** The chain of a stream (G9): what is appended carries the digest of what stands before it. */
import { chained, chainEnd, newSalt } from './chain.ts';
import type { NewEvent, RecordedEvent } from './event-store.ts';

const STREAM = 'key-key_1';
const events: NewEvent[] = [1, 2, 3].map((n) => ({
  id: `${n}`,
  type: 'KeyRenamed',
  // A member without a value is not stored, and a negative zero is stored as 0.
  data: { name: `n${n}`, none: undefined, zero: -0 },
  metadata: { schemaVersion: 1 },
}));

/** As the log hands them out again. */
function recorded(written: readonly NewEvent[], from: bigint): RecordedEvent[] {
  return (JSON.parse(JSON.stringify(written)) as NewEvent[]).map((event, index) => ({
    ...event,
    stream: STREAM,
    revision: from + BigInt(index),
    position: 0n,
  }));
}

describe('chained', () => {
  it('the first event of a stream carries nothing, the others the digest of the one before, as it is stored', () => {
    const written = recorded(chained(STREAM, undefined, events), 0n);
    expect(written.map(({ metadata }) => metadata.previousDigest)).toEqual([
      undefined,
      chainEnd(written[0]!).digest,
      chainEnd(written[1]!).digest,
    ]);
    // Control: the digest is that of this place and no other.
    expect(chainEnd({ ...written[0]!, revision: 1n }).digest).not.toBe(written[1]!.metadata.previousDigest);
  });

  it('goes on from the end of a stream, whether that was chained or not', () => {
    const [old] = recorded(events, 41n);
    const written = recorded(chained(STREAM, chainEnd(old!), events), 42n);
    expect(written[0]!.metadata).toEqual({ schemaVersion: 1, previousDigest: chainEnd(old!).digest });
    expect(written[2]!.metadata.previousDigest).toBe(chainEnd(written[1]!).digest);
  });

  it('leaves what it was given as it was', () => {
    const before = structuredClone(events);
    chained(STREAM, undefined, events);
    expect(events).toEqual(before);
  });
});

describe('newSalt', () => {
  it('is 16 random bytes where a person’s data stands, and nothing elsewhere', () => {
    const salts = [newSalt('user-user_1').salt!, newSalt('user-user_1').salt!];
    expect(salts.map((salt) => Buffer.from(salt, 'base64').length)).toEqual([16, 16]);
    expect(salts[0]).not.toBe(salts[1]);
    expect(['key-user_1', 'users-1', 'usage-user_1'].map((stream) => newSalt(stream))).toEqual([{}, {}, {}]);
  });
});
