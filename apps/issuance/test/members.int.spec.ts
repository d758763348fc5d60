/** Members: changes of role and state, what is final when it is answered, and that an owner always remains. */
import { randomUUID } from 'node:crypto';
import { newId, type Actor, type CommandName } from '@mcpstack/contracts';
import type { EventStore } from '@mcpstack/event-store';
import { Decisions } from '../src/decisions.ts';
import {
  appendingAnyhow,
  expectFinal,
  expectForbidden,
  expectHidden,
  expectRepeatable,
  join,
  keyActor,
  person,
  wrongFields,
} from './checks.ts';
import { Harness, problemOf, sha256 } from './harness.ts';

let harness: Harness;
let organizationId: string;
beforeAll(async () => {
  harness = await Harness.start();
  await harness.addInstance();
});
afterAll(() => harness.stop());
beforeEach(async () => {
  harness.confirm = () => ({ confirmed: true });
  organizationId = await harness.createOrganization('Umbrella', harness.owner.id);
  harness.asked.splice(0);
});

const codeOf = async (sent: Promise<unknown>) => (await problemOf(sent)).code;
const added = (role: 'owner' | 'admin' | 'developer' | 'viewer') => harness.addMember(role, organizationId);
const typesOf = async () =>
  (await harness.events(`organization-${organizationId}`))
    .map(({ type }) => type)
    .filter((type) => type !== 'OrganizationCreated' && type !== 'InvitationAccepted');

describe('changeMemberRole', () => {
  it('demoted: final when answered, also after a retry; the member as it is now', async () => {
    const { id: userId } = await added('admin');
    const input = { organizationId, userId, role: 'viewer' as const };
    const output = await expectFinal(harness, 'changeMemberRole', input);
    expect(output).toMatchObject({ member: { organizationId, userId, role: 'viewer', state: 'active' } });
    expect(output.revokedKeyIds).toEqual([]);
    await expectFinal(harness, 'changeMemberRole', input);
    expect(await typesOf()).toEqual(['MemberRoleChanged']);
  });

  it('promoted: nothing is taken, so it waits only to be visible; repeated: one event', async () => {
    const { id: userId } = await added('viewer');
    harness.asked.splice(0);
    const input = { organizationId, userId, role: 'admin' as const };
    const { member, position } = await expectRepeatable(harness, 'changeMemberRole', input);
    expect(member.role).toBe('admin');
    expect(harness.asked[0]).toMatchObject({ need: 'visible', position });
    expect(await typesOf()).toEqual(['MemberRoleChanged']);
  });

  it('refused: without the permission, above oneself, of an owner, by nobody, of nobody', async () => {
    const developer = await added('developer');
    const admin = await added('admin');
    const change = (userId: string, role: string, actor: Actor, changes: object = {}) =>
      harness.send('changeMemberRole', { organizationId, userId, role, ...changes } as never, { actor });
    await expectForbidden(change(admin.id, 'viewer', developer), 'members:write');
    await expectForbidden(change(developer.id, 'owner', admin), 'owners:write');
    await expectForbidden(change(admin.id, 'owner', admin), 'owners:write');
    await expectForbidden(change(harness.owner.id, 'viewer', admin), 'owners:write');
    await expectHidden(
      change(developer.id, 'viewer', person()),
      change(newId('user'), 'viewer', harness.owner),
      change(developer.id, 'viewer', harness.owner, { organizationId: newId('organization') }),
      change(developer.id, 'viewer', keyActor(newId('key'))),
    );
    expect(await wrongFields(change(developer.id, 'emperor', harness.owner))).toEqual(['role']);
    expect(await typesOf()).toEqual([]);
  });

  it('by a key that may; not by one that is limited to some agents, nor by one that was revoked', async () => {
    const { id: userId } = await added('developer');
    const agentId = await harness.addAgent([], organizationId);
    const { key } = await harness.createKey({}, { organizationId, role: 'admin' });
    const scope = { agents: [agentId] };
    const scoped = await harness.createKey({}, { organizationId, role: 'admin', scope });
    const input = { organizationId, userId, role: 'viewer' as const };
    const by = (id: string) => harness.send('changeMemberRole', input, { actor: keyActor(id) });
    await expectForbidden(by(scoped.key.id));
    expect((await by(key.id)).member.role).toBe('viewer');
    await harness.send('revokeKey', { organizationId, keyId: key.id, kind: 'service' });
    await expectHidden(by(key.id));
  });
});

