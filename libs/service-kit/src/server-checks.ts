/**
 * What is unsafe about the servers that a service uses: looked at once at start, in the background, and said in one
 * warning each. It never refuses: whoever runs the servers may know better, and a start must not hang on it.
 */
import { setTimeout as delay } from 'node:timers/promises';
import type { RedisFacts } from '@mcpstack/contracts';
import { JetStreamApiError, jetstreamManager, type JetStreamManager } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/transport-node';
import { holdsCredentials, LOGINS } from './contradictions.ts';
import type { Log } from './log.ts';
import type { EventStoreConfig, NatsConfig, RedisConfig } from './places.ts';

/** JetStream's key-value buckets and the requests of the log need it. */
const OLDEST_NATS = [2, 9] as const;
/** From here on a server can be told to have each message of the log on disk before it answers. */
const SYNCING_NATS = [2, 10] as const;
const REDIS_TRIES = 60;
const REDIS_PAUSE_MS = 5_000;
const JETSTREAM_TIMEOUT_MS = 2_000;
const STREAM_NOT_FOUND = 10059;

export interface UsedServers {
  /** Those of the service, as they were read. */
  settings: Partial<
    NatsConfig & RedisConfig & EventStoreConfig & { NODE_ENV: string | undefined; JETSTREAM_REPLICAS: number }
  >;
  nats?: NatsConnection;
  /** JetStream's buckets that this service uses. */
  buckets?: readonly string[];
  /** Asks the Redis server; rejects while it does not answer. */
  redis?: () => Promise<RedisFacts>;
}

/** Looks and warns. Returns at once. */
export function warnOfUnsafe(log: Log, servers: UsedServers): void {
  const warn = (sentences: readonly string[]): void => {
    for (const sentence of sentences) log.warn(sentence);
  };
  warn(unsafeSettings(servers.settings));
  const { nats, buckets = [], redis } = servers;
  if (nats) {
    warn(unsafeNats(nats, servers.settings));
    const streams = buckets.map((name) => `KV_${name}`);
    void unsafeStreams(nats, streams).then(warn);
  }
  if (redis) void askedRedis(redis).then((facts) => facts && warn(unsafeRedis(facts)));
}

/** What can be told from the settings alone. */
export function unsafeSettings(settings: UsedServers['settings']): string[] {
  const found: string[] = [];
  for (const { url, user, password, creds } of LOGINS)
    if (holdsCredentials(settings[url]))
      found.push(
        `${url} holds credentials: set ${user} and ${password}${creds ? ` (or ${creds})` : ''}, and write it without them.`,
      );
  if (settings.NODE_ENV !== 'production') return found;
  const { NATS_URL, REDIS_URL, REDIS_SENTINELS, REDIS_CA_FILE, EVENT_STORE_URL: log } = settings;
  if (NATS_URL?.startsWith('nats:')) found.push(noTls('NATS', 'begin NATS_URL with tls://'));
  const isPlainRedis = REDIS_URL ? REDIS_URL.startsWith('redis:') : REDIS_SENTINELS && !REDIS_CA_FILE;
  if (isPlainRedis) found.push(noTls('Redis', 'begin REDIS_URL with rediss://'));
  if (log?.startsWith('nats:')) found.push(noTls('The event log', 'begin EVENT_STORE_URL with tls://'));
  if (log && /[?&]tls=false(&|$)/i.test(log))
    found.push(noTls('The event log', 'take tls=false out of EVENT_STORE_URL'));
  return found;
}

function noTls(what: string, how: string): string {
  return `${what} may be used without TLS, so that anybody on the network may read and change what is sent: ${how}.`;
}

/** What the server said of itself when it greeted. */
export function unsafeNats(
  nats: NatsConnection,
  { EVENT_STORE_URL: log = '', JETSTREAM_REPLICAS: replicas }: UsedServers['settings'],
): string[] {
  const version = nats.info?.version ?? '';
  if (nats.info?.cluster && replicas === 1)
    return [
      'JETSTREAM_REPLICAS is 1 though NATS is a cluster: what this service makes there is lost with one server. Set it to 3.',
      ...tooOld(version, log),
    ];
  return tooOld(version, log);
}

