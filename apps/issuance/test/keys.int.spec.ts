/** Commands on one service key: accepted, refused, repeated. */
import { randomUUID } from 'node:crypto';
import { newId, tokenDigest, type Actor, type CommandContracts } from '@mcpstack/contracts';
import { Harness, problemOf } from './harness.ts';

let harness: Harness;
beforeAll(async () => {
  harness = await Harness.start();
});
afterAll(() => harness.stop());
beforeEach(() => harness.asked.splice(0));

const stranger: Actor = { type: 'user', id: newId('user') };
const keyActor = (id: string): Actor => ({ type: 'key', id });
const inDays = (days: number) => new Date(Date.now() + days * 86_400_000).toISOString();
type UpdateInput = Omit<CommandContracts['updateKey']['input'], 'organizationId' | 'keyId'>;

const update = (keyId: string, input: UpdateInput, changes: object = {}) =>
  harness.send('updateKey', { organizationId: harness.organizationId, keyId, ...input }, changes);
const change = (
  name: 'suspendKey' | 'resumeKey' | 'revokeKey',
  keyId: string,
  changes: object = {},
  input: object = {},
) =>
  harness.send(name, { organizationId: harness.organizationId, keyId, kind: 'service', ...input }, changes);

describe('createKey, with terms', () => {
  it('accepted: every term is stored in its one spelling, and shown', async () => {
    const [agent, server] = [await harness.addAgent(), await harness.addServer()];
    const { key, secret } = await harness.createKey(
      {},
      {
        permissions: ['servers:read'],
        scope: { agents: [agent], servers: [server] },
        expiresAt: '2036-01-31T12:00:00+02:00',
        allowedIps: ['203.0.113.7', '2001:DB8::/32'],
        tags: ['team:payments'],
        environment: 'production',
        limits: [{ name: 'burst', limit: 10, windowMs: 1_000 }],
        quotas: [{ name: 'monthly', limit: 1_000, interval: 'month' }],
      },
    );
    expect(secret).toBeDefined();
    expect(key).toMatchObject({
      state: 'active',
      scope: { agents: [agent], servers: [server] },
      expiresAt: '2036-01-31T10:00:00.000Z',
      allowedIps: ['203.0.113.7/32', '2001:db8::/32'],
      tags: ['team:payments'],
      environment: 'production',
      secrets: [{ version: 1 }],
      revision: '0',
    });
  });

  it('refused: a scope of what was removed, is foreign or never was, in the same words', async () => {
    const foreign = await harness.createOrganization('Foreign', stranger.id);
    const removed = await harness.addAgent();
    await harness.write('agent', removed, { type: 'AgentRemoved', data: {} });
    const ids = [removed, await harness.addAgent([], foreign), newId('agent')];
    const problems = await Promise.all(
      ids.map((id) => problemOf(harness.createKey({}, { scope: { agents: [id] } }))),
    );
    expect(problems.map(({ code, errors }) => [code, errors])).toEqual(
      Array(3).fill([
        'validation-failed',
        [{ field: 'scope.agents.0', message: 'is none of this organization' }],
      ]),
    );
  });

  it('updateKey: an unlimited key is limited to the organization’s own alone; control: its own are taken', async () => {
    const foreign = await harness.createOrganization('Foreign', stranger.id);
    const own = await harness.addAgent();
    const { key } = await harness.createKey();
    for (const id of [await harness.addAgent([], foreign), newId('agent')])
      expect(await problemOf(update(key.id, { scope: { agents: [id] } }))).toMatchObject({
        code: 'validation-failed',
        errors: [{ field: 'scope.agents.0', message: 'is none of this organization' }],
      });
    expect((await update(key.id, { scope: { agents: [own] } })).key.scope).toEqual({ agents: [own] });
  });

  it('refused: by the policy, saying which rule; control: without the policy it is made', async () => {
    const organizationId = await harness.createOrganization('Strict', harness.owner.id);
    expect(await harness.createKey({}, { organizationId })).toHaveProperty('key');
    await harness.write('organization', organizationId, {
      type: 'OrganizationPolicyChanged',
      data: { policy: { longestKeyLifeDays: 30, allowedKeyRoles: ['viewer'], onMakerLoss: 'list' } },
    });
    const ask = (input: object) => harness.createKey({}, { organizationId, ...input });
    expect(await problemOf(ask({ role: 'developer', expiresAt: inDays(7) }))).toMatchObject({
      code: 'policy-violation',
      rule: 'allowedKeyRoles',
    });
    expect(await problemOf(ask({ role: 'viewer', expiresAt: inDays(31) }))).toMatchObject({
      code: 'policy-violation',
      rule: 'longestKeyLifeDays',
    });
    expect(await ask({ role: 'viewer', expiresAt: inDays(29) })).toHaveProperty('secret');
  });

  it('a scoped key makes keys within its scope alone', async () => {
    const [mine, other] = [await harness.addAgent(), await harness.addAgent()];
    const admin = await harness.createKey({}, { role: 'admin', scope: { agents: [mine] } });
    const changes = { actor: keyActor(admin.key.id) };
    expect(await harness.createKey(changes, { scope: { agents: [mine] } })).toHaveProperty('secret');
    for (const input of [{}, { scope: { agents: [other] } }, { scope: { agents: [mine, other] } }])
      expect((await problemOf(harness.createKey(changes, input))).code).toBe('forbidden');
  });

  it('with a digest: no secret is made or shown, however often it is tried, and the log confirms no guess (G1)', async () => {
    const digest = tokenDigest(`made-by-the-client-${randomUUID()}`);
    const input = { organizationId: harness.organizationId, name: 'own', role: 'viewer' as const, digest };
    const envelope = harness.envelope(input);
    const first = await harness.client.send('createKey', envelope);
    expect(Object.keys(first).sort()).toEqual(['key', 'position']);
    expect(await harness.client.send('createKey', envelope)).toEqual(first);
    expect(await harness.keyEvents(first.key.id)).toEqual(['KeyCreated']);
    const stored = async (at: number) => {
      const { data, metadata } = (await harness.events(`key-${first.key.id}`))[at]!;
      return JSON.stringify({ data, metadata });
    };
    const text = await stored(0);
    expect(text).not.toContain(digest);
    // The digest of the request could be made by anybody who guesses the token.
    expect(text).not.toContain(envelope.requestDigest);
    // Control: that of a request without one is stored as it came.
    const plain = harness.envelope({ ...input, keyId: first.key.id, digest: undefined, name: 'x' });
    const { digest: _digest, role: _role, ...rename } = plain.input;
    await harness.client.send('updateKey', { ...plain, input: rename });
    expect(await stored(1)).toContain(plain.requestDigest);
    const other = harness.envelope(
      { ...input, digest: tokenDigest('another') },
      { commandId: envelope.commandId },
    );
    expect((await problemOf(harness.client.send('createKey', other))).code).toBe('idempotency-key-reused');
  });
});

