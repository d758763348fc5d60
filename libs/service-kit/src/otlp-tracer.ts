/**
 * Spans made with OpenTelemetry's SDK and sent to a collector, as OTLP over HTTP. A queue with a bound stands between: a
 * collector that is away, slow or in trouble costs spans, and nothing else waits for it. Nothing is registered globally, so
 * that no library of ours finds a tracer to write into.
 */
import {
  ROOT_CONTEXT,
  SpanKind,
  SpanStatusCode,
  trace,
  type Attributes,
  type SpanContext,
} from '@opentelemetry/api';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { detectResources, envDetector, resourceFromAttributes } from '@opentelemetry/resources';
import {
  AlwaysOnSampler,
  BatchSpanProcessor,
  RandomIdGenerator,
  SamplingDecision,
  TraceIdRatioBasedSampler,
  TracerProvider,
  type IdGenerator,
  type ReadableSpan,
  type SpanExporter,
  type SpanProcessor,
} from '@opentelemetry/sdk-trace';
import type { TracePlace } from '@mcpstack/contracts';
import { redactText, type Log } from './log.ts';
import { SPAN_FIELDS, type Kind, type SpanCounts, type SpanFields, type Tracer } from './tracing.ts';
import { samplerOf, type TracingSettings } from './tracing-settings.ts';

/** Spans that wait to be sent or are under way; more are dropped. */
export const MOST_WAITING = 2_048;
const MOST_IN_ONE = 512;
/** How long the collector may take for one batch, tries and all. */
const EXPORT_TIMEOUT_MS = 10_000;
/** That spans are not taken is said once in so long. */
const TELL_EVERY_MS = 60_000;
const MAX_TEXT_LENGTH = 256;
const MAX_REASON_LENGTH = 200;

const KINDS: Readonly<Record<Kind, SpanKind>> = {
  server: SpanKind.SERVER,
  client: SpanKind.CLIENT,
  internal: SpanKind.INTERNAL,
  consumer: SpanKind.CONSUMER,
};

export interface TracerOptions {
  service: string;
  url: string;
  settings: TracingSettings;
  /** Kept up to date. */
  counts: SpanCounts;
  log: Log;
}

export function openTracer({ service, url, settings, counts, log }: TracerOptions): Tracer {
  const ids = new Ids();
  const exporter = new OTLPTraceExporter({ url, timeoutMillis: EXPORT_TIMEOUT_MS, concurrencyLimit: 4 });
  const queue = new Queue(exporter, settings.OTEL_BSP_SCHEDULE_DELAY, counts, log);
  const provider = new TracerProvider({
    // What the operator says of the resource comes last.
    resource: resourceFromAttributes({ 'service.name': service }).merge(
      detectResources({ detectors: [envDetector] }),
    ),
    // What is not recorded never comes here.
    sampler: new AlwaysOnSampler(),
    idGenerator: ids,
    spanProcessors: [queue],
  });
  const own = provider.getTracer('mcpstack-keys');
  return {
    decide: samplerOf(settings, shareOf),
    start({ name, kind, parent, place, link, fields, startMs }) {
      ids.next = place;
      const context = parent ? trace.setSpanContext(ROOT_CONTEXT, contextOf(parent)) : ROOT_CONTEXT;
      const attributes = fields && allowed(fields);
      const options = {
        kind: KINDS[kind],
        ...(attributes && { attributes }),
        ...(startMs !== undefined && { startTime: startMs }),
        ...(link && { links: [{ context: contextOf(link) }] }),
      };
      const span = own.startSpan(name, options, context);
      const { traceId, spanId } = span.spanContext();
      return {
        place: { traceId, spanId, isSampled: true },
        set: (more) => void span.setAttributes(allowed(more)),
        end(failure) {
          if (failure !== undefined) {
            span.setStatus({ code: SpanStatusCode.ERROR });
            span.setAttributes(allowed({ 'error.type': failure }));
          }
          span.end();
        },
      };
    },
    stop: () => provider.shutdown(),
  };
}

/** Ids by chance, but for a span whose place is known to others already. */
class Ids extends RandomIdGenerator implements IdGenerator {
  next: TracePlace | undefined;
  readonly #random = { traceId: this.generateTraceId, spanId: this.generateSpanId };

  constructor() {
    super();
    this.generateTraceId = () => this.next?.traceId ?? this.#random.traceId();
    // Asked for before the trace's id is, and once for each span.
    this.generateSpanId = () => this.next?.spanId ?? this.#random.spanId();
  }
}

/** A queue in front of the exporter that knows how many spans are anywhere in it. */
class Queue implements SpanProcessor {
  readonly #inner: BatchSpanProcessor;
  readonly #counts: SpanCounts;
  readonly #log: Log;
  #waiting = 0;
  #toldAtMs = -Infinity;
  #lost = 0;

  constructor(exporter: SpanExporter, delayMs: number, counts: SpanCounts, log: Log) {
    this.#counts = counts;
    this.#log = log;
    const counting: SpanExporter = {
      export: (spans, done) =>
        exporter.export(spans, (result) => {
          this.#waiting -= spans.length;
          if (!result.error && Number(result.code) === 0) counts.exported += spans.length;
          else this.#lose('failed', spans.length, result.error?.message ?? 'no reason given');
          done(result);
        }),
      shutdown: () => exporter.shutdown(),
    };
    this.#inner = new BatchSpanProcessor({
      exporter: counting,
      maxQueueSize: MOST_WAITING,
      maxExportBatchSize: MOST_IN_ONE,
      scheduledDelayMillis: delayMs,
      // The exporter ends by itself before.
      exportTimeoutMillis: 2 * EXPORT_TIMEOUT_MS,
    });
  }

  onStart(): void {
    // Nothing is looked at before it is over.
  }

  onEnd(span: ReadableSpan): void {
    if (this.#waiting >= MOST_WAITING) return this.#lose('dropped', 1, 'too many wait to be sent');
    this.#waiting += 1;
    this.#inner.onEnd(span);
  }

  forceFlush(): Promise<void> {
    return this.#inner.forceFlush();
  }

  shutdown(): Promise<void> {
    return this.#inner.shutdown();
  }

  /** Counts spans that nobody will see, and says so now and then. */
  #lose(outcome: 'failed' | 'dropped', count: number, reason: string): void {
    this.#counts[outcome] += count;
    this.#lost += count;
    if (performance.now() - this.#toldAtMs < TELL_EVERY_MS) return;
    this.#toldAtMs = performance.now();
    this.#log.warn('spans of traces are lost', {
      count: this.#lost,
      reason: redactText(reason).slice(0, MAX_REASON_LENGTH),
    });
    this.#lost = 0;
  }
}

function shareOf(ratio: number): (traceId: string) => boolean {
  const sampler = new TraceIdRatioBasedSampler(ratio);
  return (traceId) =>
    sampler.shouldSample(ROOT_CONTEXT, traceId).decision === SamplingDecision.RECORD_AND_SAMPLED;
}

function contextOf({ traceId, spanId }: TracePlace): SpanContext {
  return { traceId, spanId, traceFlags: 1, isRemote: true };
}

/** What may be said, with texts of a bounded length and without credentials. */
function allowed(fields: SpanFields): Attributes {
  const kept: Attributes = {};
  for (const [name, value] of Object.entries(fields)) {
    if (value === undefined || !SPAN_FIELDS.has(name)) continue;
    kept[name] = typeof value === 'string' ? redactText(value).slice(0, MAX_TEXT_LENGTH) : value;
  }
  return kept;
}
