import { specification } from '@mcpstack/testing';
import {
  AGENT_ID,
  AT,
  BOT,
  daysOn,
  DOMAIN_ID,
  FOREIGN_ORGANIZATION_ID,
  holds,
  LATER,
  ORGANIZATION_ID,
  OWNER,
  SYSTEM,
} from '../../test/samples.ts';
import { notFound } from '../refusals.ts';
import type { AddDomain, AgentCommand, ContestDomain, RecordDomainCheck } from './commands.ts';
import { agent } from './decide.ts';
import { isDomainInForce } from './domains.ts';
import { MOST_REMOVED_DOMAINS, type AgentEvent } from './events.ts';

const { given } = specification(agent);
const ids = { organizationId: ORGANIZATION_ID, agentId: AGENT_ID };
const authorized = { at: LATER, actor: OWNER, authority: holds('admin'), ...ids };
const by = { at: LATER, actor: OWNER };
const hidden = { message: notFound().message };
const CHALLENGE = 'mcpstack-verify=1';

const created: AgentEvent = { type: 'AgentCreated', data: { ...ids, name: 'shop' }, at: AT, actor: OWNER };
const renamed: AgentEvent = { type: 'AgentRenamed', data: { name: 'store' }, ...by };
const removed: AgentEvent = { type: 'AgentRemoved', data: {}, ...by };
const data = { domainId: DOMAIN_ID };
const added: AgentEvent = {
  type: 'AgentDomainAdded',
  data: { ...data, domain: 'example.com', challenge: CHALLENGE },
  ...by,
};
const gone: AgentEvent = { type: 'AgentDomainRemoved', data, ...by };

const create: AgentCommand = { type: 'CreateAgent', ...authorized, name: 'shop' };
const rename: AgentCommand = { type: 'RenameAgent', ...authorized, name: 'store' };
const remove: AgentCommand = { type: 'RemoveAgent', ...authorized };
const add: AddDomain = {
  type: 'AddDomain',
  ...authorized,
  ...data,
  domain: 'Example.COM',
  challenge: CHALLENGE,
};
const removeDomain: AgentCommand = { type: 'RemoveDomain', ...authorized, ...data };

describe('agents', () => {
  it('are created, renamed, removed; each once', () => {
    given()
      .when(create)
      .then({ ...created, ...by });
    given(created).when(create).thenNothing();
    given(created).when(rename).then(renamed);
    given(created, renamed).when(rename).thenNothing();
    given(created).when(remove).then(removed);
    given(created, removed).when(remove).thenNothing();
    given(created)
      .when({ ...create, name: 'other' })
      .thenRefused('conflict');
    given(created, removed).when(rename).thenRefused('conflict');
    given(created, removed).when(add).thenRefused('conflict');
  });

  it('have names by the one rule', () => {
    for (const command of [create, rename])
      given(created)
        .when({ ...command, name: ' x' })
        .thenRefused('validation-failed', { fields: ['name'] });
  });

  it.each<[AgentCommand, string]>([
    [create, 'agents:write'],
    [rename, 'agents:write'],
    [remove, 'agents:write'],
    [add, 'domains:write'],
    [removeDomain, 'domains:write'],
  ])('$type needs its permission; foreign and unknown ones look the same (G8)', (command, permission) => {
    const viewer = { ...command, authority: holds('viewer') } as AgentCommand;
    given(created, added).when(viewer).thenRefused('forbidden', { permission });
    given().when(viewer).thenRefused('forbidden', { permission });
    given(created, added)
      .when({ ...command, authority: undefined } as AgentCommand)
      .thenRefused('not-found', hidden);
    if (command === create) return;
    given().when(command).thenRefused('not-found', hidden);
    for (const other of [{ organizationId: FOREIGN_ORGANIZATION_ID }, { agentId: 'agent_2' }])
      given(created, added)
        .when({ ...command, ...other })
        .thenRefused('not-found', hidden);
    // Beyond the scope of a key, likewise; within it is fine.
    const scoped = (scope: object) =>
      ({ ...command, actor: BOT, authority: holds('admin', scope) }) as AgentCommand;
    given(created, added)
      .when(scoped({ agents: ['agent_2'] }))
      .thenRefused('not-found', hidden);
    expect(() => agent.decide(scoped({ agents: [AGENT_ID] }), stateOf(created, added))).not.toThrow();
  });

  it('are not created by a key that is limited to some', () =>
    given()
      .when({ ...create, actor: BOT, authority: holds('owner', { servers: ['srv_1'] }) })
      .thenRefused('forbidden'));
});

