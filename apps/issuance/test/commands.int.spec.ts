/** Every command through NATS: accepted, refused, repeated; and what is no command at all. */
import { randomUUID } from 'node:crypto';
import { COMMAND_SUBJECTS, newId, permissionsOf, withMargin, type Actor } from '@mcpstack/contracts';
import { DELTA_MS, Harness, problemOf, strongKey } from './harness.ts';

let harness: Harness;
beforeAll(async () => {
  harness = await Harness.start();
});
afterAll(() => harness.stop());
beforeEach(() => {
  harness.confirm = () => ({ confirmed: true });
  harness.asked.splice(0);
});

const stranger: Actor = { type: 'user', id: newId('user') };
const keyActor = (id: string): Actor => ({ type: 'key', id });

async function took(act: () => Promise<unknown>): Promise<number> {
  const began = performance.now();
  await act();
  return performance.now() - began;
}

/** Runs `act` and says how many events it left in the log. */
async function appended(act: () => Promise<unknown>): Promise<bigint> {
  const before = await harness.head();
  await act();
  return (await harness.head()) - before;
}

describe('createOrganization', () => {
  it('accepted: answers it with the position, once visible', async () => {
    const commandId = randomUUID();
    const output = await harness.send(
      'createOrganization',
      { name: 'Umbrella', ownerId: harness.owner.id },
      { commandId },
    );
    expect(output).toEqual({
      organization: {
        id: expect.stringMatching(/^org_[0-9A-Za-z]{22}$/) as string,
        name: 'Umbrella',
        state: 'active',
        policy: { onMakerLoss: 'list' },
        createdAt: expect.any(String) as string,
        revision: '0',
      },
      position: expect.stringMatching(/^\d+$/) as string,
    });
    expect(harness.asked).toMatchObject([{ need: 'visible', position: output.position }]);
    const [event] = await harness.events(`organization-${output.organization.id}`);
    expect(event).toMatchObject({ type: 'OrganizationCreated', metadata: { $causationId: commandId } });
  });

  it('repeated: the same answer, one event', async () => {
    const envelope = { commandId: randomUUID() };
    const input = { name: 'Twice', ownerId: harness.owner.id };
    const first = await harness.send('createOrganization', input, envelope);
    expect(await appended(() => harness.send('createOrganization', input, envelope))).toBe(0n);
    expect(await harness.send('createOrganization', input, envelope)).toEqual(first);
  });

  it('refused: to a key, and for another owner', async () => {
    const input = { name: 'No', ownerId: harness.owner.id };
    const actor = keyActor(newId('key'));
    expect((await problemOf(harness.send('createOrganization', input, { actor }))).code).toBe('forbidden');
    const other = await problemOf(harness.send('createOrganization', { ...input, ownerId: stranger.id }));
    expect(other).toMatchObject({ code: 'validation-failed', errors: [{ field: 'ownerId' }] });
  });
});

describe('createKey', () => {
  it('accepted: shows the secret, and stores only what the pepper makes of it', async () => {
    const output = await harness.createKey({}, { permissions: ['servers:read'] });
    expect(output).toMatchObject({
      secret: expect.stringMatching(/^mcpstack_sk_[0-9A-Za-z]{49}$/) as string,
      key: { name: 'bot', role: 'developer', state: 'active', permissions: ['servers:read'] },
    });
    expect(output).not.toHaveProperty('secretAlreadyShown');
    expect(JSON.stringify(output)).not.toMatch(/digest|credential|pepper/);
    const [event] = await harness.events(`key-${output.key.id}`);
    expect(event!.data).toMatchObject({ credential: { pepperVersion: 1 }, permissions: ['servers:read'] });
  });

  it('accepted: by a key that may, within what it may', async () => {
    const admin = await harness.createKey({}, { role: 'admin' });
    const made = await harness.createKey({ actor: keyActor(admin.key.id) });
    expect(made.key).toMatchObject({ createdBy: keyActor(admin.key.id) });
    const beyond = harness.createKey({ actor: keyActor(admin.key.id) }, { role: 'owner' });
    expect(await problemOf(beyond)).toMatchObject({ code: 'forbidden', permission: 'organization:write' });
  });

  it('accepted: answers with the position when nothing confirms it within a second (G6)', async () => {
    harness.confirm = () => undefined;
    const ms = await took(async () => {
      expect(await harness.createKey()).toHaveProperty('secret');
    });
    expect(ms).toBeLessThan(6_000);
  });

  it('refused: without the permission; and what is hidden looks like what is not there (G8)', async () => {
    const weak = await harness.createKey();
    const byWeak = await problemOf(harness.createKey({ actor: keyActor(weak.key.id) }));
    expect(byWeak).toMatchObject({ code: 'forbidden', permission: 'api-keys:write' });

    const foreign = await harness.createOrganization('Foreign', stranger.id);
    const hidden = await Promise.all([
      problemOf(harness.createKey({}, { organizationId: foreign })),
      problemOf(harness.createKey({}, { organizationId: newId('organization') })),
      problemOf(harness.createKey({ actor: stranger })),
      problemOf(harness.createKey({ actor: keyActor(newId('key')) })),
    ]);
    expect(hidden.map((problem) => problem.code)).toEqual(Array(4).fill('not-found'));
    expect(new Set(hidden.map((problem) => problem.message)).size).toBe(1);
  });

  it('refused: a narrowing beyond the role, naming it', async () => {
    const permissions = ['servers:read', 'audit:read'];
    expect(await problemOf(harness.createKey({}, { permissions }))).toMatchObject({
      code: 'validation-failed',
      errors: [{ field: 'permissions.1' }],
    });
  });
});

