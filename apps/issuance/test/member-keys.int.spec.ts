/**
 * What a member loses, the keys lose that the member made (G8): by the policy of the organization, however many keys
 * stand between, before the change of the member is answered, and after a crash in between as well.
 */
import { randomUUID } from 'node:crypto';
import { type Actor, type CommandName, type Permission, type Role } from '@mcpstack/contracts';
import { Log } from '@mcpstack/service-kit';
import { Confirmation } from '../src/confirmation.ts';
import { Decisions } from '../src/decisions.ts';
import { KeysOfMaker } from '../src/keys-of-maker.ts';
import { MakerLoss } from '../src/maker-loss.ts';
import type { RemoveMemberCommand } from '../src/organization/commands.ts';
import { MemberLoss, RemoveMemberHandler } from '../src/organization/member-handlers.ts';
import { expectFinal, expectHidden, keyActor, storeWith } from './checks.ts';
import { Harness, problemOf } from './harness.ts';

let harness: Harness;
let organizationId: string;
/** What the projection answers to "which keys did they make?": what the log says. */
let answerOfTheLog: Harness['keysOf'];
beforeAll(async () => {
  harness = await Harness.start();
  answerOfTheLog = harness.keysOf;
});
afterAll(() => harness.stop());

beforeEach(async () => {
  harness.confirm = () => ({ confirmed: true });
  harness.keysOf = answerOfTheLog;
  organizationId = await organizationWith('revoke');
  harness.asked.splice(0);
});

async function organizationWith(onMakerLoss: 'list' | 'revoke'): Promise<string> {
  const id = await harness.createOrganization('Umbrella', harness.owner.id);
  await harness.send('changePolicy', { organizationId: id, policy: { onMakerLoss } });
  return id;
}

async function makeKey(actor: Actor, role: Role, permissions?: Permission[]): Promise<string> {
  const narrowed = permissions ? { permissions } : {};
  return (await harness.createKey({ actor }, { organizationId, role, ...narrowed })).key.id;
}

const added = (role: Role) => harness.addMember(role, organizationId);
const change = (name: CommandName, userId: string, more: object = {}, changes: object = {}) =>
  harness.send(name as 'changeMemberRole', { organizationId, userId, ...more } as never, changes);
const isRevoked = async (keyId: string) => (await harness.keyEvents(keyId)).includes('KeyRevoked');
const statesOf = async (keyIds: readonly string[]) =>
  Promise.all(keyIds.map(async (id) => ((await isRevoked(id)) ? 'revoked' : 'active')));

