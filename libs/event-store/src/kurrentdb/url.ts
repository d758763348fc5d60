/** What EVENT_STORE_URL may say for KurrentDB. Checked here, because the client prints a URL that it finds odd. */
import { EventStoreUrlError } from '../errors.ts';

const SHAPE =
  /^(?<scheme>esdb|kurrentdb)(?<discover>\+discover)?:\/\/(?:(?<credentials>[^/?]*)@)?(?<hosts>[^/?@]+)\/?(?:\?(?<query>.*))?$/;
const HOST = /^(\[[0-9a-fA-F:.]+\]|[A-Za-z0-9._-]+)(:(?<port>\d{1,5}))?$/;
const BOOLEAN = /^(true|false)$/;
const WHOLE = /^\d{1,9}$/;
const TEXT = /^[^&?]+$/;

/** The options that mean something here, and what they may be. Others are refused: a typing error must not pass for a setting. */
const OPTIONS: Record<string, { name: string; allowed: RegExp; says: string }> = Object.fromEntries(
  [
    { name: 'tls', allowed: BOOLEAN, says: 'true or false' },
    { name: 'tlsVerifyCert', allowed: BOOLEAN, says: 'true or false' },
    { name: 'tlsCAFile', allowed: TEXT, says: 'a file' },
    { name: 'userCertFile', allowed: TEXT, says: 'a file' },
    { name: 'userKeyFile', allowed: TEXT, says: 'a file' },
    { name: 'connectionName', allowed: TEXT, says: 'a name' },
    { name: 'nodePreference', allowed: /^leader$/i, says: 'leader' },
    { name: 'defaultDeadline', allowed: WHOLE, says: 'a whole number of milliseconds' },
    { name: 'discoveryInterval', allowed: WHOLE, says: 'a whole number of milliseconds' },
    { name: 'maxDiscoverAttempts', allowed: WHOLE, says: 'a whole number' },
    { name: 'gossipTimeout', allowed: WHOLE, says: 'a whole number of seconds' },
    { name: 'keepAliveInterval', allowed: /^1\d{4,6}$|^[2-9]\d{4,6}$/, says: 'at least 10000 milliseconds' },
    { name: 'keepAliveTimeout', allowed: WHOLE, says: 'a whole number of milliseconds' },
  ].map((option) => [option.name.toLowerCase(), option]),
);

/** A peer that stops answering is given up after keepAliveInterval + keepAliveTimeout. */
const KEEP_ALIVE = { keepAliveInterval: '10000', keepAliveTimeout: '5000' };

export interface KurrentDbUrl {
  /** For the client; holds the credentials. Never to be shown. */
  connectionString: string;
  /** The same place without the credentials and options: what logs and errors may name. */
  shown: string;
  /** Without it nobody logs in. */
  tls: boolean;
}

export interface UrlOptions {
  /** Of the connection. */
  name?: string | undefined;
  /** Certificates of the authorities that signed the servers'. */
  caFile?: string | undefined;
}

/** @throws EventStoreUrlError with one sentence that never holds a part of the credentials. */
export function parseKurrentDbUrl(url: string, { name, caFile }: UrlOptions = {}): KurrentDbUrl {
  const parts = SHAPE.exec(url.trim())?.groups;
  if (!parts) throw unusable('it is no kurrentdb://host:port');
  const hosts = (parts['hosts'] ?? '').split(',');
  for (const host of hosts) {
    const found = HOST.exec(host);
    if (!found) throw unusable('a host in it cannot be read');
    if (Number(found.groups?.['port'] ?? 2113) > 65_535) throw unusable('a port is above 65535');
  }
  const options = readOptions(parts['query']);
  // Without TLS the client sends no credentials, and such a server asks for none.
  const given = checkCredentials(parts['credentials']);
  const credentials = options.get('tls') === 'false' ? '' : given;
  for (const [key, value] of Object.entries(KEEP_ALIVE)) {
    if (!options.has(key)) options.set(key, value);
  }
  if (name !== undefined && !options.has('connectionName')) {
    options.set('connectionName', encodeURIComponent(name));
  }
  if (caFile !== undefined) options.set('tlsCAFile', encodeURIComponent(caFile));
  const query = [...options].map(([key, value]) => `${key}=${value}`).join('&');
  const discover = parts['discover'] ?? '';
  return {
    connectionString: `kurrentdb${discover}://${credentials}${hosts.join(',')}?${query}`,
    shown: `kurrentdb${discover}://${hosts.join(',')}`,
    tls: options.get('tls') !== 'false',
  };
}

/** The client cuts a password at an unescaped colon, in silence; so such a one is refused. */
function checkCredentials(text: string | undefined): string {
  if (text === undefined) return '';
  if (!/^[^:@]+:[^:@]+$/.test(text)) {
    throw unusable('credentials are user:password, with : @ / ? % in them percent-encoded');
  }
  try {
    decodeURIComponent(text);
  } catch {
    throw unusable('a % in the credentials is not percent-encoded (%25)');
  }
  return `${text}@`;
}

function readOptions(query: string | undefined): Map<string, string> {
  const options = new Map<string, string>();
  for (const pair of query ? query.split('&') : []) {
    const at = pair.indexOf('=');
    const key = at < 0 ? pair : pair.slice(0, at);
    const option = OPTIONS[key.toLowerCase()];
    // The text of an unknown option may be a slip of a credential: it is not repeated.
    if (!option) throw unusable(`an option is none of ${optionNames()}`);
    const value = pair.slice(at + 1);
    if (at < 0 || !option.allowed.test(value)) throw unusable(`${option.name} is ${option.says}`);
    options.set(option.name, value);
  }
  return options;
}

function optionNames(): string {
  return Object.values(OPTIONS)
    .map((option) => option.name)
    .join(', ');
}

function unusable(why: string): EventStoreUrlError {
  return new EventStoreUrlError(
    `EVENT_STORE_URL cannot be used, ${why}: write kurrentdb://user:password@host:2113 (or kurrentdb://host:2113?tls=false for a server without TLS).`,
  );
}
