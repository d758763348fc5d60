/** Each question that the read models answer, and that nobody learns of what is another's. */
import { startRedis, type LocalServer } from '@mcpstack/local-servers';
import { newId, permissionsOf, type Actor } from '@mcpstack/contracts';
import { streamName } from '@mcpstack/domain';
import {
  BadCursorError,
  openReadModels,
  type Page,
  type PageRequest,
  type ReadModels,
  type Reading,
  type WriteSession,
} from '../src/index.ts';
import { ACTOR, digestOf, MemoryLog } from './log.ts';
import { FRESHNESS, until, writeLog } from './world.ts';

const DAY_MS = 24 * 60 * 60 * 1_000;

let redis: LocalServer;
let models: ReadModels;
let session: WriteSession | undefined;
let log: MemoryLog;
let organizationId: string;
let ownerId: string;

beforeAll(async () => {
  redis = await startRedis();
  models = openReadModels({ url: redis.url, freshness: FRESHNESS });
  await until('connected', () => Promise.resolve(models.state().connected));
});
afterAll(async () => {
  await models.close();
  await redis.stop();
});
beforeEach(() => {
  log = new MemoryLog();
  ({ id: organizationId, ownerId } = log.createOrganization());
});
afterEach(() => session?.end());

/** Makes the log what the read models show. */
async function publish(): Promise<void> {
  session?.end();
  session = await writeLog(redis.url, log);
}

async function all<Item>(read: (page: PageRequest) => Promise<Reading<Page<Item>>>): Promise<Item[]> {
  const items: Item[] = [];
  let cursor: string | undefined;
  for (let pages = 0; pages < 100; pages += 1) {
    const page: Page<Item> = (await read({ limit: 3, ...(cursor !== undefined && { cursor }) })).value;
    items.push(...page.items);
    if (page.nextCursor === undefined) return items;
    cursor = page.nextCursor;
  }
  throw new Error('the pages have no end');
}

const ids = (items: readonly { id: string }[]) => items.map(({ id }) => id);

