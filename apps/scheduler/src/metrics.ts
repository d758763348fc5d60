/** What Prometheus is told of the scheduler: what is late, what came of it, and when each work was last done. */
import type { ReadModels } from '@mcpstack/read-models';
import type { Metrics } from '@mcpstack/service-kit';
import type { CheckOutcome } from './domain-check/domain-checks.ts';
import type { ExpiryOutcome } from './key-expiry/key-expiry.ts';
import { trusted } from './trusted.ts';

/** What is due is recorded within seconds: after this long it is late. */
const LATE_MS = 60_000;
const MOST_COUNTED = 1_000;

export type Work = 'key-expiry' | 'domain-checks';

export interface SchedulerMetrics {
  onTried: (outcome: ExpiryOutcome) => void;
  onCheck: (outcome: CheckOutcome) => void;
  /** The same work, whose last good end is noted. */
  noted: <Result>(
    work: Work,
    run: (signal: AbortSignal) => Promise<Result>,
  ) => (signal: AbortSignal) => Promise<Result>;
}

export function schedulerMetrics(
  metrics: Metrics,
  models: Pick<ReadModels, 'listDueKeys'>,
): SchedulerMetrics {
  metrics.gauge(
    'mcpstack_scheduler_overdue_keys',
    'Keys for which something has been due by the clock for over a minute; at most 1,000 are counted.',
    async () => trusted(await models.listDueKeys(Date.now() - LATE_MS, MOST_COUNTED)).length,
  );
  const expiries = metrics.counter(
    'mcpstack_scheduler_expiries_total',
    'Keys for which issuance was asked to record what is due, by what came of it.',
    ['outcome'],
  );
  for (const outcome of ['recorded', 'refused', 'failed']) expiries.inc({ outcome }, 0);
  const checks = metrics.counter(
    'mcpstack_scheduler_domain_checks_total',
    'Looks at the proofs of domains; failed: what was found could not be recorded.',
    ['outcome'],
  );
  for (const outcome of ['found', 'missing', 'failed']) checks.inc({ outcome }, 0);
  const doneAtMs = new Map<Work, number>();
  metrics.gauge(
    'mcpstack_scheduler_last_round_timestamp_seconds',
    'When all that is due was last gone through without a failure.',
    () => [...doneAtMs].map(([work, atMs]) => ({ labels: { work }, value: atMs / 1_000 })),
    { labels: ['work'] },
  );
  return {
    onTried: (outcome) => expiries.inc({ outcome }),
    onCheck: (outcome) => checks.inc({ outcome }),
    noted: (work, run) => {
      // From the start on, so that one that never ends is late as well.
      doneAtMs.set(work, Date.now());
      return async (signal) => {
        const result = await run(signal);
        doneAtMs.set(work, Date.now());
        return result;
      };
    },
  };
}
