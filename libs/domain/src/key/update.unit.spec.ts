import { specification } from '@mcpstack/testing';
import { ids, keyCreated } from '../../test/key-samples.ts';
import { AGENT_ID, AT, daysOn, holds, LATER, OWNER, SERVER_ID, SYSTEM } from '../../test/samples.ts';
import type { UpdateKey } from './commands.ts';
import { key } from './decide.ts';
import type { KeyEvent, KeyNarrowed } from './events.ts';

const { given } = specification(key);
const update: UpdateKey = {
  type: 'UpdateKey',
  at: LATER,
  actor: OWNER,
  authority: { permissions: ['api-keys:write'] },
  ...ids,
};
const by = { at: LATER, actor: OWNER };
const narrowed = (data: KeyNarrowed['data']): KeyNarrowed => ({ type: 'KeyNarrowed', data, ...by });

const wide = keyCreated();
const full = keyCreated({
  permissions: ['servers:read', 'servers:write', 'agents:read'],
  scope: { agents: [AGENT_ID, 'agent_2'] },
  expiresAt: daysOn(60),
  allowedIps: ['10.0.0.0/8', '2001:db8::/32'],
  limits: [{ name: 'burst', limit: 10, windowMs: 1_000 }],
  quotas: [{ name: 'daily', limit: 100, interval: 'day' }],
  tags: ['ci'],
});

