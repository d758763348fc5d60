/** What every service of ours has in common; the one lib that knows Nest. */
export { anyAddress, onlyPublic, type AddressRule } from './addresses.ts';
export { CommandClient } from './command-client.ts';
export { DrainingNatsServer, ProblemFilter } from './command-server.ts';
export { ConfigError, readConfig, refuseInProduction, SETTINGS } from './config.ts';
export { Health, HealthController, type HealthCheck, type HealthReport } from './health.ts';
export { inSteps } from './in-steps.ts';
export { Lease, pause, type LeaseEntry, type LeaseOptions, type LeaseStore } from './lease.ts';
export { KvLeaseStore, type LeasePlace } from './lease-store.ts';
export { Log, redactText, type LogFields } from './log.ts';
export { Names, pinnedTo, ResolveError, type HostAddress } from './name-lookup.ts';
export { networkOf } from './network.ts';
export { connectNats, natsOptions } from './nats.ts';
export { Html, html, page, pageHeaders, type PageHeaderOptions, type PageParts, type Shown } from './page.ts';
export { Peppers, readPeppers } from './peppers.ts';
export { runService, type Service } from './run-service.ts';
export { serveJson, type Served } from './serve-json.ts';
export { readWebhookKeys, WebhookKeys, type SignedMessage, type WebhookSecretName } from './webhook-keys.ts';
export { fieldErrors, VALIDATION, validationPipe, validationProblem } from './validation.ts';