describe('suspendMember and resumeMember', () => {
  it('suspended: final; resumed: visible; each repeated with one event', async () => {
    const admin = await added('admin');
    const input = { organizationId, userId: admin.id };
    const suspended = await expectFinal(harness, 'suspendMember', input);
    expect(suspended).toMatchObject({ member: { role: 'admin', state: 'suspended' }, revokedKeyIds: [] });
    await expectFinal(harness, 'suspendMember', input);
    await expectHidden(
      harness.send('changeMemberRole', { ...input, role: 'viewer' }, { actor: admin }),
      harness.createKey({ actor: admin }, { organizationId }),
    );
    const resumed = await expectRepeatable(harness, 'resumeMember', input);
    expect(resumed).toMatchObject({ member: { role: 'admin', state: 'active' }, revokedKeyIds: [] });
    await harness.send('resumeMember', input);
    expect(await typesOf()).toEqual(['MemberSuspended', 'MemberResumed']);
    await expectRepeatable(harness, 'suspendMember', input);
  });

  it('refused: without the permission, of an owner, foreign, unknown', async () => {
    const developer = await added('developer');
    const admin = await added('admin');
    for (const name of ['suspendMember', 'resumeMember'] as const) {
      const input = { organizationId, userId: admin.id };
      await expectForbidden(harness.send(name, input, { actor: developer }), 'members:write');
      const owner = { organizationId, userId: harness.owner.id };
      await expectForbidden(harness.send(name, owner, { actor: admin }), 'owners:write');
      await expectHidden(
        harness.send(name, input, { actor: person() }),
        harness.send(name, { organizationId, userId: newId('user') }),
        harness.send(name, { ...input, organizationId: newId('organization') }),
      );
    }
    expect(await typesOf()).toEqual([]);
  });
});

describe('removeMember', () => {
  it('removed: final, also after a retry; by the member, too, who needs no permission for it', async () => {
    const [viewer, admin] = [await added('viewer'), await added('admin')];
    const removed = await expectFinal(harness, 'removeMember', { organizationId, userId: admin.id });
    expect(Object.keys(removed).sort()).toEqual(['position', 'revokedKeyIds']);
    await expectFinal(harness, 'removeMember', { organizationId, userId: viewer.id }, { actor: viewer });
    expect(await typesOf()).toEqual(['MemberRemoved', 'MemberRemoved']);
  });

  it('a try that was killed on its way, repeated under another command id: the keys end, and it is final', async () => {
    const { organizationId: strict, member } = await harness.addOrganization('revoke', 'admin');
    const { key } = await harness.createKey({ actor: member }, { organizationId: strict, role: 'admin' });
    await harness.write('organization', strict, { type: 'MemberRemoved', data: { userId: member.id } });
    // Control: until then the key is in force.
    expect((await harness.key(key.id)).status).toBe('active');
    harness.asked.splice(0);
    const output = await harness.send('removeMember', { organizationId: strict, userId: member.id });
    expect(output.revokedKeyIds).toEqual([key.id]);
    expect((await harness.key(key.id)).status).toBe('revoked');
    expect(harness.asked).toMatchObject([{ need: 'final', position: output.position }]);
  });

  it('repeated: one event, one answer; another request under its id is found out', async () => {
    const { id: userId } = await added('viewer');
    await expectRepeatable(harness, 'removeMember', { organizationId, userId });
    expect(await typesOf()).toEqual(['MemberRemoved']);
  });

  it('refused: without the permission, of an owner, foreign, unknown', async () => {
    const [viewer, admin] = [await added('viewer'), await added('admin')];
    const input = { organizationId, userId: admin.id };
    await expectForbidden(harness.send('removeMember', input, { actor: viewer }), 'members:write');
    const owner = { organizationId, userId: harness.owner.id };
    await expectForbidden(harness.send('removeMember', owner, { actor: admin }), 'owners:write');
    await expectHidden(
      harness.send('removeMember', input, { actor: person() }),
      harness.send('removeMember', { organizationId, userId: newId('user') }),
      harness.send('removeMember', { ...input, organizationId: newId('organization') }),
    );
    expect(await typesOf()).toEqual([]);
  });

  it('somebody who was removed comes back by invitation alone', async () => {
    const actor = await join(harness, 'viewer', organizationId);
    const input = { organizationId, userId: actor.id };
    await harness.send('removeMember', input);
    const head = await harness.head();
    await expectHidden(harness.send('suspendMember', input, { actor }));
    // They may still ask to be out of it.
    expect(await harness.send('removeMember', input, { actor })).toMatchObject({ revokedKeyIds: [] });
    expect(await harness.head()).toBe(head);
  });
});

