/** What Prometheus is told of webhooks: attempts by what came of them, and how old the oldest event is that waits. */
import type { Metrics } from '@mcpstack/service-kit';
import type { Active } from './active.ts';
import type { Told } from './delivery/attempt.ts';
import type { CouriersReport } from './delivery/couriers.ts';

/** Receivers may take up to a minute. Seconds. */
const BUCKETS = [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 15, 30, 60];

export function deliveryMetrics(metrics: Metrics): Told {
  const attempts = metrics.counter(
    'mcpstack_webhooks_attempts_total',
    'Attempts at deliveries; refused: the receiver answered an error, unsent: a fault of ours.',
    ['outcome'],
  );
  for (const outcome of ['delivered', 'refused', 'unanswered', 'unsent']) attempts.inc({ outcome }, 0);
  const durations = metrics.durations(
    'mcpstack_webhooks_attempt_duration_seconds',
    'How long receivers take to answer, or until they are given up.',
    { buckets: BUCKETS },
  );
  const disabled = metrics.counter(
    'mcpstack_webhooks_disabled_total',
    'Webhooks that issuance was asked to disable: gone (410), or failing for days.',
    ['reason'],
  );
  for (const reason of ['gone', 'failing']) disabled.inc({ reason }, 0);
  return {
    onAttempt: (outcome, { durationMs }) => {
      attempts.inc({ outcome });
      durations.observe(durationMs / 1_000);
    },
    onDisable: (reason) => disabled.inc({ reason }),
  };
}

export function tellMetrics(metrics: Metrics, active: Pick<Active, 'role' | 'report'>): void {
  const gauge = (name: string, help: string, read: (report: CouriersReport) => number): void =>
    metrics.gauge(`mcpstack_webhooks_${name}`, help, () => {
      const report = active.report();
      return report && read(report);
    });
  metrics.gauge('mcpstack_webhooks_active', 'Whether this one delivers: exactly one does.', () =>
    Number(active.role === 'active'),
  );
  gauge('followed', 'Webhooks that are delivered to.', ({ webhooks }) => webhooks);
  gauge('failing', 'Those whose last attempts failed.', ({ failing }) => failing);
  gauge('waiting_events', 'Events that were read and are not delivered yet.', ({ waiting }) => waiting);
  gauge('attempts_in_flight', 'Attempts under way.', ({ underWay }) => underWay);
  gauge(
    'oldest_waiting_age_seconds',
    'How long ago the oldest event happened that waits; 0 if none does.',
    ({ oldestAt }) => (oldestAt === undefined ? 0 : Math.max(0, (Date.now() - Date.parse(oldestAt)) / 1_000)),
  );
}
