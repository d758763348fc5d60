/** Issuance as a Nest application: made from its settings, stopped in order. */
import { BUCKETS, finalAfterMs, finalWaitMs } from '@mcpstack/contracts';
import {
  EventStoreUnavailableError,
  EventStoreUrlError,
  openEventStore,
  type EventStore,
} from '@mcpstack/event-store';
import {
  COMMAND_TIMEOUT_MS,
  ConfigError,
  connectNats,
  durationMs,
  EVENT_STORE_SETTINGS,
  eventStorePlace,
  FRESHNESS_SETTINGS,
  Health,
  HealthController,
  Log,
  Metrics,
  MetricsController,
  JETSTREAM_SETTINGS,
  NATS_SETTINGS,
  natsPlace,
  readConfig,
  readPeppers,
  readWebhookKeys,
  refusedInProduction,
  SETTINGS,
  startTracing,
  TRACING_SETTINGS,
  type SettingsOf,
  warnOfUnsafe,
} from '@mcpstack/service-kit';
import type { NatsConnection } from '@nats-io/transport-node';
import { Module, type DynamicModule, type OnApplicationShutdown } from '@nestjs/common';
import { CqrsModule } from '@nestjs/cqrs';
import { AGENT_HANDLERS } from './agent/handlers.ts';
import { AgentController } from './agent/agent.controller.ts';
import { CommandMetrics } from './command-metrics.ts';
import { CommandRunner } from './command-runner.ts';
import { Confirmation } from './confirmation.ts';
import { counted } from './counted-store.ts';
import { Decisions } from './decisions.ts';
import { KeptReplies } from './kept-replies.ts';
import { KEY_HANDLERS } from './key/handlers.ts';
import { KeyController } from './key/key.controller.ts';
import { KeysOfMaker } from './keys-of-maker.ts';
import { MakerLoss } from './maker-loss.ts';
import { Mint } from './mint.ts';
import { ORGANIZATION_HANDLERS } from './organization/handlers.ts';
import { OrganizationController } from './organization/organization.controller.ts';
import { SERVER_HANDLERS } from './server/handlers.ts';
import { ServerController } from './server/server.controller.ts';
import { USER_HANDLERS } from './user/handlers.ts';
import { UserController } from './user/user.controller.ts';
import { WEBHOOK_HANDLERS } from './webhook/handlers.ts';
import { WebhookSecrets } from './webhook/webhook-secrets.ts';
import { WebhookController } from './webhook/webhook.controller.ts';

const NAME = 'mcpstack-issuance';
const HEALTH_TIMEOUT_MS = 1_500;

export const ISSUANCE_SETTINGS = {
  ...NATS_SETTINGS,
  ...EVENT_STORE_SETTINGS,
  ...JETSTREAM_SETTINGS,
  HOST: SETTINGS.HOST,
  HEALTH_PORT: SETTINGS.HEALTH_PORT,
  LOG_LEVEL: SETTINGS.LOG_LEVEL,
  PEPPER_FILE: SETTINGS.PEPPER_FILE,
  TOKEN_PREFIX: SETTINGS.TOKEN_PREFIX,
  /** Without it no webhook is made. */
  WEBHOOK_KEY_FILE: SETTINGS.WEBHOOK_KEY_FILE.optional(),
  WEBHOOK_ALLOW_PRIVATE: SETTINGS.WEBHOOK_ALLOW_PRIVATE,
  FRESH_DELTA_MS: FRESHNESS_SETTINGS.FRESH_DELTA_MS,
  STAMP_LIFE_MS: FRESHNESS_SETTINGS.STAMP_LIFE_MS,
  /** How long a restricting command waits to be final before it answers "recorded, not yet final". */
  FINAL_TIMEOUT_MS: durationMs(12_000, 1, COMMAND_TIMEOUT_MS),
  NODE_ENV: SETTINGS.NODE_ENV,
  ...TRACING_SETTINGS,
};
export type IssuanceConfig = SettingsOf<typeof ISSUANCE_SETTINGS>;

/** Each receives the commands on one aggregate. */
const CONTROLLERS = [
  OrganizationController,
  AgentController,
  ServerController,
  UserController,
  KeyController,
  WebhookController,
];
/** Each list stands beside the handlers that it names. */
const HANDLERS = [
  ...ORGANIZATION_HANDLERS,
  ...AGENT_HANDLERS,
  ...SERVER_HANDLERS,
  ...USER_HANDLERS,
  ...KEY_HANDLERS,
  ...WEBHOOK_HANDLERS,
];

/** Closes the connections, once the last command has been answered. */
class Shutdown implements OnApplicationShutdown {
  constructor(
    private readonly store: EventStore,
    private readonly nats: NatsConnection,
  ) {}

  async onApplicationShutdown(): Promise<void> {
    await this.store.close();
    await this.nats.close();
  }
}

