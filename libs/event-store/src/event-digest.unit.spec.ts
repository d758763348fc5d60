/** The digest of an event (G9): one value for one event, whatever order its members came in. */
import { createHash } from 'node:crypto';
import { canonicalEvent, eventDigest, type DigestedEvent } from './event-digest.ts';

const event: DigestedEvent = {
  stream: 'key-key_1',
  revision: 2n,
  id: '7f2c1f0a-0b7e-4f7e-9c3e-2f7a1d4b5c6d',
  type: 'KeyRenamed',
  data: { name: 'Ä\u2028\u0007 "quoted"' },
  metadata: { schemaVersion: 1, at: '2026-05-03T12:00:00.000Z', actor: { type: 'user', id: 'user_1' } },
};
const TEXT =
  '{"data":{"name":"Ä\u2028\\u0007 \\"quoted\\""},"id":"7f2c1f0a-0b7e-4f7e-9c3e-2f7a1d4b5c6d",' +
  '"metadata":{"actor":{"id":"user_1","type":"user"},"at":"2026-05-03T12:00:00.000Z","schemaVersion":1},' +
  '"revision":"2","stream":"key-key_1","type":"KeyRenamed"}';

describe('eventDigest', () => {
  it('is SHA-256 of a zero byte and the canonical JSON', () => {
    expect(canonicalEvent(event)).toBe(TEXT);
    expect(eventDigest(event)).toEqual(createHash('sha256').update(`\0${TEXT}`, 'utf8').digest());
  });

  it('does not depend on the order of members, on a round through JSON, or on the position', () => {
    const turned = JSON.parse(JSON.stringify({ ...event, revision: '2' }), (_key, value: unknown) =>
      typeof value === 'object' && value !== null
        ? Object.fromEntries(Object.entries(value).reverse())
        : value,
    ) as Record<string, unknown>;
    const recorded = { ...turned, revision: 2n, position: 7n } as unknown as DigestedEvent;
    expect(eventDigest(recorded)).toEqual(eventDigest(event));
  });

  it('is another one when anything is another', () => {
    const others: Partial<DigestedEvent>[] = [
      { stream: 'key-key_2' },
      { revision: 3n },
      { id: '8f2c1f0a-0b7e-4f7e-9c3e-2f7a1d4b5c6d' },
      { type: 'KeyTagged' },
      { data: { name: 'b' } },
      { metadata: { ...event.metadata, at: '2026-05-03T12:00:00.001Z' } },
    ];
    const digests = [event, ...others.map((other) => ({ ...event, ...other }))].map((each) =>
      eventDigest(each).toString('hex'),
    );
    expect(new Set(digests).size).toBe(digests.length);
  });

  it('refuses half of a surrogate pair, which has no canonical spelling', () =>
    expect(() => eventDigest({ ...event, data: { name: '\ud800' } })).toThrow(/surrogate/));
});
