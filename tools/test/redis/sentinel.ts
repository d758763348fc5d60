/** A sentinel, which is a redis-server that is told so. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { findServer } from '@mcpstack/local-servers';
import { askRedis, freePort, waitFor } from '@mcpstack/testing';
import { createClient } from '@redis/client';

export async function startSentinel(folder: string, lines: readonly string[]) {
  const port = await freePort();
  const file = join(folder, `sentinel-${port}.conf`);
  writeFileSync(file, [`bind 127.0.0.1`, `port ${port}`, `dir ${folder}`, ...lines, ''].join('\n'));
  const server = await findServer('redis');
  const command = server.type === 'program' ? server.path : 'redis-server';
  const child = spawn(command, [file, '--sentinel'], { stdio: 'ignore' });
  const isThere = () =>
    askRedis(port, 'PING').then(
      () => true,
      () => false,
    );
  await waitFor(isThere, { what: 'the sentinel to answer' });
  return {
    port,
    /** How many replicas of this primary it knows. */
    async replicasOf(name: string): Promise<number> {
      const client = createClient({
        url: `redis://127.0.0.1:${port}`,
        disableClientInfo: true,
        socket: { reconnectStrategy: false, connectTimeout: 5_000 },
      });
      client.on('error', () => undefined);
      await client.connect();
      try {
        return (await client.sendCommand<unknown[]>(['SENTINEL', 'REPLICAS', name])).length;
      } finally {
        client.destroy();
      }
    },
    async stop(): Promise<void> {
      child.kill('SIGKILL');
      await once(child, 'exit');
    },
  };
}
