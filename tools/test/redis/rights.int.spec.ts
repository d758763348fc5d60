/** The users of deploy/redis on a real server: what each may do and may not, against a table that people wrote. */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { repositoryRoot } from '@mcpstack/local-servers';
import { askRedis, startRedis, waitFor } from '@mcpstack/testing';
import { createClient } from '@redis/client';
import { startSentinel } from './sentinel.ts';
import { startGuardedRedis, type GuardedRedis } from './server.ts';

const READERS = ['gateway', 'scheduler', 'webhooks', 'auditor', 'authorizer'];
const ALL = [...READERS, 'projection', 'replica'];
const at = (name: string) => `mcpstack:{p0}:${name}`;

/** Who may; everybody else may not. */
const TABLE: readonly (readonly [command: string[], may: readonly string[]])[] = [
  [
    ['HGET', at('control'), 'session'],
    [...READERS, 'projection'],
  ],
  [
    ['HGET', at('g-1:key:key_1'), 'data'],
    [...READERS, 'projection'],
  ],
  [
    ['ZRANGE', at('g-1:due-keys'), '0', '-1'],
    [...READERS, 'projection'],
  ],
  [['HGET', at('limit:key_1:burst'), 'sum'], READERS],
  [
    ['EVALSHA', '0'.repeat(40), '1', at('control')],
    [...READERS, 'projection'],
  ],
  // Through the key that routes a script, nothing but scripts.
  [['HSET', at('control'), 'session', 'forged'], ['projection']],
  [['DEL', at('control')], ['projection']],
  [['HSET', at('g-1:key:key_1'), 'data', '{}'], ['projection']],
  [['SET', at('g-1:digest:00'), '1:key_1'], ['projection']],
  [['ZADD', at('g-1:due-keys'), '1', 'key_1'], ['projection']],
  [['UNLINK', at('g-1:key:key_1')], ['projection']],
  [['HINCRBY', at('limit:key_1:burst'), 'sum', '1'], ['authorizer']],
  [['HSET', at('quota:key_1:monthly'), 'used', '0'], ['authorizer']],
  [['PEXPIREAT', at('quota:key_1:monthly'), '1'], ['authorizer']],
  [['PEXPIREAT', at('g-1:key:key_1'), '1'], ['projection']],
  [['GET', 'of somebody else'], []],
  [['SET', 'of somebody else', '1'], []],
  [
    ['SCAN', '0'],
    ['auditor', 'projection'],
  ],
  [['INFO', 'server'], ALL],
  [
    ['SCRIPT', 'LOAD', 'return 1'],
    [...READERS, 'projection'],
  ],
  [['EVAL', 'return 1', '0'], []],
  [['PSYNC', '?', '-1'], ['replica']],
  [['REPLICAOF', 'NO', 'ONE'], ['replica']],
  ...[
    ['KEYS', '*'],
    ['FLUSHALL'],
    ['FLUSHDB'],
    ['CONFIG', 'GET', '*'],
    ['CONFIG', 'SET', 'maxmemory-policy', 'allkeys-lru'],
    ['ACL', 'LIST'],
    ['DEBUG', 'SLEEP', '1'],
    ['SHUTDOWN'],
    ['MONITOR'],
    ['SCRIPT', 'FLUSH'],
    ['FUNCTION', 'LOAD', 'x'],
    ['SWAPDB', '0', '1'],
    ['MIGRATE', 'elsewhere', '1', at('control'), '0', '1'],
    ['RESTORE', at('g-1:key:key_1'), '0', 'x'],
  ].map((command) => [command, []] as const),
];

let redis: GuardedRedis;
beforeAll(async () => {
  redis = await startGuardedRedis();
});
afterAll(() => redis?.stop());

it.each(TABLE.map(([command, may]) => ({ command, may, title: command.join(' ') })))(
  '$title',
  async ({ command, may }) => {
    const who: string[] = [];
    for (const user of ALL)
      if ((await redis.command(['ACL', 'DRYRUN', user, ...command])) === 'OK') who.push(user);
    expect(who.sort()).toEqual([...may].sort());
  },
);

it('without a name, or with another password, nobody gets in', async () => {
  await expect(askRedis(redis.server.port, 'PING')).rejects.toThrow('NOAUTH');
  await expect(askRedis(redis.server.port, 'AUTH', 'gateway', 'x')).rejects.toThrow('WRONGPASS');
});

it('a replica follows and a sentinel fails over as `replica`, and the old primary follows then', async () => {
  const primary = await startGuardedRedis();
  const as = ['masteruser replica', `masterauth ${primary.password('replica')}`];
  for (const [name, value] of as.map((line) => line.split(' ')))
    await primary.command(['CONFIG', 'SET', name!, value!]);
  const login = { user: 'operator', password: primary.password('operator') };
  const users = `aclfile ${join(primary.folder, 'users.acl')}`;
  const config = [users, ...as, `replicaof 127.0.0.1 ${primary.server.port}`].join('\n');
  const replica = await startRedis({ config, login });
  /** A sentinel ends the connections of whom it gives another role. */
  const role = async (port: number): Promise<string> => {
    const url = `redis://operator:${login.password}@127.0.0.1:${port}`;
    const client = createClient({ url, socket: { reconnectStrategy: false, connectTimeout: 5_000 } });
    client.on('error', () => undefined);
    try {
      await client.connect();
      const [name, , , link] = await client.sendCommand<string[]>(['ROLE']);
      return name === 'slave' ? `slave, ${link}` : name!;
    } catch {
      return 'no answer';
    } finally {
      if (client.isOpen) client.destroy();
    }
  };
  await waitFor(async () => (await role(replica.port)) === 'slave, connected', {
    what: 'the replica to follow',
  });

  const sentinel = await startSentinel(primary.folder, [
    `sentinel monitor mcpstack 127.0.0.1 ${primary.server.port} 1`,
    'sentinel auth-user mcpstack replica',
    `sentinel auth-pass mcpstack ${primary.password('replica')}`,
    'sentinel down-after-milliseconds mcpstack 1000',
    'sentinel failover-timeout mcpstack 5000',
  ]);
  // It learns of the replica from the primary.
  await waitFor(async () => (await sentinel.replicasOf('mcpstack')) === 1, {
    what: 'the sentinel to know both',
  });
  await primary.server.pause();
  await waitFor(async () => (await role(replica.port)) === 'master', { what: 'the fail-over' });
  await primary.server.resume();
  await waitFor(async () => (await role(primary.server.port)) === 'slave, connected', {
    what: 'the old primary to follow',
  });
  await sentinel.stop();
  await replica.stop();
  await primary.stop();
}, 240_000);

it('passwords stay as they are unless new ones are asked for by name', () => {
  const make = (...words: string[]) =>
    spawnSync(process.execPath, [join(repositoryRoot(), 'deploy', 'redis', 'make-users.mjs'), ...words], {
      encoding: 'utf8',
    });
  const before = { gateway: redis.password('gateway'), projection: redis.password('projection') };
  expect(make(redis.folder, 'gateway').status).toBe(0);
  expect(redis.password('gateway')).not.toBe(before.gateway);
  expect(redis.password('projection')).toBe(before.projection);
  expect(readFileSync(join(redis.folder, 'users.acl'), 'utf8')).not.toContain(redis.password('gateway'));
  const refused = make(redis.folder, 'nobody');
  expect([refused.status, refused.stderr]).toEqual([2, expect.stringContaining('There is no user nobody.')]);
});
