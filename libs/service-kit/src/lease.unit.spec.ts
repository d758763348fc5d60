import { DEFAULT_FRESHNESS } from '@mcpstack/contracts';
import fc from 'fast-check';
import { Lease, type LeaseEntry, type LeaseStore } from './lease.ts';

const L = 300;

/** The entry, with answers and writes that may be lost or late. */
class MemoryStore implements LeaseStore {
  entry: LeaseEntry | undefined;
  /** The next write is carried out, but its answer is lost. */
  loseAnswer = false;
  failing = false;

  read(): Promise<LeaseEntry | undefined> {
    return this.failing
      ? Promise.reject(new Error('away'))
      : Promise.resolve(this.entry && { ...this.entry });
  }

  write(holder: string | null, expected: number | undefined): Promise<number> {
    if (this.failing) return Promise.reject(new Error('away'));
    if (this.entry?.revision !== expected) return Promise.reject(new Error('wrong revision'));
    this.entry = { holder, revision: (expected ?? 0) + 1 };
    if (!this.loseAnswer) return Promise.resolve(this.entry.revision);
    this.loseAnswer = false;
    return Promise.reject(new Error('answer lost'));
  }
}

const nowMs = () => performance.now();
const never = new AbortController().signal;
const lease = (store: LeaseStore, holder: string) =>
  new Lease(store, { freshness: { ...DEFAULT_FRESHNESS, leaseLifeMs: L }, holder, nowMs });

describe('G4: one holder at a time', () => {
  it('a free lease is taken at once, a released one too', async () => {
    const store = new MemoryStore();
    const [a, b] = [lease(store, 'a'), lease(store, 'b')];
    expect(await a.acquire(never)).toBe(true);
    expect(a.held()).toBe(true);
    await a.release();
    expect(a.held()).toBe(false);
    const began = nowMs();
    expect(await b.acquire(never)).toBe(true);
    expect(nowMs() - began).toBeLessThan(L / 2);
  });

  it('a lease that is renewed is not taken; one that is not renewed is, after L and a margin of watching', async () => {
    const store = new MemoryStore();
    const [a, b] = [lease(store, 'a'), lease(store, 'b')];
    await a.acquire(never);
    const stop = new AbortController();
    const keeping = a.keep(stop.signal);
    const giveUp = new AbortController();
    setTimeout(() => giveUp.abort(), 3 * L);
    expect(await b.acquire(giveUp.signal)).toBe(false);
    expect(a.held()).toBe(true);
    stop.abort();
    await keeping;
    const began = nowMs();
    expect(await b.acquire(never)).toBe(true);
    expect(a.held()).toBe(false);
    expect(nowMs() - began).toBeGreaterThanOrEqual(L);
  });

  it('a renewal whose answer was lost is found and continued', async () => {
    const store = new MemoryStore();
    const a = lease(store, 'a');
    await a.acquire(never);
    const stop = new AbortController();
    const keeping = a.keep(stop.signal);
    store.loseAnswer = true;
    await new Promise((resolve) => setTimeout(resolve, 3 * L));
    expect(a.held()).toBe(true);
    stop.abort();
    await keeping;
  });

  it('a holder that meets another holder stops at once; one that cannot renew stops in time', async () => {
    const store = new MemoryStore();
    const a = lease(store, 'a');
    await a.acquire(never);
    store.entry = { holder: 'b', revision: store.entry!.revision + 1 };
    await a.keep(never);
    expect(a.held()).toBe(false);

    store.entry = { holder: null, revision: store.entry.revision };
    await a.acquire(never);
    const began = nowMs();
    store.failing = true;
    await a.keep(never);
    expect(a.held()).toBe(false);
    expect(nowMs() - began).toBeLessThan(L + 150);
  });
});

/**
 * Random delays and pauses on a clock of our own: each contender is a small machine that does what
 * Lease does, one message at a time, so that every interleaving is reachable.
 */
