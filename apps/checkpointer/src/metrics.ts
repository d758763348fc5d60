/** What Prometheus is told of the checkpointer: how old and how large the last checkpoint is, and who vouches for it. */
import type { Metrics, Samples } from '@mcpstack/service-kit';
import type { Checkpointer } from './checkpointer.ts';
import type { Witness } from './witness.ts';

export interface Told {
  checkpointer: Pick<Checkpointer, 'status' | 'isConnected' | 'trouble'>;
  witnesses: readonly Pick<Witness, 'status' | 'alarm' | 'failures'>[];
}

export function tellMetrics(metrics: Metrics, { checkpointer, witnesses }: Told): void {
  const name = (rest: string): string => `mcpstack_checkpointer_${rest}`;
  const status = () => checkpointer.status();
  metrics.connection('log', () => checkpointer.isConnected);
  metrics.gauge(name('last_checkpoint_timestamp_seconds'), 'When the last checkpoint was signed.', () => {
    const { signedAt } = status();
    return signedAt === undefined ? undefined : Date.parse(signedAt) / 1_000;
  });
  metrics.gauge(
    name('last_checkpoint_events'),
    'Events that the last checkpoint covers.',
    () => status().size,
  );
  metrics.gauge(name('uncovered_events'), 'Events that no checkpoint covers yet.', () => status().uncovered);
  metrics.gauge(
    name('oldest_uncovered_age_seconds'),
    'How long the oldest event has waited that asks to be covered; 0 if none does.',
    () => {
      const { waitingSince } = status();
      return waitingSince === undefined ? 0 : Math.max(0, (Date.now() - Date.parse(waitingSince)) / 1_000);
    },
  );
  metrics.gauge(name('trouble'), 'Whether events go uncovered for a reason that /health/ready tells.', () =>
    Number(checkpointer.trouble() !== undefined),
  );

  // At most eight, by their hosts: an address may hold credentials.
  const each = (value: (witness: Told['witnesses'][number]) => number) => (): Samples => {
    const byHost = new Map<string, number>();
    for (const witness of witnesses) {
      const { host } = new URL(witness.status().url);
      byHost.set(host, (byHost.get(host) ?? 0) + value(witness));
    }
    return [...byHost].map(([host, sum]) => ({ labels: { witness: host }, value: sum }));
  };
  const labels = { labels: ['witness'] };
  metrics.gauge(
    name('witness_cosigned_events'),
    'Events up to which a witness has signed.',
    each((witness) => witness.status().cosignedSize),
    labels,
  );
  metrics.total(
    name('witness_failures_total'),
    'Times that a witness did not sign what it was sent.',
    each(({ failures }) => failures),
    labels,
  );
  metrics.gauge(
    name('witness_alarm'),
    'Whether a witness holds evidence against this log.',
    each((witness) => Number(witness.alarm() !== undefined)),
    labels,
  );
}
