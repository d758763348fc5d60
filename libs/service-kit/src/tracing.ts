/**
 * Traces: a few spans by hand, off unless a collector is set. Nothing of a trace is stored with an event: the request id,
 * which is there already, says which trace and which root span it belongs to (ADR 0022). While it is off, or a trace is
 * not recorded, no header is sent, and OpenTelemetry's SDK is loaded only where it is on.
 */
import { AsyncLocalStorage } from 'node:async_hooks';
import { createHash, randomBytes, randomUUID } from 'node:crypto';
import { readTraceparent, TRACEPARENT, traceparentOf, type TracePlace } from '@mcpstack/contracts';
import { headers, type MsgHdrs } from '@nats-io/transport-node';
import type { Log } from './log.ts';
import type { Metrics } from './metrics.ts';
import type { Decide, TracingSettings } from './tracing-settings.ts';
import { tracesUrl } from './tracing-settings.ts';

/**
 * All that a span may say: ids and numbers of ours, names of routes, subjects, commands and codes. Never a URL, a header, a
 * body, a key or a name that somebody gave. Held to at run time as well.
 */
const TEXTS = [
  'http.request.method',
  'http.route',
  'messaging.destination.name',
  'error.type',
  'mcpstack.request_id',
  'mcpstack.command',
  'mcpstack.code',
  'mcpstack.stream_category',
  'mcpstack.event_types',
  'mcpstack.position',
  'mcpstack.webhook_id',
  'mcpstack.outcome',
] as const;
const NUMBERS = [
  'http.response.status_code',
  'mcpstack.checks',
  'mcpstack.events',
  'mcpstack.batch_events',
  'mcpstack.attempt',
] as const;
export const SPAN_FIELDS: ReadonlySet<string> = new Set([...TEXTS, ...NUMBERS]);
export type SpanFields = Partial<
  Record<(typeof TEXTS)[number], string | undefined> & Record<(typeof NUMBERS)[number], number | undefined>
>;

export type Kind = 'server' | 'client' | 'internal' | 'consumer';

/** A span that is to be begun. */
export interface SpanStart {
  name: string;
  kind: Kind;
  /** What it is inside; absent: it is a root. */
  parent?: TracePlace | undefined;
  /** What it is called inside, where others know that already. */
  place?: TracePlace | undefined;
  /** Another trace that has to do with it. */
  link?: TracePlace | undefined;
  fields?: SpanFields | undefined;
  /** When it began, where that was not now. Milliseconds since 1970. */
  startMs?: number | undefined;
}

export interface OpenSpan {
  /** For what is asked of others from inside. */
  readonly place: TracePlace | undefined;
  set(fields: SpanFields): void;
}

/** What makes and sends spans; loaded only where traces are on. */
export interface Tracer {
  decide: Decide;
  start(span: SpanStart): OpenSpan & { end(failure?: string): void };
  /** Sends what is left. */
  stop(): Promise<void>;
}

/** What became of spans. */
export interface SpanCounts {
  exported: number;
  failed: number;
  dropped: number;
}

/** At the end of a service, the last spans have so long to be sent. */
const FLUSH_TIMEOUT_MS = 1_500;

let tracer: Tracer | undefined;
const inside = new AsyncLocalStorage<TracePlace>();
const NO_SPAN: OpenSpan = { place: undefined, set: () => undefined };

/**
 * Turns traces on for this process, where the settings name a collector. Whether it is there is not asked: it may come later.
 * @param service its name in traces, after `mcpstack-`.
 */
export async function startTracing(
  service: string,
  settings: TracingSettings,
  { log, metrics }: { log: Log; metrics: Metrics },
): Promise<void> {
  const counts: SpanCounts = { exported: 0, failed: 0, dropped: 0 };
  metrics.total(
    'mcpstack_service_spans_total',
    'Spans of traces by what became of them: exported, failed (the collector did not take them) or dropped (too many waited).',
    () => Object.entries<number>({ ...counts }).map(([outcome, value]) => ({ labels: { outcome }, value })),
    { labels: ['outcome'] },
  );
  const url = tracesUrl(settings);
  if (url === undefined) return;
  const { openTracer } = await import('./otlp-tracer.ts');
  tracer = openTracer({ service: `mcpstack-${service}`, url, settings, counts, log });
  log.info('traces are sent', { address: new URL(url).host });
}