@Module({})
export class IssuanceModule {
  /**
   * Reads the peppers and master keys, and connects to NATS and the log.
   * @throws ConfigError where a setting is wrong; else when NATS or the log does not answer.
   */
  static async open(config: IssuanceConfig, log: Log): Promise<DynamicModule> {
    const local = config.WEBHOOK_ALLOW_PRIVATE === 'true';
    const mint = new Mint(readPeppers(config.PEPPER_FILE), config.TOKEN_PREFIX);
    const { WEBHOOK_KEY_FILE } = config;
    const webhookKeys = WEBHOOK_KEY_FILE === undefined ? undefined : readWebhookKeys(WEBHOOK_KEY_FILE);
    const health = new Health();
    const metrics = new Metrics('issuance');
    await startTracing('issuance', config, { log, metrics });
    const nats = await connectNats(natsPlace(config), NAME, { log, health, metrics }).catch(noNats);
    warnOfUnsafe(log, { settings: config, nats, buckets: [BUCKETS.replies] });
    const { url, ...login } = eventStorePlace(config);
    const replicas = config.JETSTREAM_REPLICAS;
    const onUnsafe = (sentence: string) => log.warn(sentence);
    const opened = await openEventStore(url, { name: NAME, replicas, onUnsafe, ...login }).catch(noLog);
    const store = counted(opened, metrics);
    const replies = new KeptReplies(nats, replicas);
    const times = { deltaMs: config.FRESH_DELTA_MS, finalTimeoutMs: config.FINAL_TIMEOUT_MS };
    registerChecks(health, { nats, store, replies });
    metrics.health(health);
    return {
      module: IssuanceModule,
      imports: [CqrsModule.forRoot()],
      controllers: [HealthController, MetricsController, ...CONTROLLERS],
      providers: [
        { provide: Log, useValue: log },
        { provide: Health, useValue: health },
        { provide: Metrics, useValue: metrics },
        { provide: Mint, useValue: mint },
        { provide: KeptReplies, useValue: replies },
        { provide: WebhookSecrets, useValue: new WebhookSecrets(replies, { keys: webhookKeys, local }) },
        { provide: Confirmation, useValue: new Confirmation(nats, times, log) },
        { provide: Decisions, useValue: new Decisions(store) },
        { provide: KeysOfMaker, useValue: new KeysOfMaker(nats) },
        { provide: Shutdown, useValue: new Shutdown(store, nats) },
        CommandMetrics,
        CommandRunner,
        MakerLoss,
        ...HANDLERS,
      ],
    };
  }
}

/**
 * A projection that has just taken over can confirm nothing before T and a margin have passed; and whoever sent the
 * command waits so long and no longer, Δ and a margin after the confirmation included.
 */
function* timeProblems({
  FINAL_TIMEOUT_MS: finalMs,
  STAMP_LIFE_MS: stampLifeMs,
  FRESH_DELTA_MS: deltaMs,
}: Partial<IssuanceConfig>): Generator<string> {
  if (finalMs === undefined) return;
  const leastMs = stampLifeMs === undefined ? 0 : finalAfterMs({ stampLifeMs });
  if (finalMs <= leastMs)
    yield `FINAL_TIMEOUT_MS must be more than ${leastMs}, which is STAMP_LIFE_MS and a margin.`;
  const mostMs = COMMAND_TIMEOUT_MS - (deltaMs === undefined ? 0 : finalWaitMs({ deltaMs }));
  if (finalMs >= mostMs)
    yield `FINAL_TIMEOUT_MS must be less than ${mostMs}: the gateway waits ${COMMAND_TIMEOUT_MS} ms, and FRESH_DELTA_MS and a margin go by after it.`;
}

/** @throws ConfigError that says all that is wrong. */
export function readSettings(env: NodeJS.ProcessEnv = process.env): IssuanceConfig {
  return readConfig(ISSUANCE_SETTINGS, env, [
    (settings) => [...timeProblems(settings)],
    refusedInProduction({ WEBHOOK_ALLOW_PRIVATE: (value) => value === 'true' }),
  ]);
}

function noNats(): never {
  throw new ConfigError([
    'No NATS server answers at NATS_URL (or it refuses the credentials): start one there, or set NATS_URL to where it runs.',
  ]);
}

/** The log's own messages say what to do. */
function noLog(error: unknown): never {
  if (error instanceof EventStoreUrlError || error instanceof EventStoreUnavailableError)
    throw new ConfigError([error.message]);
  throw error;
}

/** Ready means that a command would be carried out: NATS, the log and the bucket answer now. */
function registerChecks(
  health: Health,
  { nats, store, replies }: { nats: NatsConnection; store: EventStore; replies: KeptReplies },
): void {
  health.register('nats-answers', async () => {
    await nats.rtt();
    return undefined;
  });
  health.register('event-log', async () => {
    await store.head({ timeoutMs: HEALTH_TIMEOUT_MS });
    return undefined;
  });
  health.register('kept-replies', async () => {
    await replies.prepare();
    return undefined;
  });
}
