import { ROLE_PERMISSIONS, type Actor } from '@mcpstack/contracts';
import {
  AT,
  CREDENTIAL,
  FOREIGN_ORGANIZATION_ID,
  KEY_ID,
  ORGANIZATION_ID,
  OWNER,
  SYSTEM,
} from '../test/samples.ts';
import { authorityOf } from './authority.ts';
import type { ActiveKey } from './key/events.ts';
import type { OrganizationState } from './organization/events.ts';

const acme: OrganizationState = {
  status: 'active',
  id: ORGANIZATION_ID,
  name: 'Acme',
  members: { [OWNER.id]: 'owner', user_admin: 'admin' },
  createdAt: AT,
};
const key: ActiveKey = {
  status: 'active',
  id: KEY_ID,
  organizationId: ORGANIZATION_ID,
  kind: 'service',
  name: 'bot',
  role: 'admin',
  credential: CREDENTIAL,
  createdAt: AT,
  createdBy: OWNER,
};
const bot: Actor = { type: 'key', id: KEY_ID };

describe('authority (G8)', () => {
  it('of a user is the membership', () => {
    expect(authorityOf(OWNER, acme)).toEqual({ permissions: ROLE_PERMISSIONS.owner });
    expect(authorityOf({ type: 'user', id: 'user_admin' }, acme)).toEqual({
      permissions: ROLE_PERMISSIONS.admin,
    });
  });

  it('of a key is its role, cut down by its narrowing', () => {
    expect(authorityOf(bot, acme, key)).toEqual({ permissions: ROLE_PERMISSIONS.admin });
    expect(authorityOf(bot, acme, { ...key, permissions: ['servers:read', 'owners:write'] })).toEqual({
      permissions: ['servers:read'],
    });
  });

  it.each<[string, ReturnType<typeof authorityOf>]>([
    ['a stranger', authorityOf({ type: 'user', id: 'user_x' }, acme)],
    ['a name that objects inherit', authorityOf({ type: 'user', id: 'constructor' }, acme)],
    ['the system', authorityOf(SYSTEM, acme)],
    ['anyone in an organization that is not there', authorityOf(OWNER, { status: 'none' })],
    ['a key without its state', authorityOf(bot, acme)],
    ['a key that is not there', authorityOf(bot, acme, { status: 'none' })],
    ['another key', authorityOf({ type: 'key', id: 'key_2' }, acme, key)],
    ['a foreign key', authorityOf(bot, acme, { ...key, organizationId: FOREIGN_ORGANIZATION_ID })],
    [
      'a revoked key',
      authorityOf(bot, acme, { ...key, status: 'revoked', revokedAt: AT, reason: 'requested' }),
    ],
  ])('of %s is none', (_who, authority) => expect(authority).toBeUndefined());
});