describe('updateKey', () => {
  it('accepted: renamed and tagged, once visible; repeated: one event each, the same answer', async () => {
    const { key } = await harness.createKey();
    harness.asked.splice(0);
    const changes = { commandId: randomUUID() };
    const first = await update(key.id, { name: 'new name', tags: ['a', 'b'] }, changes);
    expect(first.key).toEqual({ ...key, name: 'new name', tags: ['a', 'b'], revision: '2' });
    expect(harness.asked).toMatchObject([{ need: 'visible', position: first.position }]);
    expect(await update(key.id, { name: 'new name', tags: ['a', 'b'] }, changes)).toEqual(first);
    expect(await harness.keyEvents(key.id)).toEqual(['KeyCreated', 'KeyRenamed', 'KeyTagged']);
  });

  it('accepted: narrowed, once final (G3); also when there is nothing left to narrow', async () => {
    const { key } = await harness.createKey();
    for (const changes of [{}, {}]) {
      harness.asked.splice(0);
      const { key: narrowed } = await update(key.id, { permissions: ['servers:read'] }, changes);
      expect(narrowed.permissions).toEqual(['servers:read']);
      expect(harness.asked).toMatchObject([{ need: 'final' }]);
    }
    expect(await harness.keyEvents(key.id)).toEqual(['KeyCreated', 'KeyNarrowed']);
  });

  it('refused: wider than it was, naming the field', async () => {
    const { key } = await harness.createKey({}, { permissions: ['servers:read'], expiresAt: inDays(3) });
    for (const [input, field] of [
      [{ role: 'admin' }, 'role'],
      [{ permissions: ['servers:read', 'servers:write'] }, 'permissions.1'],
      [{ expiresAt: inDays(4) }, 'expiresAt'],
    ] as const) {
      const problem = await problemOf(update(key.id, input));
      expect([problem.code, problem.errors?.[0]?.field]).toEqual(['validation-failed', field]);
    }
    expect(await harness.keyEvents(key.id)).toEqual(['KeyCreated']);
  });

  it('If-Match: a stale revision is precondition-failed; the retry of one that was done is answered', async () => {
    const { key } = await harness.createKey();
    const changes = { commandId: randomUUID() };
    const first = await update(key.id, { name: 'one', ifRevision: key.revision }, changes);
    expect(first.key.revision).toBe('1');
    expect((await problemOf(update(key.id, { name: 'two', ifRevision: '0' }))).code).toBe(
      'precondition-failed',
    );
    expect(await update(key.id, { name: 'one', ifRevision: '0' }, changes)).toEqual(first);
    // Control: without it the last writer wins.
    expect((await update(key.id, { name: 'two' })).key.name).toBe('two');
  });

  it('refused: without the permission, revoked; and foreign, unknown, publishable in the same words', async () => {
    const { key } = await harness.createKey();
    const weak = await harness.createKey();
    const few = await problemOf(update(key.id, { name: 'x' }, { actor: keyActor(weak.key.id) }));
    expect(few).toMatchObject({ code: 'forbidden', permission: 'api-keys:write' });
    await harness.revokeKey(key.id);
    expect((await problemOf(update(key.id, { name: 'x' }))).code).toBe('conflict');
    const foreign = await harness.createOrganization('Foreign', harness.owner.id);
    const hidden = await Promise.all([
      problemOf(harness.send('updateKey', { organizationId: foreign, keyId: key.id, name: 'x' })),
      problemOf(update(newId('key'), { name: 'x', ifRevision: '7' })),
      problemOf(update(key.id, { name: 'x', ifRevision: '7' }, { actor: stranger })),
    ]);
    expect(hidden.map((problem) => problem.code)).toEqual(Array(3).fill('not-found'));
    expect(new Set(hidden.map((problem) => problem.message)).size).toBe(1);
  });
});

