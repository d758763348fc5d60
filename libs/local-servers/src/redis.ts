import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { freePort } from './free-port.ts';
import { LocalServer, type LocalServerOptions, type ServerDriver, type ServerPlace } from './local-server.ts';
import { exchange } from './exchange.ts';

export interface RedisOptions extends LocalServerOptions {
  /** Asks clients for this password. The URL does not carry it. */
  password?: string;
  /** As whom this file looks whether it is there, where `config` names users. */
  login?: { user: string; password: string };
  /** Cluster mode, as one node that owns every slot. */
  cluster?: boolean;
  /** Lines appended to the configuration file as they stand, such as `replicaof 127.0.0.1 6379`. */
  config?: string;
}

/** A Redis server of our own on 127.0.0.1 that keeps its data (append-only file) and evicts nothing. */
export function startRedis(options: RedisOptions = {}): Promise<LocalServer> {
  return LocalServer.start(redisDriver(options), options);
}

/**
 * One administrative command to a server without a password, such as `REPLICAOF NO ONE`; answers its first line.
 * @throws Error when the server refuses it or does not answer.
 */
export async function askRedis(port: number, ...words: string[]): Promise<string> {
  const text = await exchange(port, inline(...words), (all) => all.includes('\r\n'));
  const line = text.slice(0, text.indexOf('\r\n'));
  if (line.startsWith('-')) throw new Error(`Redis answered ${words[0]}: ${line.slice(1)}`);
  return line;
}

function redisDriver(options: RedisOptions): ServerDriver {
  const { login, password, cluster = false } = options;
  const words = login ? [login.user, login.password] : password === undefined ? [] : [password];
  const ask = async (port: number, commands: string, isWhole: (text: string) => boolean) => {
    const auth = words.length === 0 ? '' : inline('AUTH', ...words);
    return exchange(port, `${auth}${commands}`, isWhole);
  };
  return {
    kind: 'redis',
    url: (port) => `redis://127.0.0.1:${port}`,
    async configure(place) {
      const file = join(place.dataDir, 'redis.conf');
      writeFileSync(file, configOf(place, options, cluster ? await freePort() : 0), { mode: 0o600 });
      return [file];
    },
    async answers({ port, pid }) {
      // While it loads its data it refuses PING; the process id tells it from another's server.
      const text = await ask(port, 'INFO server\r\nPING\r\n', (all) =>
        /\+PONG|-LOADING|-NOAUTH|-ERR/.test(all),
      );
      if (!text.includes('+PONG')) return false;
      if (pid !== undefined && !text.includes(`process_id:${pid}\r\n`)) return false;
      return !cluster || (await ownsAllSlots(ask, port));
    },
  };
}

type Ask = (port: number, commands: string, isWhole: (text: string) => boolean) => Promise<string>;

async function ownsAllSlots(ask: Ask, port: number): Promise<boolean> {
  const info = await ask(port, 'CLUSTER INFO\r\n', (all) => all.includes('cluster_slots_assigned:'));
  if (!info.includes('cluster_slots_assigned:16384')) {
    await ask(port, 'CLUSTER ADDSLOTSRANGE 0 16383\r\n', (all) => /\+OK\r\n$|-ERR/.test(all));
  }
  return info.includes('cluster_state:ok');
}

function configOf({ bind, port, dataDir }: ServerPlace, options: RedisOptions, busPort: number): string {
  const { password, cluster = false, config = '' } = options;
  const quoted = JSON.stringify;
  const lines = [
    `bind ${bind}`,
    `port ${port}`,
    `dir ${quoted(dataDir)}`,
    'daemonize no',
    'appendonly yes',
    'appendfsync everysec',
    'maxmemory-policy noeviction',
    // A container's published port comes in from outside; on this machine only 127.0.0.1 listens.
    ...(bind === '127.0.0.1' ? [] : ['protected-mode no']),
    ...(password === undefined ? [] : [`requirepass ${quoted(password)}`]),
    ...(cluster ? ['cluster-enabled yes', `cluster-port ${busPort}`] : []),
    config,
  ];
  return `${lines.join('\n')}\n`;
}

function inline(...words: string[]): string {
  return `${words.map((word) => JSON.stringify(word)).join(' ')}\r\n`;
}
