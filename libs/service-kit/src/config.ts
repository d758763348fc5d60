/** Configuration comes from environment variables, is checked once at start, and fails in sentences. */
import { isIP } from 'node:net';
import { DEFAULT_FRESHNESS, DEFAULT_TOKEN_PREFIX } from '@mcpstack/contracts';
import { z } from 'zod';
import { ConfigError } from './config-error.ts';
import {
  EVENT_STORE_SETTINGS,
  JETSTREAM_SETTINGS,
  NATS_SETTINGS,
  REDIS_SETTINGS,
} from './connection-settings.ts';
import { contradictions } from './contradictions.ts';
import { isServerList } from './dns-servers.ts';
import { durationMs, oneOf, wholeNumber } from './setting-types.ts';

const port = wholeNumber(0, 65_535, 'write a port from 0 to 65535');

/** An address, or a network in CIDR; not all the world, which could then name itself whatever it likes. */
function isNetwork(text: string): boolean {
  const [address = '', prefix, ...rest] = text.trim().split('/');
  const bits = { 0: 0, 4: 32, 6: 128 }[isIP(address)] ?? 0;
  if (bits === 0 || address.includes('%') || rest.length > 0) return false;
  return prefix === undefined || (/^[1-9][0-9]{0,2}$/.test(prefix) && Number(prefix) <= bits);
}

/** The times by which every part decides what may be believed: the same in every service. */
export const FRESHNESS_SETTINGS = {
  /** Δ: a VALID rests on a read that began at most so long ago, and every restriction waits for so long. */
  FRESH_DELTA_MS: durationMs(DEFAULT_FRESHNESS.deltaMs, 10, 5_000),
  /** T: how long a stamp of the projection is believed; one is written every T/5. */
  STAMP_LIFE_MS: durationMs(DEFAULT_FRESHNESS.stampLifeMs, 100, 14_000),
  /** L: how long the active projection's lease is good for; less than `STAMP_LIFE_MS`. */
  LEASE_LIFE_MS: durationMs(DEFAULT_FRESHNESS.leaseLifeMs, 100, 13_000),
} as const;

