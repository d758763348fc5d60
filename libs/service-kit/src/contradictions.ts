/** What is wrong with settings taken together, or with the files that they name: one sentence each, no secret in any. */
import type { FreshnessSettings } from './trust.ts';
import { problemsOf } from './config-error.ts';
import { readPeppers } from './peppers.ts';
import type { EventStoreConfig, NatsConfig, RedisConfig } from './places.ts';
import { readCa, readNatsCreds, readPassword } from './secret-file.ts';
import { readWebhookKeys } from './webhook-keys.ts';

/** Those that are set and good by themselves. */
export type KnownSettings = Partial<
  NatsConfig &
    RedisConfig &
    EventStoreConfig &
    FreshnessSettings & { PEPPER_FILE: string; WEBHOOK_KEY_FILE: string }
>;

type Problems = readonly string[];

/** Every contradiction in what is set. */
export function contradictions(settings: KnownSettings, env: NodeJS.ProcessEnv): Problems {
  return [
    ...loginProblems(settings, env),
    ...tlsProblems(settings),
    ...sentinelProblems(settings, env),
    ...freshnessProblems(settings),
    ...fileProblems(settings),
  ];
}

/** Whether somebody's name, password or token stands in a URL. */
export function holdsCredentials(url: string | undefined): boolean {
  return url !== undefined && /:\/\/[^/?#]*@/.test(url);
}

/** The servers that are logged in to, with the settings that say as whom. */
export const LOGINS = [
  { url: 'NATS_URL', user: 'NATS_USER', password: 'NATS_PASSWORD_FILE', creds: 'NATS_CREDS_FILE' },
  { url: 'REDIS_URL', user: 'REDIS_USERNAME', password: 'REDIS_PASSWORD_FILE', creds: undefined },
  {
    url: 'EVENT_STORE_URL',
    user: 'EVENT_STORE_USER',
    password: 'EVENT_STORE_PASSWORD_FILE',
    creds: 'EVENT_STORE_CREDS_FILE',
  },
] as const;

function* loginProblems(settings: KnownSettings, env: NodeJS.ProcessEnv): Generator<string> {
  for (const { url, user, password, creds } of LOGINS) {
    const [hasUser, hasPassword] = [settings[user] !== undefined, settings[password] !== undefined];
    const hasCreds = creds !== undefined && settings[creds] !== undefined;
    if (hasUser && !hasPassword)
      yield `${user} needs ${password}: name a file that holds the password of this user.`;
    // Redis has a default user; elsewhere a password belongs to somebody.
    if (hasPassword && !hasUser && creds) yield `${password} needs ${user}: write whose password it is.`;
    if (hasCreds && (hasUser || hasPassword))
      yield `${creds} and ${hasUser ? user : password} both say who logs in: unset one of them.`;
    if (!holdsCredentials(settings[url])) continue;
    if (hasUser || hasPassword || hasCreds)
      yield `${url} holds credentials beside those of ${hasCreds ? creds : password}: write it without them.`;
    else if (env['NODE_ENV'] === 'production')
      yield `${url} holds credentials, which NODE_ENV=production does not take: write it without them, and set ${user} and ${password}${creds ? ` (or ${creds})` : ''}.`;
  }
}

function* tlsProblems(settings: KnownSettings): Generator<string> {
  const { NATS_URL, NATS_CA_FILE, REDIS_URL, REDIS_CA_FILE } = settings;
  if (NATS_CA_FILE && NATS_URL?.startsWith('nats:')) yield plain('NATS_CA_FILE', 'NATS_URL', 'tls://');
  if (REDIS_CA_FILE && REDIS_URL?.startsWith('redis:'))
    yield plain('REDIS_CA_FILE', 'REDIS_URL', 'rediss://');

  const { EVENT_STORE_URL: log, EVENT_STORE_CA_FILE, EVENT_STORE_USER, EVENT_STORE_CREDS_FILE } = settings;
  if (!log) return;
  if (EVENT_STORE_CA_FILE && log.startsWith('nats:'))
    yield plain('EVENT_STORE_CA_FILE', 'EVENT_STORE_URL', 'tls://');
  if (isNats(log)) return;
  const query = new Map(new URLSearchParams(log.slice(log.indexOf('?') + 1)));
  const options = new Map([...query].map(([name, value]) => [name.toLowerCase(), value]));
  const isPlain = options.get('tls') === 'false';
  if (EVENT_STORE_CA_FILE && isPlain)
    yield 'EVENT_STORE_CA_FILE is set, but EVENT_STORE_URL says tls=false: take that out of it, or unset EVENT_STORE_CA_FILE.';
  if (EVENT_STORE_CA_FILE && options.has('tlscafile'))
    yield 'EVENT_STORE_CA_FILE and tlsCAFile in EVENT_STORE_URL both name certificates: take tlsCAFile out of the URL.';
  if (EVENT_STORE_USER && isPlain)
    yield 'EVENT_STORE_USER is set, but EVENT_STORE_URL says tls=false, and nobody logs in to KurrentDB without TLS: take tls=false out of it, or unset EVENT_STORE_USER and EVENT_STORE_PASSWORD_FILE.';
  if (EVENT_STORE_CREDS_FILE)
    yield 'EVENT_STORE_CREDS_FILE holds credentials of NATS, but EVENT_STORE_URL names KurrentDB: set EVENT_STORE_USER and EVENT_STORE_PASSWORD_FILE.';
}

function isNats(url: string): boolean {
  return /^(nats|tls):/.test(url);
}

function plain(caFile: string, url: string, scheme: string): string {
  return `${caFile} is set, but ${url} does not ask for TLS: begin it with ${scheme}, or unset ${caFile}.`;
}

function* sentinelProblems(settings: KnownSettings, env: NodeJS.ProcessEnv): Generator<string> {
  const { REDIS_SENTINELS: sentinels, REDIS_SENTINEL_NAME: name } = settings;
  if (sentinels && !name)
    yield 'REDIS_SENTINELS needs REDIS_SENTINEL_NAME: write what the sentinels call the primary, such as mymaster.';
  for (const other of [
    'REDIS_SENTINEL_NAME',
    'REDIS_SENTINEL_USERNAME',
    'REDIS_SENTINEL_PASSWORD_FILE',
  ] as const)
    if (settings[other] && !sentinels && !env['REDIS_SENTINELS'])
      yield `${other} needs REDIS_SENTINELS: write host:26379 of each sentinel, or unset ${other}.`;
  if (settings.REDIS_SENTINEL_USERNAME && !settings.REDIS_SENTINEL_PASSWORD_FILE)
    yield 'REDIS_SENTINEL_USERNAME needs REDIS_SENTINEL_PASSWORD_FILE: name a file that holds the password of this user.';
}

/** When the active projection dies, another comes after L at the earliest, and all trust has run out T after its last stamp. */
function* freshnessProblems({
  LEASE_LIFE_MS: lease,
  STAMP_LIFE_MS: stamp,
}: KnownSettings): Generator<string> {
  if (lease !== undefined && stamp !== undefined && lease >= stamp)
    yield `LEASE_LIFE_MS (${lease}) must be less than STAMP_LIFE_MS (${stamp}), else every change of the active projection makes all checks fail for a while: the defaults are 3000 and 5000.`;
}

const FILES = {
  NATS_PASSWORD_FILE: readPassword,
  NATS_CREDS_FILE: readNatsCreds,
  NATS_CA_FILE: readCa,
  REDIS_PASSWORD_FILE: readPassword,
  REDIS_SENTINEL_PASSWORD_FILE: readPassword,
  REDIS_CA_FILE: readCa,
  EVENT_STORE_PASSWORD_FILE: readPassword,
  EVENT_STORE_CREDS_FILE: readNatsCreds,
  EVENT_STORE_CA_FILE: readCa,
  PEPPER_FILE: (_: string, path: string) => readPeppers(path),
  WEBHOOK_KEY_FILE: (_: string, path: string) => readWebhookKeys(path),
} as const;

function* fileProblems(settings: KnownSettings): Generator<string> {
  for (const [name, read] of Object.entries(FILES)) {
    const path = settings[name as keyof typeof FILES];
    if (path !== undefined) yield* problemsOf(() => read(name, path));
  }
}
