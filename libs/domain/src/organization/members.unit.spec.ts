import { permissionsOf, ROLES, type Actor, type Role } from '@mcpstack/contracts';
import { specification } from '@mcpstack/testing';
import { acmeCreated, acmeWithMembers, joined, memberOf, userIdOf } from '../../test/organization-samples.ts';
import {
  BOT,
  FOREIGN_ORGANIZATION_ID,
  holds,
  LATER,
  ORGANIZATION_ID,
  OWNER,
  OWNER_ID,
  SYSTEM,
} from '../../test/samples.ts';
import { notFound } from '../refusals.ts';
import type { ChangeMemberRole, ChangeMemberState } from './commands.ts';
import { organization } from './decide.ts';
import type { OrganizationEvent } from './events.ts';

const { given } = specification(organization);
const acme = acmeWithMembers;
const base = { at: LATER, actor: OWNER, organizationId: ORGANIZATION_ID };
const hidden = { message: notFound().message };
const change = (userId: string, role: Role, actor: Actor = OWNER): ChangeMemberRole => ({
  type: 'ChangeMemberRole',
  ...base,
  actor,
  userId,
  role,
});
const state = (type: ChangeMemberState['type'], userId: string, actor: Actor = OWNER): ChangeMemberState => ({
  type,
  ...base,
  actor,
  userId,
});
const event = (type: OrganizationEvent['type'], userId: string, actor: Actor = OWNER, more: object = {}) =>
  ({ type, data: { userId, ...more }, at: LATER, actor }) as OrganizationEvent;
const VIEWER = userIdOf('viewer');
const suspended = event('MemberSuspended', VIEWER);

