/** Rules taken away, one by one. With each the model must find a VALID that must not be. */
import { ConnectionTrust, finalWaitMs, type Observation } from '../../src/freshness.ts';
import type { Rules } from './rules.ts';

export interface Mutant {
  name: string;
  /** The first seed, from 1 on, that shows it: so many runs it took. 0: none is known. */
  seed: number;
  rules: Partial<Rules>;
}

/** A trust that is told something else than what was shown. */
function tells(change: (observation: Observation, repliedAtMs: number) => Observation): Partial<Rules> {
  return { tell: change };
}

function counters(change: (counter: number) => number): Partial<Rules> {
  return tells(({ stamp, ...rest }) => ({
    ...rest,
    stamp: stamp && { ...stamp, counter: change(stamp.counter) },
  }));
}

const G3: readonly Mutant[] = [
  {
    name: 'Δ is counted from when the read was answered',
    seed: 93,
    rules: { readBegan: (_, repliedAtMs) => repliedAtMs },
  },
  {
    name: 'a reading is decided on for as long as its trust lasts',
    seed: 8,
    rules: { decidableUntilMs: (_, untilMs) => untilMs },
  },
  {
    name: 'a decision hands on a new Δ',
    seed: 3,
    rules: { reusableForMs: (_, __, ___, { deltaMs }) => deltaMs },
  },
  {
    name: 'the SDK counts from when the reply came',
    seed: 171,
    rules: { askedAt: (_, repliedAtMs) => repliedAtMs },
  },
  {
    name: 'a check that joins a question has its answer, whenever it began',
    seed: 171,
    rules: { judgesJoined: false },
  },
  { name: 'a restriction answers as soon as it is confirmed', seed: 1, rules: { finalWaitMs: () => 0 } },
  {
    name: 'the wait Δ has no margin for the rates of clocks',
    seed: 31,
    rules: { finalWaitMs: ({ deltaMs }) => deltaMs },
  },
  {
    name: 'the wait is half of what it is',
    seed: 1,
    rules: { finalWaitMs: (settings) => finalWaitMs(settings) / 2 },
  },
  { name: 'a repeated restriction answers at once', seed: 11, rules: { retryWaits: false } },
];

const TRUST: readonly Mutant[] = [
  { name: 'identities are read before the step', seed: 105, rules: { readsIdentity: 'beforehand' } },
  {
    name: 'an identity is no run id',
    seed: 561,
    rules: { identity: ({ server, replication }) => `${server}:${replication}` },
  },
  {
    name: 'an identity is no replication id',
    seed: 129,
    rules: { identity: ({ server, run }) => `${server}:${run}` },
  },
  {
    name: 'the anchor is the last read before the current stamp',
    seed: 5,
    // Twice the counter: the stamp before the current one is then one that no read can have shown.
    rules: counters((counter) => counter * 2),
  },
  {
    name: 'the anchor is when the reply came',
    seed: 276,
    rules: tells((observation, repliedAtMs) => ({ ...observation, beganAtMs: repliedAtMs })),
  },
  {
    name: 'the anchor is the read itself',
    seed: 5,
    rules: {
      trust: (settings) => {
        const trust = new ConnectionTrust(settings);
        let untilMs = -Infinity;
        return {
          observe: (observation) => {
            trust.observe(observation);
            untilMs =
              trust.trustedUntilMs > -Infinity ? observation.beganAtMs + settings.stampLifeMs : -Infinity;
          },
          get trustedUntilMs() {
            return untilMs;
          },
        };
      },
    },
  },
  {
    name: 'trust in the session before has no end',
    seed: 25,
    rules: {
      trust: (settings) => {
        const trust = new ConnectionTrust(settings);
        let session: string | undefined;
        let carriedUntilMs = -Infinity;
        return {
          observe: (observation) => {
            const wasTrusted = trust.trustedUntilMs > -Infinity;
            trust.observe(observation);
            if (trust.trustedUntilMs === -Infinity) carriedUntilMs = -Infinity;
            else if (wasTrusted && observation.stamp?.session !== session) carriedUntilMs = Infinity;
            session = observation.stamp?.session;
          },
          get trustedUntilMs() {
            return Math.max(trust.trustedUntilMs, carriedUntilMs);
          },
        };
      },
    },
  },
  { name: 'counter 0 is as good as any', seed: 890, rules: counters((counter) => counter + 1) },
  {
    name: 'a stamp is good for ever',
    seed: 5,
    rules: { trust: (settings) => new ConnectionTrust({ ...settings, stampLifeMs: 1e9 }) },
  },
];