describe('under the policy revoke', () => {
  it('a demotion revokes what is beyond the new role, keys of keys too, and leaves what still fits', async () => {
    const member = await added('owner');
    const owning = await makeKey(member, 'owner');
    const admin = await makeKey(member, 'admin');
    const reading = await makeKey(member, 'admin', ['servers:read']);
    const developer = await makeKey(member, 'developer');
    const byKey = await makeKey(keyActor(admin), 'admin');
    const byKeyOfKey = await makeKey(keyActor(byKey), 'admin');
    const fitting = await makeKey(keyActor(byKeyOfKey), 'viewer');
    const others = [await makeKey(harness.owner, 'admin'), await makeKey(await added('admin'), 'admin')];

    const beyond = [owning, admin, byKey, byKeyOfKey];
    const {
      member: after,
      revokedKeyIds,
      position,
    } = await change('changeMemberRole', member.id, {
      role: 'developer',
    });
    expect(after.role).toBe('developer');
    expect([...revokedKeyIds].sort()).toEqual([...beyond].sort());
    expect(await statesOf([...beyond, reading, developer, fitting, ...others])).toEqual([
      ...beyond.map(() => 'revoked'),
      ...Array.from({ length: 5 }, () => 'active'),
    ]);
    const [, revoked] = await harness.events(`key-${admin}`);
    expect(revoked).toMatchObject({
      data: { reason: 'maker-lost-rights' },
      metadata: { actor: { type: 'system', id: 'issuance' } },
    });
    // One wait for all of it, at the last position.
    const last = await Promise.all(
      beyond.map(async (id) => (await harness.events(`key-${id}`)).at(-1)!.position),
    );
    const highest = last.reduce((high, one) => (one > high ? one : high));
    expect(position).toBe(String(highest));
    expect(harness.asked.filter(({ need }) => need === 'final')).toMatchObject([{ position }]);
  });

  it.each<[string, CommandName]>([
    ['suspension', 'suspendMember'],
    ['removal', 'removeMember'],
  ])('a %s revokes all that the member made', async (_what, name) => {
    const member = await added('admin');
    const keys = [await makeKey(member, 'admin'), await makeKey(member, 'viewer', [])];
    keys.push(await makeKey(keyActor(keys[0]!), 'viewer'));
    const { revokedKeyIds } = await change(name, member.id);
    // A key that may do nothing holds nothing that its maker lacks.
    expect([...revokedKeyIds].sort()).toEqual([keys[0], keys[2]].sort());
    expect(await statesOf(keys)).toEqual(['revoked', 'active', 'revoked']);
  });

  it('a promotion revokes nothing and asks nobody', async () => {
    const member = await added('admin');
    const key = await makeKey(member, 'admin');
    harness.keysOf = () => Promise.reject(new Error('nobody is to be asked'));
    const { revokedKeyIds } = await change('changeMemberRole', member.id, { role: 'owner' });
    expect(revokedKeyIds).toEqual([]);
    expect(await isRevoked(key)).toBe(false);
  });

  it('is answered only when it is final', async () => {
    const member = await added('admin');
    const key = await makeKey(member, 'admin');
    const input = { organizationId, userId: member.id, role: 'viewer' as const };
    await expectFinal(harness, 'changeMemberRole', input);
    expect(await harness.keyEvents(key)).toEqual(['KeyCreated', 'KeyRevoked']);
  });

  it('repeated: nothing more in the log, and no other keys named', async () => {
    const member = await added('admin');
    const keys = [await makeKey(member, 'admin')];
    keys.push(await makeKey(keyActor(keys[0]!), 'viewer'));
    const same = { commandId: randomUUID() };
    const first = await change('removeMember', member.id, {}, same);
    const head = await harness.head();
    const again = await change('removeMember', member.id, {}, same);
    expect(await harness.head()).toBe(head);
    // The projection names ended keys only where they made others; what is named was revoked by this command.
    for (const id of again.revokedKeyIds) expect(first.revokedKeyIds).toContain(id);
  });

  it('when the projection does not say which keys there are: not-final, and the retry revokes them', async () => {
    const member = await added('admin');
    const key = await makeKey(member, 'admin');
    const same = { commandId: randomUUID() };
    harness.keysOf = () => Promise.resolve({ reason: 'a session has just begun' });
    expect((await problemOf(change('removeMember', member.id, {}, same))).code).toBe('not-final');
    expect(await isRevoked(key)).toBe(false);
    harness.keysOf = answerOfTheLog;
    expect((await change('removeMember', member.id, {}, same)).revokedKeyIds).toEqual([key]);
    expect(await isRevoked(key)).toBe(true);
  });

  it('a hundred keys', async () => {
    const member = await added('admin');
    const keys = await Promise.all(Array.from({ length: 100 }, () => makeKey(member, 'viewer')));
    const { revokedKeyIds } = await change('suspendMember', member.id);
    expect([...revokedKeyIds].sort()).toEqual([...keys].sort());
    expect(new Set(await statesOf(keys))).toEqual(new Set(['revoked']));
  });
});

describe('under the policy list', () => {
  it('keys stay, and nobody is asked for them', async () => {
    organizationId = await organizationWith('list');
    const member = await added('admin');
    const key = await makeKey(member, 'admin');
    harness.keysOf = () => Promise.reject(new Error('nobody is to be asked'));
    const { revokedKeyIds } = await change('changeMemberRole', member.id, { role: 'viewer' });
    expect(revokedKeyIds).toEqual([]);
    await change('removeMember', member.id);
    expect(await isRevoked(key)).toBe(false);
  });
});