describe('a credential leads to its key', () => {
  it('a service key with its terms, and the secret that was shown', async () => {
    const terms = {
      permissions: ['servers:read' as const],
      scope: { servers: [newId('server')] },
      expiresAt: log.timeAfter(DAY_MS),
      allowedIps: ['10.0.0.0/8'],
      limits: [{ name: 'burst', limit: 5, windowMs: 1_000 }],
      quotas: [{ name: 'daily', limit: 9, interval: 'day' as const }],
      tags: ['ci'],
      environment: 'staging',
    };
    const key = log.createKey(organizationId, { ...terms, hint: 'acme_' });
    const second = digestOf('second');
    const previous = { validUntil: log.timeAfter(1_000), untilNextSeen: true };
    log.append(key.stream, 'KeyRotated', {
      version: 2,
      credential: { digest: second, pepperVersion: 1 },
      previous,
    });
    await publish();
    const first = (await models.findByDigests([key.digest])).value;
    expect(first).toMatchObject({
      status: 'found',
      digest: key.digest,
      key: {
        ...terms,
        kind: 'service',
        revision: '1',
        credentials: [
          { version: 1, digest: key.digest },
          { version: 2, digest: second },
        ],
        secrets: [{ version: 1, hint: 'acme_', ...previous }, { version: 2 }],
      },
      organization: { id: organizationId, revision: '0', policy: { onMakerLoss: 'list' } },
    });
    expect(first).not.toHaveProperty('agent');
    expect((await models.findByDigests([second])).value).toMatchObject({ digest: second });
  });

  it('an ended secret too, so that a check can say why', async () => {
    const key = log.createKey(organizationId);
    for (const version of [2, 3]) {
      const credential = { digest: digestOf(`${key.id} ${version}`), pepperVersion: 1 };
      const previous = { validUntil: log.timeAfter(1_000) };
      log.append(key.stream, 'KeyRotated', { version, credential, previous });
    }
    log.append(key.stream, 'KeySecretRetired', { version: 2 });
    await publish();
    for (const digest of [key.digest, digestOf(`${key.id} 2`)]) {
      const { value } = await models.findByDigests([digest]);
      expect(value).toMatchObject({ status: 'found', digest, key: { secrets: [{ version: 3 }] } });
    }
  });

  it('of several that registered one, to the first, whichever digest comes first', async () => {
    // Rotates last, to the digest of a token that is somebody else's: an old key gains nothing either.
    const old = log.createKey(organizationId);
    const first = log.createKey(organizationId);
    const copy = log.createKey(organizationId, { credential: { digest: first.digest, pepperVersion: 1 } });
    const underNext = digestOf('the same token under the next pepper');
    log.createKey(organizationId, { credential: { digest: underNext, pepperVersion: 2 } });
    const credential = { digest: digestOf('third pepper'), pepperVersion: 3 };
    const previous = { validUntil: log.timeAfter(0) };
    log.append(old.stream, 'KeyRotated', { version: 2, credential, previous });
    await publish();
    for (const digests of [
      [first.digest],
      [underNext, first.digest],
      [first.digest, underNext, credential.digest],
    ])
      expect((await models.findByDigests(digests)).value).toMatchObject({
        status: 'found',
        key: { id: first.id },
        digest: first.digest,
      });
    expect((await models.getKey(organizationId, copy.id)).value).toBeDefined();
  });

  it('a publishable key with its agent and its domains', async () => {
    const agent = log.createAgent(organizationId);
    const domainId = newId('domain');
    log.append(agent.stream, 'AgentDomainAdded', { domainId, domain: 'example.com', challenge: 'c' });
    log.append(agent.stream, 'AgentDomainVerified', { domainId, method: 'dns' });
    const key = log.createPublicKey(organizationId, agent.id);
    await publish();
    expect((await models.findByDigests([key.digest])).value).toMatchObject({
      status: 'found',
      key: { id: key.id, kind: 'publishable', credentials: [{ version: 1, digest: key.digest }] },
      agent: {
        id: agent.id,
        state: 'active',
        revision: '2',
        domains: [
          { id: domainId, agentId: agent.id, organizationId, domain: 'example.com', state: 'verified' },
        ],
      },
    });
  });

  it('1,000 tokens in one step, in order', async () => {
    const keys = Array.from({ length: 600 }, () => log.createKey(organizationId));
    await publish();
    const unknown = Array.from({ length: 400 }, (_, n) => digestOf(`unknown ${n}`));
    const tokens = [...keys.flatMap(({ digest }, n) => [[digest], [unknown[n % 400]!, digest]])].slice(
      0,
      1_000,
    );
    const { value } = await models.findMany(tokens);
    expect(value).toHaveLength(1_000);
    value.forEach((found, n) =>
      expect(found).toMatchObject({ status: 'found', key: { id: keys[Math.floor(n / 2)]!.id } }),
    );
    expect((await models.findMany([[unknown[0]!], [keys[0]!.digest], [unknown[1]!]])).value).toMatchObject([
      { status: 'unknown' },
      { status: 'found' },
      { status: 'unknown' },
    ]);
    const tooMany = [...tokens, ['a'.repeat(64)]];
    await expect(models.findMany(tooMany)).rejects.toThrow(RangeError);
    await expect(models.findMany([])).rejects.toThrow(RangeError);
    await expect(models.findMany([[]])).rejects.toThrow(RangeError);
    await expect(models.findMany([['x:y']])).rejects.toThrow(RangeError);
  });
});