describe('revokeKey', () => {
  const revoke = (keyId: string, changes: object = {}) => harness.revokeKey(keyId, changes);

  it('accepted: after the projection confirmed it as final, and Δ with its margin (G3)', async () => {
    const { key } = await harness.createKey();
    harness.asked.splice(0);
    const ms = await took(() => revoke(key.id));
    expect(ms).toBeGreaterThanOrEqual(withMargin(DELTA_MS) - 1);
    const [, revoked] = await harness.events(`key-${key.id}`);
    expect(revoked).toMatchObject({ type: 'KeyRevoked', data: { reason: 'requested' } });
    expect(harness.asked).toMatchObject([{ need: 'final', position: String(revoked!.position) }]);
  });

  it('repeated: waits for finality in the same way, also under another command id', async () => {
    const { key } = await harness.createKey();
    const commandId = randomUUID();
    const first = await revoke(key.id, { commandId });
    for (const changes of [{ commandId }, {}]) {
      harness.asked.splice(0);
      let answer;
      const ms = await took(async () => (answer = await revoke(key.id, changes)));
      expect(answer).toEqual(first);
      expect(ms).toBeGreaterThanOrEqual(withMargin(DELTA_MS) - 1);
      expect(harness.asked).toMatchObject([{ need: 'final', position: first.position }]);
    }
    expect(await harness.keyEvents(key.id)).toEqual(['KeyCreated', 'KeyRevoked']);
  });

  it('not confirmed: recorded, not yet final; the retry ends what it began', async () => {
    const { key } = await harness.createKey();
    const commandId = randomUUID();
    harness.confirm = () => ({ confirmed: false, reason: 'spec' });
    const problem = await problemOf(revoke(key.id, { commandId }));
    expect(problem.code).toBe('not-final');
    expect(problem.message.toLowerCase()).toContain('recorded, not yet final');
    expect(await harness.keyEvents(key.id)).toEqual(['KeyCreated', 'KeyRevoked']);
    harness.confirm = () => ({ confirmed: true });
    await revoke(key.id, { commandId });
    expect(await harness.keyEvents(key.id)).toEqual(['KeyCreated', 'KeyRevoked']);
  });

  it('refused: without the permission, foreign, unknown', async () => {
    const { key } = await harness.createKey();
    const other = await harness.createKey();
    const few = await problemOf(revoke(key.id, { actor: keyActor(other.key.id) }));
    expect(few).toMatchObject({ code: 'forbidden', permission: 'api-keys:write' });
    const foreign = await harness.createOrganization('Foreign', harness.owner.id);
    const messages = await Promise.all([
      problemOf(harness.send('revokeKey', { organizationId: foreign, keyId: key.id, kind: 'service' })),
      problemOf(revoke(newId('key'))),
      problemOf(revoke(key.id, { actor: stranger })),
    ]);
    expect(messages.map((problem) => problem.code)).toEqual(Array(3).fill('not-found'));
    expect(new Set(messages.map((problem) => problem.message)).size).toBe(1);
    expect(await harness.keyEvents(key.id)).toEqual(['KeyCreated']);
  });
});

