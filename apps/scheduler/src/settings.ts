/** The scheduler's settings. Those that open a way into private networks are refused in production. */
import {
  durationMs as duration,
  FRESHNESS_SETTINGS,
  JETSTREAM_SETTINGS,
  NATS_SETTINGS,
  readConfig,
  REDIS_SETTINGS,
  refusedInProduction,
  SETTINGS,
  oneOf,
  wholeNumber,
} from '@mcpstack/service-kit';

const LONGEST_MS = 7 * 24 * 60 * 60 * 1_000;
const durationMs = (fallback: number) => duration(fallback, 1, LONGEST_MS);

export const SCHEDULER_SETTINGS = {
  ...NATS_SETTINGS,
  ...JETSTREAM_SETTINGS,
  ...REDIS_SETTINGS,
  HOST: SETTINGS.HOST,
  HEALTH_PORT: SETTINGS.HEALTH_PORT,
  LOG_LEVEL: SETTINGS.LOG_LEVEL,
  ...FRESHNESS_SETTINGS,
  /** How often keys are asked for that have something due. */
  KEY_EXPIRY_POLL_MS: durationMs(1_000),
  /** How often the list of domains is gone through for those that are due. */
  DOMAIN_POLL_MS: durationMs(60_000),
  /** How often a verified or stale domain is looked at, within a tenth. */
  DOMAIN_RECHECK_MS: durationMs(24 * 60 * 60 * 1_000),
  /** How often a pending domain is looked at. */
  PENDING_DOMAIN_RECHECK_MS: durationMs(60 * 60 * 1_000),
  DNS_SERVERS: SETTINGS.DNS_SERVERS,
  /** For tests and local use: lets a domain lead to loopback and private addresses. */
  DOMAIN_CHECK_ALLOW_PRIVATE: oneOf(['true', 'false']).default('false'),
  /** For tests and local use: where the file is asked for instead of https on port 443. */
  DOMAIN_CHECK_SCHEME: oneOf(['http', 'https']).default('https'),
  /** For tests and local use: the port on which the file is asked for. */
  DOMAIN_CHECK_PORT: wholeNumber(1, 65_535, 'write a port from 1 to 65535').optional(),
  NODE_ENV: SETTINGS.NODE_ENV,
};

export type SchedulerSettings = ReturnType<typeof readConfig<typeof SCHEDULER_SETTINGS>>;

/** @throws ConfigError that says what is wrong. */
export function readSettings(env: NodeJS.ProcessEnv = process.env): SchedulerSettings {
  return readConfig(SCHEDULER_SETTINGS, env, [
    refusedInProduction({
      DOMAIN_CHECK_ALLOW_PRIVATE: (value) => value === 'true',
      DOMAIN_CHECK_SCHEME: (value) => value !== 'https',
      DOMAIN_CHECK_PORT: (value) => value !== undefined,
    }),
  ]);
}
