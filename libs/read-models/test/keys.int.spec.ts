/** What is asked about keys of both kinds, and that nobody learns of what is another's. */
import { newId, permissionsOf, type Actor } from '@mcpstack/contracts';
import { all, DAY_MS, ids, log, models, organizationId, publish } from './published-log.ts';

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
      value: expect.stringMatching(/^mcpstack_pk_/) as string,
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

describe('keys that something is due for', () => {
  it('the longest due first, until they have ended', async () => {
    const expiresAt = log.timeAfter(40 * DAY_MS);
    const later = log.timeAfter(40 * DAY_MS + 1);
    const [late, early] = [
      log.createKey(organizationId, { expiresAt }),
      log.createKey(organizationId, { expiresAt: log.timeAfter(20 * DAY_MS) }),
    ];
    log.createKey(organizationId);
    const agent = log.createAgent(organizationId);
    const visible = log.createPublicKey(organizationId, agent.id, { expiresAt: later });
    await publish();
    const due = async (untilMs: number, limit = 200) =>
      (await models.listDueKeys(untilMs, limit)).value.map(({ keyId }) => keyId);
    const noticeMs = Date.parse(expiresAt) - 30 * DAY_MS;
    expect((await models.listDueKeys(noticeMs, 1)).value).toEqual([{ organizationId, keyId: late.id }]);
    expect(await due(noticeMs - 1)).toEqual([]);
    expect(await due(noticeMs + 1)).toEqual([late.id, visible.id]);
    expect(await due(Date.parse(later))).toHaveLength(3);
    expect(await due(Date.parse(expiresAt), 1)).toHaveLength(1);
    log.append(late.stream, 'KeyExpiring', { expiresAt, daysBefore: 30 });
    log.append(early.stream, 'KeyExpired', { expiresAt });
    log.revoke(visible.stream);
    await publish();
    expect(await due(noticeMs)).toEqual([]);
    expect(await due(Date.parse(expiresAt))).toEqual([late.id]);
    await expect(models.listDueKeys(0, 0)).rejects.toThrow(RangeError);
    await expect(models.listDueKeys(0, 1_001)).rejects.toThrow(RangeError);
  });
});