describe('what is no command is refused here too, and nothing is appended', () => {
  const input = () => ({ organizationId: harness.organizationId, name: 'bot', role: 'developer' });
  const good = () => harness.envelope(input()) as unknown as Record<string, unknown>;

  it.each<[string, string, () => unknown]>([
    ['an unknown field', 'extra', () => ({ ...good(), extra: 1 })],
    ['an unknown field of the input', 'input.extra', () => ({ ...good(), input: { ...input(), extra: 1 } })],
    [
      'an unknown field of the actor',
      'actor.extra',
      () => ({ ...good(), actor: { ...harness.owner, extra: 1 } }),
    ],
    ['no input', 'input', () => ({ ...good(), input: undefined })],
    ['an input that is a list', 'input', () => ({ ...good(), input: [input()] })],
    ['an unknown role', 'input.role', () => ({ ...good(), input: { ...input(), role: 'emperor' } })],
    ['a role that is a list', 'input.role', () => ({ ...good(), input: { ...input(), role: ['owner'] } })],
    ['a long name', 'input.name', () => ({ ...good(), input: { ...input(), name: 'x'.repeat(10_000) } })],
    ['a control character', 'input.name', () => ({ ...good(), input: { ...input(), name: 'a\u0000' } })],
    ['a lone surrogate', 'input.name', () => ({ ...good(), input: { ...input(), name: 'a\ud800' } })],
    ['a number as name', 'input.name', () => ({ ...good(), input: { ...input(), name: 7 } })],
    [
      'unknown permissions',
      'input.permissions',
      () => ({ ...good(), input: { ...input(), permissions: ['all'] } }),
    ],
    [
      'permissions that are text',
      'input.permissions',
      () => ({ ...good(), input: { ...input(), permissions: 'a' } }),
    ],
    [
      'a foreign kind of id',
      'input.organizationId',
      () => ({ ...good(), input: { ...input(), organizationId: newId('key') } }),
    ],
    ['a command id that is no UUID', 'commandId', () => ({ ...good(), commandId: '7' })],
    [
      'a second spelling of a command id',
      'commandId',
      () => ({ ...good(), commandId: randomUUID().toUpperCase() }),
    ],
    ['no request id', 'requestId', () => ({ ...good(), requestId: '' })],
    ['an unknown kind of actor', 'actor.type', () => ({ ...good(), actor: { type: 'root', id: 'x' } })],
    ['an actor that is a list', 'actor', () => ({ ...good(), actor: [harness.owner] })],
    ['no actor', 'actor', () => ({ ...good(), actor: null })],
    ['a digest that is none', 'requestDigest', () => ({ ...good(), requestDigest: 'x' })],
    [
      'permissions that are null',
      'input.permissions',
      () => ({ ...good(), input: { ...input(), permissions: null } }),
    ],
    ['an Idempotency-Key that is null', 'idempotencyKey', () => ({ ...good(), idempotencyKey: null })],
    ['an Idempotency-Key that is a number', 'idempotencyKey', () => ({ ...good(), idempotencyKey: 7 })],
  ])('%s: validation-failed that names %s', async (_what, field, make) => {
    const before = await harness.head();
    const problem = await problemOf(harness.client.send('createKey', make() as never));
    expect(problem.code).toBe('validation-failed');
    expect(problem.errors?.map((error) => error.field)).toEqual([field]);
    expect(await harness.head()).toBe(before);
  });

  it.each([['text'], [7], [[]], [true]])('%p as the whole: refused', async (whole) => {
    const before = await harness.head();
    expect(['validation-failed', 'bad-request']).toContain(
      (await problemOf(harness.client.send('createKey', whole as never))).code,
    );
    expect(await harness.head()).toBe(before);
  });

  it('bytes that are no JSON leave the service standing', async () => {
    harness.nats.publish(COMMAND_SUBJECTS.createKey, 'no { json');
    await harness.nats.flush();
    expect(await harness.createKey()).toHaveProperty('secret');
  });
});

describe('the logs', () => {
  it('carry the request id, and neither name nor Idempotency-Key', async () => {
    const requestId = `req-${randomUUID()}`;
    const idempotencyKey = strongKey();
    const name = 'a-name-that-people-gave';
    await harness.createKey({ requestId, idempotencyKey }, { name });
    expect(harness.logged).toContain(requestId);
    expect(harness.logged).not.toContain(idempotencyKey);
    expect(harness.logged).not.toContain(name);
  });

  it('permissions are what the table says', async () => {
    expect((await harness.createKey()).key.permissions).toEqual(permissionsOf('developer'));
  });
});
