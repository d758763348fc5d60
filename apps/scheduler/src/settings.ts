/** The scheduler's settings. Those that open a way into private networks are refused in production. */
import { isIP } from 'node:net';
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
  /** Name servers to ask, such as `10.0.0.2,10.0.0.3:5353`; by default those of the machine. */
  DNS_SERVERS: z
    .string()
    .refine(isServerList, 'write IP addresses, each with a port if need be, with commas between them')
    .optional(),
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

/** The entries of `DNS_SERVERS`; `undefined` stands for those of the machine. */
export function dnsServers({ DNS_SERVERS }: Pick<SchedulerSettings, 'DNS_SERVERS'>): string[] | undefined {
  return DNS_SERVERS?.split(',').map((server) => server.trim());
}

function isServerList(value: string): boolean {
  const servers = value.split(',').map((server) => server.trim());
  return servers.length <= 8 && servers.every((server) => isServer(server));
}

/** `192.0.2.1`, `192.0.2.1:5353`, `2001:db8::1` or `[2001:db8::1]:5353`. */
function isServer(server: string): boolean {
  if (isIP(server) !== 0) return true;
  const { address = '', port = '' } =
    /^(?:\[(?<address>[^\]]+)\]|(?<address4>[^:]+)):(?<port>\d{1,5})$/.exec(server)?.groups ?? {};
  const host = address || server.split(':')[0]!;
  return isIP(host) !== 0 && Number(port) >= 1 && Number(port) <= 65_535;
}