describe('keys', () => {
  it('of both kinds are answered apart, and to their own organization alone', async () => {
    const agent = log.createAgent(organizationId);
    const [secret, visible] = [log.createKey(organizationId), log.createPublicKey(organizationId, agent.id)];
    const stranger = log.createOrganization();
    const theirAgent = log.createAgent(stranger.id);
    const theirs = log.createPublicKey(stranger.id, theirAgent.id);
    await publish();
    expect((await models.getKey(organizationId, secret.id)).value).toMatchObject({ kind: 'service' });
    expect((await models.getPublicKey(organizationId, visible.id)).value).toMatchObject({
      kind: 'publishable',
      value: expect.stringMatching(/^mcpstack_pk_/),
      revision: '0',
    });
    expect((await models.getKey(organizationId, visible.id)).value).toBeUndefined();
    expect((await models.getPublicKey(organizationId, secret.id)).value).toBeUndefined();
    expect((await models.getPublicKey(organizationId, theirs.id)).value).toBeUndefined();
    expect(ids((await models.listKeys(organizationId)).value.items)).toEqual([secret.id]);
    expect(ids((await models.listPublicKeys(organizationId)).value.items)).toEqual([visible.id]);
    const ofAgent = (agentId: string) => models.listPublicKeys(organizationId, { agentId });
    expect(ids((await ofAgent(agent.id)).value.items)).toEqual([visible.id]);
    const [foreign, unknown] = [await ofAgent(theirAgent.id), await ofAgent(newId('agent'))];
    expect(foreign.value).toEqual(unknown.value);
    // Digests leave the services nowhere.
    const shown = JSON.stringify([
      (await models.listKeys(organizationId)).value,
      (await models.listPublicKeys(organizationId)).value,
    ]);
    for (const { digest } of [secret, visible]) expect(shown).not.toContain(digest);
  });

  it('narrowed, tagged, suspended, exposed, revoked: as the domain folds them', async () => {
    const { id, stream } = log.createKey(organizationId, { role: 'admin' });
    log.append(stream, 'KeyNarrowed', { role: 'viewer', permissions: ['servers:read', 'agents:read'] });
    log.append(stream, 'KeyTagged', { tags: ['a', 'b'] });
    log.append(stream, 'KeyExposed', {});
    log.append(stream, 'KeySuspended', {});
    await publish();
    const suspended = (await models.getKey(organizationId, id)).value;
    expect(suspended).toMatchObject({ state: 'suspended', role: 'viewer', tags: ['a', 'b'], revision: '4' });
    expect([...suspended!.permissions].sort()).toEqual(['agents:read', 'servers:read']);
    expect(suspended).toHaveProperty('exposedAt');
    expect(suspended).not.toHaveProperty('noticesGiven');
    log.append(stream, 'KeyRevoked', { reason: 'reported-leak', source: 'github' }, { schemaVersion: 2 });
    log.append(stream, 'KeyRevoked', { reason: 'requested' }, { schemaVersion: 2 });
    await publish();
    expect((await models.getKey(organizationId, id)).value).toMatchObject({
      state: 'revoked',
      revocationReason: 'reported-leak',
      revision: '6',
    });
  });

  it('all that a role may, where nothing narrows it', async () => {
    const { id } = log.createKey(organizationId, { role: 'admin' });
    await publish();
    expect((await models.getKey(organizationId, id)).value?.permissions).toEqual(permissionsOf('admin'));
  });

  it('by each filter, and all filters at once', async () => {
    const maker: Actor = { type: 'key', id: newId('key') };
    const wanted = log.createKey(
      organizationId,
      { role: 'viewer', tags: ['ci', 'x'], environment: 'staging' },
      maker,
    );
    const others = [
      log.createKey(organizationId, { role: 'admin', tags: ['ci'], environment: 'staging' }, maker),
      log.createKey(organizationId, { role: 'viewer', tags: [], environment: 'staging' }, maker),
      log.createKey(organizationId, { role: 'viewer', tags: ['ci'] }, maker),
      log.createKey(organizationId, { role: 'viewer', tags: ['ci'], environment: 'staging' }),
      log.createKey(organizationId, { role: 'viewer', tags: ['ci'], environment: 'staging' }, maker),
      log.createKey(organizationId, { role: 'viewer', tags: ['ci'], environment: 'staging' }, maker),
    ];
    log.revoke(others[4]!.stream);
    const from = log.timeAfter(DAY_MS);
    log.use(others[5]!.id, organizationId, { from, count: 1 });
    await publish();
    const filter = {
      state: 'active',
      tag: 'ci',
      role: 'viewer',
      environment: 'staging',
      createdBy: maker,
      unusedSince: from,
    } as const;
    const found = (more: object) => all((page) => models.listKeys(organizationId, { ...page, filter: more }));
    expect(ids(await found(filter))).toEqual([wanted.id]);
    for (const [name, value] of Object.entries(filter)) {
      const by = await found({ [name]: value });
      expect(by.length).toBeLessThan(7);
      expect(ids(by)).toContain(wanted.id);
      // The control: without this one, another key passes as well.
      const rest = Object.fromEntries(Object.entries(filter).filter(([other]) => other !== name));
      expect((await found(rest)).length).toBeGreaterThan(1);
    }
    await expect(models.listKeys(organizationId, { filter: { unusedSince: 'soon' } })).rejects.toThrow(
      RangeError,
    );
  });

  it('a filter looks at 1,000 keys a call at most, and goes on where it stopped', async () => {
    const first = log.createKey(organizationId, { tags: ['rare'] });
    for (let n = 0; n < 2_100; n += 1) log.createKey(organizationId);
    const last = log.createKey(organizationId, { tags: ['rare'] });
    await publish();
    const filter = { tag: 'rare' };
    const sizes: number[] = [];
    const seen: string[] = [];
    let cursor: string | undefined;
    do {
      const request = { filter, limit: 10, ...(cursor !== undefined && { cursor }) };
      const { value } = await models.listKeys(organizationId, request);
      sizes.push(value.items.length);
      seen.push(...ids(value.items));
      cursor = value.nextCursor;
    } while (cursor !== undefined);
    expect(seen).toEqual([last.id, first.id]);
    expect(sizes).toEqual([1, 0, 1]);
    // A page that is full ends where it is full, and the next one begins there.
    const one = (await models.listKeys(organizationId, { filter, limit: 1 })).value;
    expect(ids(one.items)).toEqual([last.id]);
    expect(one.nextCursor).toBeDefined();
    expect(ids(await all((page) => models.listKeys(organizationId, { ...page, filter, limit: 1 })))).toEqual([
      last.id,
      first.id,
    ]);
  });
});

