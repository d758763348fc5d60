/** NATS connections: named, bounded at first, kept for ever after. */
import { jittered, natsInboxPrefix, parseNatsUrl, redialDelay, type Login } from '@mcpstack/contracts';
import {
  connect,
  credsAuthenticator,
  type Authenticator,
  type NatsConnection,
  type NodeConnectionOptions,
} from '@nats-io/transport-node';
import { ConfigError } from './config-error.ts';
import type { Health } from './health.ts';
import type { Log } from './log.ts';
import type { Metrics } from './metrics.ts';
import type { NatsPlace } from './places.ts';

const CONNECT_TIMEOUT_MS = 5_000;

/**
 * Options shared by every connection of ours. A lost connection is made again for ever; pings find a
 * half-open one within about ten seconds, and every request has a deadline of its own besides.
 */
export function natsOptions(place: NatsPlace | string, name: string): NodeConnectionOptions {
  const { url, login, caFile }: NatsPlace = typeof place === 'string' ? { url: place } : place;
  const { tls, ...target } = parseNatsUrl(url);
  const inboxPrefix = natsInboxPrefix(target.user ?? userOf(login?.()));
  return {
    ...target,
    ...(inboxPrefix && { inboxPrefix }),
    ...(tls && { tls: caFile === undefined ? {} : { caFile } }),
    ...(login && { authenticator: authenticatorOf(login) }),
    name,
    timeout: CONNECT_TIMEOUT_MS,
    maxReconnectAttempts: -1,
    reconnectDelayHandler: redialDelay(jittered(100, 100)),
    pingInterval: 5_000,
    maxPingOut: 2,
    ignoreAuthErrorAbort: true,
  };
}

function userOf(login: Login | undefined): string | undefined {
  return login && 'user' in login ? login.user : undefined;
}

/** Asked at each connection, so that rotated credentials count from the next one on. */
function authenticatorOf(login: () => Login): Authenticator {
  return (nonce) => {
    const found = login();
    if ('creds' in found) return credsAuthenticator(new TextEncoder().encode(found.creds))(nonce);
    return { user: found.user, pass: found.password };
  };
}

/**
 * Connects, reports the connection's state to health and log, and answers the connection.
 * @throws ConfigError when NATS does not take the connection within five seconds.
 */
export async function connectNats(
  place: NatsPlace | string,
  name: string,
  { log, health, metrics }: { log?: Log; health?: Health; metrics?: Metrics } = {},
): Promise<NatsConnection> {
  const connection = await connect(natsOptions(place, name)).catch((error: Error) => {
    const what = 'start it, or correct the address in NATS_URL and the credentials';
    throw new ConfigError([`NATS cannot be used (${error.message}): ${what}.`]);
  });
  let state = 'connected';
  health?.register('nats', () => (state === 'connected' ? undefined : `NATS is ${state}`));
  metrics?.connection('nats', () => state === 'connected');
  const watch = async (): Promise<void> => {
    for await (const status of connection.status()) {
      if (status.type === 'disconnect') state = 'disconnected';
      else if (status.type === 'reconnect') state = 'connected';
      else continue;
      log?.warn(`NATS ${state}`, { state });
    }
    state = 'closed';
  };
  watch().catch((error: unknown) => log?.error('the NATS status feed ended', { err: error }));
  return connection;
}
