import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { newId, ROLE_PERMISSIONS, tokenDigest, type ApiKey } from '@mcpstack/contracts';
import { streamName } from '@mcpstack/domain';
import type { RecordedEvent } from '@mcpstack/event-store';
import { startRedis, waitFor, type LocalServer } from '@mcpstack/local-servers';
import { applyEvents, ReadModelWriter, type Generation, type WriteSession } from '@mcpstack/read-models';
import { expectProblem, Harness, type Answer } from './harness.ts';

/** Short, so that the spec need not wait: T is 600 ms. */
const ENV = { FRESH_DELTA_MS: '100', STAMP_LIFE_MS: '600', LEASE_LIFE_MS: '400' };

let redis: LocalServer;
let harness: Harness;
let session: string;
let writer: { session: WriteSession; generation: Generation };
let stamps: Promise<void>;
let stamping = false;
const events: RecordedEvent[] = [];

function record(stream: string, type: string, data: Record<string, unknown>): RecordedEvent {
  const event: RecordedEvent = {
    id: randomUUID(),
    type,
    data,
    metadata: {
      $correlationId: 'request',
      $causationId: randomUUID(),
      actor: { type: 'user', id: harness.userId },
      at: '2026-01-01T00:00:00.000Z',
      schemaVersion: 1,
      requestDigest: 'd'.repeat(64),
    },
    stream,
    revision: BigInt(events.filter((one) => one.stream === stream).length),
    position: BigInt(events.length + 1),
  };
  events.push(event);
  return event;
}

function recordKey(organizationId: string, name: string): RecordedEvent {
  const keyId = newId('key');
  const credential = { digest: tokenDigest(keyId), pepperVersion: 1 };
  const data = { keyId, organizationId, kind: 'service', name, role: 'viewer', credential };
  return record(streamName('key', keyId), 'KeyCreated', data);
}

async function apply(batch: readonly RecordedEvent[]): Promise<void> {
  async function* rest(stream: string, from: bigint): AsyncIterable<RecordedEvent> {
    yield* await Promise.resolve(events.filter((one) => one.stream === stream && one.revision >= from));
  }
  await applyEvents(writer.session, writer.generation, batch, rest);
}

/** A projection's session: all that the log holds, in force, and stamps. */
async function begin(): Promise<void> {
  const writeSession = await new ReadModelWriter({ url: redis.url }).begin();
  writer = { session: writeSession, generation: await writeSession.build('log-1') };
  await apply(events);
  await writeSession.switchTo(writer.generation);
  stamping = true;
  const stamp = async (): Promise<void> => {
    while (stamping) {
      await writeSession.stamp();
      await sleep(100);
    }
  };
  stamps = stamp().catch(() => undefined);
}

const get = (path: string, position?: string): Promise<Answer> =>
  harness.call('GET', path, {
    token: session,
    headers: position === undefined ? [] : ['Mcpstack-Position', position],
  });

const answers = (path: string, status: number): Promise<boolean> =>
  waitFor(async () => (await get(path)).status === status, { what: `${status} of ${path}` });

beforeAll(async () => {
  redis = await startRedis();
  harness = await Harness.start({ redisUrl: redis.url, env: ENV });
  session = await harness.login();
});
afterAll(async () => {
  stamping = false;
  await stamps;
  await harness.stop();
  writer.session.end();
  await redis.stop();
});

