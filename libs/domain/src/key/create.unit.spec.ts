import type { OrganizationPolicy } from '@mcpstack/contracts';
import { specification } from '@mcpstack/testing';
import { createKey as create, keyCreated } from '../../test/key-samples.ts';
import {
  AGENT_ID,
  BOT,
  daysOn,
  FOREIGN_ORGANIZATION_ID,
  holds,
  LATER,
  SERVER_ID,
} from '../../test/samples.ts';
import { notFound } from '../refusals.ts';
import type { CreateKey } from './commands.ts';
import { key } from './decide.ts';

const { given } = specification(key);
const created = keyCreated();
const refused = (change: Partial<CreateKey>, ...fields: string[]) =>
  given()
    .when({ ...create, ...change })
    .thenRefused('validation-failed', { fields });

describe('CreateKey', () => {
  it('is accepted, with the whole role or narrowed', () => {
    given().when(create).then(created);
    given()
      .when({ ...create, permissions: ['servers:read'] })
      .then(keyCreated({ permissions: ['servers:read'] }));
  });

  it('is accepted with every term, each stored in its one spelling', () => {
    const same = {
      scope: { agents: [AGENT_ID], servers: [SERVER_ID] },
      limits: [{ name: 'burst', limit: 10, windowMs: 1_000 }],
      quotas: [{ name: 'monthly', limit: 1_000_000, interval: 'month' }],
      environment: 'production',
      hint: 'acme_live_',
    } as const;
    const stored = { ...same, expiresAt: daysOn(31), allowedIps: ['203.0.113.0/24', '2001:db8::1/128'] };
    given()
      .when({
        ...create,
        ...same,
        expiresAt: daysOn(31).replace('08:00:00.000Z', '10:00:00+02:00'),
        allowedIps: ['203.0.113.0/24', '2001:DB8:0::1'],
        tags: ['ci', 'ci', 'team:web'],
      })
      .then({
        ...created,
        data: {
          ...created.data,
          ...stored,
          scope: { agents: [AGENT_ID], servers: [SERVER_ID] },
          limits: [...same.limits],
          quotas: [...same.quotas],
          tags: ['ci', 'team:web'],
        },
      });
  });

  it('repeated, does nothing: by a try that made another secret, and after its expiry', () => {
    given(created)
      .when({ ...create, at: LATER, credential: { digest: 'cd'.repeat(32), pepperVersion: 2 } })
      .thenNothing();
    given(keyCreated({ expiresAt: daysOn(1) }))
      .when({ ...create, expiresAt: daysOn(1), at: daysOn(2) })
      .thenNothing();
  });

  it.each<Partial<CreateKey>>([
    { role: 'viewer' },
    { permissions: ['servers:read'] },
    { organizationId: FOREIGN_ORGANIZATION_ID },
  ])('is refused when the id is taken by a different key: %j', (change) =>
    given(created)
      .when({ ...create, ...change })
      .thenRefused('conflict'),
  );

  it('needs api-keys:write; without any authority the organization does not exist (G8)', () => {
    for (const role of ['developer', 'viewer'] as const)
      given()
        .when({ ...create, authority: holds(role), role: 'viewer' })
        .thenRefused('forbidden', { permission: 'api-keys:write' });
    given()
      .when({ ...create, authority: undefined })
      .thenRefused('not-found', { message: notFound().message });
  });

  it('gives nobody more than the maker holds (G8)', () => {
    given()
      .when({ ...create, authority: holds('admin'), role: 'owner' })
      .thenRefused('forbidden', { permission: 'organization:write' });
    const few = { permissions: ['api-keys:write', 'servers:read'] } as const;
    given()
      .when({ ...create, authority: few })
      .thenRefused('forbidden', { permission: 'organization:read' });
    // Narrowed to what the maker holds, the same role is fine.
    given()
      .when({ ...create, authority: few, role: 'owner', permissions: ['servers:read'] })
      .then(keyCreated({ role: 'owner', permissions: ['servers:read'] }));
  });

  it('gives nobody what lies beyond their own scope (G8)', () => {
    const by = { ...create, actor: BOT, authority: holds('owner', { agents: [AGENT_ID] }) };
    for (const scope of [undefined, { servers: [SERVER_ID] }, { agents: [AGENT_ID, 'agent_2'] }])
      given()
        .when({ ...by, ...(scope && { scope }), unknownScopeIds: ['agent_2'] })
        .thenRefused('forbidden');
    const within = { agents: [AGENT_ID], servers: [SERVER_ID] };
    given()
      .when({ ...by, scope: within })
      .then({ ...keyCreated({ scope: within }), actor: BOT });
  });

  it('refuses a scope that the organization does not have, whatever the reason', () => {
    const scope = { agents: [AGENT_ID, 'agent_2'], servers: ['srv_2'] };
    refused({ scope, unknownScopeIds: ['agent_2', 'srv_2'] }, 'scope.agents.1', 'scope.servers.0');
  });

  it('names each permission that the role lacks', () =>
    refused(
      { permissions: ['servers:read', 'api-keys:write', 'audit:read'] },
      'permissions.1',
      'permissions.2',
    ));

  it.each(['', 'x'.repeat(10_000), 'a\nb', 'a\ud800'])('refuses a bad name', (name) =>
    refused({ name }, 'name'),
  );

  it.each<[string, Partial<CreateKey>, string[]]>([
    ['30 February', { expiresAt: '2027-02-30T00:00:00Z' }, ['expiresAt']],
    ['no date', { expiresAt: 'tomorrow' }, ['expiresAt']],
    ['no offset', { expiresAt: '2027-01-01T00:00:00' }, ['expiresAt']],
    ['an expiry in the past', { expiresAt: '2020-01-01T00:00:00Z' }, ['expiresAt']],
    ['an expiry now', { expiresAt: create.at }, ['expiresAt']],
    ['an expiry too far ahead', { expiresAt: daysOn(3_651) }, ['expiresAt']],
    ['host bits', { allowedIps: ['10.0.0.0/8', '10.0.0.7/8'] }, ['allowedIps.1']],
    ['no addresses', { allowedIps: [] }, ['allowedIps']],
    ['too many addresses', { allowedIps: Array<string>(65).fill('10.0.0.1') }, ['allowedIps']],
    ['an empty scope', { scope: {} }, ['scope']],
    ['an empty list in a scope', { scope: { agents: [] } }, ['scope.agents']],
    ['too many in a scope', { scope: { agents: Array<string>(51).fill(AGENT_ID) } }, ['scope.agents']],
    ['a server as an agent', { scope: { agents: [SERVER_ID] } }, ['scope.agents.0']],
    ['a bad tag', { tags: ['ok', 'Not'] }, ['tags.1']],
    ['too many tags', { tags: Array.from({ length: 21 }, (_, index) => `t${index}`) }, ['tags']],
    ['a bad environment', { environment: 'Prod' }, ['environment']],
    ['a long hint', { hint: 'x'.repeat(17) }, ['hint']],
    ['a limit of 0', { limits: [{ name: 'a', limit: 0, windowMs: 1_000 }] }, ['limits.0.limit']],
    ['a limit of half', { limits: [{ name: 'a', limit: 0.5, windowMs: 1_000 }] }, ['limits.0.limit']],
    ['a short window', { limits: [{ name: 'a', limit: 1, windowMs: 999 }] }, ['limits.0.windowMs']],
    [
      'a name twice',
      { quotas: ['day', 'hour'].map((interval) => ({ name: 'a', limit: 1, interval }) as never) },
      ['quotas.1.name'],
    ],
    ['an inherited name', { quotas: [{ name: '__proto__', limit: 1, interval: 'day' }] }, ['quotas.0.name']],
    [
      'too many limits',
      {
        limits: Array.from({ length: 11 }, (_, index) => ({ name: `l${index}`, limit: 1, windowMs: 1_000 })),
      },
      ['limits'],
    ],
  ])('refuses %s', (_what, change, fields) => refused(change, ...fields));
});