describe('domains of an agent', () => {
  it('are added in normal form, and removed; a repeated add does nothing', () => {
    given(created).when(add).then(added);
    given(created, added)
      .when({ ...add, challenge: 'mcpstack-verify=2' })
      .thenNothing();
    given(created, added).when(removeDomain).then(gone);
    given(created, added, gone).when(removeDomain).thenNothing();
    given(created, added, gone, removed).when(removeDomain).thenNothing();
    // Control: one that never was is not there, and a removed agent keeps what it had.
    given(created).when(removeDomain).thenRefused('not-found', hidden);
    given(created, added, removed).when(removeDomain).thenRefused('conflict');
  });

  it('are remembered once they are removed, the newest of them', () => {
    const many = Array.from({ length: MOST_REMOVED_DOMAINS }, (_, index) => ({
      ...gone,
      data: { domainId: `dom_m${index}` },
    })) as AgentEvent[];
    const [oldest, newest] = [many[0]!, many.at(-1)!].map((event) => ({ ...removeDomain, ...event.data }));
    for (const command of [oldest!, newest!])
      given(created, ...many)
        .when(command)
        .thenNothing();
    // The same one again takes no other's place.
    given(created, ...many, many.at(-1)!)
      .when(oldest!)
      .thenNothing();
    given(created, ...many, gone)
      .when(oldest!)
      .thenRefused('not-found', hidden);
    given(created, ...many, gone)
      .when(newest!)
      .thenNothing();
  });

  it('are on an agent once, and 50 at most', () => {
    given(created, added)
      .when({ ...add, domainId: 'dom_2', domain: 'EXAMPLE.com' })
      .thenRefused('conflict');
    given(created, added)
      .when({ ...add, domain: 'example.org' })
      .thenRefused('conflict');
    const many = Array.from({ length: 50 }, (_, index) => ({
      ...added,
      data: { domainId: `dom_m${index}`, domain: `a${index}.example.org`, challenge: CHALLENGE },
    })) as AgentEvent[];
    given(created, ...many)
      .when(add)
      .thenRefused('conflict');
    given(created, ...many.slice(1))
      .when(add)
      .then(added);
  });

  it.each([
    'com',
    'github.io',
    'example.com.',
    'localhost',
    '10.0.0.1',
    'https://example.com',
    'constructor',
  ])('are refused when they are nobody’s: %s', (domain) =>
    given(created)
      .when({ ...add, domain })
      .thenRefused('validation-failed', { fields: ['domain'] }),
  );
});

