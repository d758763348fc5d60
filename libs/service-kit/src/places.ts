/**
 * Where the outside servers are and how to log in there: from settings to what clients take. Secrets come by
 * reference, as files; docs/settings.md says how.
 */
import type { Login, RedisPlace } from '@mcpstack/contracts';
import { latestOf, readCa, readNatsCreds, readPassword } from './secret-file.ts';

/** A NATS server or cluster. */
export interface NatsPlace {
  url: string;
  /** Asked for each new connection; absent: what the URL holds, or nothing. */
  login?: () => Login;
  /** Of the authorities that signed the server's certificate; read for each new connection. */
  caFile?: string;
}

/** The event log: NATS or KurrentDB, by the scheme. */
export type EventStorePlace = NatsPlace;

export interface NatsConfig {
  NATS_URL: string;
  NATS_USER?: string | undefined;
  NATS_PASSWORD_FILE?: string | undefined;
  NATS_CREDS_FILE?: string | undefined;
  NATS_CA_FILE?: string | undefined;
}

export interface RedisConfig {
  REDIS_URL?: string | undefined;
  REDIS_USERNAME?: string | undefined;
  REDIS_PASSWORD_FILE?: string | undefined;
  REDIS_CA_FILE?: string | undefined;
  REDIS_SENTINELS?: string | undefined;
  REDIS_SENTINEL_NAME?: string | undefined;
  REDIS_SENTINEL_USERNAME?: string | undefined;
  REDIS_SENTINEL_PASSWORD_FILE?: string | undefined;
}

export interface EventStoreConfig {
  EVENT_STORE_URL: string;
  EVENT_STORE_USER?: string | undefined;
  EVENT_STORE_PASSWORD_FILE?: string | undefined;
  EVENT_STORE_CREDS_FILE?: string | undefined;
  EVENT_STORE_CA_FILE?: string | undefined;
}

/** @throws ConfigError when a file cannot be used. */
export function natsPlace(config: NatsConfig): NatsPlace {
  return natsLike('NATS', config.NATS_URL, {
    user: config.NATS_USER,
    passwordFile: config.NATS_PASSWORD_FILE,
    credsFile: config.NATS_CREDS_FILE,
    caFile: config.NATS_CA_FILE,
  });
}

/** @throws ConfigError when a file cannot be used. */
export function eventStorePlace(config: EventStoreConfig): EventStorePlace {
  return natsLike('EVENT_STORE', config.EVENT_STORE_URL, {
    user: config.EVENT_STORE_USER,
    passwordFile: config.EVENT_STORE_PASSWORD_FILE,
    credsFile: config.EVENT_STORE_CREDS_FILE,
    caFile: config.EVENT_STORE_CA_FILE,
  });
}

/** @throws ConfigError when a file cannot be used. */
export function redisPlace(config: RedisConfig): RedisPlace {
  const { REDIS_URL, REDIS_SENTINELS, REDIS_SENTINEL_NAME: name = '', REDIS_CA_FILE } = config;
  const ca = REDIS_CA_FILE && latestOf(readCa, 'REDIS_CA_FILE', REDIS_CA_FILE);
  const login = redisLogin('REDIS', config.REDIS_USERNAME, config.REDIS_PASSWORD_FILE);
  const common = { ...(login && { login }), ...(ca && { ca }) };
  if (REDIS_SENTINELS === undefined) return { url: REDIS_URL!, ...common };
  const servers = parseSentinels(REDIS_SENTINELS);
  const { REDIS_SENTINEL_USERNAME, REDIS_SENTINEL_PASSWORD_FILE } = config;
  const sentinelLogin = redisLogin('REDIS_SENTINEL', REDIS_SENTINEL_USERNAME, REDIS_SENTINEL_PASSWORD_FILE);
  return {
    url: REDIS_URL ?? `${ca ? 'rediss' : 'redis'}://${servers[0]}`,
    ...common,
    sentinel: { name, servers, ...(sentinelLogin && { login: sentinelLogin }) },
  };
}

/** Reads `host:26379,…`. @throws TypeError that says what to write. */
export function parseSentinels(text: string): string[] {
  const servers = text.split(',').map((host) => host.trim());
  const good = /^(\[[0-9a-fA-F:]+\]|[A-Za-z0-9._-]+):\d{1,5}$/;
  if (servers.every((server) => good.test(server) && URL.canParse(`redis://${server}`))) return servers;
  throw new TypeError('write host:26379 of each sentinel, with commas between them and nothing else');
}

interface NatsFiles {
  user: string | undefined;
  passwordFile: string | undefined;
  credsFile: string | undefined;
  caFile: string | undefined;
}

function natsLike(
  name: string,
  url: string,
  { user, passwordFile, credsFile, caFile }: NatsFiles,
): NatsPlace {
  if (caFile !== undefined) readCa(`${name}_CA_FILE`, caFile);
  const place = { url, ...(caFile !== undefined && { caFile }) };
  if (credsFile !== undefined) {
    const creds = latestOf(readNatsCreds, `${name}_CREDS_FILE`, credsFile);
    return { ...place, login: () => ({ creds: creds() }) };
  }
  if (user === undefined || passwordFile === undefined) return place;
  const password = latestOf(readPassword, `${name}_PASSWORD_FILE`, passwordFile);
  return { ...place, login: () => ({ user, password: password() }) };
}

function redisLogin(name: string, username: string | undefined, passwordFile: string | undefined) {
  if (passwordFile === undefined) return undefined;
  const password = latestOf(readPassword, `${name}_PASSWORD_FILE`, passwordFile);
  return () => ({ ...(username !== undefined && { username }), password: password() });
}
