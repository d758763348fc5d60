import { createClient } from '@redis/client';
import { freePort, startRedis, type LocalServer } from '@mcpstack/local-servers';
import { newId } from '@mcpstack/contracts';
import {
  applyEvents,
  BadCursorError,
  openReadModels,
  ReadModelsUnavailableError,
  type ReadModels,
  type WriteSession,
} from '../src/index.ts';
import { MemoryLog } from './log.ts';
import { FRESHNESS, stamping, until, writeLog } from './world.ts';

const TIMEOUT_MS = 300;

let redis: LocalServer;
let client: ReturnType<typeof createClient>;
let log: MemoryLog;
let session: WriteSession;
let stamps: ReturnType<typeof stamping>;
let models: ReadModels;
let organization: { id: string; ownerId: string };
let key: { id: string; digest: string; stream: string };
let agentId: string;
let publicKey: { id: string; digest: string };

beforeEach(async () => {
  redis = await startRedis();
  client = createClient({ url: redis.url });
  client.on('error', () => undefined);
  await client.connect();
  log = new MemoryLog();
  organization = log.createOrganization();
  key = log.createKey(organization.id);
  agentId = log.createAgent(organization.id).id;
  publicKey = log.createPublicKey(organization.id, agentId);
  session = await writeLog(redis.url, log);
  stamps = stamping(session);
  models = openReadModels({ url: redis.url, freshness: FRESHNESS, timeoutMs: TIMEOUT_MS });
});
afterEach(async () => {
  await models.close();
  session.end();
  await stamps.stop();
  client.destroy();
  await redis.stop();
});

const lookup = () => models.findByDigests([key.digest]);
const trusted = () =>
  until('a trusted reading', async () => {
    const reading = await lookup().catch(() => undefined);
    return reading?.trusted && reading;
  });

/** Settles within the deadline whatever happens, and never with a reading that may permit something. */
async function expectNothingProven(): Promise<void> {
  const beganAt = performance.now();
  const reading = await lookup().catch((error: unknown) => error as Error);
  expect(performance.now() - beganAt).toBeLessThan(TIMEOUT_MS + 3_000);
  if (reading instanceof Error) expect(reading).toBeInstanceOf(ReadModelsUnavailableError);
  else expect(reading.trusted && reading.value.status === 'found').toBe(false);
}

async function takeOver(url = redis.url): Promise<void> {
  session.end();
  await stamps.stop();
  session = await until('a new session', () => writeLog(url, log).catch(() => undefined));
  stamps = stamping(session);
}

