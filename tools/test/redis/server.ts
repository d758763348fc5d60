/** A Redis server with the users of deploy/redis. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { repositoryRoot } from '@mcpstack/local-servers';
import { startRedis, type LocalServer } from '@mcpstack/testing';
import { createClient } from '@redis/client';

const MAKE_USERS = join(repositoryRoot(), 'deploy', 'redis', 'make-users.mjs');
/** Who reads or writes the read models. */
const ON_REDIS = ['gateway', 'projection', 'authorizer', 'scheduler', 'webhooks'];

export interface GuardedRedis {
  server: LocalServer;
  /** Where the passwords stand, and users.acl. */
  folder: string;
  password(user: string): string;
  /** With credentials. */
  url(user: string): string;
  /** One command of the user `operator`. */
  command(words: string[]): Promise<unknown>;
  /** What the server refused, as `user: what`. */
  refusals(): Promise<string[]>;
  /** Settings of one service. */
  settings(service: string): Record<string, string>;
  stop(): Promise<void>;
}

/**
 * @param change edits users.acl before the server reads it, to show that it matters.
 * @param more lines of the configuration.
 */
export async function startGuardedRedis(
  change: (acl: string) => string = (acl) => acl,
  more = '',
): Promise<GuardedRedis> {
  const folder = mkdtempSync(join(tmpdir(), 'mcpstack-redis-'));
  execFileSync(process.execPath, [MAKE_USERS, folder]);
  const users = join(folder, 'users.acl');
  writeFileSync(users, change(readFileSync(users, 'utf8')));
  const file = (user: string) => join(folder, `${user}.password`);
  const password = (user: string) => readFileSync(file(user), 'utf8').trim();
  const server = await startRedis({
    config: `aclfile ${users}\n${more}`,
    login: { user: 'operator', password: password('operator') },
  });
  const url = (user: string) => `redis://${user}:${password(user)}@127.0.0.1:${server.port}`;
  const command = async (words: string[]): Promise<unknown> => {
    const client = createClient({ url: url('operator') });
    await client.connect();
    try {
      return await client.sendCommand(words);
    } finally {
      client.destroy();
    }
  };
  return {
    server,
    folder,
    password,
    url,
    settings: (service) =>
      ON_REDIS.includes(service) ? { REDIS_USERNAME: service, REDIS_PASSWORD_FILE: file(service) } : {},
    command,
    async refusals() {
      const entries = (await command(['ACL', 'LOG'])) as Record<string, string>[];
      return entries.map(({ username, object, reason }) => `${username}: ${object} (${reason})`);
    },
    async stop() {
      await server.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
