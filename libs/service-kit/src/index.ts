/** What every service of ours has in common; the one lib that knows Nest. */
export { CommandClient } from './command-client.ts';
export { DrainingNatsServer, ProblemFilter } from './command-server.ts';
export { ConfigError, readConfig, SETTINGS } from './config.ts';
export { Health, HealthController, type HealthCheck, type HealthReport } from './health.ts';
export { inSteps } from './in-steps.ts';
export { Log, redactText, type LogFields } from './log.ts';
export { networkOf } from './network.ts';
export { connectNats, natsOptions } from './nats.ts';
export { Html, html, page, pageHeaders, type PageHeaderOptions, type PageParts, type Shown } from './page.ts';
export { Peppers, readPeppers } from './peppers.ts';
export { runService, type Service } from './run-service.ts';
export { fieldErrors, VALIDATION, validationPipe, validationProblem } from './validation.ts';
