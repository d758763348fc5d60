/** What a Redis server says of itself, for whoever looks whether it is set up safely. */
import type { RedisFacts, RedisPlace } from '@mcpstack/contracts';
import { Connector } from './connector.ts';
import { ReadModelsUnavailableError } from './errors.ts';

const TIMEOUT_MS = 2_000;

/** Asks over a connection of its own. INFO tells all of it, also where CONFIG is forbidden. @throws ReadModelsUnavailableError */
export async function redisFacts(place: RedisPlace): Promise<RedisFacts> {
  const connector = new Connector({ ...place, scripts: [], timeoutMs: TIMEOUT_MS, name: 'mcpstack-look' });
  const connection = await connector.connect();
  try {
    const reply = await connection.command(['INFO']).catch((error: ReadModelsUnavailableError) => {
      if (error.reason === 'server-error') return '';
      throw error;
    });
    const text = String(reply);
    const value = (name: string): string | undefined =>
      new RegExp(`^${name}:([^\\r\\n]*)`, 'm').exec(text)?.[1];
    const [aof, replicas] = [value('aof_enabled'), value('connected_slaves')];
    return {
      role: value('role'),
      maxmemoryPolicy: value('maxmemory_policy'),
      appendOnly: aof === undefined ? undefined : aof === '1',
      replicas: replicas === undefined ? undefined : Number(replicas),
    };
  } finally {
    connection.drop(new ReadModelsUnavailableError('closed', 'the server was looked at'));
  }
}