describe('a crash after the loss was recorded', () => {
  /** A handler beside the service's, whose process dies at the `n`-th append to a key. */
  function dyingHandler(n: number): RemoveMemberHandler {
    let appends = 0;
    const { store } = harness;
    const dying = storeWith(store, async (stream, ...rest) => {
      if (stream.startsWith('key-') && (appends += 1) >= n) throw new Error('the process was killed here');
      return store.append(stream, ...rest);
    });
    const decisions = new Decisions(dying);
    const times = { deltaMs: 1, finalTimeoutMs: 500 };
    const confirmation = new Confirmation(harness.nats, times, new Log('spec', 'silent'));
    const makerLoss = new MakerLoss(new KeysOfMaker(harness.nats), decisions);
    return new RemoveMemberHandler(decisions, confirmation, new MemberLoss(makerLoss, confirmation));
  }

  async function crash(n: number) {
    const member = await added('admin');
    const admins = [await makeKey(member, 'admin'), await makeKey(member, 'admin')];
    const byKeys = await Promise.all(admins.map((id) => makeKey(keyActor(id), 'admin')));
    const keys = [...admins, ...byKeys, await makeKey(keyActor(byKeys[0]!), 'viewer')];
    const command = harness.envelope({ organizationId, userId: member.id }) as unknown as RemoveMemberCommand;
    await expect(dyingHandler(n).execute(command)).rejects.toThrow('killed');
    return { keys, retry: () => harness.client.send('removeMember', command), userId: member.id };
  }

  it('before the first revocation: control, all keys stand; the retry revokes them', async () => {
    const { keys, retry, userId } = await crash(1);
    expect(await statesOf(keys)).toEqual(keys.map(() => 'active'));
    // The loss itself stands: the retry is needed for the keys alone.
    await expectHidden(harness.send('suspendMember', { organizationId, userId }));
    const { revokedKeyIds } = await retry();
    expect([...revokedKeyIds].sort()).toEqual([...keys].sort());
    expect(await statesOf(keys)).toEqual(keys.map(() => 'revoked'));
  });

  it.each([2, 3, 4, 5])(
    'at the revocation %i of five: the retry finishes, each key is revoked once',
    async (n) => {
      const { keys, retry } = await crash(n);
      const before = await statesOf(keys);
      expect(before).toContain('revoked');
      expect(before).toContain('active');
      await retry();
      const types = await Promise.all(keys.map((id) => harness.keyEvents(id)));
      expect(types).toEqual(keys.map(() => ['KeyCreated', 'KeyRevoked']));
    },
  );

  it('after a promotion in between, the retry revokes no key that fits again', async () => {
    const member = await added('admin');
    const key = await makeKey(member, 'admin');
    const same = { commandId: randomUUID() };
    harness.keysOf = () => Promise.resolve({ reason: 'nobody knows' });
    const demotion = () => change('changeMemberRole', member.id, { role: 'viewer' }, same);
    expect((await problemOf(demotion())).code).toBe('not-final');
    harness.keysOf = answerOfTheLog;
    await change('changeMemberRole', member.id, { role: 'admin' });
    const { member: now, revokedKeyIds } = await demotion();
    expect([now.role, revokedKeyIds]).toEqual(['admin', []]);
    expect(await isRevoked(key)).toBe(false);
  });
});

describe('a key that loses what it holds while it acts on members', () => {
  /** Its first attempt meets somebody else's change; before the second, `meanwhile` happens. */
  async function promoting(meanwhile: (keyId: string) => Promise<unknown>): Promise<[unknown, Role]> {
    const target = await added('viewer');
    const keyId = await makeKey(harness.owner, 'admin');
    const actor = keyActor(keyId);
    let isFirst = true;
    const store = storeWith(harness.store, async (...args) => {
      if (isFirst) {
        isFirst = false;
        await meanwhile(keyId);
        await harness.send('renameOrganization', { organizationId, name: `for ${keyId}` });
      }
      return harness.store.append(...args);
    });
    const decisions = new Decisions(store);
    const keyAuthority = (await decisions.authority(actor, organizationId))!;
    const input = { organizationId, userId: target.id, role: 'admin' } as const;
    const at = new Date().toISOString();
    const code = await decisions
      .decide('organization', organizationId, harness.envelope(input), {
        type: 'ChangeMemberRole',
        at,
        actor,
        keyAuthority,
        ...input,
      })
      .then(
        () => undefined,
        (error: { code: string }) => error.code,
      );
    const { state } = await decisions.load('organization', organizationId);
    return [code, (state as { members: Record<string, { role: Role }> }).members[target.id]!.role];
  }

  it('revoked, narrowed: nothing is given by it any more (G8); control: as it was, it gives', async () => {
    const ofKey = (keyId: string) => ({ organizationId, keyId });
    const revoke = (keyId: string) => harness.send('revokeKey', { ...ofKey(keyId), kind: 'service' });
    const narrow = (keyId: string) => harness.send('updateKey', { ...ofKey(keyId), role: 'viewer' });
    expect(await promoting(revoke)).toEqual(['not-found', 'viewer']);
    expect(await promoting(narrow)).toEqual(['conflict', 'viewer']);
    expect(await promoting(() => Promise.resolve())).toEqual([undefined, 'admin']);
  });
});

describe('fifty keys that are made while their maker is removed', () => {
  it('none that anybody holds the secret of stands', async () => {
    const member = await added('admin');
    const making = Array.from({ length: 50 }, async () => {
      const made = await harness
        .createKey({ actor: member }, { organizationId, role: 'viewer' })
        .catch(() => undefined);
      return made?.key.id;
    });
    const [ids] = await Promise.all([Promise.all(making), change('removeMember', member.id)]);
    for (const id of ids) if (id !== undefined) expect(await isRevoked(id)).toBe(true);
    // And none later.
    await expectHidden(harness.createKey({ actor: member }, { organizationId, role: 'viewer' }));
  });
});