describe('the last owner stays', () => {
  it.each<[string, CommandName, object]>([
    ['removed', 'removeMember', {}],
    ['suspended', 'suspendMember', {}],
    ['demoted', 'changeMemberRole', { role: 'admin' }],
  ])('and is not %s while nobody else is one in force', async (_what, name, change) => {
    const input = { organizationId, userId: harness.owner.id, ...change } as never;
    expect(await codeOf(harness.send(name, input))).toBe('conflict');
    const other = await added('owner');
    await harness.send('suspendMember', { organizationId, userId: other.id });
    expect(await codeOf(harness.send(name, input))).toBe('conflict');
    // With another in force it goes.
    await harness.send('resumeMember', { organizationId, userId: other.id });
    await harness.send(name, input);
  });

  /** How two owners may go at each other; each ends with one of them less. */
  const MOVES: ((userId: string) => { name: CommandName; input: object })[] = [
    (userId) => ({ name: 'removeMember', input: { organizationId, userId } }),
    (userId) => ({ name: 'changeMemberRole', input: { organizationId, userId, role: 'viewer' } }),
    (userId) => ({ name: 'suspendMember', input: { organizationId, userId } }),
  ];

  it('in a hundred races of two owners who remove, demote or suspend each other or leave', async () => {
    const races = Array.from({ length: 100 }, (_, n) => n);
    for (let from = 0; from < races.length; from += 10)
      await Promise.all(races.slice(from, from + 10).map((n) => race(n)));
  });

  async function race(n: number): Promise<void> {
    const there = await harness.createOrganization(`Race ${n}`, harness.owner.id);
    const other = await harness.addMember('owner', there);
    const pair = [harness.owner, other];
    const isLeaving = n % 4 === 3;
    const outcomes = await Promise.allSettled(
      pair.map((actor, index) => {
        const target = isLeaving ? actor : pair[1 - index]!;
        const { name, input } = MOVES[isLeaving ? 0 : (n + index) % 3]!(target.id);
        return harness.send(name, { ...input, organizationId: there }, { actor });
      }),
    );
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    expect(await ownersInForce(harness.store, there)).toBe(1);
  }

  it('control: two who decide on what they saw, whatever stands by then, leave none', async () => {
    const other = await added('owner');
    const store = appendingAnyhow(harness.store, 2);
    await Promise.all(
      [harness.owner, other].map((actor) =>
        new Decisions(store).decide('organization', organizationId, cause(), {
          type: 'RemoveMember',
          at: new Date().toISOString(),
          actor,
          organizationId,
          userId: actor.id,
        }),
      ),
    );
    expect(await ownersInForce(harness.store, organizationId)).toBe(0);
  });

  const cause = () => ({
    commandId: randomUUID(),
    requestId: 'r',
    requestDigest: sha256('a request of its own'),
  });

  async function ownersInForce(store: EventStore, id: string): Promise<number> {
    const { state } = await new Decisions(store).load('organization', id);
    if (state.status === 'none') throw new Error('there is no such organization');
    return Object.values(state.members).filter((one) => one.role === 'owner' && one.state === 'active')
      .length;
  }
});
