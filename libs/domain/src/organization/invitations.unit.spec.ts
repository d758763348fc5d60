import type { Actor } from '@mcpstack/contracts';
import { specification } from '@mcpstack/testing';
import { acmeCreated, acmeWithMembers, joined, memberOf, userIdOf } from '../../test/organization-samples.ts';
import {
  AT,
  BOT,
  CREDENTIAL,
  daysOn,
  FOREIGN_ORGANIZATION_ID,
  holds,
  INVITATION_ID,
  LATER,
  ORGANIZATION_ID,
  OWNER,
  SYSTEM,
} from '../../test/samples.ts';
import { notFound } from '../refusals.ts';
import type { AcceptInvitation, InviteMember, RevokeInvitation } from './commands.ts';
import { organization } from './decide.ts';
import type { OrganizationEvent } from './events.ts';

const { given } = specification(organization);
const acme = acmeWithMembers;
const hidden = { message: notFound().message };
const base = { at: AT, actor: OWNER, organizationId: ORGANIZATION_ID, invitationId: INVITATION_ID };
const GUEST: Actor = { type: 'user', id: 'user_guest' };

const invite: InviteMember = {
  type: 'InviteMember',
  ...base,
  role: 'admin',
  profileId: 'user_profile1',
  credential: CREDENTIAL,
  expiresAt: daysOn(7),
};
const accept: AcceptInvitation = {
  type: 'AcceptInvitation',
  ...base,
  at: LATER,
  actor: GUEST,
  isProven: true,
};
const revoke: RevokeInvitation = { type: 'RevokeInvitation', ...base, at: LATER };
const invited = (actor: Actor = OWNER, role: InviteMember['role'] = 'admin'): OrganizationEvent => ({
  type: 'MemberInvited',
  data: {
    invitationId: INVITATION_ID,
    role,
    profileId: 'user_profile1',
    credential: CREDENTIAL,
    expiresAt: daysOn(7),
  },
  at: AT,
  actor,
});
const accepted: OrganizationEvent = {
  type: 'InvitationAccepted',
  data: { invitationId: INVITATION_ID, userId: GUEST.id, role: 'admin' },
  at: LATER,
  actor: GUEST,
};
const revoked: OrganizationEvent = {
  type: 'InvitationRevoked',
  data: { invitationId: INVITATION_ID },
  at: LATER,
  actor: OWNER,
};
const suspended: OrganizationEvent = { type: 'OrganizationSuspended', data: {}, at: LATER, actor: OWNER };

describe('InviteMember', () => {
  it('is accepted; repeated, with whatever token, does nothing', () => {
    given(acmeCreated).when(invite).then(invited());
    given(acmeCreated, invited())
      .when({ ...invite, at: daysOn(9), credential: { digest: 'cd'.repeat(32), pepperVersion: 2 } })
      .thenNothing();
    given(acmeCreated, invited())
      .when({ ...invite, role: 'viewer' })
      .thenRefused('conflict');
  });

  it('admins invite up to admin, owners everybody, others nobody (G8)', () => {
    given(...acme)
      .when({ ...invite, actor: memberOf('admin') })
      .then(invited(memberOf('admin')));
    given(...acme)
      .when({ ...invite, actor: memberOf('admin'), role: 'owner' })
      .thenRefused('forbidden', { permission: 'owners:write' });
    given(...acme)
      .when({ ...invite, role: 'owner' })
      .then(invited(OWNER, 'owner'));
    given(...acme)
      .when({ ...invite, actor: memberOf('developer'), role: 'viewer' })
      .thenRefused('forbidden', { permission: 'members:write' });
  });

  it('a key gives no more than it holds, and a limited one nothing (G8)', () => {
    const by = { ...invite, actor: BOT };
    given(...acme)
      .when({ ...by, keyAuthority: holds('admin') })
      .then(invited(BOT));
    given(...acme)
      .when({ ...by, keyAuthority: { permissions: ['members:write'] } })
      .thenRefused('forbidden');
    given(...acme)
      .when({ ...by, keyAuthority: holds('admin', { servers: ['srv_1'] }) })
      .thenRefused('forbidden');
  });

  it.each([daysOn(30.001), AT, '2026-02-30T00:00:00Z', 'soon'])('refuses the expiry %s', (expiresAt) =>
    given(acmeCreated)
      .when({ ...invite, expiresAt })
      .thenRefused('validation-failed', { fields: ['expiresAt'] }),
  );

  it('is refused once 1,000 are pending or members; expired ones do not count', () => {
    const many = (expiresAt: string) =>
      Array.from({ length: 1_000 }, (_, index) => ({
        ...invited(),
        data: { ...invited().data, invitationId: `inv_m${index}`, expiresAt },
      })) as OrganizationEvent[];
    given(acmeCreated, ...many(daysOn(3)))
      .when(invite)
      .thenRefused('conflict');
    given(acmeCreated, ...many(daysOn(3)))
      .when({ ...invite, at: daysOn(4) })
      .then({ ...invited(), at: daysOn(4) });
    const members = Array.from({ length: 999 }, (_, index) => joined(`user_m${index}`, 'viewer')).flat();
    given(acmeCreated, ...members)
      .when(invite)
      .thenRefused('conflict');
    given(acmeCreated, invited(), ...members)
      .when(accept)
      .thenRefused('conflict');
    given(acmeCreated, invited(), ...members.slice(2))
      .when(accept)
      .then(accepted);
  });
});

