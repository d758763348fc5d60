/** Redis with a replica and three sentinels: whoever asks them comes to the new primary after a fail-over. */
import { spawn, type ChildProcess } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createClient } from '@redis/client';
import { findServer } from '@mcpstack/local-servers';
import { askRedis, freePort, startRedis, waitFor, type LocalServer } from '@mcpstack/testing';
import type { RedisPlace } from '@mcpstack/contracts';
import { openReadModels, ReadModelWriter, type ReadModels } from '../src/index.ts';

const NAME = 'mymaster';
const freshness = { deltaMs: 250, stampLifeMs: 1_000, leaseLifeMs: 600 };

let folder: string;
let primary: LocalServer;
let replica: LocalServer;
const sentinels: { port: number; process: ChildProcess }[] = [];
const open: ReadModels[] = [];

/** A sentinel is a redis-server that is told so. */
async function startSentinel(command: string): Promise<void> {
  const port = await freePort();
  const file = join(folder, `sentinel-${port}.conf`);
  const lines = [
    `bind 127.0.0.1`,
    `port ${port}`,
    `dir ${folder}`,
    `sentinel monitor ${NAME} 127.0.0.1 ${primary.port} 2`,
    `sentinel down-after-milliseconds ${NAME} 1000`,
    `sentinel failover-timeout ${NAME} 5000`,
  ];
  writeFileSync(file, `${lines.join('\n')}\n`);
  sentinels.push({ port, process: spawn(command, [file, '--sentinel'], { stdio: 'ignore' }) });
  await waitFor(
    () =>
      askRedis(port, 'PING').then(
        () => true,
        () => false,
      ),
    { timeoutMs: 15_000 },
  );
}

const answers = (port: number, ...words: string[]): Promise<string> => askRedis(port, ...words);
/** `+role:master`, or `+role:slave`. INFO has many lines, so a script picks the one. */
const role = (port: number): Promise<string> =>
  answers(port, 'EVAL', "return {ok=string.match(redis.call('INFO','replication'),'role:%a+')}", '0').catch(
    () => 'no answer',
  );

function reader(place: RedisPlace): ReadModels {
  const models = openReadModels({ ...place, freshness, timeoutMs: 2_000 });
  open.push(models);
  return models;
}

/** At which of the two a writer begins its session. The second one always answers. */
async function beginsAt(place: RedisPlace): Promise<'first' | 'second'> {
  const name = `writer-${randomUUID()}`;
  const session = await new ReadModelWriter({ ...place, name }).begin();
  const operator = createClient({ url: replica.url });
  await operator.connect();
  const list = await operator.sendCommand<string>(['CLIENT', 'LIST']);
  operator.destroy();
  session.end();
  return list.includes(name) ? 'second' : 'first';
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'sentinels-'));
  primary = await startRedis();
  replica = await startRedis({ config: `replicaof 127.0.0.1 ${primary.port}` });
  const server = await findServer('redis');
  const command = server.type === 'program' ? server.path : 'redis-server';
  for (let count = 0; count < 3; count += 1) await startSentinel(command);
  for (const { port } of sentinels)
    await waitFor(async () => (await answers(port, 'SENTINEL', 'CKQUORUM', NAME)).startsWith('+OK 3'), {
      timeoutMs: 30_000,
    });
}, 60_000);

afterAll(async () => {
  await Promise.all(open.map((models) => models.close()));
  for (const { process: child } of sentinels) {
    if (child.exitCode !== null || child.signalCode !== null) continue;
    child.kill('SIGKILL');
    await once(child, 'exit');
  }
  await Promise.all([primary.stop(), replica.stop()]);
  rmSync(folder, { recursive: true });
}, 30_000);

it('after a fail-over reader and writer are at the new primary; without sentinels they stay at the old one', async () => {
  const silent = `127.0.0.1:${await freePort()}`;
  const servers = [...sentinels.map(({ port }) => `127.0.0.1:${port}`), silent];
  const asked: RedisPlace = { url: 'redis://nowhere', sentinel: { name: NAME, servers } };
  const fixed: RedisPlace = { url: primary.url };
  const [models, control] = [reader(asked), reader(fixed)];
  await waitFor(() => models.state().connected && control.state().connected, { timeoutMs: 10_000 });
  expect([await beginsAt(asked), await beginsAt(fixed)]).toEqual(['first', 'first']);

  await primary.pause();
  await waitFor(async () => (await role(replica.port)) === '+role:master', { timeoutMs: 30_000 });
  await waitFor(
    () =>
      beginsAt(asked).then(
        (server) => server === 'second',
        () => false,
      ),
    { timeoutMs: 20_000 },
  );
  // It holds nothing yet, and whoever reads at it is told so.
  const isThere = () =>
    models.position().then(
      () => false,
      (error: { reason: string }) => error.reason === 'not-built',
    );
  await waitFor(isThere, { timeoutMs: 20_000 });
  await expect(beginsAt(fixed)).rejects.toMatchObject({ reason: 'timed-out' });

  // The old primary is back and is made a replica: who goes to it finds no primary, who asks goes on.
  await primary.resume();
  await waitFor(async () => (await role(primary.port)) === '+role:slave', { timeoutMs: 30_000 });
  await waitFor(() => control.state().reason === 'the Redis server is a slave', { timeoutMs: 20_000 });
  await expect(beginsAt(fixed)).rejects.toThrow();
  expect(await beginsAt(asked)).toBe('second');
}, 120_000);

it('a name that no sentinel knows, and no sentinel at all, are said', async () => {
  const servers = sentinels.map(({ port }) => `127.0.0.1:${port}`);
  const unknown = new ReadModelWriter({ url: 'redis://x', sentinel: { name: 'other', servers } }).begin();
  await expect(unknown).rejects.toThrow(
    'no sentinel says where the primary other is: it knows no primary other',
  );
  const nobody = { name: NAME, servers: [`127.0.0.1:${await freePort()}`] };
  await expect(new ReadModelWriter({ url: 'redis://x', sentinel: nobody }).begin()).rejects.toThrow(
    `no sentinel says where the primary ${NAME} is: `,
  );
});