type Move = { who: 0 | 1; do: 'act' | 'deliver' } | { do: 'wait'; ms: number };
interface Rules {
  /** Counts from the answer instead of from the sending. */
  fromAnswer?: boolean;
  /** Takes what it has watched for less than L. */
  hasty?: boolean;
}

function bothHeld(moves: readonly Move[], rules: Rules): string | undefined {
  let now = 0;
  let entry = { holder: -1, revision: 0 };
  const each = [0, 1].map((id) => ({
    id,
    goodUntil: -1,
    revision: -1,
    seen: -1,
    seenAt: 0,
    out: undefined as undefined | { sentAt: number; kind: 'read' | 'write'; reply?: number | 'no' },
  }));
  for (const move of moves) {
    now += move.do === 'wait' ? move.ms : 1;
    if (move.do === 'wait') continue;
    const me = each[move.who]!;
    if (move.do === 'act') {
      if (!me.out) {
        const watched = me.seen === entry.revision && now - me.seenAt >= (rules.hasty ? L / 2 : L + 5);
        const write = now < me.goodUntil || me.seen === 0 || watched;
        if (now < me.goodUntil) me.seen = me.revision;
        me.out = { sentAt: now, kind: write ? 'write' : 'read' };
      } else if (me.out.reply === undefined) {
        // The server takes the message now, however long ago it was sent.
        if (me.out.kind === 'read') me.out.reply = entry.revision;
        else if (entry.revision === me.seen) {
          entry = { holder: me.id, revision: entry.revision + 1 };
          me.out.reply = entry.revision;
        } else me.out.reply = 'no';
      }
    } else if (me.out?.reply !== undefined) {
      const { reply, kind, sentAt } = me.out;
      me.out = undefined;
      if (kind === 'read' && reply !== me.seen) {
        me.seen = reply as number;
        me.seenAt = now;
      } else if (kind === 'write' && reply !== 'no') {
        me.revision = reply;
        me.seen = reply;
        me.seenAt = now;
        me.goodUntil = (rules.fromAnswer ? now : sentAt) + L;
      }
    }
    if (each.every(({ goodUntil }) => now < goodUntil)) return `both hold it at ${now}`;
  }
  return undefined;
}

const who = fc.constantFrom<0 | 1>(0, 1);
const move: fc.Arbitrary<Move[]> = fc.oneof(
  { weight: 4, arbitrary: who.map((id): Move[] => [{ who: id, do: 'act' }]) },
  {
    weight: 4,
    arbitrary: who.map((id): Move[] => [
      { who: id, do: 'act' },
      { who: id, do: 'act' },
      { who: id, do: 'deliver' },
    ]),
  },
  { weight: 2, arbitrary: who.map((id): Move[] => [{ who: id, do: 'deliver' }]) },
  {
    weight: 3,
    arbitrary: fc.constantFrom(10, L / 2, L - 10, L + 6).map((ms): Move[] => [{ do: 'wait', ms }]),
  },
);
const runs = fc.array(move, { maxLength: 60 }).map((parts) => parts.flat());

function check(rules: Rules): string | undefined {
  const result = fc.check(
    fc.property(runs, (moves) => {
      const found = bothHeld(moves, rules);
      if (found) throw new Error(found);
    }),
    { numRuns: 20_000, seed: 4, endOnFailure: true },
  );
  return result.failed ? ((result.errorInstance as Error | null)?.message ?? 'failed') : undefined;
}

describe('G4: the rules of the lease, with messages delayed at will', () => {
  it('never two holders in 20,000 random runs', () => expect(check({})).toBeUndefined());
  it.each<[string, Rules]>([
    ['counting from the answer instead of from the sending', { fromAnswer: true }],
    ['taking what was watched for less than L', { hasty: true }],
  ])('control: %s, and both hold it', (_, rules) => expect(check(rules)).toMatch(/^both hold it/));
});