/** Every setting that services share; a service picks the ones it reads. */
export const SETTINGS = {
  ...NATS_SETTINGS,
  ...REDIS_SETTINGS,
  ...EVENT_STORE_SETTINGS,
  ...JETSTREAM_SETTINGS,
  /** The address to listen on; `0.0.0.0` for all of the machine's. */
  HOST: z.string().default('127.0.0.1'),
  /** Where HTTP is served. 0 picks a free port. */
  PORT: port.default(8080),
  /** Where a service without HTTP of its own answers /health. 0 picks a free port. */
  HEALTH_PORT: port.default(0),
  /** Where the gateway serves /metrics and /health beside its API. Absent: nowhere. 0 picks a free port. */
  METRICS_PORT: port.optional(),
  /** The peppers, without which nothing stored says anything about a key: one file for issuance and the authorizers. */
  PEPPER_FILE: z.string(),
  /** Master keys of the secrets of webhooks: one file for issuance, which makes no webhook without it, and the webhooks service. */
  WEBHOOK_KEY_FILE: z.string(),
  /** For tests and local use: a webhook may be of this machine or network, and plain http. */
  WEBHOOK_ALLOW_PRIVATE: oneOf(['true', 'false']).default('false'),
  /** Reverse proxies in front of the gateway, whose X-Forwarded-For is believed; without it, nobody's is. */
  TRUSTED_PROXIES: z
    .string()
    .refine(
      (text) => text.split(',').every(isNetwork),
      'write the addresses or networks of your own proxies, such as 10.0.0.0/8, separated by commas',
    )
    .optional(),
  /** GitHub's public keys for secret scanning; without it the gateway takes no findings of it. */
  GITHUB_SECRET_SCANNING_KEYS: z
    .string()
    .regex(
      /^(https:\/\/.|[^:]+$)/,
      'write https://api.github.com/meta/public_keys/secret_scanning, or the path of a file with its content',
    )
    .optional(),
  /** What keys begin with; the same in every service. */
  TOKEN_PREFIX: z
    .string()
    .regex(/^[a-z][a-z0-9]{1,15}$/, 'write 2 to 16 lower-case letters or digits')
    .default(DEFAULT_TOKEN_PREFIX),
  /** Name servers to ask, such as `10.0.0.2,10.0.0.3:5353`; by default those of the machine. */
  DNS_SERVERS: z
    .string()
    .refine(isServerList, 'write IP addresses, each with a port if need be, with commas between them')
    .optional(),
  /** The least severe lines that are logged. */
  LOG_LEVEL: oneOf(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent']).default('info'),
  ...FRESHNESS_SETTINGS,
  /** `production` refuses what is for tests and local use alone, and warns of what is not safe. */
  NODE_ENV: z.string().optional(),
} as const;

/** Looks at the settings together: those that are good by themselves. Answers sentences that say what to set. */
export type SettingsCheck<Settings> = (
  settings: Partial<Settings>,
  env: NodeJS.ProcessEnv,
) => readonly string[];

/** The settings of a shape. */
export type SettingsOf<Shape extends z.ZodRawShape> = z.infer<z.ZodObject<Shape>>;

/**
 * Settings that open a way which production must not have.
 * @param isOpen by the setting's name, whether it does.
 * @returns a check that names those that do, where NODE_ENV says production.
 */
export function refusedInProduction<Settings>(isOpen: {
  [Name in keyof Settings]?: (value: Settings[Name]) => boolean;
}): SettingsCheck<Settings> {
  return (settings, { NODE_ENV }) => {
    if (NODE_ENV !== 'production') return [];
    const names = Object.keys(isOpen) as (keyof Settings & string)[];
    return names
      .filter((name) => settings[name] !== undefined && isOpen[name]!(settings[name]))
      .map((name) => `${name} is for tests and local use: unset it in production.`);
  };
}

/**
 * Reads the settings of `shape` from `env`. Empty strings count as absent. What is missing, malformed or contradictory,
 * and the files that cannot be used, all come in one error.
 * @param checks of this service alone; those that every service needs are made besides.
 * @throws ConfigError that names every setting that is wrong, never its value where it may be a secret.
 */
export function readConfig<Shape extends z.ZodRawShape>(
  shape: Shape,
  env: NodeJS.ProcessEnv = process.env,
  checks: readonly SettingsCheck<SettingsOf<Shape>>[] = [],
): SettingsOf<Shape> {
  const problems: string[] = [];
  const good: Record<string, unknown> = {};
  for (const [name, type] of Object.entries(shape)) {
    const text = env[name] || undefined;
    const result = z.safeParse(type, text);
    if (result.success) good[name] = result.data;
    else if (text === undefined) problems.push(missing(name, type));
    else for (const { message } of result.error.issues) problems.push(`${name} cannot be used: ${message}.`);
  }
  // Of two places one is needed, and which cannot be told from either alone.
  if ('REDIS_URL' in shape && !env['REDIS_URL'] && !env['REDIS_SENTINELS'])
    problems.push(
      'REDIS_URL is not set: write redis://host:6379 (or rediss:// for TLS), or set REDIS_SENTINELS.',
    );
  problems.push(...contradictions(good, env));
  for (const check of checks) problems.push(...check(good as Partial<SettingsOf<Shape>>, env));
  if (problems.length > 0) throw new ConfigError([...new Set(problems)]);
  return good as SettingsOf<Shape>;
}

/** Says what to write where that is known: what is said of an empty text. */
function missing(name: string, type: z.core.$ZodType): string {
  const says = z.safeParse(type, '').error?.issues[0]?.message;
  if (says?.startsWith('write ')) return `${name} is not set: ${says}.`;
  return name.endsWith('_FILE') ? `${name} is not set: write the path of the file.` : `${name} is not set.`;
}