describe('RecordDomainCheck', () => {
  const found: RecordDomainCheck = {
    type: 'RecordDomainCheck',
    at: daysOn(1),
    actor: SYSTEM,
    ...ids,
    ...data,
    result: 'found',
    method: 'dns',
    challenge: CHALLENGE,
  };
  const { method: _method, ...rest } = found;
  const missing = { ...rest, result: 'missing' } as const;
  const at = { at: daysOn(1), actor: SYSTEM };
  const verified: AgentEvent = { type: 'AgentDomainVerified', data: { ...data, method: 'dns' }, ...at };
  const stale: AgentEvent = { type: 'AgentDomainStale', data: { ...data, graceEndsAt: daysOn(8) }, ...at };
  const lapsed: AgentEvent = { type: 'AgentDomainLapsed', data, at: daysOn(8), actor: SYSTEM };
  const before: Record<string, AgentEvent[]> = {
    pending: [created, added],
    verified: [created, added, verified],
    stale: [created, added, verified, stale],
    lapsed: [created, added, verified, stale, lapsed],
  };

  it('goes pending → verified → stale → lapsed, each step once', () => {
    given(...before['pending']!)
      .when(found)
      .then(verified);
    given(...before['pending']!)
      .when(missing)
      .thenNothing();
    given(...before['verified']!)
      .when(missing)
      .then(stale);
    given(...before['stale']!)
      .when({ ...missing, at: daysOn(7.999) })
      .thenNothing();
    given(...before['stale']!)
      .when({ ...missing, at: daysOn(8) })
      .then(lapsed);
    given(...before['lapsed']!)
      .when({ ...missing, at: daysOn(99) })
      .thenNothing();
  });

  it('a proof that is found verifies, whatever was before', () => {
    for (const state of ['pending', 'stale', 'lapsed'])
      given(...before[state]!)
        .when({ ...found, method: 'file', at: daysOn(20) })
        .then({ ...verified, data: { ...data, method: 'file' }, at: daysOn(20) });
    given(...before['verified']!)
      .when(found)
      .thenNothing();
  });

  it('in force is a verified domain, and a stale one until its grace is over', () => {
    const grace = { graceEndsAt: daysOn(8) };
    expect(isDomainInForce({ state: 'verified' }, AT)).toBe(true);
    expect(isDomainInForce({ state: 'stale', ...grace }, daysOn(7.9))).toBe(true);
    expect(isDomainInForce({ state: 'stale', ...grace }, daysOn(8))).toBe(false);
    expect(isDomainInForce({ state: 'pending' }, AT)).toBe(false);
    expect(isDomainInForce({ state: 'lapsed' }, AT)).toBe(false);
  });

  it('counts for the present challenge alone', () =>
    given(...before['pending']!)
      .when({ ...found, challenge: 'mcpstack-verify=0' })
      .thenRefused('conflict'));

  it('is for the system, for domains that are there, and for agents in force', () => {
    given(...before['pending']!)
      .when({ ...found, actor: OWNER })
      .thenRefused('forbidden');
    given(created).when(found).thenRefused('not-found', hidden);
    given(...before['pending']!, removed)
      .when(found)
      .thenNothing();
    given(...before['pending']!)
      .when(rest)
      .thenRefused('validation-failed', { fields: ['method'] });
  });

  describe('ContestDomain', () => {
    const contest: ContestDomain = {
      type: 'ContestDomain',
      at: daysOn(3),
      actor: SYSTEM,
      ...ids,
      ...data,
      provenAt: daysOn(2),
      challenge: 'mcpstack-verify=2',
    };
    const contested: AgentEvent = {
      type: 'AgentDomainContested',
      data: { ...data, challenge: 'mcpstack-verify=2' },
      at: daysOn(3),
      actor: SYSTEM,
    };

    it('makes who proved it earlier prove it again, once, with the new challenge', () => {
      for (const state of ['verified', 'stale'])
        given(...before[state]!)
          .when(contest)
          .then(contested);
      given(...before['verified']!, contested)
        .when({ ...found, at: daysOn(4), challenge: 'mcpstack-verify=2' })
        .then({ ...verified, at: daysOn(4) });
      // The old proof is worth nothing any more.
      given(...before['verified']!, contested)
        .when(found)
        .thenRefused('conflict');
    });

    it('leaves alone who proved it later, or not at all', () => {
      for (const provenAt of [daysOn(1), daysOn(0.5)])
        given(...before['verified']!)
          .when({ ...contest, provenAt })
          .thenNothing();
      for (const state of ['pending', 'lapsed'])
        given(...before[state]!)
          .when(contest)
          .thenNothing();
      given(...before['verified']!)
        .when({ ...contest, actor: OWNER })
        .thenRefused('forbidden');
      given(created).when(contest).thenRefused('not-found', hidden);
    });
  });
});

function stateOf(...events: AgentEvent[]) {
  return events.reduce(agent.evolve, agent.initial);
}
