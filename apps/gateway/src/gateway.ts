/** The gateway as a service: reads its configuration, connects, and says what to serve. */
import { BUCKETS } from '@mcpstack/contracts';
import { openReadModels, redisFacts } from '@mcpstack/read-models';
import {
  CommandClient,
  connectNats,
  Health,
  Log,
  Metrics,
  natsPlace,
  readConfig,
  redisPlace,
  serveMetrics,
  startTracing,
  validationPipe,
  warnOfUnsafe,
  type Service,
  freshnessOf,
} from '@mcpstack/service-kit';
import type { DestinationStream } from 'pino';
import type { DeviceLimitSettings } from './auth/device/device-limits.ts';
import { providerProblems, providerSettings } from './auth/oidc/login-settings.ts';
import { SessionParts } from './auth/session-parts.ts';
import { GatewayModule } from './gateway.module.ts';
import { GatewayAdapter } from './http/adapter.ts';
import type { AddressLimitSettings } from './leaks/address-limit.ts';
import { LeakParts } from './leaks/leak-parts.ts';
import { serveOpenApi } from './openapi.ts';
import { requestMetrics } from './metrics.ts';
import type { ShownReadModels } from './reads.ts';
import { GATEWAY_SETTINGS, publicUrlOf } from './settings.ts';

export interface GatewayOptions {
  /** Where log lines go; standard output if absent. */
  logTo?: DestinationStream;
  /** On `GET /auth/login`. */
  browserLoginLimit?: AddressLimitSettings;
  /** On `POST /credentials/revoke`. */
  credentialLimits?: AddressLimitSettings;
  deviceLimits?: DeviceLimitSettings;
  /** Read instead of those at `REDIS_URL`. */
  readModels?: ShownReadModels;
}

/** @throws ConfigError when a setting is missing or wrong. */
export async function gateway(env: NodeJS.ProcessEnv, options: GatewayOptions = {}): Promise<Service> {
  const config = readConfig(GATEWAY_SETTINGS, env, [providerProblems]);
  const publicUrl = publicUrlOf(config);
  const provider = providerSettings(config, env);
  const log = new Log('gateway', config.LOG_LEVEL, options.logTo);
  const health = new Health();
  const metrics = new Metrics('gateway');
  await startTracing('gateway', config, { log, metrics });
  const nats = await connectNats(natsPlace(config), 'gateway', { log, health, metrics });
  warnOfUnsafe(log, {
    settings: config,
    nats,
    buckets: [BUCKETS.sessions, BUCKETS.deviceGrants, BUCKETS.logins],
    ...(!options.readModels && { redis: () => redisFacts(redisPlace(config)) }),
  });
  const commands = new CommandClient(natsPlace(config), 'gateway-commands');
  await commands.connect();
  const readModels =
    options.readModels ??
    openReadModels({
      ...redisPlace(config),
      name: 'gateway',
      freshness: freshnessOf(config),
      onState: ({ connected, trusted, reason }) =>
        log.info('read models', {
          state: `${connected ? '' : 'not '}connected, ${trusted ? '' : 'not '}trusted`,
          reason,
        }),
    });
  const tokenPrefix = config.TOKEN_PREFIX;
  const adapter = new GatewayAdapter(log, tokenPrefix, config.TRUSTED_PROXIES, requestMetrics(metrics));
  const { routes } = adapter;
  metrics.health(health);
  metrics.readModels(readModels);
  metrics.gauge('mcpstack_gateway_requests_in_flight', 'Requests under way.', () => adapter.requestsInFlight);
  const leaks = new LeakParts({
    log,
    nats,
    commands,
    tokenPrefix,
    githubKeys: config.GITHUB_SECRET_SCANNING_KEYS,
    ...(options.credentialLimits && { credentialLimits: options.credentialLimits }),
  });
  const sessions = new SessionParts({
    log,
    nats,
    tokenPrefix,
    publicUrl,
    loginIsSetUp: provider !== undefined,
    accessLifeMs: config.ACCESS_TOKEN_LIFE_MS,
    replicas: config.JETSTREAM_REPLICAS,
    ...(options.deviceLimits && { deviceLimits: options.deviceLimits }),
  });
  // Last of what may fail, so that nothing is left open.
  const { HOST: host, METRICS_PORT: port } = config;
  const served =
    port === undefined ? undefined : await serveMetrics({ metrics, health, log }, { host, port });
  const parts = {
    metrics: served,
    log,
    health,
    nats,
    commands,
    readModels,
    publicUrl,
    provider,
    browserLoginLimit: options.browserLoginLimit,
    sessions,
    leaks,
    routes,
    tokenPrefix,
    replicas: config.JETSTREAM_REPLICAS,
  };
  return {
    module: GatewayModule.of(parts),
    log,
    host: config.HOST,
    port: config.PORT,
    adapter,
    configure: (app) => {
      app.useGlobalPipes(validationPipe());
      serveOpenApi(app);
    },
  };
}