/** Sends what is left, within a bound. Never rejects. */
export async function stopTracing(): Promise<void> {
  const stopping = tracer?.stop().catch(() => undefined);
  tracer = undefined;
  if (!stopping) return;
  await Promise.race([stopping, new Promise((resolve) => setTimeout(resolve, FLUSH_TIMEOUT_MS).unref())]);
}

/** Whether any span is made here at all. */
export function isTracing(): boolean {
  return tracer !== undefined;
}

const REQUEST_IN_TRACE = /^([0-9a-f]{32})-([0-9a-f]{16})-0([01])$/;

/**
 * The id of a new request. Where traces are on it names trace, root span and whether they are recorded, so that whoever
 * reads it later, also from an event, finds the place.
 * @param caller whose trace the request is to be part of.
 */
export function newRequestId(caller?: TracePlace): string {
  if (tracer === undefined) return randomUUID();
  const traceId = caller?.traceId ?? randomBytes(16).toString('hex');
  const isSampled = tracer.decide(traceId, caller?.isSampled);
  return `${traceId}-${randomBytes(8).toString('hex')}-0${isSampled ? 1 : 0}`;
}

/**
 * The root span of a request; `undefined` where it is not recorded. A request id that the caller chose comes to the same
 * place everywhere, through its digest. What our own services do on their own account under an id of another shape has
 * no root, and so no trace.
 */
export function rootOf(requestId: unknown, actor?: { type?: string }): TracePlace | undefined {
  if (tracer === undefined || typeof requestId !== 'string') return undefined;
  const [, traceId, spanId, flag] = REQUEST_IN_TRACE.exec(requestId) ?? [];
  if (traceId !== undefined && spanId !== undefined)
    return flag === '1' && tracer.decide(traceId, true) ? { traceId, spanId, isSampled: true } : undefined;
  if (actor?.type === 'system') return undefined;
  const digest = createHash('sha256').update(requestId).digest('hex');
  const place = { traceId: digest.slice(0, 32), spanId: digest.slice(32, 48), isSampled: true };
  return tracer.decide(place.traceId) ? place : undefined;
}

/** The recorded place that a message names; none where traces are off. */
export function placeIn(header: unknown): TracePlace | undefined {
  if (tracer === undefined) return undefined;
  const place = readTraceparent(header);
  return place && tracer.decide(place.traceId, place.isSampled) ? { ...place, isSampled: true } : undefined;
}

/** Headers for a message that is sent from inside; `undefined` where nothing is recorded. */
export function traceHeaders(place: TracePlace | undefined): MsgHdrs | undefined {
  if (place === undefined) return undefined;
  const made = headers();
  made.set(TRACEPARENT, traceparentOf(place));
  return made;
}

/** Runs work inside the span that a message names. */
export function insideOf<Result>(header: unknown, work: () => Result): Result {
  const place = placeIn(header);
  return place === undefined ? work() : inside.run(place, work);
}

/**
 * Runs work in a span of its own; what it asks of others and the spans that it begins are inside. Without a parent that is
 * recorded, the work is done and nothing else.
 */
export async function traced<Result>(
  name: string,
  { kind, parent, fields }: Pick<SpanStart, 'parent' | 'fields'> & { kind: Kind },
  work: (span: OpenSpan) => Promise<Result>,
): Promise<Result> {
  const around = tracer && (inside.getStore() ?? parent);
  if (tracer === undefined || around === undefined) return work(NO_SPAN);
  const span = tracer.start({ name, kind, parent: around, fields });
  try {
    const result = await inside.run(span.place!, () => work(span));
    span.end();
    return result;
  } catch (error) {
    span.end(failureOf(error));
    throw error;
  }
}

/** Writes down a span that is over: it ended now. */
export function tellSpan({
  durationMs,
  failure,
  ...span
}: Omit<SpanStart, 'startMs'> & { durationMs: number; failure?: string | undefined }): void {
  tracer?.start({ ...span, startMs: Date.now() - durationMs }).end(failure);
}

/** What went wrong, without the text, which may hold anything. */
function failureOf(error: unknown): string {
  const { code, name } = (error ?? {}) as { code?: unknown; name?: unknown };
  return typeof code === 'string' ? code : typeof name === 'string' ? name : 'unknown';
}
