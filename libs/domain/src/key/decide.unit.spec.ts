import { specification } from '@mcpstack/testing';
import {
  AT,
  CREDENTIAL,
  FOREIGN_ORGANIZATION_ID,
  holds,
  KEY_ID,
  LATER,
  ORGANIZATION_ID,
  OWNER,
  SYSTEM,
} from '../../test/samples.ts';
import { notFound } from '../refusals.ts';
import { key, type CreateKey, type RenameKey, type RevokeKey, type WithdrawKey } from './decide.ts';
import type { KeyCreated, KeyRenamed, KeyRevoked } from './events.ts';

const { given } = specification(key);

const ids = { organizationId: ORGANIZATION_ID, keyId: KEY_ID };
const create: CreateKey = {
  type: 'CreateKey',
  at: AT,
  actor: OWNER,
  authority: holds('owner'),
  ...ids,
  name: 'automation-bot',
  role: 'developer',
  credential: CREDENTIAL,
};
const created: KeyCreated = {
  type: 'KeyCreated',
  data: {
    ...ids,
    kind: 'service',
    name: 'automation-bot',
    role: 'developer',
    credential: CREDENTIAL,
  },
  at: AT,
  actor: OWNER,
};
const later = { at: LATER, actor: OWNER, authority: holds('admin'), ...ids };
const rename: RenameKey = { type: 'RenameKey', ...later, name: 'ci' };
const renamed: KeyRenamed = { type: 'KeyRenamed', data: { name: 'ci' }, at: LATER, actor: OWNER };
const revoke: RevokeKey = { type: 'RevokeKey', ...later };
const revoked: KeyRevoked = { type: 'KeyRevoked', data: { reason: 'requested' }, at: LATER, actor: OWNER };
const withdraw: WithdrawKey = { type: 'WithdrawKey', at: LATER, actor: SYSTEM, ...ids };

/** Hidden existence (G8): every one of these gives the same answer, word for word. */
const hidden = { message: notFound().message };

describe('CreateKey', () => {
  it('is accepted, with the whole role or narrowed', () => {
    given().when(create).then(created);
    given()
      .when({ ...create, permissions: ['servers:read'] })
      .then({ ...created, data: { ...created.data, permissions: ['servers:read'] } });
  });

  it('repeated, does nothing, even by a try that made another secret', () => {
    given(created)
      .when({ ...create, at: LATER, credential: { digest: 'cd'.repeat(32), pepperVersion: 2 } })
      .thenNothing();
  });

  it('is refused when the id is taken by a different key', () => {
    given(created)
      .when({ ...create, role: 'viewer' })
      .thenRefused('conflict');
    given(created)
      .when({ ...create, permissions: ['servers:read'] })
      .thenRefused('conflict');
    given(created)
      .when({ ...create, organizationId: FOREIGN_ORGANIZATION_ID })
      .thenRefused('conflict');
  });

  it('needs api-keys:write; without any authority the organization does not exist (G8)', () => {
    for (const role of ['developer', 'viewer'] as const) {
      given()
        .when({ ...create, authority: holds(role), role: 'viewer' })
        .thenRefused('forbidden', { permission: 'api-keys:write' });
    }
    given()
      .when({ ...create, authority: undefined })
      .thenRefused('not-found', hidden);
  });

  it('gives nobody more than the maker holds (G8)', () => {
    given()
      .when({ ...create, authority: holds('admin'), role: 'owner' })
      .thenRefused('forbidden', { permission: 'organization:write' });
    given()
      .when({ ...create, authority: { permissions: ['api-keys:write', 'servers:read'] } })
      .thenRefused('forbidden', { permission: 'organization:read' });
    // Narrowed to what the maker holds, the same role is fine.
    const narrow = { ...create, role: 'owner', permissions: ['servers:read'] } as const;
    given()
      .when({ ...narrow, authority: { permissions: ['api-keys:write', 'servers:read'] } })
      .then({ ...created, data: { ...created.data, role: 'owner', permissions: ['servers:read'] } });
  });

  it('names each permission that the role lacks', () => {
    given()
      .when({ ...create, permissions: ['servers:read', 'api-keys:write', 'audit:read'] })
      .thenRefused('validation-failed', { fields: ['permissions.1', 'permissions.2'] });
  });

  it.each(['', 'x'.repeat(10_000), 'a\nb', 'a\ud800'])('refuses a bad name', (name) => {
    given()
      .when({ ...create, name })
      .thenRefused('validation-failed', { fields: ['name'] });
  });
});

describe('RenameKey', () => {
  it('is accepted', () => given(created).when(rename).then(renamed));

  it('repeated, does nothing', () => given(created, renamed).when(rename).thenNothing());

  it('is refused for a revoked key', () => given(created, revoked).when(rename).thenRefused('conflict'));

  it('is refused without permission, with a bad name', () => {
    given(created)
      .when({ ...rename, authority: holds('viewer') })
      .thenRefused('forbidden', { permission: 'api-keys:write' });
    given(created)
      .when({ ...rename, name: '' })
      .thenRefused('validation-failed', { fields: ['name'] });
  });
});

describe('RevokeKey', () => {
  it('is accepted, also after a rename', () => {
    given(created).when(revoke).then(revoked);
    given(created, renamed).when(revoke).then(revoked);
  });

  it('repeated, does nothing', () => given(created, revoked).when(revoke).thenNothing());

  it('is refused without permission', () => {
    given(created)
      .when({ ...revoke, authority: holds('developer') })
      .thenRefused('forbidden', { permission: 'api-keys:write' });
  });

  it('keeps who and when of the first revocation', () => {
    const state = [created, revoked, { ...revoked, at: '2027-01-01T00:00:00.000Z' }].reduce(
      key.evolve,
      key.initial,
    );
    expect(state).toMatchObject({ status: 'revoked', revokedAt: LATER, reason: 'requested' });
  });
});

describe('WithdrawKey', () => {
  const withdrawn: KeyRevoked = {
    type: 'KeyRevoked',
    data: { reason: 'maker-lost-rights' },
    at: LATER,
    actor: SYSTEM,
  };

  it('is accepted', () => given(created).when(withdraw).then(withdrawn));
  it('repeated, or after a revocation, does nothing', () => {
    given(created, withdrawn).when(withdraw).thenNothing();
    given(created, revoked).when(withdraw).thenNothing();
  });
  it('is refused when there is no such key', () => given().when(withdraw).thenRefused('not-found', hidden));
});

describe('a foreign key, an unknown key and no membership (G8)', () => {
  it.each<[string, RenameKey | RevokeKey]>([
    ['rename', rename],
    ['revoke', revoke],
  ])('look the same to %s', (_name, command) => {
    given().when(command).thenRefused('not-found', hidden);
    given(created)
      .when({ ...command, organizationId: FOREIGN_ORGANIZATION_ID })
      .thenRefused('not-found', hidden);
    given(created)
      .when({ ...command, keyId: 'key_2' })
      .thenRefused('not-found', hidden);
    given(created)
      .when({ ...command, authority: undefined })
      .thenRefused('not-found', hidden);
  });

  it('and whoever lacks the permission cannot tell them apart either', () => {
    const few = { ...revoke, authority: holds('viewer') };
    given().when(few).thenRefused('forbidden', { permission: 'api-keys:write' });
    given(created).when(few).thenRefused('forbidden', { permission: 'api-keys:write' });
  });
});
