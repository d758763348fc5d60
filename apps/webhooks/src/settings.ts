/** The settings of the webhooks service. The one that opens a way into private networks is refused in production. */
import { readConfig, refuseInProduction, SETTINGS } from '@mcpstack/service-kit';
import { z } from 'zod';

const DAY_MS = 24 * 60 * 60 * 1_000;
const durationMs = (fallback: number, most: number) =>
  z.coerce.number().int().min(1).max(most).default(fallback);

const WEBHOOKS_SETTINGS = {
  NATS_URL: SETTINGS.NATS_URL,
  REDIS_URL: SETTINGS.REDIS_URL,
  HOST: SETTINGS.HOST,
  HEALTH_PORT: SETTINGS.HEALTH_PORT,
  LOG_LEVEL: SETTINGS.LOG_LEVEL,
  FRESH_DELTA_MS: SETTINGS.FRESH_DELTA_MS,
  STAMP_LIFE_MS: SETTINGS.STAMP_LIFE_MS,
  LEASE_LIFE_MS: SETTINGS.LEASE_LIFE_MS,
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
  NODE_ENV: z.string().optional(),
};

export type WebhooksSettings = ReturnType<typeof readConfig<typeof WEBHOOKS_SETTINGS>>;

/** @throws ConfigError that says what is wrong. */
export function readSettings(env: NodeJS.ProcessEnv = process.env): WebhooksSettings {
  const settings = readConfig(WEBHOOKS_SETTINGS, env);
  refuseInProduction(settings, { WEBHOOK_ALLOW_PRIVATE: settings.WEBHOOK_ALLOW_PRIVATE === 'true' });
  return settings;
}
