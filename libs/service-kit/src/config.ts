/** Configuration comes from environment variables, is checked once at start, and fails in sentences. */
import { isIP } from 'node:net';
import { parseNatsUrl, DEFAULT_FRESHNESS, DEFAULT_TOKEN_PREFIX } from '@mcpstack/contracts';
import { z } from 'zod';
import { isServerList } from './dns-servers.ts';

/** A setting is missing or wrong. Each problem is a sentence that says what to set. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
  readonly code = 'bad-config';
  constructor(readonly problems: readonly string[]) {
    super(problems.join(' '));
  }
}

const port = (fallback: number) => z.coerce.number().int().min(0).max(65_535).default(fallback);
const durationMs = (fallback: number) => z.coerce.number().int().min(1).max(3_600_000).default(fallback);

function natsUrl(value: string, context: z.RefinementCtx): void {
  try {
    parseNatsUrl(value);
  } catch (error) {
    context.addIssue({ code: 'custom', message: (error as Error).message });
  }
}

/** An address, or a network in CIDR; not all the world, which could then name itself whatever it likes. */
function isNetwork(text: string): boolean {
  const [address = '', prefix, ...rest] = text.trim().split('/');
  const bits = { 0: 0, 4: 32, 6: 128 }[isIP(address)] ?? 0;
  if (bits === 0 || address.includes('%') || rest.length > 0) return false;
  return prefix === undefined || (/^[1-9][0-9]{0,2}$/.test(prefix) && Number(prefix) <= bits);
}

/** Every setting that services share; a service picks the ones it reads. */
export const SETTINGS = {
  NATS_URL: z.string().superRefine(natsUrl),
  REDIS_URL: z.string().regex(/^rediss?:\/\//, 'write redis://host:6379 (or rediss:// for TLS)'),
  EVENT_STORE_URL: z
    .string()
    .regex(
      /^(nats|tls|esdb|kurrentdb)(\+discover)?:\/\/./,
      'write kurrentdb://host:2113 for KurrentDB or nats://host:4222 for JetStream',
    ),
  HOST: z.string().default('127.0.0.1'),
  PORT: port(8080),
  /** Where a service without HTTP of its own answers /health. 0 picks a free port. */
  HEALTH_PORT: port(0),
  PEPPER_FILE: z.string(),
  /** Master keys of the secrets of webhooks. */
  WEBHOOK_KEY_FILE: z.string(),
  /** For tests and local use: a webhook may be of this machine or network, and plain http. */
  WEBHOOK_ALLOW_PRIVATE: z.enum(['true', 'false']).default('false'),
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
  TOKEN_PREFIX: z
    .string()
    .regex(/^[a-z][a-z0-9]{1,15}$/, 'write 2 to 16 lower-case letters or digits')
    .default(DEFAULT_TOKEN_PREFIX),
  /** Name servers to ask, such as `10.0.0.2,10.0.0.3:5353`; by default those of the machine. */
  DNS_SERVERS: z
    .string()
    .refine(isServerList, 'write IP addresses, each with a port if need be, with commas between them')
    .optional(),
  LOG_LEVEL: z.enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent']).default('info'),
  FRESH_DELTA_MS: durationMs(DEFAULT_FRESHNESS.deltaMs),
  STAMP_LIFE_MS: durationMs(DEFAULT_FRESHNESS.stampLifeMs),
  LEASE_LIFE_MS: durationMs(DEFAULT_FRESHNESS.leaseLifeMs),
} as const;

/**
 * Settings that open a way which production must not have.
 * @param isOpen by the setting's name, whether it does.
 * @throws ConfigError that names those that do, where NODE_ENV says production.
 */
export function refuseInProduction(
  { NODE_ENV }: { NODE_ENV?: string | undefined },
  isOpen: Readonly<Record<string, boolean>>,
): void {
  const open = Object.keys(isOpen).filter((name) => isOpen[name]);
  if (NODE_ENV !== 'production' || open.length === 0) return;
  throw new ConfigError(open.map((name) => `${name} is for tests and local use: unset it in production.`));
}

/**
 * Reads the settings of `shape` from `env`. Empty strings count as absent.
 * @throws ConfigError that names every setting that is wrong, never its value.
 */
export function readConfig<Shape extends z.ZodRawShape>(
  shape: Shape,
  env: NodeJS.ProcessEnv = process.env,
): z.infer<z.ZodObject<Shape>> {
  const present = Object.fromEntries(
    Object.keys(shape).flatMap((name) => (env[name] ? [[name, env[name]]] : [])),
  );
  const result = z.object(shape).safeParse(present);
  if (result.success) return result.data;
  throw new ConfigError(
    result.error.issues.map((issue) => {
      const name = issue.path.join('.');
      return name in present ? `${name} cannot be used: ${issue.message}.` : `${name} is not set.`;
    }),
  );
}