describe('AcceptInvitation', () => {
  it('makes the actor a member, once', () => {
    given(acmeCreated, invited()).when(accept).then(accepted);
    given(acmeCreated, invited(), accepted).when(accept).thenNothing();
    expect(organization.decide(accept, stateOf(acmeCreated, invited()))).toEqual([accepted]);
    expect(stateOf(acmeCreated, invited(), accepted)).toMatchObject({
      members: { [GUEST.id]: { role: 'admin', state: 'active' } },
      invitations: { [INVITATION_ID]: { state: 'accepted', acceptedBy: GUEST.id } },
    });
  });

  it('is good for one person: not for another, nor again after a removal', () => {
    given(acmeCreated, invited(), accepted)
      .when({ ...accept, actor: { type: 'user', id: 'user_other' } })
      .thenRefused('conflict');
    const removed: OrganizationEvent = {
      type: 'MemberRemoved',
      data: { userId: GUEST.id },
      at: LATER,
      actor: OWNER,
    };
    given(acmeCreated, invited(), accepted, removed).when(accept).thenRefused('conflict');
  });

  it('is refused when it was revoked, has expired, or the organization is suspended', () => {
    given(acmeCreated, invited(), revoked).when(accept).thenRefused('conflict');
    given(acmeCreated, invited())
      .when({ ...accept, at: daysOn(7) })
      .thenRefused('conflict');
    given(acmeCreated, invited(), suspended).when(accept).thenRefused('conflict');
  });

  it('changes no member', () =>
    given(acmeCreated, invited())
      .when({ ...accept, actor: OWNER })
      .thenRefused('conflict'));

  it('tells nothing to who cannot prove it', () => {
    for (const before of [[], [acmeCreated], [acmeCreated, invited()], [acmeCreated, invited(), accepted]])
      given(...before)
        .when({ ...accept, isProven: false })
        .thenRefused('not-found', hidden);
    for (const other of [
      { organizationId: FOREIGN_ORGANIZATION_ID },
      { invitationId: 'inv_2' },
      { invitationId: 'constructor' },
    ])
      given(acmeCreated, invited())
        .when({ ...accept, ...other })
        .thenRefused('not-found', hidden);
  });

  it('is for people', () => {
    for (const actor of [BOT, SYSTEM])
      given(acmeCreated, invited())
        .when({ ...accept, actor })
        .thenRefused('forbidden');
  });

  it('lets nobody in whose key may not give it any more (G8); control: while the key holds it, it is good', () => {
    const byKey = [acmeCreated, invited(BOT)];
    given(...byKey)
      .when(accept)
      .thenRefused('conflict');
    for (const makerAuthority of [
      holds('developer'),
      { permissions: ['members:write'] } as const,
      holds('owner', { agents: ['agent_1'] }),
    ])
      given(...byKey)
        .when({ ...accept, makerAuthority })
        .thenRefused('conflict');
    given(...byKey)
      .when({ ...accept, makerAuthority: holds('admin') })
      .then(accepted);
    // A person's right stands in the organization alone.
    given(acmeCreated, invited(memberOf('admin')))
      .when({ ...accept, makerAuthority: holds('admin') })
      .thenRefused('conflict');
  });

  it('brings nobody back by an invitation that they made before they lost the right (G8)', () => {
    const admin = userIdOf('admin');
    const lost: OrganizationEvent[] = [
      { type: 'MemberRemoved', data: { userId: admin }, at: LATER, actor: OWNER },
      { type: 'MemberSuspended', data: { userId: admin }, at: LATER, actor: OWNER },
      { type: 'MemberRoleChanged', data: { userId: admin, role: 'developer' }, at: LATER, actor: OWNER },
    ];
    for (const one of lost)
      given(...acme, invited(memberOf('admin')), one)
        .when(accept)
        .thenRefused('conflict');
    // Control: while they hold it, it is good.
    given(...acme, invited(memberOf('admin')))
      .when(accept)
      .then(accepted);
  });
});

describe('RevokeInvitation', () => {
  it('is accepted, once, also of an expired one; not of an accepted one', () => {
    given(acmeCreated, invited()).when(revoke).then(revoked);
    given(acmeCreated, invited(), revoked).when(revoke).thenNothing();
    given(acmeCreated, invited())
      .when({ ...revoke, at: daysOn(8) })
      .then({ ...revoked, at: daysOn(8) });
    given(acmeCreated, invited(), accepted).when(revoke).thenRefused('conflict');
  });

  it('needs members:write, and owners:write for an owner', () => {
    given(...acme, invited())
      .when({ ...revoke, actor: memberOf('developer') })
      .thenRefused('forbidden', { permission: 'members:write' });
    given(...acme, invited(OWNER, 'owner'))
      .when({ ...revoke, actor: memberOf('admin') })
      .thenRefused('forbidden', { permission: 'owners:write' });
  });

  it('foreign, unknown and not a member look the same (G8)', () => {
    for (const other of [
      { organizationId: FOREIGN_ORGANIZATION_ID },
      { invitationId: 'inv_2' },
      { invitationId: 'constructor' },
      { actor: GUEST },
    ])
      given(acmeCreated, invited())
        .when({ ...revoke, ...other })
        .thenRefused('not-found', hidden);
  });
});

function stateOf(...events: readonly OrganizationEvent[]) {
  return events.reduce(organization.evolve, organization.initial);
}
