/** What Prometheus is told of the gateway: requests by route, method and class of status, and how long they take. */
import { METHODS } from 'node:http';
import type { Metrics } from '@mcpstack/service-kit';
import type { OnRequest } from './http/adapter.ts';

const KNOWN: ReadonlySet<string> = new Set(METHODS);

/** Labels are the gateway's own patterns: what a caller sends makes no new series. */
export function requestMetrics(metrics: Metrics): OnRequest {
  const requests = metrics.counter(
    'mcpstack_gateway_requests_total',
    'Requests by pattern of the route, method and class of the status; left: the client went before its answer.',
    ['route', 'method', 'status'],
  );
  const durations = metrics.durations(
    'mcpstack_gateway_request_duration_seconds',
    'How long requests take; those that stream as long as somebody listens are left out.',
    { labels: ['route', 'method'] },
  );
  return ({ route, method, status, durationMs }) => {
    const what = { route, method: KNOWN.has(method) ? method : 'other' };
    requests.inc({ ...what, status: status === undefined ? 'left' : `${Math.floor(status / 100)}xx` });
    if (durationMs !== undefined) durations.observe(what, durationMs / 1_000);
  };
}
