/** What Prometheus is told of the authorizer: read from plain fields at each scrape, so that no check pays for it. */
import type { Metrics } from '@mcpstack/service-kit';
import type { UsageCounter } from './usage.ts';
import type { Verifier } from './verifier.ts';

/** Upper bounds of how long checks wait for Redis; the deadline is 2 s. Seconds. */
const READ_BUCKETS = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5];

/** Takes how long a check took that was decided on a new reading, in milliseconds. Those on held ones take microseconds. */
export function readDurations(metrics: Metrics): (durationMs: number) => void {
  const durations = metrics.durations(
    'mcpstack_authorizer_verify_read_duration_seconds',
    'How long checks took that were decided on a new reading; those on held readings take microseconds.',
    { buckets: READ_BUCKETS },
  );
  return (durationMs) => durations.observe(durationMs / 1_000);
}

export interface Told {
  verifier: Pick<Verifier, 'tally' | 'load'>;
  usage: Pick<UsageCounter, 'load'>;
}

export function tellMetrics(metrics: Metrics, { verifier, usage }: Told): void {
  const name = (rest: string): string => `mcpstack_authorizer_${rest}`;
  const { tally } = verifier;
  metrics.total(
    name('verifies_total'),
    'Checks by code; from: held (a reading that was held decided at once) or read (a new one was made, or none was needed).',
    () => [
      { labels: { code: 'VALID', from: 'held' }, value: tally.held },
      { labels: { code: 'VALID', from: 'read' }, value: tally.codes.get('VALID') ?? 0 },
      { labels: { code: 'UNAVAILABLE', from: 'read' }, value: tally.codes.get('UNAVAILABLE') ?? 0 },
      ...[...tally.codes]
        .filter(([code]) => code !== 'VALID' && code !== 'UNAVAILABLE')
        .map(([code, value]) => ({ labels: { code, from: 'read' }, value })),
    ],
    { labels: ['code', 'from'] },
  );
  metrics.total(name('lookups_total'), 'Keys looked up in Redis for checks.', () => tally.lookups);
  metrics.total(name('broken_records_total'), 'Looks at records that prove nothing.', () => tally.broken);
  metrics.gauge(
    name('verifies_in_flight'),
    'Checks that are not decided yet.',
    () => verifier.load().inFlight,
  );
  metrics.gauge(name('verifies_waiting'), 'Those that wait for a position.', () => verifier.load().waiting);
  metrics.gauge(name('held_readings'), 'Keys whose reading is held.', () => verifier.load().held);

  metrics.gauge(name('usage_keys'), 'Keys whose uses are counted now.', () => usage.load().keys);
  metrics.gauge(
    name('usage_keys_waiting'),
    'Those with uses that were not sent yet.',
    () => usage.load().waiting,
  );
  metrics.gauge(
    name('usage_batches_in_flight'),
    'Batches that issuance has not answered.',
    () => usage.load().batches,
  );
  metrics.total(name('uses_counted_total'), 'Uses of keys that were counted.', () => usage.load().counted);
  metrics.total(
    name('uses_lost_total'),
    'Uses that will not be recorded: too many keys at once, or issuance did not take them.',
    () => [
      { labels: { reason: 'too-many-keys' }, value: usage.load().tooMany },
      { labels: { reason: 'not-recorded' }, value: usage.load().notTaken },
    ],
    { labels: ['reason'] },
  );
}
