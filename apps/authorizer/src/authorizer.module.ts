/** The authorizer as a Nest application: made from its settings, drained when it stops. */
import { setTimeout as delay } from 'node:timers/promises';
import { openReadModels, redisFacts, type ReadModels } from '@mcpstack/read-models';
import {
  CommandClient,
  connectNats,
  FRESHNESS_SETTINGS,
  freshnessOf,
  Health,
  HealthController,
  Log,
  Metrics,
  MetricsController,
  NATS_SETTINGS,
  natsPlace,
  readPeppers,
  REDIS_SETTINGS,
  redisPlace,
  SETTINGS,
  startTracing,
  tellTrust,
  TRACING_SETTINGS,
  type readConfig,
  warnOfUnsafe,
  wholeNumber,
} from '@mcpstack/service-kit';
import type { NatsConnection } from '@nats-io/transport-node';
import { Module, type DynamicModule, type OnApplicationShutdown } from '@nestjs/common';
import { Alarms } from './alarms.ts';
import { Delivery } from './delivery.ts';
import { Explainer } from './explainer.ts';
import { listenForChanges } from './changes.ts';
import { Identifier } from './identifier.ts';
import { SeenSecrets } from './seen-secrets.ts';
import { readDurations, tellMetrics } from './metrics.ts';
import { MAX_KEYS, UsageCounter } from './usage.ts';
import { Verifier } from './verifier.ts';
import { serveVerify, type VerifyService } from './verify-service.ts';

/** How often a starting authorizer looks whether it may begin. */
const POLL_MS = 20;
/** How long a stopping authorizer tries to have its last counts recorded. */
const FLUSH_TIMEOUT_MS = 3_000;
const CLOSE_TIMEOUT_MS = 1_000;

export const AUTHORIZER_SETTINGS = {
  ...NATS_SETTINGS,
  ...REDIS_SETTINGS,
  PEPPER_FILE: SETTINGS.PEPPER_FILE,
  TOKEN_PREFIX: SETTINGS.TOKEN_PREFIX,
  HOST: SETTINGS.HOST,
  HEALTH_PORT: SETTINGS.HEALTH_PORT,
  LOG_LEVEL: SETTINGS.LOG_LEVEL,
  ...FRESHNESS_SETTINGS,
  NODE_ENV: SETTINGS.NODE_ENV,
  ...TRACING_SETTINGS,
  /** Keys whose uses are counted at once; uses of others are lost. */
  USAGE_MAX_KEYS: wholeNumber(1, 10_000_000).default(MAX_KEYS),
};

export type AuthorizerConfig = ReturnType<typeof readConfig<typeof AUTHORIZER_SETTINGS>>;

interface Parts {
  serving: Promise<VerifyService>;
  stopping: AbortController;
  usage: UsageCounter;
  delivery: Delivery;
  commands: CommandClient;
  models: ReadModels;
  nats: NatsConnection;
}

/** Answers what was taken, then has it counted, then closes. */
class Shutdown implements OnApplicationShutdown {
  constructor(private readonly parts: Parts) {}

  async onApplicationShutdown(): Promise<void> {
    const { serving, stopping, usage, delivery, commands, models, nats } = this.parts;
    stopping.abort();
    await (await serving).stop();
    delivery.giveUpAfter(FLUSH_TIMEOUT_MS);
    await usage.stop();
    await delivery.idle();
    await Promise.race([
      commands.close().catch(() => undefined),
      delay(CLOSE_TIMEOUT_MS, undefined, { ref: false }),
    ]);
    await models.close();
    await nats.close();
  }
}

@Module({})
export class AuthorizerModule {
  /** Connects to NATS and serves; Redis may come later. @throws ConfigError, or when NATS does not answer. */
  static async open(config: AuthorizerConfig, log: Log): Promise<DynamicModule> {
    const peppers = readPeppers(config.PEPPER_FILE);
    const health = new Health();
    const metrics = new Metrics('authorizer');
    await startTracing('authorizer', config, { log, metrics });
    const nats = await connectNats(natsPlace(config), 'mcpstack-authorizer', { log, health, metrics });
    warnOfUnsafe(log, { settings: config, nats, redis: () => redisFacts(redisPlace(config)) });
    const models = openReadModels({
      ...redisPlace(config),
      freshness: freshnessOf(config),
      name: 'mcpstack-authorizer',
      onState: tellTrust(log),
    });
    const commands = new CommandClient(natsPlace(config), 'mcpstack-authorizer-commands');
    const delivery = new Delivery({
      client: commands,
      onRefused: (error) => log.error('issuance refused what was seen', { err: error }),
    });
    const usage = new UsageCounter({
      delivery,
      maxKeys: config.USAGE_MAX_KEYS,
      onLost: (count, reason) => log.error('uses were not recorded', { count, reason }),
    });
    const seen = new SeenSecrets(delivery);
    const onError = (error: unknown): void => log.error('a verify failed', { err: error });
    const alarms = new Alarms((message) => log.error(message, {}));
    const asked = { models, peppers, tokenPrefix: config.TOKEN_PREFIX, onError };
    const verifier: Verifier = new Verifier({
      ...asked,
      onUse: (found, { wallMs, count, isOwn, ip, userAgent }) => {
        usage.count(found.key, wallMs, count, { ip, userAgent });
        if (isOwn) seen.note(found, wallMs);
      },
      onDecided: readDurations(metrics),
      onBroken: (reason) => {
        verifier.tally.broken += 1;
        alarms.raise(reason);
      },
    });
    listenForChanges(nats, (ids) => verifier.changed(ids));
    const explainer = new Explainer(asked);
    const identifier = new Identifier({ models, peppers, onError });
    const stopping = new AbortController();
    // A newcomer that answered UNAVAILABLE while its fellows know better would make every rolling restart
    // felt. When nothing can be trusted for long, though, to say so beats to say nothing.
    const serving = trustedWithin(models, 2 * config.STAMP_LIFE_MS, stopping.signal).then(() =>
      serveVerify(nats, { verifier, explainer, identifier }, onError),
    );
    let isServing = false;
    serving.then(() => (isServing = true)).catch(onError);
    health.register('verify', () => (isServing ? undefined : 'no checks are taken yet'));
    health.register('read-models', () => {
      const { trusted, reason } = models.state();
      return trusted ? undefined : (reason ?? 'not trusted');
    });
    metrics.health(health);
    metrics.readModels(models);
    tellMetrics(metrics, { verifier, usage });
    const parts = { serving, stopping, usage, delivery, commands, models, nats };
    return {
      module: AuthorizerModule,
      controllers: [HealthController, MetricsController],
      providers: [
        { provide: Log, useValue: log },
        { provide: Health, useValue: health },
        { provide: Metrics, useValue: metrics },
        { provide: Shutdown, useValue: new Shutdown(parts) },
      ],
    };
  }
}

/** Resolves when the read models are trusted, at the latest after `timeoutMs` or when the signal aborts. */
async function trustedWithin(models: ReadModels, timeoutMs: number, signal: AbortSignal): Promise<void> {
  const untilMs = performance.now() + timeoutMs;
  while (!models.state().trusted && performance.now() < untilMs && !signal.aborted)
    await delay(POLL_MS, undefined, { signal }).catch(() => undefined);
}
