import { createClient } from '@redis/client';
import { startRedis } from '@mcpstack/local-servers';
import type { ReadModels } from '@mcpstack/read-models';
import type { LeaseStore } from '@mcpstack/service-kit';
import { FRESHNESS, isValid, until, World } from './world.ts';

let world: World;
let models: ReadModels;

beforeEach(async () => {
  world = await World.start();
  models = world.read();
});
afterEach(() => world.stop());

const trusted = () => until('trust', () => models.state().trusted);

describe('G5: the read models are the fold of the log', () => {
  it('from an empty log on, event by event, with the request id in the log lines', async () => {
    const projection = await world.project();
    await trusted();
    const organizationId = await world.createOrganization();
    const keys = await Promise.all(Array.from({ length: 20 }, () => world.createKey(organizationId)));
    for (const key of keys.slice(0, 10)) await world.rename(key, 0n, `name of ${key.id}`);
    for (const key of keys.slice(5, 15)) await world.revoke(key, keys.indexOf(key) < 10 ? 1n : 0n);
    expect(await world.confirm(await world.store.head(), 'visible')).toEqual({ confirmed: true });
    expect(await world.expectFold(models)).toBe(20);
    expect(world.logged('"requestId":"request-of-KeyRevoked"')).toHaveLength(10);
    expect(await projection.report()).toMatchObject({ role: 'active', generation: 'g-1', parked: 0, lag: 0 });
    expect(world.logged('maxmemory-policy')).toEqual([]);
  });

  it('a rebuild while serving and while events flow: every read is answered, the fold is equal', async () => {
    await world.project();
    await trusted();
    const organizationId = await world.createOrganization();
    const first = await world.createKey(organizationId);
    for (let n = 0; n < 10; n += 1)
      await Promise.all(Array.from({ length: 50 }, () => world.createKey(organizationId)));
    await world.confirm(await world.store.head(), 'visible');
    let serving = true;
    let reads = 0;
    let newest = -1;
    const reader = async (): Promise<void> => {
      for (; serving; reads += 1) {
        const { value } = await models.findByDigests([first.digest]);
        if (value.status !== 'found') throw new Error(`a read met ${value.status}`);
        // A switch never takes a reader back.
        const n = Number(/^name (\d+)$/.exec(value.key.name)?.[1] ?? -1);
        expect(n).toBeGreaterThanOrEqual(newest);
        newest = n;
      }
    };
    const writer = async (): Promise<void> => {
      for (let n = 0; serving; n += 1) {
        await world.rename(first, BigInt(n), `name ${n}`);
        await world.createKey(organizationId);
      }
    };
    const busy = Promise.all([reader(), writer()]);
    for (const generation of ['g-2', 'g-3', 'g-4']) {
      expect(await world.rebuild()).toEqual({ started: true, generation });
      await until('switched', () =>
        world.logged('rebuilt and switched').some((line) => line['generation'] === generation),
      );
      await until('dropped', async () => (await redisKeys()).every((name) => name.includes(generation)));
    }
    serving = false;
    await busy;
    await world.confirm(await world.store.head(), 'visible');
    expect(reads).toBeGreaterThan(50);
    expect(newest).toBeGreaterThan(5);
    expect(await world.expectFold(models)).toBeGreaterThan(501);
  });

  it('a poison event closes its stream alone, raises an alarm, and a rebuild keeps it closed', async () => {
    const projection = await world.project();
    const organizationId = await world.createOrganization();
    const [poisoned, healthy] = [
      await world.createKey(organizationId),
      await world.createKey(organizationId),
    ];
    await world.confirm(healthy.position, 'visible');
    await trusted();
    await until('valid', () => isValid(models, poisoned));
    await world.append(poisoned.stream, 0n, 'KeyTeleported', {});
    await world.confirm(await world.rename(healthy, 0n, 'fine'), 'visible');
    const closed = async () => {
      expect((await models.findByDigests([poisoned.digest])).value).toMatchObject({ status: 'unprovable' });
      await until('valid', () => isValid(models, healthy));
      expect(projection.status.report()).toMatchObject({ parked: 1 });
    };
    await closed();
    expect(world.logged('ALARM')).toMatchObject([
      { stream: poisoned.stream, eventType: 'KeyTeleported', level: 'error' },
    ]);
    expect(await world.rebuild()).toMatchObject({ started: true });
    await until('switched', () => world.logged('rebuilt and switched').length === 1);
    await closed();
  });

  it('another log behind the same Redis: loudly built anew; likewise a position beyond the head', async () => {
    const projection = await world.project();
    const organizationId = await world.createOrganization();
    const key = await world.createKey(organizationId);
    await world.confirm(key.position, 'visible');
    await projection.stop();
    const client = createClient({ url: world.redis.url });
    await client.connect();
    await client.hSet('mcpstack:{p0}:g-1:meta', 'logId', 'of-another-log');
    await world.project();
    // Loud also means at once: the readers' trust in the session before has not even run out.
    await until('built anew', () => world.logged('they are of another log').length === 1);
    await until('in force', async () => (await client.hGet('mcpstack:{p0}:control', 'active')) === 'g-2');
    await until('valid', () => isValid(models, key));
    await client.hSet('mcpstack:{p0}:g-2:meta', 'position', '999999');
    await client.sendCommand(['CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes']);
    await until('built anew', () => world.logged('they are ahead of the log').length === 1);
    await trusted();
    expect(await world.expectFold(models)).toBe(1);
    client.destroy();
  });
});

