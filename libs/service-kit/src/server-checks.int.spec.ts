import { jetstreamManager } from '@nats-io/jetstream';
import { freePort, startNats, waitFor, type LocalServer } from '@mcpstack/testing';
import type { NatsConnection } from '@nats-io/transport-node';
import { Log } from './log.ts';
import { connectNats } from './nats.ts';
import { unsafeNats, unsafeRedis, unsafeSettings, unsafeStreams, warnOfUnsafe } from './server-checks.ts';

const GOOD = { role: 'master', maxmemoryPolicy: 'noeviction', appendOnly: true, replicas: 0 };

describe('what the settings alone tell', () => {
  const plain = { NATS_URL: 'nats://n', REDIS_URL: 'redis://r', EVENT_STORE_URL: 'kurrentdb://k?tls=false' };
  const secure = { NATS_URL: 'tls://n', REDIS_URL: 'rediss://r', EVENT_STORE_URL: 'kurrentdb://k' };

  it('in production: whatever goes without TLS', () => {
    const found = unsafeSettings({ ...plain, NODE_ENV: 'production' });
    expect(found).toEqual([
      expect.stringMatching(/^NATS may be used without TLS.*begin NATS_URL with tls:/),
      expect.stringMatching(/^Redis may be used without TLS/),
      expect.stringMatching(/^The event log may be used without TLS.*tls=false/),
    ]);
    const sentinels = { REDIS_SENTINELS: 's:26379', NODE_ENV: 'production' };
    expect(unsafeSettings(sentinels)).toHaveLength(1);
    expect(unsafeSettings({ ...sentinels, REDIS_CA_FILE: '/ca' })).toEqual([]);
    expect(unsafeSettings({ EVENT_STORE_URL: 'nats://n', NODE_ENV: 'production' })).toHaveLength(1);
    expect(unsafeSettings({ ...secure, NODE_ENV: 'production' })).toEqual([]);
    expect(unsafeSettings(plain)).toEqual([]);
  });

  it('credentials in a URL, without repeating them', () => {
    const [found, ...more] = unsafeSettings({ ...secure, NATS_URL: 'tls://u:geheim@n' });
    expect(more).toEqual([]);
    expect(found).toBe(
      'NATS_URL holds credentials: set NATS_USER and NATS_PASSWORD_FILE (or NATS_CREDS_FILE), and write it without them.',
    );
  });
});

it('what a Redis tells of itself', () => {
  expect(unsafeRedis(GOOD)).toEqual([]);
  expect(unsafeRedis({ ...GOOD, appendOnly: false, replicas: 1 })).toEqual([]);
  expect(unsafeRedis({ ...GOOD, appendOnly: false })).toEqual([expect.stringMatching(/no append-only file/)]);
  expect(unsafeRedis({ ...GOOD, maxmemoryPolicy: 'allkeys-lru' })).toEqual([
    expect.stringMatching(/^Redis may evict keys \(maxmemory-policy allkeys-lru\)/),
  ]);
  expect(unsafeRedis({ ...GOOD, role: 'slave' })).toEqual([
    expect.stringMatching(/^This Redis is a replica/),
  ]);
  expect(unsafeRedis({ ...GOOD, maxmemoryPolicy: undefined })).toEqual([
    'Redis does not tell, so it could not be checked: maxmemory-policy.',
  ]);
});

it('a NATS server that is too old', () => {
  const of = (version: string, log = '') =>
    unsafeNats({ info: { version } } as NatsConnection, { EVENT_STORE_URL: log });
  expect(of('2.8.4')).toEqual([expect.stringMatching(/^The NATS server is 2\.8\.4, which is too old/)]);
  expect(of('2.9.10')).toEqual([]);
  expect(of('2.9.10', 'nats://n')).toEqual([
    expect.stringMatching(/install 2\.10 or newer and set sync_interval/),
  ]);
  expect(of('2.10.0', 'nats://n')).toEqual([]);
  expect(of('3.0.0', 'nats://n')).toEqual([]);
});

describe('on a cluster of NATS', () => {
  const servers: LocalServer[] = [];
  let nats: NatsConnection;

  beforeAll(async () => {
    const routes = [await freePort(), await freePort(), await freePort()];
    const all = routes.map((port) => `nats-route://127.0.0.1:${port}`).join(', ');
    const start = (port: number) =>
      startNats({
        config: `cluster { name: spec, listen: "127.0.0.1:${port}", routes: [${all}] }`,
        startTimeoutMs: 60_000,
      });
    servers.push(...(await Promise.all(routes.map(start))));
    nats = await connectNats(servers[0]!.url, 'spec');
  }, 90_000);
  afterAll(async () => {
    await nats?.close();
    await Promise.all(servers.map((server) => server.stop()));
  });

  it('a bucket of one replica is named, until it has three; one that is not there yet is not', async () => {
    const made = async (): Promise<boolean> => {
      const manager = await jetstreamManager(nats, { checkAPI: false });
      await manager.streams.add({ name: 'KV_spec', subjects: ['$KV.spec.>'], num_replicas: 1 });
      return true;
    };
    await waitFor(() => made().catch(() => false), { timeoutMs: 60_000 });
    const lines: string[] = [];
    const log = new Log('spec', 'warn', { write: (line: string) => void lines.push(line) });
    // At the very first start, too, when nothing is there yet that could be looked at.
    expect(unsafeNats(nats, { JETSTREAM_REPLICAS: 1 })).toEqual([
      expect.stringMatching(/^JETSTREAM_REPLICAS is 1 though NATS is a cluster/),
    ]);
    expect(unsafeNats(nats, { JETSTREAM_REPLICAS: 3 })).toEqual([]);
    warnOfUnsafe(log, { settings: {}, nats, buckets: ['spec', 'unmade'] });
    await waitFor(() => lines.length > 0, { timeoutMs: 10_000 });
    expect(lines).toEqual([expect.stringMatching(/one replica only of KV_spec, though NATS is a cluster/)]);

    const manager = await jetstreamManager(nats);
    await manager.streams.update('KV_spec', { num_replicas: 3 });
    expect(await unsafeStreams(nats, ['KV_spec', 'KV_unmade'])).toEqual([]);
  }, 90_000);

  it('alone, one replica is all there can be', async () => {
    const alone = await startNats();
    const connection = await connectNats(alone.url, 'spec');
    const manager = await jetstreamManager(connection);
    await manager.streams.add({ name: 'KV_spec', subjects: ['$KV.spec.>'] });
    expect(await unsafeStreams(connection, ['KV_spec'])).toEqual([]);
    expect(unsafeNats(connection, { JETSTREAM_REPLICAS: 1 })).toEqual([]);
    await connection.close();
    await alone.stop();
  }, 30_000);
});

it('asks Redis again after an answer that could not even be asked for, which ends nothing', async () => {
  const said: string[] = [];
  const log = { warn: (text: string) => said.push(text) } as unknown as Log;
  let asked = 0;
  warnOfUnsafe(log, {
    settings: {},
    redis: () => {
      asked += 1;
      // As where the file of a password is being replaced.
      if (asked === 1) throw new Error('REDIS_PASSWORD_FILE names a file that is not there');
      return Promise.resolve({ role: 'slave', maxmemoryPolicy: 'noeviction', appendOnly: true, replicas: 1 });
    },
  });
  await waitFor(() => said.some((text) => text.includes('This Redis is a replica')));
  expect(asked).toBe(2);
});