describe('use', () => {
  it('is summed, in the newest 100 windows, and shows in lists and details', async () => {
    const key = log.createKey(organizationId);
    const agent = log.createAgent(organizationId);
    const visible = log.createPublicKey(organizationId, agent.id);
    const from = (n: number) => log.timeAfter(n * 10_000 - log.events.length);
    for (let n = 1; n <= 103; n += 1) log.use(key.id, organizationId, { from: from(n), count: n });
    log.use(visible.id, organizationId, { from: from(7), count: 1 });
    await publish();
    const { value } = await models.getKeyUsage(organizationId, key.id);
    expect(value).toMatchObject({ keyId: key.id, count: (103 * 104) / 2 });
    expect(value!.windows).toHaveLength(100);
    expect(value!.windows.map(({ count }) => count)).toEqual(Array.from({ length: 100 }, (_, n) => 103 - n));
    expect(Date.parse(value!.firstUsedAt)).toBeLessThan(Date.parse(value!.windows.at(-1)!.from));
    const { lastUsedAt } = value!;
    expect((await models.getKey(organizationId, key.id)).value).toMatchObject({ lastUsedAt });
    expect((await models.listKeys(organizationId)).value.items).toMatchObject([{ lastUsedAt }]);
    expect((await models.getPublicKey(organizationId, visible.id)).value).toHaveProperty('lastUsedAt');
    expect((await models.listPublicKeys(organizationId)).value.items[0]).toHaveProperty('lastUsedAt');
  });

  it('is shown to the organization of the key alone, and of unknown keys to nobody', async () => {
    const key = log.createKey(organizationId);
    const unused = log.createKey(organizationId);
    const unknown = newId('key');
    for (const id of [key.id, unknown]) log.use(id, organizationId, { from: log.timeAfter(0), count: 1 });
    await publish();
    expect((await models.getKeyUsage(organizationId, key.id)).value).toMatchObject({ count: 1 });
    for (const [organization, id] of [
      [newId('organization'), key.id],
      [organizationId, unknown],
      [organizationId, newId('key')],
      [organizationId, unused.id],
    ] as const)
      expect((await models.getKeyUsage(organization, id)).value).toBeUndefined();
  });

  it('that cannot be read hides no key, and no key passes for unused by it', async () => {
    const key = log.createKey(organizationId);
    const from = log.timeAfter(0);
    log.use(key.id, organizationId, { from, count: 1 });
    const filter = { unusedSince: log.timeAfter(DAY_MS) };
    await publish();
    expect((await models.listKeys(organizationId, { filter })).value.items).toHaveLength(1);
    log.append(streamName('usage', key.id), 'KeyMisused', {});
    await publish();
    expect((await models.listKeys(organizationId, { filter })).value.items).toEqual([]);
    expect((await models.getKey(organizationId, key.id)).value).toHaveProperty('lastUsedAt');
    await expect(models.getKeyUsage(organizationId, key.id)).rejects.toMatchObject({ reason: 'parked' });
  });
});

