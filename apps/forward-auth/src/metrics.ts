/** What Prometheus is told of forward-auth: its answers by status, and how long they take. */
import type { Metrics } from '@mcpstack/service-kit';
import type { OnCheck } from './key-checks.ts';

export function countedChecks(metrics: Metrics): { onCheck: OnCheck } {
  const checks = metrics.counter(
    'mcpstack_forward_auth_checks_total',
    'What proxies were answered: 200 lets the request pass.',
    ['status'],
  );
  for (const status of ['200', '401', '403', '503']) checks.inc({ status }, 0);
  const durations = metrics.durations(
    'mcpstack_forward_auth_check_duration_seconds',
    'How long checks take.',
  );
  return {
    onCheck: (status, durationMs) => {
      checks.inc({ status: `${status}` });
      durations.observe(durationMs / 1_000);
    },
  };
}
