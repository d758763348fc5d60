import { eventDigest, type RecordedEvent } from '@mcpstack/event-store';
import { PendingLeaves } from './pending-leaves.ts';

const NOW_MS = Date.UTC(2026, 0, 2);
const event = (position: number, changes: Partial<RecordedEvent> = {}): RecordedEvent => ({
  stream: `key-${position}`,
  revision: 0n,
  position: BigInt(position),
  id: `${position}`,
  type: 'KeyRenamed',
  data: {},
  metadata: { at: new Date(NOW_MS - 1_000).toISOString() },
  ...changes,
});
const hash = (fill: number) => Buffer.alloc(32, fill);
const places = (leaves: readonly { position: bigint }[]) => leaves.map(({ position }) => Number(position));

describe('pending leaves', () => {
  it('are the events in their order, up to a place and a number', () => {
    const pending = new PendingLeaves(-1n);
    for (const position of [3, 5, 8, 9]) pending.add(event(position), NOW_MS);
    expect(pending.first(9, 8n)).toEqual(
      [3, 5, 8].map((position) => ({ position: BigInt(position), hash: eventDigest(event(position)) })),
    );
    expect(places(pending.first(2, 9n))).toEqual([3, 5]);
    expect(pending.lastPosition).toBe(9n);
  });

  it('take in what was erased at its place; an event that is still shown counts once, as it is', () => {
    const pending = new PendingLeaves(2n);
    for (const position of [3, 8]) pending.add(event(position), NOW_MS);
    pending.addErased([1, 5, 8, 9].map((position) => ({ position: BigInt(position), hash: hash(position) })));
    const leaves = pending.first(9, 8n);
    expect(places(leaves)).toEqual([3, 5, 8]);
    expect(leaves[1]!.hash).toEqual(hash(5));
    expect(leaves[2]!.hash).toEqual(eventDigest(event(8)));
    expect(places(pending.first(2, 9n))).toEqual([3, 5]);
  });

  it('are gone once they are covered', () => {
    const pending = new PendingLeaves(-1n);
    for (const position of [3, 8]) pending.add(event(position), NOW_MS);
    pending.addErased([{ position: 2n, hash: hash(2) }]);
    pending.drop(3n);
    expect(places(pending.first(9, 9n))).toEqual([8]);
    pending.drop(8n);
    expect([pending.length, pending.lastPosition, pending.waitingSinceMs]).toEqual([0, 8n, undefined]);
    pending.addErased([{ position: 8n, hash: hash(8) }]);
    expect(pending.first(9, 9n)).toEqual([]);
  });

  it('wait since the first that is no checkpoint was written; a clock that is ahead of ours holds nothing up', () => {
    const pending = new PendingLeaves(-1n);
    pending.add(event(1, { type: 'CheckpointSigned' }), NOW_MS);
    expect(pending.waitingSinceMs).toBeUndefined();
    pending.add(event(2), NOW_MS);
    expect(pending.waitingSinceMs).toBe(NOW_MS - 1_000);
    for (const at of ['2099-01-01T00:00:00.000Z', 'never', undefined]) {
      const other = new PendingLeaves(-1n);
      other.add(event(1, { metadata: { at } }), NOW_MS);
      expect(other.waitingSinceMs).toBe(NOW_MS);
    }
  });
});
