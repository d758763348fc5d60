import { specification } from '@mcpstack/testing';
import type { Actor } from '@mcpstack/contracts';
import {
  AT,
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
import type {
  ChangeOrganizationState,
  ChangePolicy,
  CreateOrganization,
  RenameOrganization,
} from './commands.ts';
import { organization } from './decide.ts';
import { DEFAULT_POLICY, type OrganizationCreated, type OrganizationEvent } from './events.ts';

const { given } = specification(organization);

const create: CreateOrganization = {
  type: 'CreateOrganization',
  at: AT,
  actor: OWNER,
  organizationId: ORGANIZATION_ID,
  name: 'Acme',
  ownerId: OWNER_ID,
};
const created: OrganizationCreated = {
  type: 'OrganizationCreated',
  data: { organizationId: ORGANIZATION_ID, name: 'Acme', ownerId: OWNER_ID },
  at: AT,
  actor: OWNER,
};

describe('CreateOrganization', () => {
  it('is accepted from a user for themselves, and from the system for anyone', () => {
    given().when(create).then(created);
    given()
      .when({ ...create, actor: SYSTEM })
      .then({ ...created, actor: SYSTEM });
  });

  it('repeated, does nothing', () => {
    given(created)
      .when({ ...create, at: LATER })
      .thenNothing();
  });

  it('is refused to a key, for another owner, and with a bad name', () => {
    given()
      .when({ ...create, actor: { type: 'key', id: 'key_1' } })
      .thenRefused('forbidden');
    given()
      .when({ ...create, ownerId: 'user_2' })
      .thenRefused('validation-failed', { fields: ['ownerId'] });
    given()
      .when({ ...create, name: 'a\u0000' })
      .thenRefused('validation-failed', { fields: ['name'] });
  });

  it('is refused when the id is taken by a different organization', () => {
    given(created)
      .when({ ...create, name: 'Other' })
      .thenRefused('conflict');
    given(created)
      .when({ ...create, actor: SYSTEM, ownerId: 'user_2' })
      .thenRefused('conflict');
  });

  it('makes its owner the only member', () => {
    expect(organization.evolve(organization.initial, created)).toEqual({
      status: 'active',
      id: ORGANIZATION_ID,
      name: 'Acme',
      policy: DEFAULT_POLICY,
      members: { [OWNER_ID]: { role: 'owner', state: 'active', joinedAt: AT } },
      invitations: {},
      createdAt: AT,
    });
  });
});

const by = { at: LATER, actor: OWNER, organizationId: ORGANIZATION_ID };
const rename: RenameOrganization = { type: 'RenameOrganization', ...by, name: 'Acme 2' };
const policy: ChangePolicy = {
  type: 'ChangePolicy',
  ...by,
  policy: { longestKeyLifeDays: 90, allowedKeyRoles: ['developer', 'viewer'], onMakerLoss: 'revoke' },
};
const suspend: ChangeOrganizationState = { type: 'SuspendOrganization', ...by };
const resume: ChangeOrganizationState = { type: 'ResumeOrganization', ...by };
const event = <Type extends OrganizationEvent['type']>(type: Type, data: object = {}, actor: Actor = OWNER) =>
  ({ type, data, at: LATER, actor }) as OrganizationEvent;
const suspended = event('OrganizationSuspended');
const admin = [
  event('MemberInvited', { invitationId: 'inv_1', role: 'admin', profileId: 'user_9', expiresAt: LATER }),
  event('InvitationAccepted', { invitationId: 'inv_1', userId: 'user_2', role: 'admin' }),
];
const ADMIN: Actor = { type: 'user', id: 'user_2' };

describe('an organization', () => {
  it('is renamed, once', () => {
    given(created)
      .when(rename)
      .then(event('OrganizationRenamed', { name: 'Acme 2' }));
    given(created)
      .when({ ...rename, name: 'Acme' })
      .thenNothing();
    given(created)
      .when({ ...rename, name: '' })
      .thenRefused('validation-failed', { fields: ['name'] });
  });

  it('gets a policy, once, whatever the order of its roles', () => {
    const changed = event('OrganizationPolicyChanged', { policy: policy.policy });
    given(created).when(policy).then(changed);
    given(created, changed)
      .when({ ...policy, policy: { ...policy.policy, allowedKeyRoles: ['viewer', 'developer', 'viewer'] } })
      .thenNothing();
    given(created)
      .when({ ...policy, policy: DEFAULT_POLICY })
      .thenNothing();
  });

  it.each([
    ['longestKeyLifeDays', 0],
    ['longestKeyLifeDays', 3_651],
    ['longestKeyLifeDays', 1.5],
    ['allowedKeyRoles', []],
  ])('refuses a policy whose %s is %j', (field, value) =>
    given(created)
      .when({ ...policy, policy: { ...policy.policy, [field]: value } })
      .thenRefused('validation-failed', { fields: [field] }),
  );

  it('is suspended and resumed by its owners and by operations; each once', () => {
    for (const actor of [OWNER, SYSTEM]) {
      given(created)
        .when({ ...suspend, actor })
        .then(event('OrganizationSuspended', {}, actor));
      given(created, suspended)
        .when({ ...suspend, actor })
        .thenNothing();
      given(created, suspended)
        .when({ ...resume, actor })
        .then(event('OrganizationResumed', {}, actor));
      given(created)
        .when({ ...resume, actor })
        .thenNothing();
    }
  });

  it('that is suspended changes in nothing else', () => {
    given(created, suspended).when(rename).thenRefused('conflict');
    given(created, suspended).when(policy).thenRefused('conflict');
  });

  it.each([rename, policy, suspend, resume])('$type needs organization:write over all of it', (command) => {
    given(created, ...admin)
      .when({ ...command, actor: ADMIN })
      .thenRefused('forbidden', { permission: 'organization:write' });
    given(created)
      .when({ ...command, actor: BOT, keyAuthority: holds('admin') })
      .thenRefused('forbidden', { permission: 'organization:write' });
    given(created)
      .when({ ...command, actor: BOT, keyAuthority: holds('owner', { agents: ['agent_1'] }) })
      .thenRefused('forbidden');
    const state = organization.evolve(organization.initial, created);
    expect(() =>
      organization.decide({ ...command, actor: BOT, keyAuthority: holds('owner') }, state),
    ).not.toThrow();
  });

  it.each([rename, policy, suspend, resume])(
    '$type: foreign, unknown and not a member look the same (G8)',
    (command) => {
      const hidden = { message: notFound().message };
      given().when(command).thenRefused('not-found', hidden);
      for (const other of [
        { organizationId: FOREIGN_ORGANIZATION_ID },
        { actor: { type: 'user', id: 'user_x' } as const },
        { actor: { type: 'user', id: 'constructor' } as const },
        { actor: BOT },
      ])
        given(created)
          .when({ ...command, ...other })
          .thenRefused('not-found', hidden);
      // A key does nothing in a suspended organization, whatever was read of it.
      given(created, suspended)
        .when({ ...command, actor: BOT, keyAuthority: holds('owner') })
        .thenRefused('not-found', hidden);
    },
  );

  it('renaming and policy are no business of operations', () => {
    for (const command of [rename, policy])
      given(created)
        .when({ ...command, actor: SYSTEM })
        .thenRefused('not-found');
  });
});