describe("the organization's policy", () => {
  it.each<[keyof OrganizationPolicy, OrganizationPolicy, Partial<CreateKey>, Partial<CreateKey>]>([
    ['expiryRequired', { expiryRequired: true, onMakerLoss: 'list' }, {}, { expiresAt: daysOn(3_000) }],
    [
      'longestKeyLifeDays',
      { longestKeyLifeDays: 30, onMakerLoss: 'list' },
      { expiresAt: daysOn(30.001) },
      { expiresAt: daysOn(30) },
    ],
    ['longestKeyLifeDays', { longestKeyLifeDays: 30, onMakerLoss: 'list' }, {}, { expiresAt: daysOn(1) }],
    [
      'allowedKeyRoles',
      { allowedKeyRoles: ['viewer'], onMakerLoss: 'list' },
      { role: 'developer' },
      { role: 'viewer' },
    ],
  ])('%s: a block names the rule', (rule, policy, blocked, allowed) => {
    const decide = (change: Partial<CreateKey>) => key.decide({ ...create, policy, ...change }, key.initial);
    expect(() => decide(blocked)).toThrow(
      expect.objectContaining({ code: 'policy-violation', rule }) as Error,
    );
    expect(decide(allowed)).toHaveLength(1);
    // Control: without the policy the blocked one is made.
    expect(decide({ ...blocked, policy: create.policy })).toHaveLength(1);
  });
});
