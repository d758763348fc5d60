/**
 * Prometheus metrics of one process. What happens often is counted in plain fields, which are read when somebody scrapes;
 * nothing here runs for a check of a key.
 *
 * Names are `mcpstack_<part>_<what>_<unit>[_total]`, and what all parts have in common is of the part `service`. Labels are
 * bounded: never an id, a name that somebody gave, or anything that a caller sent.
 */
import { readFileSync } from 'node:fs';
import { Controller, Get, Header } from '@nestjs/common';
import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { Health } from './health.ts';

export type Labels = Readonly<Record<string, string>>;

/** Without labels a number, `undefined` where it is not known now; with labels one entry for each combination. */
export type Samples = number | undefined | readonly { labels: Labels; value: number }[];

/** Of what callers wait for. Seconds. */
const DURATION_BUCKETS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 15];

interface MetricOptions {
  labels?: readonly string[];
}

export class Metrics {
  readonly #registry = new Registry();
  readonly #connections = new Map<string, () => boolean | undefined>();

  /** @param part the service's name: the label `part` of all that it serves. */
  constructor(part: string) {
    this.#registry.setDefaultLabels({ part });
    collectDefaultMetrics({ register: this.#registry });
    const labels = { version: ownVersion(), node_version: process.versions.node };
    this.gauge('mcpstack_build_info', 'What runs; always 1.', () => [{ labels, value: 1 }], {
      labels: Object.keys(labels),
    });
  }

  /** A number that goes up and down, read at each scrape; one that cannot be read is left out. */
  gauge(
    name: string,
    help: string,
    read: () => Samples | Promise<Samples>,
    { labels = [] }: MetricOptions = {},
  ): void {
    const gauge: Gauge = new Gauge({
      ...this.#common(name, help, labels),
      collect: () => renew(gauge, read, (one, value) => gauge.set(one, value)),
    });
  }

  /** A number that only grows, kept elsewhere and read at each scrape. */
  total(
    name: string,
    help: string,
    read: () => Samples | Promise<Samples>,
    { labels = [] }: MetricOptions = {},
  ): void {
    const counter: Counter = new Counter({
      ...this.#common(name, help, labels),
      collect: () => renew(counter, read, (one, value) => counter.inc(one, value)),
    });
  }

  /** A number that only grows, counted here: for what happens at most some thousand times a second. */
  counter<Label extends string = never>(
    name: string,
    help: string,
    labels: readonly Label[] = [],
  ): Counter<Label> {
    return new Counter({ name, help, labelNames: labels, registers: [this.#registry] });
  }

  /** How long something takes, in seconds. */
  durations<Label extends string = never>(
    name: string,
    help: string,
    { labels = [], buckets = DURATION_BUCKETS }: { labels?: readonly Label[]; buckets?: number[] } = {},
  ): Histogram<Label> {
    return new Histogram({ name, help, labelNames: labels, buckets, registers: [this.#registry] });
  }

  /** Whether a server that this part needs is connected: `undefined` while this part needs none. */
  connection(to: 'nats' | 'redis' | 'log', isUp: () => boolean | undefined): void {
    this.#connections.set(to, isUp);
    if (this.#connections.size > 1) return;
    const help = 'Whether the connection to NATS, Redis or the log stands, as far as this part has one.';
    const read = (): Samples =>
      [...this.#connections].flatMap(([to, isUp]) => {
        const up = isUp();
        return up === undefined ? [] : [{ labels: { to }, value: Number(up) }];
      });
    this.gauge('mcpstack_service_connection_up', help, read, { labels: ['to'] });
  }

  /** Each check of health as it stands at the scrape. */
  health(health: Health): void {
    const read = async (): Promise<Samples> => {
      const { checks } = await health.report();
      return Object.entries(checks).map(([check, answer]) => ({
        labels: { check },
        value: Number(answer === 'ok'),
      }));
    };
    const help = 'Each check of readiness: 1 when it holds. The part is ready when all do.';
    this.gauge('mcpstack_service_check_ok', help, read, { labels: ['check'] });
  }

  /** The read models as this part reads them: connected, and to be believed (G4). */
  readModels(models: { state(): { connected: boolean; trusted: boolean } }): void {
    this.connection('redis', () => models.state().connected);
    const help = 'Whether the read models are proven to be live, so that what they say is believed.';
    this.gauge('mcpstack_service_read_models_trusted', help, () => Number(models.state().trusted));
  }

  text(): Promise<string> {
    return this.#registry.metrics();
  }

  #common(name: string, help: string, labels: readonly string[]) {
    return { name, help, labelNames: labels, registers: [this.#registry] };
  }
}

@Controller('metrics')
export class MetricsController {
  constructor(private readonly metrics: Metrics) {}

  /** In the text format of Prometheus. */
  @Get()
  @Header('Content-Type', Registry.PROMETHEUS_CONTENT_TYPE)
  @Header('Cache-Control', 'no-store')
  text(): Promise<string> {
    return this.metrics.text();
  }
}

/** What cannot be read now is absent: a scrape must not fail for one number, nor show an old one as if it were new. */
async function renew(
  metric: { reset(): void; remove(labels: object): void },
  read: () => Samples | Promise<Samples>,
  set: (labels: Labels, value: number) => void,
): Promise<void> {
  const samples = await Promise.resolve()
    .then(read)
    .catch(() => undefined);
  metric.reset();
  metric.remove({});
  if (typeof samples === 'number') set({}, samples);
  else for (const { labels, value } of samples ?? []) set(labels, value);
}

function ownVersion(): string {
  const file = readFileSync(new URL('../package.json', import.meta.url), 'utf8');
  return (JSON.parse(file) as { version: string }).version;
}
