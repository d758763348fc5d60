import { ROLE_PERMISSIONS, type Actor } from '@mcpstack/contracts';
import {
  AT,
  CREDENTIAL,
  FOREIGN_ORGANIZATION_ID,
  KEY_ID,
  LATER,
  ORGANIZATION_ID,
  OWNER,
  SYSTEM,
} from '../test/samples.ts';
import { authorityOf } from './authority.ts';
import type { KeyState, ServiceKey } from './key/state.ts';
import { DEFAULT_POLICY, type KnownOrganization } from './organization/events.ts';

const acme: KnownOrganization = {
  status: 'active',
  id: ORGANIZATION_ID,
  name: 'Acme',
  policy: DEFAULT_POLICY,
  members: {
    [OWNER.id]: { role: 'owner', state: 'active', joinedAt: AT },
    user_admin: { role: 'admin', state: 'active', joinedAt: AT },
    user_away: { role: 'admin', state: 'suspended', joinedAt: AT },
  },
  invitations: {},
  createdAt: AT,
};
const key: ServiceKey = {
  status: 'active',
  id: KEY_ID,
  organizationId: ORGANIZATION_ID,
  kind: 'service',
  name: 'bot',
  role: 'admin',
  tags: [],
  secrets: [{ version: 1, credential: CREDENTIAL, createdAt: AT }],
  noticesGiven: [],
  createdAt: AT,
  createdBy: OWNER,
};
const bot: Actor = { type: 'key', id: KEY_ID };
const of = (actor: Actor, state?: KeyState) => authorityOf(actor, acme, state, AT);

describe('authority (G8)', () => {
  it('of a user is the membership', () => {
    expect(of(OWNER)).toEqual({ permissions: ROLE_PERMISSIONS.owner });
    expect(of({ type: 'user', id: 'user_admin' })).toEqual({
      permissions: ROLE_PERMISSIONS.admin,
    });
  });

  it('of a key is its role, cut down by its narrowing', () => {
    expect(of(bot, key)).toEqual({ permissions: ROLE_PERMISSIONS.admin });
    expect(of(bot, { ...key, permissions: ['servers:read', 'owners:write'] })).toEqual({
      permissions: ['servers:read'],
    });
  });

  it('of a key that is limited carries its limits', () => {
    const scope = { agents: ['agent_1'] };
    expect(of(bot, { ...key, scope })).toEqual({ permissions: ROLE_PERMISSIONS.admin, scope });
  });

  it('of a key ends with its expiry, whether that was recorded or not', () => {
    expect(of(bot, { ...key, expiresAt: LATER })).toBeDefined();
    expect(authorityOf(bot, acme, { ...key, expiresAt: LATER }, LATER)).toBeUndefined();
  });

  it('in a suspended organization: members read, its owners may resume it, keys do nothing', () => {
    const suspended: KnownOrganization = { ...acme, status: 'suspended' };
    const admin = authorityOf({ type: 'user', id: 'user_admin' }, suspended, undefined, AT);
    expect(admin?.permissions.filter((one) => !one.endsWith(':read'))).toEqual([]);
    expect(authorityOf(OWNER, suspended, undefined, AT)?.permissions).toContain('organization:write');
    expect(authorityOf(OWNER, suspended, undefined, AT)?.permissions).not.toContain('api-keys:write');
    expect(authorityOf(bot, suspended, key, AT)).toBeUndefined();
  });

  it.each<[string, ReturnType<typeof authorityOf>]>([
    ['a stranger', of({ type: 'user', id: 'user_x' })],
    ['a suspended member', of({ type: 'user', id: 'user_away' })],
    ['a name that objects inherit', of({ type: 'user', id: 'constructor' })],
    ['the system', of(SYSTEM)],
    ['anyone in an organization that is not there', authorityOf(OWNER, { status: 'none' }, undefined, AT)],
    ['a key without its state', of(bot)],
    ['a key that is not there', of(bot, { status: 'none' })],
    ['another key', of({ type: 'key', id: 'key_2' }, key)],
    ['a foreign key', of(bot, { ...key, organizationId: FOREIGN_ORGANIZATION_ID })],
    ['a suspended key', of(bot, { ...key, status: 'suspended' })],
    ['an expired key', of(bot, { ...key, status: 'expired' })],
    ['a revoked key', of(bot, { ...key, status: 'revoked', revokedAt: AT, revocationReason: 'requested' })],
  ])('of %s is none', (_who, authority) => expect(authority).toBeUndefined());
});
