/** The standard variables of OpenTelemetry, as far as services follow them. The exporter itself reads those that say how to connect. */
import { z } from 'zod';
import { durationMs, oneOf } from './setting-types.ts';

const isHttp = (text: string): boolean => URL.canParse(text) && /^https?:$/.test(new URL(text).protocol);
const endpoint = z
  .string()
  .refine(isHttp, 'write where the collector takes OTLP over HTTP, such as http://collector:4318')
  .optional();

export const TRACING_SETTINGS = {
  /** The collector: traces are sent to `/v1/traces` there, as OTLP over HTTP (JSON). Absent: there are none. */
  OTEL_EXPORTER_OTLP_ENDPOINT: endpoint,
  /** The whole URL for traces, where it is another. */
  OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: endpoint,
  /** JSON over HTTP is what is spoken; collectors take it where they take `http/protobuf`. */
  OTEL_EXPORTER_OTLP_PROTOCOL: z
    .enum(
      ['http/json', 'http/protobuf'],
      'write http/json: gRPC is not spoken, and the port for HTTP is 4318',
    )
    .optional(),
  /** Which traces are recorded. */
  OTEL_TRACES_SAMPLER: oneOf([
    'always_on',
    'always_off',
    'traceidratio',
    'parentbased_always_on',
    'parentbased_always_off',
    'parentbased_traceidratio',
  ]).default('parentbased_always_on'),
  /** Of samplers with `traceidratio`: the share that is recorded, from 0 to 1. */
  OTEL_TRACES_SAMPLER_ARG: z.coerce
    .number('write a share from 0 to 1')
    .min(0, 'write a share from 0 to 1')
    .max(1, 'write a share from 0 to 1')
    .default(1),
  /** How long spans gather before they are sent. Milliseconds. */
  OTEL_BSP_SCHEDULE_DELAY: durationMs(5_000, 1, 60_000),
  /** `true` turns traces off. */
  OTEL_SDK_DISABLED: oneOf(['true', 'false']).default('false'),
} as const;

export type TracingSettings = z.infer<z.ZodObject<typeof TRACING_SETTINGS>>;

/** Where traces go; `undefined` where none are made. */
export function tracesUrl(settings: TracingSettings): string | undefined {
  const { OTEL_EXPORTER_OTLP_ENDPOINT: base, OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: whole } = settings;
  if (settings.OTEL_SDK_DISABLED === 'true') return undefined;
  return whole ?? (base && `${base.replace(/\/+$/, '')}/v1/traces`);
}

/** Whether a trace that begins here is recorded; `parent` says whether its caller records it, where there is one. */
export type Decide = (traceId: string, parent?: boolean) => boolean;

/**
 * The sampler as a function. Whether a trace without a parent is in follows from its id alone, so that all services
 * that have the same settings decide alike.
 * @param ratioOf decides by a share of all trace ids.
 */
export function samplerOf(
  { OTEL_TRACES_SAMPLER: name, OTEL_TRACES_SAMPLER_ARG: ratio }: TracingSettings,
  ratioOf: (ratio: number) => (traceId: string) => boolean,
): Decide {
  const followsParent = name.startsWith('parentbased_');
  const share = name.endsWith('traceidratio') ? ratio : name.endsWith('always_on') ? 1 : 0;
  const isIn = ratioOf(share);
  return (traceId, parent) => (followsParent ? (parent ?? isIn(traceId)) : isIn(traceId));
}