describe('reads', () => {
  it('find a key and its organization by any of its digests', async () => {
    const reading = await trusted();
    const { value, position, freshUntilMs, beganAtMs } = reading;
    expect(value).toMatchObject({
      status: 'found',
      key: {
        id: key.id,
        state: 'active',
        role: 'developer',
        credentials: [{ version: 1, digest: key.digest }],
      },
      organization: { id: organization.id, name: 'Acme', state: 'active' },
      digest: key.digest,
    });
    expect(position).toBe('4');
    expect(freshUntilMs).toBe(beganAtMs + FRESHNESS.deltaMs);
    expect(reading.freshForMs(beganAtMs)).toBe(FRESHNESS.deltaMs);
    expect(reading.freshForMs(beganAtMs + 1_000)).toBe(0);
    const other = await models.findByDigests(['a'.repeat(64), key.digest]);
    expect(other.value).toMatchObject({ status: 'found' });
    expect((await models.findByDigests(['a'.repeat(64)])).value).toEqual({ status: 'unknown' });
    await expect(models.findByDigests([])).rejects.toThrow(RangeError);
    await expect(models.findByDigests(['key:x'])).rejects.toThrow(RangeError);
  });

  it('show keys without credentials, and nothing of another organization (G8)', async () => {
    await trusted();
    const shown = (await models.getKey(organization.id, key.id)).value;
    expect(shown).toMatchObject({ id: key.id, createdBy: { type: 'user', id: 'user_1' } });
    expect(JSON.stringify(shown)).not.toContain(key.digest);
    expect((await models.getKey(newId('organization'), key.id)).value).toBeUndefined();
    expect((await models.getKey(organization.id, newId('key'))).value).toBeUndefined();
    expect((await models.getOrganization(organization.id)).value).toMatchObject({ name: 'Acme' });
    expect((await models.getOrganization(newId('organization'))).value).toBeUndefined();
    expect((await models.getMember(organization.id, organization.ownerId)).value).toMatchObject({
      role: 'owner',
    });
    expect((await models.getMember(organization.id, newId('user'))).value).toBeUndefined();
    expect((await models.listOrganizationsOf(organization.ownerId)).value).toMatchObject([
      { id: organization.id, role: 'owner' },
    ]);
    expect((await models.listOrganizationsOf(newId('user'))).value).toEqual([]);
  });

  it('page through keys, newest first, and new keys do not shift the pages', async () => {
    const created = Array.from({ length: 24 }, () => log.createKey(organization.id).id);
    await trusted();
    const generation = 'g-1';
    await applyEvents(session, generation, log.events, log.readStream);
    const expected = [key.id, ...created].reverse();
    const seen: string[] = [];
    let cursor: string | undefined;
    do {
      const page = (await models.listKeys(organization.id, { limit: 10, ...(cursor && { cursor }) })).value;
      seen.push(...page.items.map(({ id }) => id));
      cursor = page.nextCursor;
      log.createKey(organization.id);
      await applyEvents(session, generation, log.events.slice(-1), log.readStream);
    } while (cursor);
    expect(seen).toEqual(expected);
    expect(seen).toHaveLength(25);
    await expect(models.listKeys(organization.id, { cursor: 'eHg' })).rejects.toThrow(BadCursorError);
    await expect(models.listKeys(organization.id, { cursor: '+inf' })).rejects.toThrow(BadCursorError);
    await expect(models.listKeys(organization.id, { limit: 0 })).rejects.toThrow(RangeError);
  });

  it('G6: wait for a position, bounded', async () => {
    await trusted();
    await expect(models.waitFor('4', 200)).resolves.toBe(true);
    await expect(models.waitFor('5', 50)).resolves.toBe(false);
    const waiting = models.waitFor('5', 5_000);
    log.rename(key.stream, 'renamed');
    await applyEvents(session, 'g-1', log.events.slice(-1), log.readStream);
    await expect(waiting).resolves.toBe(true);
    expect((await models.getKey(organization.id, key.id)).value?.name).toBe('renamed');
    await expect(models.waitFor('later', 50)).rejects.toThrow(RangeError);
    await redis.pause();
    const began = performance.now();
    await expect(models.waitFor('6', 200)).resolves.toBe(false);
    expect(performance.now() - began).toBeLessThan(3_000);
    await redis.resume();
  });
});