it('G5: read models written by another version are served until they are rebuilt', async () => {
  const projection = await world.project();
  const key = await world.createKey(await world.createOrganization());
  await world.confirm(key.position, 'visible');
  await projection.stop();
  const client = createClient({ url: world.redis.url });
  await client.connect();
  await client.hSet('mcpstack:{p0}:g-1:meta', 'schema', 'of-another-version');
  await world.project();
  await until('rebuilt', () => world.logged('rebuilt and switched').length === 1);
  expect(world.logged('written by another version')).toHaveLength(1);
  await until('dropped', async () => (await redisKeys()).every((name) => name.includes('g-2')));
  expect(await world.expectFold(models)).toBe(1);
  client.destroy();
});

async function redisKeys(): Promise<string[]> {
  const client = createClient({ url: world.redis.url });
  await client.connect();
  const names = await client.keys('mcpstack:{p0}:g-*');
  client.destroy();
  return names;
}

describe('G6: visible when it is said to be', () => {
  it('100 creates, each confirmed, each found at once', async () => {
    await world.project();
    const organizationId = await world.createOrganization();
    await world.confirm(await world.store.head(), 'visible');
    await trusted();
    for (let n = 0; n < 100; n += 1) {
      const key = await world.createKey(organizationId);
      expect(await world.confirm(key.position, 'visible')).toEqual({ confirmed: true });
      expect((await models.findByDigests([key.digest])).value).toMatchObject({ status: 'found' });
    }
  });

  it('control: without asking, a read right after the write can miss it', async () => {
    await world.project();
    const organizationId = await world.createOrganization();
    await world.confirm(await world.store.head(), 'visible');
    let missed = 0;
    for (let n = 0; n < 100 && missed === 0; n += 1) {
      const key = await world.createKey(organizationId);
      if ((await models.findByDigests([key.digest])).value.status !== 'found') missed += 1;
    }
    expect(missed).toBeGreaterThan(0);
  });

  it('waits for what is not there yet, and says no in time', async () => {
    await world.project();
    await trusted();
    const began = performance.now();
    expect(await world.confirm(999n, 'visible', 200)).toMatchObject({ confirmed: false });
    expect(performance.now() - began).toBeLessThan(5_000);
  });
});