describe('suspendKey, resumeKey', () => {
  it('accepted: suspended once final, resumed once visible; repeated: one event each', async () => {
    const { key } = await harness.createKey();
    harness.asked.splice(0);
    const [first, second] = [{ commandId: randomUUID() }, { commandId: randomUUID() }];
    const suspended = await change('suspendKey', key.id, first);
    expect(harness.asked).toMatchObject([{ need: 'final', position: suspended.position }]);
    expect(await change('suspendKey', key.id, first)).toEqual(suspended);
    expect(await change('suspendKey', key.id)).toEqual(suspended);
    harness.asked.splice(0);
    const resumed = await change('resumeKey', key.id, second);
    expect(harness.asked).toMatchObject([{ need: 'visible', position: resumed.position }]);
    expect(await change('resumeKey', key.id, second)).toEqual(resumed);
    expect(await harness.keyEvents(key.id)).toEqual(['KeyCreated', 'KeySuspended', 'KeyResumed']);
  });

  it('refused: resumed by somebody who lacks what the key holds (G8)', async () => {
    const strong = await harness.createKey({}, { role: 'owner' });
    const admin = await harness.createKey({}, { role: 'admin' });
    await change('suspendKey', strong.key.id, { actor: keyActor(admin.key.id) });
    const lifted = await problemOf(change('resumeKey', strong.key.id, { actor: keyActor(admin.key.id) }));
    expect(lifted.code).toBe('forbidden');
    expect((await harness.key(strong.key.id)).status).toBe('suspended');
  });

  it('refused: revoked; of the other kind: not found', async () => {
    const { key } = await harness.createKey();
    for (const name of ['suspendKey', 'resumeKey', 'revokeKey'] as const)
      expect((await problemOf(change(name, key.id, {}, { kind: 'publishable' }))).code).toBe('not-found');
    await harness.revokeKey(key.id);
    for (const name of ['suspendKey', 'resumeKey'] as const)
      expect((await problemOf(change(name, key.id))).code).toBe('conflict');
  });
});