const WRITER: readonly Mutant[] = [
  {
    name: 'a stamp is sent before the one before was answered',
    seed: 11,
    rules: { mayStamp: ({ leaseHeld }) => leaseHeld },
  },
  {
    name: 'the lease is not looked at before a stamp',
    seed: 3093,
    rules: { mayStamp: ({ unanswered }) => unanswered === 0 },
  },
  {
    name: 'the lease is looked at before the answer to the stamp before',
    seed: 3093,
    rules: { looksAtLease: 'before the answer' },
  },
  { name: 'a data set is stamped before it is up to date', seed: 19, rules: { readsHead: 'not at all' } },
  { name: 'the head was read before the lease was held', seed: 9, rules: { readsHead: 'before the lease' } },
  { name: 'a session goes on over the loss of the lease', seed: 19, rules: { endsSessionWithLease: false } },
  // A stamp that was delayed comes after those of the session that followed.
  { name: 'writes do not prove the session', seed: 908, rules: { provesSession: false } },
];

const LEASE: readonly Mutant[] = [
  { name: 'a session confirms at once', seed: 11, rules: { mayConfirm: ({ leaseHeld }) => leaseHeld } },
  {
    name: 'a session confirms after half of T',
    seed: 59,
    rules: {
      mayConfirm: ({ leaseHeld, nowMs, sessionBeganAtMs }, { stampLifeMs }) =>
        leaseHeld && nowMs - sessionBeganAtMs >= stampLifeMs / 2,
    },
  },
  {
    name: 'a session confirms without the lease',
    seed: 445,
    rules: {
      mayConfirm: ({ nowMs, sessionBeganAtMs }, { stampLifeMs }) =>
        nowMs - sessionBeganAtMs >= 1.01 * stampLifeMs + 5,
    },
  },
  {
    name: 'the lease is counted from the answer to its renewal',
    seed: 433,
    rules: { renewedAt: (_, repliedAtMs) => repliedAtMs },
  },
  { name: 'a taker does not watch', seed: 25, rules: { watch: () => ({ mayTake: () => true }) } },
  {
    name: 'a taker watches for half of L',
    seed: 52,
    rules: { watch: halfWatch },
  },
];

function halfWatch(settings: { leaseLifeMs: number }): {
  mayTake(revision: number | undefined, nowMs: number): boolean;
} {
  let seen: number | undefined;
  let sinceMs = Infinity;
  return {
    mayTake(revision, nowMs) {
      if (revision !== seen) [seen, sinceMs] = [revision, nowMs];
      return nowMs - sinceMs >= settings.leaseLifeMs / 2;
    },
  };
}

export const MUTANTS: readonly Mutant[] = [...G3, ...TRUST, ...WRITER, ...LEASE];

const ONE_IDENTITY = 'the same';

/** Binding a stamp, comparing identities and proving them in each write guard one door: two of them hold it. */
const SECOND_LOCKS: Record<'binding' | 'comparing' | 'connection' | 'identity in writes', Partial<Rules>> = {
  binding: tells(({ identity, stamp, beganAtMs }) => ({
    beganAtMs,
    identity,
    stamp: stamp && { ...stamp, identity },
  })),
  comparing: tells(({ identity, stamp, beganAtMs }) => ({
    beganAtMs,
    identity: ONE_IDENTITY,
    stamp: stamp?.identity === identity ? { ...stamp, identity: ONE_IDENTITY } : undefined,
  })),
  connection: { trustEndsWithConnection: false },
  'identity in writes': { provesIdentity: false },
};
const NEITHER: Partial<Rules> = tells(({ stamp, beganAtMs }) => ({
  beganAtMs,
  identity: ONE_IDENTITY,
  stamp: stamp && { ...stamp, identity: ONE_IDENTITY },
}));

/** What holds though one is taken away, because another stands behind it; and what shows that one of them must. */
export const SPARE: readonly Mutant[] = [
  { name: 'a stamp counts whatever identity it names', seed: 0, rules: SECOND_LOCKS.binding },
  { name: 'trust outlives its identity', seed: 0, rules: SECOND_LOCKS.comparing },
  { name: 'trust outlives its connection', seed: 0, rules: SECOND_LOCKS.connection },
  { name: 'writes do not prove the identity', seed: 0, rules: SECOND_LOCKS['identity in writes'] },
];
export const PAIRS: readonly Mutant[] = [
  { name: 'trust outlives its identity, and a stamp counts whatever it names', seed: 561, rules: NEITHER },
  {
    name: 'so does it outlive its connection',
    seed: 11,
    rules: { ...NEITHER, ...SECOND_LOCKS.connection },
  },
  {
    name: 'a stamp counts whatever it names, and writes do not prove the identity',
    seed: 147,
    rules: { ...SECOND_LOCKS.binding, ...SECOND_LOCKS['identity in writes'] },
  },
];