describe('origins that are known', () => {
  it('while some key in force allows them', async () => {
    const agent = log.createAgent(organizationId);
    const [permanent, temporary, past] = [
      'https://p.example.com',
      'https://t.example.com',
      'https://o.example.com',
    ];
    const soon = new Date(Date.now() + DAY_MS).toISOString();
    const before = new Date(Date.now() - 1).toISOString();
    const one = log.createPublicKey(organizationId, agent.id, { origins: [{ origin: permanent }] });
    const two = log.createPublicKey(organizationId, agent.id, { origins: [{ origin: permanent }] });
    log.append(one.stream, 'PublicKeyOriginAdded', { origin: temporary, expiresAt: soon });
    log.append(one.stream, 'PublicKeyOriginAdded', { origin: past, expiresAt: before });
    log.createPublicKey(organizationId, agent.id, {
      origins: [{ origin: 'https://e.example' }],
      expiresAt: before,
    });
    const known = async (origin: string) => (await models.isOriginKnown(origin)).value;
    await publish();
    expect(await known(permanent)).toBe(true);
    expect(await known(temporary)).toBe(true);
    for (const other of [past, 'https://e.example', `${permanent}:8443`, 'http://p.example.com', 'null', ''])
      expect(await known(other)).toBe(false);
    log.append(one.stream, 'PublicKeyOriginRemoved', { origin: permanent });
    log.append(one.stream, 'PublicKeyOriginRemoved', { origin: temporary });
    await publish();
    expect(await known(temporary)).toBe(false);
    expect(await known(permanent)).toBe(true);
    log.append(two.stream, 'KeySuspended', {});
    log.revoke(two.stream);
    await publish();
    expect(await known(permanent)).toBe(false);
  });
});