describe('revokeKey', () => {
  it('by the key itself: no permission is needed, and the reason says so', async () => {
    const { key } = await harness.createKey({}, { role: 'viewer' });
    await harness.revokeKey(key.id, { actor: keyActor(key.id) });
    expect(await harness.key(key.id)).toMatchObject({
      status: 'revoked',
      revocationReason: 'ended-by-holder',
    });
  });
});

describe('revokeKeys', () => {
  const revokeAll = (keyIds: readonly string[], changes: object = {}) =>
    harness.send('revokeKeys', { organizationId: harness.organizationId, keyIds }, changes);

  it('accepted: all of them, final once at the highest position; repeated: names them again, writes nothing', async () => {
    const keys = await Promise.all(Array.from({ length: 40 }, () => harness.createKey()));
    const ids = keys.map(({ key }) => key.id);
    await harness.revokeKey(ids[0]!);
    const unknown = newId('key');
    const changes = { commandId: randomUUID() };
    harness.asked.splice(0);
    const first = await revokeAll([...ids, unknown], changes);
    expect(first.revokedKeyIds).toEqual(ids.slice(1));
    const head = await harness.head();
    expect(harness.asked).toMatchObject([{ need: 'final', position: first.position }]);
    expect(first.position).toBe(String(head));
    expect(await revokeAll([...ids, unknown], changes)).toEqual(first);
    expect(await harness.head()).toBe(head);
  });

  it('not confirmed: recorded, not yet final; the retry ends what it began', async () => {
    const { key } = await harness.createKey();
    const changes = { commandId: randomUUID() };
    harness.confirm = () => ({ confirmed: false });
    expect((await problemOf(revokeAll([key.id], changes))).code).toBe('not-final');
    harness.confirm = () => ({ confirmed: true });
    expect((await revokeAll([key.id], changes)).revokedKeyIds).toEqual([key.id]);
    expect(await harness.keyEvents(key.id)).toEqual(['KeyCreated', 'KeyRevoked']);
  });

  it('refused: without the permission, and to strangers; foreign keys are passed over', async () => {
    const { key } = await harness.createKey();
    const weak = await harness.createKey();
    expect(await problemOf(revokeAll([key.id], { actor: keyActor(weak.key.id) }))).toMatchObject({
      code: 'forbidden',
      permission: 'api-keys:write',
    });
    expect((await problemOf(revokeAll([key.id], { actor: stranger }))).code).toBe('not-found');
    const foreign = await harness.createOrganization('Foreign', harness.owner.id);
    const passed = await harness.send('revokeKeys', { organizationId: foreign, keyIds: [key.id] });
    expect(passed.revokedKeyIds).toEqual([]);
    expect((await harness.key(key.id)).status).toBe('active');
  });
});