describe('with the real read models in Redis', () => {
  it('503, G4: nothing is answered from an empty Redis, and it is not ready', async () => {
    for (const path of ['/api/v1/organizations', harness.keysPath])
      expectProblem(await get(path), 503, 'unavailable');
    expect((await harness.call('GET', '/health/ready')).status).toBe(503);
  });

  it('200: organizations, roles and keys, once a projection has filled and stamped it', async () => {
    const { organizationId, userId } = harness;
    const created = { organizationId, name: 'My organization', ownerId: userId };
    record(streamName('organization', organizationId), 'OrganizationCreated', created);
    for (let index = 0; index < 5; index += 1) recordKey(organizationId, `key ${index}`);
    recordKey(newId('organization'), 'foreign');
    await begin();
    await answers('/api/v1/organizations', 200);

    expect((await get('/api/v1/organizations')).body['data']).toEqual([
      {
        ...{ id: organizationId, name: 'My organization', state: 'active', role: 'owner', revision: '0' },
        createdAt: '2026-01-01T00:00:00.000Z',
      },
    ]);
    const first = await get(`${harness.keysPath}?limit=3`);
    const second = await get(`${harness.keysPath}?limit=3&cursor=${first.body['nextCursor'] as string}`);
    const keys = [first, second].flatMap(({ body }) => body['data'] as ApiKey[]);
    expect(keys.map((key) => key.name).sort()).toEqual(['key 0', 'key 1', 'key 2', 'key 3', 'key 4']);
    expect(second.body).not.toHaveProperty('nextCursor');
    const one = await get(`${harness.keysPath}/${keys[0]!.id}`);
    expect(one.body).toEqual({
      id: keys[0]!.id,
      organizationId,
      kind: 'service',
      name: keys[0]!.name,
      role: 'viewer',
      ...{ tags: [], secrets: [{ version: 1, createdAt: '2026-01-01T00:00:00.000Z' }], revision: '0' },
      permissions: ROLE_PERMISSIONS.viewer,
      state: 'active',
      createdAt: '2026-01-01T00:00:00.000Z',
      createdBy: { type: 'user', id: userId },
    });
    await answers('/health/ready', 200);
    const foreign = events.at(-1)!.data['keyId'] as string;
    expectProblem(await get(`${harness.keysPath}/${foreign}`), 404, 'not-found');
    const odd = await get(`${harness.keysPath}?cursor=nonsense`);
    expectProblem(odd, 400, 'validation-failed');
    expect(odd.problem.errors?.[0]?.field).toBe('cursor');
  });

  it('200: members, invitations, agents with their domains, and servers', async () => {
    const { organizationId, userId } = harness;
    const organization = streamName('organization', organizationId);
    const [agentId, serverId] = [newId('agent'), newId('server')];
    const [memberId, profileId] = [newId('user'), newId('user')];
    const [invitationId, accepted] = [newId('invitation'), newId('invitation')];
    const invite = (id: string, profile: string): RecordedEvent =>
      record(organization, 'MemberInvited', {
        ...{ invitationId: id, role: 'viewer', profileId: profile, expiresAt: '2026-01-08T00:00:00.000Z' },
        credential: { digest: tokenDigest(id), pepperVersion: 1 },
      });
    const domain = { domainId: newId('domain'), domain: 'example.com', challenge: 'mcpstack-verify=x' };
    const batch = [
      record(streamName('user', userId), 'UserProfileChanged', { userId, name: 'Ada' }),
      record(streamName('user', profileId), 'UserProfileChanged', {
        userId: profileId,
        email: 'grace@example.com',
      }),
      invite(invitationId, profileId),
      invite(accepted, newId('user')),
      record(organization, 'InvitationAccepted', {
        invitationId: accepted,
        userId: memberId,
        role: 'viewer',
      }),
      record(organization, 'MemberSuspended', { userId: memberId }),
      record(streamName('agent', agentId), 'AgentCreated', { agentId, organizationId, name: 'Support' }),
      record(streamName('agent', agentId), 'AgentDomainAdded', domain),
      record(streamName('server', serverId), 'ServerCreated', { serverId, organizationId, name: 'Search' }),
    ];
    await apply(batch);
    const { organizationPath } = harness;
    const list = async (path: string) => (await get(`${organizationPath}/${path}`)).body['data'];
    expect(await list('members')).toMatchObject([
      { userId, role: 'owner', state: 'active', name: 'Ada' },
      { userId: memberId, role: 'viewer', state: 'suspended' },
    ]);
    expect(await list('invitations')).toMatchObject(
      expect.arrayContaining([
        expect.objectContaining({ id: invitationId, state: 'pending', email: 'grace@example.com' }),
        expect.objectContaining({ id: accepted, state: 'accepted', acceptedBy: memberId }),
      ]) as never,
    );
    expect(await list('agents')).toMatchObject([{ id: agentId, name: 'Support', revision: '1' }]);
    expect(await list('servers')).toMatchObject([{ id: serverId, name: 'Search' }]);
    expect(await list(`agents/${agentId}/domains`)).toMatchObject([
      { domain: 'example.com', state: 'pending', proof: { dns: { value: 'mcpstack-verify=x' } } },
    ]);
    const one = await get(`${organizationPath}/agents/${agentId}`);
    expect(one.headers['etag']).toBe('"1"');
    const page = await get(`${organizationPath}/members?limit=1`);
    for (const path of ['agents', 'servers', 'invitations', 'api-keys', 'public-keys']) {
      const cursor = page.body['nextCursor'] as string;
      const answer = await get(`${organizationPath}/${path}?cursor=${encodeURIComponent(cursor)}`);
      expectProblem(answer, 400, 'validation-failed');
      expect(answer.problem.errors?.[0]?.field).toBe('cursor');
    }
    // Control: where it belongs, it leads on.
    const next = await get(`${organizationPath}/members?cursor=${page.body['nextCursor'] as string}`);
    expect(next.body['data']).toMatchObject([{ userId: memberId }]);
  });

  it('200, G6: a read that carries a position sees that write, though it came first', async () => {
    const event = recordKey(harness.organizationId, 'late');
    const keyPath = `${harness.keysPath}/${event.data['keyId'] as string}`;
    // Control: without the position the key is not there yet.
    expectProblem(await get(keyPath), 404, 'not-found');
    const waiting = get(keyPath, String(event.position));
    await sleep(200);
    await apply([event]);
    const answer = await waiting;
    expect(answer.status).toBe(200);
    expect(answer.body['name']).toBe('late');
  });

  it('503, G6: a position that is not reached within about two seconds', async () => {
    const startMs = performance.now();
    expectProblem(await get(harness.keysPath, '999999'), 503, 'unavailable');
    const tookMs = performance.now() - startMs;
    expect(tookMs).toBeGreaterThan(1_500);
    expect(tookMs).toBeLessThan(8_000);
  });

  it('503, G4: when the stamps stop, and 200 when they go on', async () => {
    stamping = false;
    await stamps;
    await answers(harness.keysPath, 503);
    await begin();
    await answers(harness.keysPath, 200);
  });

  it('503, G4: Redis hung or killed, within the deadline; back without a restart of ours', async () => {
    await redis.pause();
    const startMs = performance.now();
    expectProblem(await get(harness.keysPath), 503, 'unavailable');
    expect(performance.now() - startMs).toBeLessThan(8_000);
    await redis.resume();
    await redis.restart({ kill: true });
    await stamps;
    await begin();
    await answers(harness.keysPath, 200);
  });
});