describe('G4: one active projection, and every part may fail', () => {
  it('a standby takes over at once from one that stops', async () => {
    const first = await world.project();
    await until('active', () => first.status.report().role === 'active');
    const second = await world.project();
    await trusted();
    const key = await world.createKey(await world.createOrganization());
    await world.confirm(key.position, 'visible');
    expect(second.status.report().role).toBe('standby');
    const began = performance.now();
    await first.stop();
    await until('take-over', () => second.status.report().role === 'active');
    expect(performance.now() - began).toBeLessThan(FRESHNESS.leaseLifeMs);
    expect(await world.confirm(await world.revoke(key), 'final')).toEqual({ confirmed: true });
    expect(await isValid(models, key)).toBe(false);
  });

  it('two that both believe to hold the lease: sessions keep them apart, the fold stays equal', async () => {
    const alwaysFree: LeaseStore = {
      read: () => Promise.resolve(undefined),
      write: () => Promise.resolve(1),
    };
    const both = [
      await world.project({ leaseStore: alwaysFree }),
      await world.project({ leaseStore: alwaysFree }),
    ];
    await until('both active', () => both.every((each) => each.status.report().role === 'active'));
    const organizationId = await world.createOrganization();
    for (let n = 0; n < 100; n += 1) await world.createKey(organizationId);
    const position = await world.store.head();
    await until('applied', () => models.waitFor(`${position}`, 1_000));
    await both[0]!.stop();
    await trusted();
    expect(await world.expectFold(models)).toBe(100);
    expect(world.logged('another session writes here').length).toBeGreaterThan(0);
  });

  it('Redis killed and restarted, emptied, and hung: never VALID unproven, and it heals', async () => {
    await world.project();
    const organizationId = await world.createOrganization();
    const key = await world.createKey(organizationId);
    await world.confirm(key.position, 'visible');
    await until('valid', () => isValid(models, key));

    await world.redis.kill();
    expect(await isValid(models, key)).toBe(false);
    await world.redis.restart();
    await until('valid again', () => isValid(models, key));

    const client = createClient({ url: world.redis.url });
    await client.connect();
    await client.flushAll();
    client.destroy();
    expect(await isValid(models, key)).toBe(false);
    await until('rebuilt and valid again', () => isValid(models, key));

    await world.redis.pause();
    const began = performance.now();
    expect(await isValid(models, key)).toBe(false);
    expect(performance.now() - began).toBeLessThan(5_000);
    await world.redis.resume();
    await until('valid once more', () => isValid(models, key));
    expect(await world.expectFold(models)).toBe(1);
  });

  it('NATS and the log killed: trust runs out within T; restarted, all goes on', async () => {
    await world.project();
    const organizationId = await world.createOrganization();
    const key = await world.createKey(organizationId);
    await world.confirm(key.position, 'visible');
    await until('valid', () => isValid(models, key));
    await world.natsServer.kill();
    await until('trust runs out', async () => !(await isValid(models, key)), 2 * FRESHNESS.stampLifeMs + 600);
    await world.natsServer.restart();
    await until('valid again', () => isValid(models, key), 20_000);
    expect(await world.confirm(await world.revoke(key), 'final')).toEqual({ confirmed: true });
  });

  it('warns when Redis may evict keys', async () => {
    const client = createClient({ url: world.redis.url });
    await client.connect();
    await client.configSet('maxmemory-policy', 'allkeys-lru');
    await world.project();
    await trusted();
    expect(world.logged('maxmemory-policy allkeys-lru')).toMatchObject([{ level: 'warn' }]);
    client.destroy();
  });

  it('fails over to a promoted replica that lacks the last writes, and catches up before it is trusted', async () => {
    const organizationId = await world.createOrganization();
    const key = await world.createKey(organizationId);
    const revoked = await world.revoke(await world.createKey(organizationId));
    await world.project();
    await world.confirm(revoked, 'visible');
    const replica = await startRedis({ config: `replicaof 127.0.0.1 ${world.redis.port}` });
    const direct = createClient({ url: replica.url });
    await direct.connect();
    await until('replicated', async () =>
      (await direct.info('replication')).includes('master_link_status:up'),
    );
    // Cut off from now on: what follows does not reach it.
    await direct.sendCommand(['REPLICAOF', 'NO', 'ONE']);
    const position = await world.revoke(key);
    await world.confirm(position, 'visible');
    const there = world.read(replica.url);
    const stale = await until('a reading', () => there.findByDigests([key.digest]).catch(() => undefined));
    expect(stale).toMatchObject({ trusted: false, value: { status: 'found', key: { state: 'active' } } });
    await world.project({ redisUrl: replica.url });
    await world.stopFirst();
    await until('trust', () => there.state().trusted);
    expect((await there.findByDigests([key.digest])).value).toMatchObject({ key: { state: 'revoked' } });
    await there.close();
    direct.destroy();
    await replica.stop();
  });
});
