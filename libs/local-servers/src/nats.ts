import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { LocalServer, type LocalServerOptions, type ServerDriver, type ServerPlace } from './local-server.ts';
import { exchange } from './exchange.ts';

/** The largest message that our NATS servers take: an event of 1 MiB, its headers and a batch around it. */
export const NATS_MAX_PAYLOAD_BYTES = 4 * 1024 * 1024;

export interface NatsOptions extends LocalServerOptions {
  /** JetStream with file storage; on by default. */
  jetstream?: boolean;
  /** Asks clients for a user and a password … */
  user?: string;
  password?: string;
  /** … or for a token. */
  token?: string;
  /** Lines appended to the configuration file as they stand. */
  config?: string;
}

/** A NATS server of our own on 127.0.0.1. The URL carries no credentials. */
export function startNats(options: NatsOptions = {}): Promise<LocalServer> {
  return LocalServer.start(natsDriver(options), options);
}

function natsDriver(options: NatsOptions): ServerDriver {
  // Only the server that we started knows this name, so nobody else's answer is taken for it.
  const name = `mcpstack-${randomBytes(6).toString('hex')}`;
  return {
    kind: 'nats',
    url: (port) => `nats://127.0.0.1:${port}`,
    configure(place) {
      const file = join(place.dataDir, 'nats.conf');
      writeFileSync(file, configOf(name, place, options), { mode: 0o600 });
      return ['--config', file];
    },
    async answers({ port }) {
      // A server greets each client with INFO; it takes clients only once JetStream has its data back.
      const info = await exchange(port, '', (text) => text.startsWith('INFO ') && text.includes('\r\n'));
      const greeting = JSON.parse(info.slice(5, info.indexOf('\r\n'))) as { server_name?: string };
      return greeting.server_name === name;
    },
  };
}

function configOf(name: string, { bind, port, dataDir }: ServerPlace, options: NatsOptions): string {
  const { jetstream = true, user, password, token, config = '' } = options;
  const quoted = JSON.stringify;
  const lines = [
    `server_name: ${quoted(name)}`,
    `listen: ${quoted(`${bind}:${port}`)}`,
    `max_payload: ${NATS_MAX_PAYLOAD_BYTES}`,
    ...(jetstream ? [`jetstream { store_dir: ${quoted(join(dataDir, 'jetstream'))} }`] : []),
    ...(token === undefined ? [] : [`authorization { token: ${quoted(token)} }`]),
    ...(user === undefined
      ? []
      : [`authorization { user: ${quoted(user)}, password: ${quoted(password ?? '')} }`]),
    config,
  ];
  return `${lines.join('\n')}\n`;
}
