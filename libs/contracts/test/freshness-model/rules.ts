/** The rules that the model's actors keep to: those of freshness.ts, and what surrounds them in the services. */
import {
  ConnectionTrust,
  decidableUntilMs,
  finalWaitMs,
  leaseGoodUntilMs,
  mayConfirm,
  mayReuse,
  mayStamp,
  reusableForMs,
  reusableUntilMs,
  StandStill,
  type FreshnessSettings,
  type Observation,
} from '../../src/freshness.ts';

export interface Rules {
  decidableUntilMs: typeof decidableUntilMs;
  reusableForMs: typeof reusableForMs;
  reusableUntilMs: typeof reusableUntilMs;
  mayReuse: typeof mayReuse;
  finalWaitMs: typeof finalWaitMs;
  leaseGoodUntilMs: typeof leaseGoodUntilMs;
  mayStamp: typeof mayStamp;
  mayConfirm: typeof mayConfirm;
  trust(settings: FreshnessSettings): Pick<ConnectionTrust, 'observe' | 'trustedUntilMs'>;
  watch(settings: FreshnessSettings): Pick<StandStill, 'mayTake'>;
  /** When the read began, of when it was sent and when its reply came; likewise a question and a renewal. */
  readBegan(sentAtMs: number, repliedAtMs: number): number;
  askedAt(sentAtMs: number, repliedAtMs: number): number;
  renewedAt(sentAtMs: number, repliedAtMs: number): number;
  /** What the trust is told of a read. */
  tell(observation: Observation, repliedAtMs: number): Observation;
  identity(names: { server: string; run: number; replication: number }): string;
  /** Where identities are read: in the same step as the data, or in one before it. */
  readsIdentity: 'in the step' | 'beforehand';
  /** Whether a write proves, in its step, that identity and session are still its own. */
  provesIdentity: boolean;
  provesSession: boolean;
  /** A check that joins a question under way is judged like one that reuses its answer. */
  judgesJoined: boolean;
  /** The lease is looked at after the answer to the stamp before, or before it. */
  looksAtLease: 'after the answer' | 'before the answer';
  endsSessionWithLease: boolean;
  /** When the log's head is read, up to which the data set is brought before it is stamped. */
  readsHead: 'in the session' | 'before the lease' | 'not at all';
  trustEndsWithConnection: boolean;
  retryWaits: boolean;
}

export const TRUE_RULES: Rules = {
  decidableUntilMs,
  reusableForMs,
  reusableUntilMs,
  mayReuse,
  finalWaitMs,
  leaseGoodUntilMs,
  mayStamp,
  mayConfirm,
  trust: (settings) => new ConnectionTrust(settings),
  watch: (settings) => new StandStill(settings),
  readBegan: (sentAtMs) => sentAtMs,
  askedAt: (sentAtMs) => sentAtMs,
  renewedAt: (sentAtMs) => sentAtMs,
  tell: (observation) => observation,
  identity: ({ server, run, replication }) => `${server}:${run}:${replication}`,
  readsIdentity: 'in the step',
  provesIdentity: true,
  provesSession: true,
  judgesJoined: true,
  looksAtLease: 'after the answer',
  endsSessionWithLease: true,
  readsHead: 'in the session',
  trustEndsWithConnection: true,
  retryWaits: true,
};
