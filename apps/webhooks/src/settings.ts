/** The settings of the webhooks service. The one that opens a way into private networks is refused in production. */
import {
  durationMs as duration,
  FRESHNESS_SETTINGS,
  JETSTREAM_SETTINGS,
  NATS_SETTINGS,
  readConfig,
  REDIS_SETTINGS,
  refusedInProduction,
  SETTINGS,
  TRACING_SETTINGS,
} from '@mcpstack/service-kit';

const DAY_MS = 24 * 60 * 60 * 1_000;
const durationMs = (fallback: number, most: number) => duration(fallback, 1, most);

export const WEBHOOKS_SETTINGS = {
  ...NATS_SETTINGS,
  ...JETSTREAM_SETTINGS,
  ...REDIS_SETTINGS,
  HOST: SETTINGS.HOST,
  HEALTH_PORT: SETTINGS.HEALTH_PORT,
  LOG_LEVEL: SETTINGS.LOG_LEVEL,
  ...FRESHNESS_SETTINGS,
  DNS_SERVERS: SETTINGS.DNS_SERVERS,
  WEBHOOK_KEY_FILE: SETTINGS.WEBHOOK_KEY_FILE,
  WEBHOOK_ALLOW_PRIVATE: SETTINGS.WEBHOOK_ALLOW_PRIVATE,
  /** How long a receiver may take to answer. */
  WEBHOOK_TIMEOUT_MS: durationMs(15_000, 60_000),
  /** How long to wait after a first failure; twice as long each time, up to a day. */
  WEBHOOK_RETRY_MS: durationMs(5_000, DAY_MS),
  /** After so long with nothing but failure a webhook is disabled. */
  WEBHOOK_DISABLE_AFTER_MS: durationMs(5 * DAY_MS, 90 * DAY_MS),
  /** How often new events are looked for. */
  WEBHOOK_POLL_MS: durationMs(500, 60_000),
  NODE_ENV: SETTINGS.NODE_ENV,
  ...TRACING_SETTINGS,
};

export type WebhooksSettings = ReturnType<typeof readConfig<typeof WEBHOOKS_SETTINGS>>;

/** @throws ConfigError that says what is wrong. */
export function readSettings(env: NodeJS.ProcessEnv = process.env): WebhooksSettings {
  return readConfig(WEBHOOKS_SETTINGS, env, [
    refusedInProduction({ WEBHOOK_ALLOW_PRIVATE: (value) => value === 'true' }),
  ]);
}
