/** What every service of ours has in common; the one lib that knows Nest. */
export { anyAddress, onlyPublic, type AddressRule } from './addresses.ts';
export { COMMAND_TIMEOUT_MS, CommandClient } from './command-client.ts';
export { DrainingNatsServer, ProblemFilter } from './command-server.ts';
export {
  FRESHNESS_SETTINGS,
  readConfig,
  refusedInProduction,
  SETTINGS,
  type SettingsCheck,
  type SettingsOf,
} from './config.ts';
export { ConfigError, problemsOf } from './config-error.ts';
export {
  EVENT_STORE_SETTINGS,
  JETSTREAM_SETTINGS,
  NATS_SETTINGS,
  REDIS_SETTINGS,
} from './connection-settings.ts';
export { dnsServers } from './dns-servers.ts';
export { Health, HealthController, type HealthCheck, type HealthReport } from './health.ts';
export { inSteps } from './in-steps.ts';
export { Lease, pause, type LeaseEntry, type LeaseOptions, type LeaseStore } from './lease.ts';
export { KvLeaseStore, type LeasePlace } from './lease-store.ts';
export { Log, redactText, type LogFields } from './log.ts';
export { Names, pinnedTo, ResolveError, type HostAddress } from './name-lookup.ts';
export { networkOf } from './network.ts';
export { Metrics, MetricsController, type Labels, type Samples } from './metrics.ts';
export { serveMetrics, type ServedMetrics } from './metrics-server.ts';
export { connectNats, natsOptions } from './nats.ts';
export { Html, html, page, pageHeaders, type PageHeaderOptions, type PageParts, type Shown } from './page.ts';
export { Peppers, readPeppers } from './peppers.ts';
export { eventStorePlace, natsPlace, redisPlace, type EventStorePlace, type NatsPlace } from './places.ts';
export { runService, type Service } from './run-service.ts';
export { warnOfUnsafe, type UsedServers } from './server-checks.ts';
export { serveJson, type Served } from './serve-json.ts';
export { onShutdown } from './shutdown.ts';
export {
  insideOf,
  isTracing,
  newRequestId,
  placeIn,
  rootOf,
  startTracing,
  stopTracing,
  traced,
  traceHeaders,
  tellSpan,
  type OpenSpan,
  type SpanFields,
} from './tracing.ts';
export { TRACING_SETTINGS, type TracingSettings } from './tracing-settings.ts';
export { freshnessOf, tellTrust, type FreshnessSettings } from './trust.ts';
export { readWebhookKeys, WebhookKeys, type SignedMessage, type WebhookSecretName } from './webhook-keys.ts';
export { fieldErrors, VALIDATION, validationPipe, validationProblem } from './validation.ts';
export { durationMs, oneOf, wholeNumber } from './setting-types.ts';