describe('UpdateKey', () => {
  it('refuses a scope of what the organization does not have; what the key has of it may stay', () => {
    const scope = { agents: ['agent_2'] };
    given(wide)
      .when({ ...update, scope, unknownScopeIds: ['agent_2'] })
      .thenRefused('validation-failed', { fields: ['scope.agents.0'] });
    given(full)
      .when({ ...update, scope: { ...scope, servers: [SERVER_ID] }, unknownScopeIds: [SERVER_ID] })
      .thenRefused('validation-failed', { fields: ['scope.servers.0'] });
    given(full)
      .when({ ...update, scope, unknownScopeIds: ['agent_2'] })
      .then(narrowed({ scope }));
  });

  it('renames, tags and narrows in one decision', () => {
    given(wide)
      .when({ ...update, name: 'ci', tags: ['b', 'a'], role: 'viewer', expiresAt: daysOn(9) })
      .then(
        { type: 'KeyRenamed', data: { name: 'ci' }, ...by },
        { type: 'KeyTagged', data: { tags: ['b', 'a'] }, ...by },
        narrowed({ role: 'viewer', expiresAt: daysOn(9) }),
      );
  });

  it('with nothing new does nothing', () => {
    given(wide).when(update).thenNothing();
    given(wide)
      .when({ ...update, name: 'automation-bot', tags: [], role: 'developer', limits: [] })
      .thenNothing();
    const { permissions, scope, expiresAt, allowedIps, limits, quotas, tags } = full.data;
    const same = { permissions, scope, expiresAt, allowedIps, limits, quotas, tags } as Partial<UpdateKey>;
    given(full)
      .when({ ...update, ...same })
      .thenNothing();
    given(full)
      .when({
        ...update,
        permissions: ['agents:read', 'servers:write', 'servers:read'],
        scope: { agents: ['agent_2', AGENT_ID] },
      })
      .thenNothing();
  });

  it.each<[string, KeyEvent, Partial<UpdateKey>, KeyNarrowed['data']]>([
    ['the role', wide, { role: 'viewer' }, { role: 'viewer' }],
    [
      'permissions, for the first time',
      wide,
      { permissions: ['servers:read'] },
      { permissions: ['servers:read'] },
    ],
    ['permissions to none', full, { permissions: [] }, { permissions: [] }],
    ['permissions further', full, { permissions: ['agents:read'] }, { permissions: ['agents:read'] }],
    ['scope, for the first time', wide, { scope: { agents: [AGENT_ID] } }, { scope: { agents: [AGENT_ID] } }],
    [
      'scope further',
      full,
      { scope: { agents: [AGENT_ID], servers: [SERVER_ID] } },
      { scope: { agents: [AGENT_ID], servers: [SERVER_ID] } },
    ],
    ['expiry, for the first time', wide, { expiresAt: daysOn(5) }, { expiresAt: daysOn(5) }],
    ['expiry, earlier', full, { expiresAt: daysOn(5) }, { expiresAt: daysOn(5) }],
    ['addresses, for the first time', wide, { allowedIps: ['10.1.2.3'] }, { allowedIps: ['10.1.2.3/32'] }],
    [
      'addresses further',
      full,
      { allowedIps: ['10.1.0.0/16', '2001:db8:1::/48'] },
      { allowedIps: ['10.1.0.0/16', '2001:db8:1::/48'] },
    ],
    [
      'limits, lower and more of them',
      full,
      {
        limits: [
          { name: 'new', limit: 1e9, windowMs: 5_000 },
          { name: 'burst', limit: 9, windowMs: 1_000 },
        ],
      },
      {
        limits: [
          { name: 'new', limit: 1e9, windowMs: 5_000 },
          { name: 'burst', limit: 9, windowMs: 1_000 },
        ],
      },
    ],
    [
      'quotas, lower',
      full,
      { quotas: [{ name: 'daily', limit: 99, interval: 'day' }] },
      { quotas: [{ name: 'daily', limit: 99, interval: 'day' }] },
    ],
  ])('narrows %s', (_what, created, change, data) =>
    given(created)
      .when({ ...update, ...change })
      .then(narrowed(data)),
  );

  it.each<[string, Partial<UpdateKey>, string[]]>([
    ['the role', { role: 'admin' }, ['role']],
    ['permissions', { permissions: ['servers:read', 'domains:read'] }, ['permissions.1']],
    [
      'permissions beyond the new role',
      { role: 'viewer', permissions: ['servers:write'] },
      ['permissions.0'],
    ],
    ['scope', { scope: { agents: [AGENT_ID, 'agent_3'] } }, ['scope.agents.1']],
    ['scope, to all agents', { scope: { servers: [SERVER_ID] } }, ['scope.agents']],
    ['expiry', { expiresAt: daysOn(61) }, ['expiresAt']],
    ['addresses', { allowedIps: ['10.1.0.0/16', '0.0.0.0/0'] }, ['allowedIps.1']],
    ['addresses of another family', { allowedIps: ['::/0'] }, ['allowedIps.0']],
    ['a limit', { limits: [{ name: 'burst', limit: 11, windowMs: 1_000 }] }, ['limits.0']],
    ['the time of a limit', { limits: [{ name: 'burst', limit: 1, windowMs: 2_000 }] }, ['limits.0']],
    ['limits, to none', { limits: [] }, ['limits']],
    ['a quota', { quotas: [{ name: 'daily', limit: 101, interval: 'day' }] }, ['quotas.0']],
    ['the time of a quota', { quotas: [{ name: 'daily', limit: 1, interval: 'hour' }] }, ['quotas.0']],
    ['quotas, by another name', { quotas: [{ name: 'other', limit: 1, interval: 'day' }] }, ['quotas']],
  ])('never widens %s (G8)', (_what, change, fields) => {
    given(full)
      .when({ ...update, authority: holds('owner'), ...change })
      .thenRefused('validation-failed', { fields });
  });

  it('stays within what is left, once the role went down', () => {
    given(full, narrowed({ role: 'viewer' }))
      .when({ ...update, permissions: ['servers:write'] })
      .thenRefused('validation-failed', { fields: ['permissions.0'] });
  });

  it('refuses bad input, and an expiry in the past', () => {
    for (const [field, value] of [
      ['name', ''],
      ['tags', ['A']],
      ['expiresAt', AT],
      ['expiresAt', '2027-02-30T00:00:00Z'],
      ['allowedIps', ['10.0.0.1/8']],
    ] as const)
      expect(() => key.decide({ ...update, [field]: value }, stateOf(full))).toThrow(
        expect.objectContaining({ code: 'validation-failed' }) as Error,
      );
  });

  it('is for keys in force and suspended ones; an ended key refuses', () => {
    const name = { ...update, name: 'ci' };
    given(wide, { type: 'KeySuspended', data: {}, ...by })
      .when(name)
      .then({ type: 'KeyRenamed', data: { name: 'ci' }, ...by });
    given(wide, { type: 'KeyRevoked', data: { reason: 'requested' }, ...by })
      .when(name)
      .thenRefused('conflict');
    given(full, { type: 'KeyExpired', data: { expiresAt: daysOn(60) }, at: daysOn(60), actor: SYSTEM })
      .when(name)
      .thenRefused('conflict');
    // By the clock, before it is recorded.
    given(full)
      .when({ ...name, at: daysOn(60) })
      .thenRefused('conflict');
  });
});

function stateOf(...events: KeyEvent[]) {
  return events.reduce(key.evolve, key.initial);
}