describe('members', () => {
  it('change their role, are suspended and resumed; each once', () => {
    const changed = event('MemberRoleChanged', VIEWER, OWNER, { role: 'admin' });
    given(...acme)
      .when(change(VIEWER, 'admin'))
      .then(changed);
    given(...acme, changed)
      .when(change(VIEWER, 'admin'))
      .thenNothing();
    given(...acme)
      .when(state('SuspendMember', VIEWER))
      .then(suspended);
    given(...acme, suspended)
      .when(state('SuspendMember', VIEWER))
      .thenNothing();
    given(...acme, suspended)
      .when(state('ResumeMember', VIEWER))
      .then(event('MemberResumed', VIEWER));
    given(...acme)
      .when(state('ResumeMember', VIEWER))
      .thenNothing();
  });

  it('are removed; then there is nothing left to do, for whoever may remove', () => {
    const removed = event('MemberRemoved', VIEWER);
    expect(organization.decide(state('RemoveMember', VIEWER), stateOf(...acme))).toEqual([removed]);
    given(...acme, removed)
      .when(state('RemoveMember', VIEWER))
      .thenNothing();
    // Control: who never was a member is not found, nor is anybody by who may not remove.
    given(...acme, removed)
      .when(state('RemoveMember', 'user_never'))
      .thenRefused('not-found', hidden);
    given(...acme, removed)
      .when(state('RemoveMember', VIEWER, memberOf('developer')))
      .thenRefused('forbidden', { permission: 'members:write' });
    given(...acme, removed, ...joined(VIEWER, 'viewer'))
      .when(state('RemoveMember', VIEWER))
      .then(removed);
  });

  it('may leave, whatever their role, also from a suspended organization', () => {
    const halted = event('OrganizationSuspended', OWNER_ID);
    for (const role of ROLES)
      for (const before of [acme, [...acme, halted]]) {
        const [userId, actor] = [userIdOf(role), memberOf(role)];
        given(...before)
          .when(state('RemoveMember', userId, actor))
          .then(event('MemberRemoved', userId, actor));
      }
    // Control: nobody leaves where they never were.
    const stranger = 'user_never';
    given(...acme)
      .when(state('RemoveMember', stranger, { type: 'user', id: stranger }))
      .thenRefused('not-found', hidden);
    // A suspended member is nobody there; and a key with the name of a user is no user.
    given(...acme, suspended)
      .when(state('RemoveMember', VIEWER, memberOf('viewer')))
      .thenRefused('not-found', hidden);
    given(...acme)
      .when(state('RemoveMember', VIEWER, { type: 'key', id: VIEWER }))
      .thenRefused('not-found', hidden);
  });

  it('nobody may act on whom they may not, nor give a role above their own: every pair of roles (G8)', () => {
    const may = (role: Role, target: Role) => role === 'owner' || (role === 'admin' && target !== 'owner');
    let allowed = 0;
    for (const by of ROLES)
      for (const target of ROLES) {
        const [actor, userId] = [memberOf(by), userIdOf(target, 2)];
        for (const type of ['SuspendMember', 'ResumeMember', 'RemoveMember'] as const) {
          expect([by, type, target, accepts(state(type, userId, actor))]).toEqual([
            by,
            type,
            target,
            may(by, target),
          ]);
        }
        for (const role of ROLES) {
          const isAllowed = may(by, target) && may(by, role);
          expect([by, target, role, accepts(change(userId, role, actor))]).toEqual([
            by,
            target,
            role,
            isAllowed,
          ]);
          if (isAllowed) allowed += 1;
        }
      }
    expect(allowed).toBe(16 + 9);
  });

  it('nobody raises themselves', () => {
    for (const role of ROLES.slice(1))
      for (const wanted of ROLES.slice(0, ROLES.indexOf(role)))
        expect([role, wanted, accepts(change(userIdOf(role), wanted, memberOf(role)))]).toEqual([
          role,
          wanted,
          false,
        ]);
    // Downward is fine, for who manages members.
    expect(accepts(change(userIdOf('admin'), 'viewer', memberOf('admin')))).toBe(true);
  });

  it('owners are a matter among owners: the missing permission is named', () => {
    for (const command of [
      change(OWNER_ID, 'admin', memberOf('admin')),
      change(VIEWER, 'owner', memberOf('admin')),
      state('SuspendMember', OWNER_ID, memberOf('admin')),
      state('RemoveMember', OWNER_ID, memberOf('admin')),
    ])
      given(...acme)
        .when(command)
        .thenRefused('forbidden', { permission: 'owners:write' });
    given(...acme)
      .when(change(VIEWER, 'developer', memberOf('developer')))
      .thenRefused('forbidden', { permission: 'members:write' });
  });

  it('a key acts by what it holds: it gives no more than that, and a limited one nothing', () => {
    const few = { permissions: ['members:write', 'members:read'] } as const;
    const by = (command: ChangeMemberRole | ChangeMemberState, keyAuthority = holds('admin')) =>
      given(...acme).when({ ...command, actor: BOT, keyAuthority });
    by(change(VIEWER, 'admin')).then(event('MemberRoleChanged', VIEWER, BOT, { role: 'admin' }));
    by(change(VIEWER, 'admin'), few).thenRefused('forbidden', { permission: 'servers:write' });
    by(state('ResumeMember', VIEWER), few).thenRefused('forbidden');
    // Taking away needs no more than the permission.
    by(change(userIdOf('admin'), 'viewer'), few).then(
      event('MemberRoleChanged', userIdOf('admin'), BOT, { role: 'viewer' }),
    );
    by(state('SuspendMember', VIEWER), few).then(event('MemberSuspended', VIEWER, BOT));
    by(state('SuspendMember', VIEWER), holds('admin', { agents: ['agent_1'] })).thenRefused('forbidden');
    expect(permissionsOf('admin')).toEqual(expect.arrayContaining([...few.permissions]));
  });

  it.each([
    change(VIEWER, 'admin'),
    ...(['SuspendMember', 'ResumeMember', 'RemoveMember'] as const).map((type) => state(type, VIEWER)),
  ])('$type: foreign, unknown and not a member look the same (G8)', (command) => {
    given().when(command).thenRefused('not-found', hidden);
    for (const other of [
      { organizationId: FOREIGN_ORGANIZATION_ID },
      { userId: 'user_x' },
      { userId: 'constructor' },
      { actor: { type: 'user', id: 'user_x' } as const },
      { actor: BOT },
      { actor: SYSTEM },
    ])
      given(...acme)
        .when({ ...command, ...other })
        .thenRefused('not-found', hidden);
    given(...acme, event('OrganizationSuspended', OWNER_ID))
      .when(command)
      .thenRefused('conflict');
  });
});

describe('the last owner in force', () => {
  const second = joined('user_2', 'owner');
  const away = event('MemberSuspended', 'user_2');

  it.each<[string, ChangeMemberRole | ChangeMemberState]>([
    ['leave', state('RemoveMember', OWNER_ID)],
    ['be demoted', change(OWNER_ID, 'admin')],
    ['be suspended', state('SuspendMember', OWNER_ID)],
  ])('cannot %s', (_what, command) => {
    given(acmeCreated).when(command).thenRefused('conflict');
    // An owner who is suspended is no help.
    given(acmeCreated, ...second, away)
      .when(command)
      .thenRefused('conflict');
    // Control: with another owner in force it is fine.
    expect(organization.decide(command, stateOf(acmeCreated, ...second))).toHaveLength(1);
  });

  it('is not who is suspended: that one can go', () =>
    expect(
      organization.decide(state('RemoveMember', 'user_2'), stateOf(acmeCreated, ...second, away)),
    ).toEqual([event('MemberRemoved', 'user_2')]));
});

function stateOf(...events: readonly OrganizationEvent[]) {
  return events.reduce(organization.evolve, organization.initial);
}

function accepts(command: ChangeMemberRole | ChangeMemberState): boolean {
  try {
    organization.decide(command, stateOf(...acme));
    return true;
  } catch (error) {
    expect(error).toMatchObject({ code: 'forbidden' });
    return false;
  }
}
