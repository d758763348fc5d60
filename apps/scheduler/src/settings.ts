/** The scheduler's settings. Those that open a way into private networks are refused in production. */
import { readConfig, refuseInProduction, SETTINGS } from '@mcpstack/service-kit';
import { z } from 'zod';

const LONGEST_MS = 7 * 24 * 60 * 60 * 1_000;
const durationMs = (fallback: number) => z.coerce.number().int().min(1).max(LONGEST_MS).default(fallback);

const SCHEDULER_SETTINGS = {
  NATS_URL: SETTINGS.NATS_URL,
  REDIS_URL: SETTINGS.REDIS_URL,
  HOST: SETTINGS.HOST,
  HEALTH_PORT: SETTINGS.HEALTH_PORT,
  LOG_LEVEL: SETTINGS.LOG_LEVEL,
  FRESH_DELTA_MS: SETTINGS.FRESH_DELTA_MS,
  STAMP_LIFE_MS: SETTINGS.STAMP_LIFE_MS,
  LEASE_LIFE_MS: SETTINGS.LEASE_LIFE_MS,
  /** How often keys are asked for that have something due. */
  KEY_EXPIRY_POLL_MS: durationMs(1_000),
  /** How often the list of domains is gone through for those that are due. */
  DOMAIN_POLL_MS: durationMs(60_000),
  /** How often a verified or stale domain is looked at, within a tenth. */
  DOMAIN_RECHECK_MS: durationMs(24 * 60 * 60 * 1_000),
  /** How often a pending one is. */
  PENDING_DOMAIN_RECHECK_MS: durationMs(60 * 60 * 1_000),
  DNS_SERVERS: SETTINGS.DNS_SERVERS,
  /** For tests and local use: lets a domain lead to loopback and private addresses. */
  DOMAIN_CHECK_ALLOW_PRIVATE: z.enum(['true', 'false']).default('false'),
  /** For tests and local use: where the file is asked for instead of https on port 443. */
  DOMAIN_CHECK_SCHEME: z.enum(['http', 'https']).default('https'),
  DOMAIN_CHECK_PORT: z.coerce.number().int().min(1).max(65_535).optional(),
  NODE_ENV: z.string().optional(),
};

export type SchedulerSettings = ReturnType<typeof readConfig<typeof SCHEDULER_SETTINGS>>;

/** @throws ConfigError that says what is wrong. */
export function readSettings(env: NodeJS.ProcessEnv = process.env): SchedulerSettings {
  const settings = readConfig(SCHEDULER_SETTINGS, env);
  refuseInProduction(settings, {
    DOMAIN_CHECK_ALLOW_PRIVATE: settings.DOMAIN_CHECK_ALLOW_PRIVATE === 'true',
    DOMAIN_CHECK_SCHEME: settings.DOMAIN_CHECK_SCHEME !== 'https',
    DOMAIN_CHECK_PORT: settings.DOMAIN_CHECK_PORT !== undefined,
  });
  return settings;
}