describe('organizations, members, invitations, profiles', () => {
  const stream = () => streamName('organization', organizationId);
  const invite = (invitationId = newId('invitation'), profileId = newId('user')) => {
    log.append(stream(), 'MemberInvited', {
      invitationId,
      role: 'developer',
      profileId,
      credential: { digest: digestOf(invitationId), pepperVersion: 1 },
      expiresAt: log.timeAfter(DAY_MS),
    });
    return { invitationId, profileId };
  };
  const accept = (invitationId: string, userId = newId('user')) => {
    log.append(stream(), 'InvitationAccepted', { invitationId, userId, role: 'developer' });
    return userId;
  };

  it('members in the order in which they joined, each with state and role', async () => {
    const users = Array.from({ length: 7 }, () => accept(invite().invitationId));
    log.append(stream(), 'MemberRoleChanged', { userId: users[0], role: 'admin' });
    log.append(stream(), 'MemberSuspended', { userId: users[1] });
    log.append(stream(), 'MemberRemoved', { userId: users[2] });
    log.append(stream(), 'MemberRoleChanged', { userId: users[2], role: 'owner' });
    await publish();
    const members = await all((page) => models.listMembers(organizationId, page));
    const expected = [ownerId, users[0], users[1], ...users.slice(3)];
    expect(members.map(({ userId }) => userId)).toEqual(expected);
    expect(members[1]).toEqual({
      organizationId,
      userId: users[0],
      role: 'admin',
      state: 'active',
      joinedAt: expect.any(String),
    });
    expect((await models.getMember(organizationId, users[1]!)).value).toMatchObject({ state: 'suspended' });
    expect((await models.getMember(organizationId, users[2]!)).value).toBeUndefined();
    expect((await models.getMember(organizationId, 'constructor')).value).toBeUndefined();
    expect((await models.getMember(newId('organization'), users[0]!)).value).toBeUndefined();
    expect((await models.listOrganizationsOf(users[0]!)).value).toMatchObject([
      { id: organizationId, role: 'admin', state: 'active' },
    ]);
    expect((await models.listOrganizationsOf(users[2]!)).value).toEqual([]);
    expect((await models.listMembers(newId('organization'))).value).toEqual({ items: [] });
  });

  it('invitations, newest first, without what the token is checked with', async () => {
    const sent = Array.from({ length: 5 }, () => invite());
    const acceptedBy = accept(sent[0]!.invitationId);
    log.append(stream(), 'InvitationRevoked', { invitationId: sent[1]!.invitationId });
    await publish();
    const listed = await all((page) => models.listInvitations(organizationId, page));
    expect(ids(listed)).toEqual(sent.map(({ invitationId }) => invitationId).reverse());
    expect(listed.map(({ state }) => state)).toEqual([
      'pending',
      'pending',
      'pending',
      'revoked',
      'accepted',
    ]);
    expect(listed[4]).toMatchObject({
      acceptedBy,
      profileId: sent[0]!.profileId,
      role: 'developer',
      createdBy: ACTOR,
    });
    expect(JSON.stringify(listed)).not.toContain(digestOf(sent[0]!.invitationId));
    const one = await models.getInvitation(organizationId, sent[2]!.invitationId);
    expect(one.value).toEqual(listed[2]);
    expect((await models.getInvitation(newId('organization'), sent[2]!.invitationId)).value).toBeUndefined();
    expect((await models.getInvitation(organizationId, newId('invitation'))).value).toBeUndefined();
  });

  it('the organization with policy, state and revision', async () => {
    const policy = { onMakerLoss: 'revoke', longestKeyLifeDays: 30 };
    log.append(stream(), 'OrganizationPolicyChanged', { policy });
    log.append(stream(), 'OrganizationRenamed', { name: 'Other' });
    log.append(stream(), 'OrganizationSuspended', {});
    await publish();
    expect((await models.getOrganization(organizationId)).value).toEqual({
      id: organizationId,
      name: 'Other',
      state: 'suspended',
      policy,
      createdAt: expect.any(String),
      revision: '3',
    });
  });

  it('profiles, until they are erased, and nothing of them afterwards', async () => {
    const [known, erased, parked] = [newId('user'), newId('user'), newId('user')];
    for (const userId of [known, erased, parked])
      log.append(streamName('user', userId), 'UserProfileChanged', { userId, email: 'ada@example.com' });
    log.append(streamName('user', erased), 'UserProfileErased', { userId: erased });
    log.append(streamName('user', parked), 'UserProfileTeleported', {});
    await publish();
    const { value } = await models.getProfiles([newId('user'), known, erased, parked]);
    expect(value).toEqual([undefined, { userId: known, email: 'ada@example.com' }, undefined, undefined]);
    expect((await models.getProfiles([])).value).toEqual([]);
    await expect(models.getProfiles(Array.from({ length: 201 }, () => known))).rejects.toThrow(RangeError);
  });
});