function tooOld(version: string, log: string): string[] {
  if (isOlder(version, OLDEST_NATS))
    return [`The NATS server is ${version}, which is too old: install ${OLDEST_NATS.join('.')} or newer.`];
  if (/^(nats|tls):/.test(log) && isOlder(version, SYNCING_NATS))
    return [
      `The NATS server is ${version}, and cannot be told to have each event on disk before it answers: where it holds the log, install ${SYNCING_NATS.join('.')} or newer and set sync_interval: always.`,
    ];
  return [];
}

function isOlder(version: string, [major, minor]: readonly [number, number]): boolean {
  const [itsMajor = 0, itsMinor = 0] = version.split('.').map(Number);
  return itsMajor < major || (itsMajor === major && itsMinor < minor);
}

/** Streams of one replica on a cluster: with their one server they are gone. Those that are not there yet are unknown. */
export async function unsafeStreams(nats: NatsConnection, names: readonly string[]): Promise<string[]> {
  if (!nats.info?.cluster || names.length === 0) return [];
  const found: string[] = [];
  const manager = jetstreamManager(nats, { timeout: JETSTREAM_TIMEOUT_MS, checkAPI: false });
  const counts = await Promise.allSettled(names.map(async (name) => replicasOf(await manager, name)));
  const where = (is: (count: PromiseSettledResult<number | undefined>) => boolean): string =>
    names.filter((_, index) => is(counts[index]!)).join(', ');
  const single = where((count) => count.status === 'fulfilled' && count.value === 1);
  if (single)
    found.push(
      `JetStream keeps one replica only of ${single}, though NATS is a cluster: raise each with nats stream edit NAME --replicas 3.`,
    );
  const unseen = where((count) => count.status === 'rejected');
  if (unseen)
    found.push(
      `The replicas of ${unseen} could not be looked at: this user may not, or JetStream does not answer.`,
    );
  return found;
}

/** Undefined for a stream that is not there yet. */
async function replicasOf(manager: JetStreamManager, name: string): Promise<number | undefined> {
  try {
    return (await manager.streams.info(name)).config.num_replicas;
  } catch (error) {
    if (error instanceof JetStreamApiError && error.code === STREAM_NOT_FOUND) return undefined;
    throw error;
  }
}

export function unsafeRedis({ role, maxmemoryPolicy, appendOnly, replicas }: RedisFacts): string[] {
  const found: string[] = [];
  if (role !== undefined && role !== 'master')
    found.push(
      'This Redis is a replica, of which nothing is read: write the address of the primary, or set REDIS_SENTINELS.',
    );
  if (maxmemoryPolicy !== undefined && maxmemoryPolicy !== 'noeviction')
    found.push(
      `Redis may evict keys (maxmemory-policy ${maxmemoryPolicy}): set maxmemory-policy to noeviction, or valid keys will be refused.`,
    );
  if (appendOnly === false && replicas === 0)
    found.push(
      'Redis has no append-only file and no replica: after a restart every check fails until the read models are built again; set appendonly to yes, or add a replica.',
    );
  const untold = Object.entries({
    role,
    'maxmemory-policy': maxmemoryPolicy,
    appendonly: appendOnly,
    replicas,
  })
    .filter(([, value]) => value === undefined)
    .map(([name]) => name);
  if (untold.length > 0) found.push(`Redis does not tell, so it could not be checked: ${untold.join(', ')}.`);
  return found;
}

/** Redis may come later than the service does. */
async function askedRedis(ask: () => Promise<RedisFacts>): Promise<RedisFacts | undefined> {
  for (let tries = 0; tries < REDIS_TRIES; tries += 1) {
    // It may also throw at once, as where a file of a password is being replaced.
    const facts = await Promise.resolve()
      .then(ask)
      .catch(() => undefined);
    if (facts) return facts;
    await delay(REDIS_PAUSE_MS, undefined, { ref: false });
  }
  return undefined;
}
