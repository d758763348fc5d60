/** What Prometheus is told of the projection: how far it is, behind what, and whether readers may believe it. */
import type { Metrics } from '@mcpstack/service-kit';
import { Lag } from './lag.ts';
import type { Projection } from './projection.ts';

export function tellMetrics(metrics: Metrics, projection: Pick<Projection, 'status' | 'head'>): void {
  const { status } = projection;
  const { counts } = status;
  const name = (rest: string): string => `mcpstack_projection_${rest}`;
  const whileActive = <Value>(read: () => Value): Value | undefined => (status.isActive ? read() : undefined);

  metrics.connection('redis', () => whileActive(() => status.sessionAgeMs !== undefined));
  metrics.connection('log', () => status.isLogLive);
  metrics.gauge(name('active'), 'Whether this one holds the lease and writes: exactly one does.', () =>
    Number(status.isActive),
  );
  metrics.gauge(name('session_live'), 'Whether stamps are written: readers believe Redis only then.', () =>
    whileActive(() => Number(status.isLive)),
  );
  metrics.gauge(name('session_age_seconds'), 'How long the session with this Redis primary has lasted.', () =>
    seconds(status.sessionAgeMs),
  );
  metrics.gauge(name('last_stamp_timestamp_seconds'), 'When the last stamp was answered.', () =>
    whileActive(() => seconds(status.lastStampAtMs)),
  );
  metrics.total(
    name('sessions_total'),
    'Sessions with a Redis primary that were begun.',
    () => counts.sessions,
  );
  metrics.total(
    name('events_applied_total'),
    'Events applied to the live read models.',
    () => counts.applied,
  );
  metrics.gauge(name('parked_events'), 'Events that cannot be read, and those behind them.', () =>
    whileActive(() => status.parkedEvents),
  );
  metrics.gauge(name('position'), 'Position in the log up to which Redis holds everything.', () =>
    whileActive(() => number(status.position)),
  );
  tellLag(metrics, projection, whileActive);
  metrics.gauge(
    name('rebuild_position'),
    'How far the read models are that are built, -1 before their first event; absent while none are.',
    () => number(status.rebuildPosition),
  );
  metrics.total(
    name('rebuilds_total'),
    'Rebuilds beside live read models, by what came of them.',
    () => [
      { labels: { outcome: 'switched' }, value: counts.rebuilds },
      { labels: { outcome: 'failed' }, value: counts.failedRebuilds },
    ],
    { labels: ['outcome'] },
  );
}

/** The head of the log is asked for once a scrape, by the first of the three: collected in order of registration. */
function tellLag(
  metrics: Metrics,
  projection: Pick<Projection, 'status' | 'head'>,
  whileActive: <Value>(read: () => Value) => Value | undefined,
): void {
  const { status } = projection;
  const lag = new Lag(() => performance.now());
  let asked: Promise<bigint | undefined> | undefined;
  metrics.gauge(
    'mcpstack_projection_log_head_position',
    'Position of the last event of the log, asked for at the scrape; absent where the log does not answer.',
    async () => {
      if (!status.isActive) {
        lag.forget();
        asked = undefined;
        return undefined;
      }
      asked = projection.head().catch(() => undefined);
      const position = await asked;
      if (position !== undefined) lag.saw(position);
      return number(position);
    },
  );
  metrics.gauge(
    'mcpstack_projection_lag_positions',
    'How far behind the head, as the log counts: 1,024 for each append on JetStream, bytes on KurrentDB.',
    async () => {
      const position = await asked;
      if (position === undefined || !status.isActive) return undefined;
      return Math.max(0, Number(position - (status.position ?? -1n)));
    },
  );
  metrics.gauge(
    'mcpstack_projection_lag_seconds',
    'How long the oldest head that a scrape has seen and that is not applied yet has waited.',
    async () => {
      await asked;
      return whileActive(() => seconds(lag.waitingMs(status.position ?? -1n)));
    },
  );
}

const seconds = (ms: number | undefined): number | undefined => (ms === undefined ? undefined : ms / 1_000);
const number = (position: bigint | undefined): number | undefined =>
  position === undefined ? undefined : Number(position);