describe('agents, domains, servers', () => {
  it('agents in force are listed, removed ones still answered', async () => {
    const agents = Array.from({ length: 5 }, () => log.createAgent(organizationId));
    log.append(agents[2]!.stream, 'AgentRemoved', {});
    log.append(agents[3]!.stream, 'AgentRenamed', { name: 'Renamed' });
    await publish();
    const listed = await all((page) => models.listAgents(organizationId, page));
    expect(ids(listed)).toEqual([4, 3, 1, 0].map((n) => agents[n]!.id));
    expect(listed[1]).toMatchObject({ name: 'Renamed', revision: '1' });
    expect(listed[0]).not.toHaveProperty('domains');
    const removed = (await models.getAgent(organizationId, agents[2]!.id)).value;
    expect(removed).toMatchObject({ state: 'removed', domains: [] });
    expect((await models.getAgent(newId('organization'), agents[0]!.id)).value).toBeUndefined();
  });

  it('domains of all organizations, and who holds a name', async () => {
    const add = (agent: { stream: string }, domain: string) => {
      const domainId = newId('domain');
      log.append(agent.stream, 'AgentDomainAdded', { domainId, domain, challenge: 'c' });
      return domainId;
    };
    const verify = (agent: { stream: string }, domainId: string) =>
      log.append(agent.stream, 'AgentDomainVerified', { domainId, method: 'file' });
    const [ours, theirs, gone] = [
      log.createAgent(organizationId),
      log.createAgent(log.createOrganization().id),
      log.createAgent(organizationId),
    ];
    const held = add(ours, 'example.com');
    const pending = add(ours, 'example.org');
    const stale = add(theirs, 'example.com');
    const ofRemoved = add(gone, 'example.com');
    const removed = add(ours, 'example.net');
    verify(ours, held);
    verify(theirs, stale);
    verify(gone, ofRemoved);
    log.append(theirs.stream, 'AgentDomainStale', { domainId: stale, graceEndsAt: log.timeAfter(DAY_MS) });
    log.append(gone.stream, 'AgentRemoved', {});
    log.append(ours.stream, 'AgentDomainRemoved', { domainId: removed });
    await publish();
    const domains = await all((page) => models.listDomains(page));
    expect(ids(domains)).toEqual([held, pending, stale, ofRemoved]);
    expect(domains.map(({ agentState }) => agentState)).toEqual(['active', 'active', 'active', 'removed']);
    const holders = async (name: string) => (await models.listHoldersOf(name)).value;
    expect(await holders('example.com')).toMatchObject([
      { id: held, organizationId, agentId: ours.id, state: 'verified' },
      { id: stale, agentId: theirs.id, state: 'stale' },
    ]);
    expect(await holders('example.org')).toEqual([]);
    log.append(ours.stream, 'AgentDomainContested', { domainId: held, challenge: 'd' });
    log.append(theirs.stream, 'AgentDomainLapsed', { domainId: stale });
    await publish();
    expect(await holders('example.com')).toEqual([]);
  });

  it('servers in force are listed, removed ones still answered', async () => {
    const servers = Array.from({ length: 4 }, () => {
      const id = newId('server');
      log.append(streamName('server', id), 'ServerCreated', { serverId: id, organizationId, name: 'mcp' });
      return id;
    });
    log.append(streamName('server', servers[1]!), 'ServerRemoved', {});
    log.append(streamName('server', servers[2]!), 'ServerUrlChanged', { url: 'https://mcp.example.com' });
    await publish();
    const listed = await all((page) => models.listServers(organizationId, page));
    expect(ids(listed)).toEqual([3, 2, 0].map((n) => servers[n]));
    expect(listed[1]).toMatchObject({ url: 'https://mcp.example.com', revision: '1', state: 'active' });
    expect((await models.getServer(organizationId, servers[1]!)).value).toMatchObject({ state: 'removed' });
    expect((await models.getServer(newId('organization'), servers[0]!)).value).toBeUndefined();
  });
});

