/** The gateway as a service: reads its configuration, connects, and says what to serve. */
import { openReadModels } from '@mcpstack/read-models';
import {
  CommandClient,
  connectNats,
  Health,
  Log,
  readConfig,
  SETTINGS,
  validationPipe,
  type Service,
} from '@mcpstack/service-kit';
import type { DestinationStream } from 'pino';
import { LocalLogin } from './auth/local-login.ts';
import type { LoginLimitSettings } from './auth/login-limits.ts';
import { GatewayModule } from './gateway.module.ts';
import { GatewayAdapter } from './http/adapter.ts';
import type { AddressLimitSettings } from './leaks/address-limit.ts';
import { LeakParts } from './leaks/leak-parts.ts';
import { serveOpenApi } from './openapi.ts';
import type { ShownReadModels } from './reads.ts';

const {
  NATS_URL,
  REDIS_URL,
  HOST,
  PORT,
  LOCAL_LOGIN_FILE,
  TRUSTED_PROXIES,
  GITHUB_SECRET_SCANNING_KEYS,
  TOKEN_PREFIX,
  LOG_LEVEL,
  FRESH_DELTA_MS,
  STAMP_LIFE_MS,
  LEASE_LIFE_MS,
} = SETTINGS;

const GATEWAY_SETTINGS = {
  NATS_URL,
  REDIS_URL,
  HOST,
  PORT,
  LOCAL_LOGIN_FILE,
  TRUSTED_PROXIES,
  GITHUB_SECRET_SCANNING_KEYS,
  TOKEN_PREFIX,
  LOG_LEVEL,
  FRESH_DELTA_MS,
  STAMP_LIFE_MS,
  LEASE_LIFE_MS,
};

export interface GatewayOptions {
  /** Where log lines go; standard output if absent. */
  logTo?: DestinationStream;
  loginLimits?: LoginLimitSettings;
  /** On `POST /credentials/revoke`. */
  credentialLimits?: AddressLimitSettings;
  /** Read instead of those at `REDIS_URL`. */
  readModels?: ShownReadModels;
}

/** @throws ConfigError when a setting is missing or wrong. */
export async function gateway(env: NodeJS.ProcessEnv, options: GatewayOptions = {}): Promise<Service> {
  const config = readConfig(GATEWAY_SETTINGS, env);
  const log = new Log('gateway', config.LOG_LEVEL, options.logTo);
  const health = new Health();
  const login = await LocalLogin.open(config.LOCAL_LOGIN_FILE, log, options.loginLimits);
  const nats = await connectNats(config.NATS_URL, 'gateway', { log, health });
  const commands = new CommandClient(config.NATS_URL, 'gateway-commands');
  await commands.connect();
  const readModels =
    options.readModels ??
    openReadModels({
      url: config.REDIS_URL,
      name: 'gateway',
      freshness: {
        deltaMs: config.FRESH_DELTA_MS,
        stampLifeMs: config.STAMP_LIFE_MS,
        leaseLifeMs: config.LEASE_LIFE_MS,
      },
      onState: ({ connected, trusted, reason }) =>
        log.info('read models', {
          state: `${connected ? '' : 'not '}connected, ${trusted ? '' : 'not '}trusted`,
          reason,
        }),
    });
  const tokenPrefix = config.TOKEN_PREFIX;
  const adapter = new GatewayAdapter(log, tokenPrefix, config.TRUSTED_PROXIES);
  const { routes } = adapter;
  const leaks = new LeakParts({
    log,
    nats,
    commands,
    tokenPrefix,
    githubKeys: config.GITHUB_SECRET_SCANNING_KEYS,
    ...(options.credentialLimits && { credentialLimits: options.credentialLimits }),
  });
  const parts = { log, health, nats, commands, readModels, login, leaks, routes, tokenPrefix };
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