describe('G4: what is not proven is not trusted, within the deadline, and it heals by itself', () => {
  it('is not trusted before two stamps were seen to change, nor without a projection', async () => {
    const fresh = openReadModels({ url: redis.url, freshness: FRESHNESS });
    const first = await until('a reading', () => fresh.position().catch(() => undefined));
    expect(first).toMatchObject({ trusted: false, freshUntilMs: -Infinity });
    expect(first.freshForMs(first.beganAtMs)).toBe(0);
    await until('trust', () => Promise.resolve(fresh.state().trusted));
    await stamps.stop();
    await until('distrust', () => Promise.resolve(!fresh.state().trusted), 2 * FRESHNESS.stampLifeMs);
    expect(fresh.state()).toMatchObject({ connected: true, reason: 'the stamps have run out' });
    await fresh.close();
  });

  it('killed with SIGKILL and started again', async () => {
    await trusted();
    await redis.kill();
    await expectNothingProven();
    await redis.restart();
    // The data is there again, but its stamp is bound to the run before.
    const reading = await until('a reading', () => lookup().catch(() => undefined));
    // The control: the records alone would permit.
    expect(reading).toMatchObject({ trusted: false, value: { status: 'found', key: { state: 'active' } } });
    for (let n = 0; n < 20; n += 1) await expectNothingProven();
    await takeOver();
    await trusted();
  });

  it('hung (SIGSTOP): an answer within the deadline, and trust anew afterwards', async () => {
    await trusted();
    await redis.pause();
    // The control: a call without a deadline of ours is still waiting after it.
    const plain = client.ping().catch(() => 'failed');
    await expectNothingProven();
    expect(await Promise.race([plain, Promise.resolve('still waiting')])).toBe('still waiting');
    await expectNothingProven();
    expect(models.state()).toMatchObject({ connected: false });
    await redis.resume();
    await takeOver();
    await trusted();
  });

  it('emptied (FLUSHALL): unavailable, not "unknown key"', async () => {
    await trusted();
    await client.flushAll();
    await expect(lookup()).rejects.toMatchObject({ code: 'unavailable', reason: 'not-built' });
    await takeOver();
    await trusted();
  });

  it.each(['key', 'organization', 'agent'] as const)(
    'half-emptied: the record of the %s is gone',
    async (which) => {
      const { id, digest } = publicKey;
      await trusted();
      expect((await models.findByDigests([digest])).value).toMatchObject({ status: 'found' });
      const gone = { key: id, organization: organization.id, agent: agentId }[which];
      expect(await client.del(`mcpstack:{p0}:g-1:${which}:${gone}`)).toBe(1);
      expect((await models.findByDigests([digest])).value).toMatchObject({ status: 'unprovable' });
      // The control: a key that does not rest on it is found all the same.
      expect((await lookup()).value.status).toBe(which === 'organization' ? 'unprovable' : 'found');
    },
  );

  it('parked: an event of the agent cannot be read, and its publishable keys prove nothing', async () => {
    const { digest } = publicKey;
    await trusted();
    log.append(`agent-${agentId}`, 'Unheard', {});
    await applyEvents(session, 'g-1', log.events.slice(-1), log.readStream);
    expect((await models.findByDigests([digest])).value).toMatchObject({
      status: 'unprovable',
      reason: `the agent of key ${publicKey.id} is parked`,
    });
    expect((await lookup()).value).toMatchObject({ status: 'found' });
    const parked = { code: 'unavailable', reason: 'parked' };
    await expect(models.getAgent(organization.id, agentId)).rejects.toMatchObject(parked);
    expect((await models.listAgents(organization.id)).value.items).toEqual([]);
  });

  it('at odds: a record that stands under the name of another proves nothing', async () => {
    const { id, digest } = publicKey;
    const stranger = log.createOrganization();
    const strangersAgent = log.createAgent(stranger.id);
    await trusted();
    await applyEvents(session, 'g-1', log.events.slice(-2), log.readStream);
    const record = `mcpstack:{p0}:g-1:key:${id}`;
    await client.hSet(record, 'agent', strangersAgent.id);
    expect((await models.findByDigests([digest])).value).toMatchObject({ status: 'unprovable' });
    await client.hSet(record, 'org', stranger.id);
    expect((await models.findByDigests([digest])).value).toMatchObject({ status: 'unprovable' });
  });

  it.each(['key', 'organization'] as const)('parked: an event of the %s cannot be read', async (which) => {
    await trusted();
    const stream = which === 'key' ? key.stream : `organization-${organization.id}`;
    log.append(stream, 'Unheard', {});
    await applyEvents(session, 'g-1', log.events.slice(-1), log.readStream);
    expect((await lookup()).value).toMatchObject({ status: 'unprovable' });
    const parked = { code: 'unavailable', reason: 'parked' };
    if (which === 'key') {
      await expect(models.getKey(organization.id, key.id)).rejects.toMatchObject(parked);
      expect((await models.listKeys(organization.id)).value.items).toEqual([]);
    } else {
      await expect(models.getMember(organization.id, organization.ownerId)).rejects.toMatchObject(parked);
      await expect(models.listMembers(organization.id)).rejects.toMatchObject(parked);
      await expect(models.listInvitations(organization.id)).rejects.toMatchObject(parked);
      expect((await models.listOrganizationsOf(organization.ownerId)).value).toEqual([]);
    }
  });

  it('another session took the data set: what was proven before runs out, and only its own stamps prove more', async () => {
    await trusted();
    const other = await writeLog(redis.url, log);
    await expect(session.stamp()).rejects.toThrow();
    const tookOverAt = performance.now();
    session = other;
    await stamps.stop();
    const distrusted = () => lookup().then(({ trusted: is }) => !is);
    await until('distrust', distrusted, 2 * FRESHNESS.stampLifeMs);
    expect(performance.now() - tookOverAt).toBeLessThan(2 * FRESHNESS.stampLifeMs);
    expect(models.state()).toMatchObject({
      reason: 'the projection is still bringing the data set up to date',
    });
    stamps = stamping(other);
    await trusted();
  });

  it('a replica is never read; promoted, it is trusted only after a session of its own', async () => {
    await trusted();
    const replica = await startRedis({ config: `replicaof 127.0.0.1 ${redis.port}` });
    const direct = createClient({ url: replica.url });
    await direct.connect();
    await until('replication', async () =>
      (await direct.info('replication')).includes('master_link_status:up'),
    );
    const there = openReadModels({ url: replica.url, freshness: FRESHNESS, timeoutMs: TIMEOUT_MS });
    await until('a refusal', async () =>
      there.position().then(
        () => Promise.reject(new Error('a replica was read')),
        (error: ReadModelsUnavailableError) => error.reason === 'not-primary',
      ),
    );
    await direct.sendCommand(['REPLICAOF', 'NO', 'ONE']);
    const first = await until('a reading', () => there.findByDigests([key.digest]).catch(() => undefined));
    expect(first).toMatchObject({ trusted: false, value: { status: 'found' } });
    // The old primary goes on being stamped; its stamps mean nothing here.
    const deadline = performance.now() + FRESHNESS.stampLifeMs;
    while (performance.now() < deadline)
      expect(await there.findByDigests([key.digest])).toMatchObject({ trusted: false });
    const own = await writeLog(replica.url, log);
    const ownStamps = stamping(own);
    await until('trust', async () => (await there.findByDigests([key.digest])).trusted);
    own.end();
    await ownStamps.stop();
    await there.close();
    direct.destroy();
    await replica.stop();
  });

  it('demoted under its readers: the connection is distrusted in the same step', async () => {
    await trusted();
    const other = await startRedis();
    await client.replicaOf('127.0.0.1', other.port);
    await expect(lookup()).rejects.toBeInstanceOf(ReadModelsUnavailableError);
    await client.sendCommand(['REPLICAOF', 'NO', 'ONE']);
    for (let n = 0; n < 20; n += 1) await expectNothingProven();
    await other.stop();
  });

  it('opens without a Redis, and finds it when it comes', async () => {
    const port = await freePort();
    const early = openReadModels({
      url: `redis://127.0.0.1:${port}`,
      freshness: FRESHNESS,
      timeoutMs: TIMEOUT_MS,
    });
    await expect(early.position()).rejects.toMatchObject({ code: 'unavailable', reason: 'disconnected' });
    const late = await startRedis({ port });
    await until('connected', async () =>
      early.position().then(
        () => true,
        (error: ReadModelsUnavailableError) => error.reason === 'not-built',
      ),
    );
    await early.close();
    await expect(early.position()).rejects.toMatchObject({ code: 'unavailable' });
    await late.stop();
  });
});