describe('keys that something is due for', () => {
  it('the longest due first, until they have ended', async () => {
    const expiresAt = log.timeAfter(40 * DAY_MS);
    const [late, early] = [
      log.createKey(organizationId, { expiresAt }),
      log.createKey(organizationId, { expiresAt: log.timeAfter(20 * DAY_MS) }),
    ];
    log.createKey(organizationId);
    const agent = log.createAgent(organizationId);
    const visible = log.createPublicKey(organizationId, agent.id, { expiresAt });
    await publish();
    const due = async (untilMs: number, limit = 200) =>
      (await models.listDueKeys(untilMs, limit)).value.map(({ keyId }) => keyId);
    const noticeMs = Date.parse(expiresAt) - 30 * DAY_MS;
    expect((await models.listDueKeys(noticeMs, 1)).value).toEqual([{ organizationId, keyId: late.id }]);
    expect(await due(noticeMs - 1)).toEqual([]);
    expect((await due(noticeMs)).sort()).toEqual([late.id, visible.id].sort());
    expect(await due(Date.parse(expiresAt))).toHaveLength(3);
    expect(await due(Date.parse(expiresAt), 1)).toHaveLength(1);
    log.append(late.stream, 'KeyExpiring', { expiresAt, daysBefore: 30 });
    log.append(early.stream, 'KeyExpired', { expiresAt });
    log.revoke(visible.stream);
    await publish();
    expect(await due(noticeMs)).toEqual([]);
    expect(await due(Date.parse(expiresAt))).toEqual([late.id]);
    await expect(models.listDueKeys(0, 0)).rejects.toThrow(RangeError);
    await expect(models.listDueKeys(0, 201)).rejects.toThrow(RangeError);
  });
});

describe('cursors', () => {
  type List = (page: PageRequest) => Promise<Reading<Page<unknown>>>;
  const lists = (organization: string, agentId: string): Record<string, List> => ({
    keys: (page) => models.listKeys(organization, page),
    publicKeys: (page) => models.listPublicKeys(organization, page),
    publicKeysOfAgent: (page) => models.listPublicKeys(organization, { ...page, agentId }),
    members: (page) => models.listMembers(organization, page),
    invitations: (page) => models.listInvitations(organization, page),
    agents: (page) => models.listAgents(organization, page),
    servers: (page) => models.listServers(organization, page),
    domains: (page) => models.listDomains(page),
  });

  it('of another list, of another organization, or made up are refused by every list', async () => {
    const agent = log.createAgent(organizationId);
    log.createAgent(organizationId);
    const stream = streamName('organization', organizationId);
    for (let n = 0; n < 2; n += 1) {
      log.createKey(organizationId);
      log.createPublicKey(organizationId, agent.id);
      const [serverId, invitationId, domainId] = [newId('server'), newId('invitation'), newId('domain')];
      log.append(streamName('server', serverId), 'ServerCreated', { serverId, organizationId, name: 's' });
      const credential = { digest: digestOf(invitationId), pepperVersion: 1 };
      const invited = { invitationId, role: 'viewer', profileId: newId('user'), credential };
      log.append(stream, 'MemberInvited', { ...invited, expiresAt: log.timeAfter(0) });
      log.append(stream, 'InvitationAccepted', { invitationId, userId: newId('user'), role: 'viewer' });
      log.append(agent.stream, 'AgentDomainAdded', { domainId, domain: `d${n}.example`, challenge: 'c' });
    }
    await publish();
    const ours = lists(organizationId, agent.id);
    const cursors = new Map<string, string>();
    for (const [name, list] of Object.entries(ours))
      cursors.set(name, (await list({ limit: 1 })).value.nextCursor!);
    expect(new Set(cursors.values()).size).toBe(8);
    const madeUp = ['', 'eHg', '+inf', 'a'.repeat(49), Buffer.from('k1').toString('base64url')];
    for (const [name, list] of Object.entries(ours)) {
      for (const [other, cursor] of cursors) {
        if (other === name) expect((await list({ cursor, limit: 1 })).value.items).toHaveLength(1);
        else await expect(list({ cursor })).rejects.toThrow(BadCursorError);
      }
      for (const cursor of madeUp) await expect(list({ cursor })).rejects.toThrow(BadCursorError);
      await expect(list({ limit: 0 })).rejects.toThrow(RangeError);
      await expect(list({ limit: 201 })).rejects.toThrow(RangeError);
    }
    for (const [name, list] of Object.entries(lists(newId('organization'), agent.id)))
      if (name !== 'domains')
        await expect(list({ cursor: cursors.get(name)! })).rejects.toThrow(BadCursorError);
  });
});
