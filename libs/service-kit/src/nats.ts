/** NATS connections: named, bounded at first, kept for ever after. */
import { jittered, parseNatsUrl, redialDelay } from '@mcpstack/contracts';
import { connect, type NatsConnection, type NodeConnectionOptions } from '@nats-io/transport-node';
import { ConfigError } from './config.ts';
import type { Health } from './health.ts';
import type { Log } from './log.ts';

const CONNECT_TIMEOUT_MS = 5_000;

/**
 * Options shared by every connection of ours. A lost connection is made again for ever; pings find a
 * half-open one within about ten seconds, and every request has a deadline of its own besides.
 */
export function natsOptions(url: string, name: string): NodeConnectionOptions {
  const { tls, ...target } = parseNatsUrl(url);
  return {
    ...target,
    ...(tls && { tls: {} }),
    name,
    timeout: CONNECT_TIMEOUT_MS,
    maxReconnectAttempts: -1,
    reconnectDelayHandler: redialDelay(jittered(100, 100)),
    pingInterval: 5_000,
    maxPingOut: 2,
    ignoreAuthErrorAbort: true,
  };
}

/**
 * Connects, reports the connection's state to health and log, and answers the connection.
 * @throws ConfigError when NATS does not take the connection within five seconds.
 */
export async function connectNats(
  url: string,
  name: string,
  { log, health }: { log?: Log; health?: Health } = {},
): Promise<NatsConnection> {
  const connection = await connect(natsOptions(url, name)).catch((error: Error) => {
    const what = 'start it, or correct the address and the credentials in NATS_URL';
    throw new ConfigError([`NATS cannot be used (${error.message}): ${what}.`]);
  });
  let state = 'connected';
  health?.register('nats', () => (state === 'connected' ? undefined : `NATS is ${state}`));
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
