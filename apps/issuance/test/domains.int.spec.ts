/** Commands on domains of agents; what allows fewer origins than before is final when it is answered. */
import { randomUUID } from 'node:crypto';
import { newId, type Actor, type DomainOutput } from '@mcpstack/contracts';
import {
  expectFinal,
  expectForbidden,
  expectHidden,
  expectRepeatable,
  keyActor,
  person,
  systemActor,
  wrongFields,
} from './checks.ts';
import { Harness, problemOf } from './harness.ts';

const CHALLENGE = /^mcpstack-verify=[0-9A-Za-z]{43}$/;
const DAY_MS = 24 * 60 * 60 * 1_000;

let harness: Harness;
let organizationId: string;
let admin: Actor;
let developer: Actor;
beforeAll(async () => {
  harness = await Harness.start();
  organizationId = harness.organizationId;
  [admin, developer] = [await harness.addMember('admin'), await harness.addMember('developer')];
});
afterAll(() => harness.stop());
beforeEach(() => {
  harness.confirm = () => ({ confirmed: true });
  harness.asked.splice(0);
});

const codeOf = async (sent: Promise<unknown>) => (await problemOf(sent)).code;
const typesOf = async (agentId: string) => (await harness.events(`agent-${agentId}`)).map(({ type }) => type);
const newAgent = async () => (await harness.send('createAgent', { organizationId, name: 'agent' })).agent.id;
const newDomain = async (agentId: string, domain = `${randomUUID()}.example.com`): Promise<DomainOutput> =>
  harness.send('addDomain', { organizationId, agentId, domain });

describe('addDomain', () => {
  it('accepted and repeated: pending, and the challenge that stands is the one that every try answers', async () => {
    const agentId = await newAgent();
    const input = { organizationId, agentId, domain: 'App.Bücher.example' };
    harness.asked.splice(0);
    const { domain, position } = await expectRepeatable(harness, 'addDomain', input, { actor: admin });
    expect(domain).toEqual({
      id: expect.stringMatching(/^dom_/) as string,
      organizationId,
      agentId,
      domain: 'app.xn--bcher-kva.example',
      state: 'pending',
      challenge: expect.stringMatching(CHALLENGE) as string,
      createdAt: expect.any(String) as string,
    });
    expect(harness.asked[0]).toMatchObject({ need: 'visible', position });
    const [, added] = await harness.events(`agent-${agentId}`);
    expect(added!.data.challenge).toBe(domain.challenge);
  });

  it('twenty tries of one command at once answer one challenge; another command has another', async () => {
    const agentId = await newAgent();
    const same = { commandId: randomUUID() };
    const input = { organizationId, agentId, domain: 'race.example.com' };
    const outputs = await Promise.all(
      Array.from({ length: 20 }, () => harness.send('addDomain', input, same)),
    );
    expect(new Set(outputs.map(({ domain }) => domain.challenge)).size).toBe(1);
    expect((await newDomain(agentId)).domain.challenge).not.toBe(outputs[0]!.domain.challenge);
  });

  it('repeated after the domain was removed: answered as before, and nothing comes back', async () => {
    const agentId = await newAgent();
    const same = { commandId: randomUUID() };
    const input = { organizationId, agentId, domain: 'gone.example.com' };
    const first = await harness.send('addDomain', input, same);
    await harness.send('removeDomain', { organizationId, agentId, domainId: first.domain.id });
    expect(await harness.send('addDomain', input, same)).toEqual(first);
    expect(await typesOf(agentId)).toEqual(['AgentCreated', 'AgentDomainAdded', 'AgentDomainRemoved']);
  });

  it('refused: twice on one agent, without the permission, foreign, unknown', async () => {
    const agentId = await newAgent();
    const input = { organizationId, agentId, domain: 'twice.example.com' };
    await harness.send('addDomain', input);
    expect(await codeOf(harness.send('addDomain', { ...input, domain: 'TWICE.example.com' }))).toBe(
      'conflict',
    );
    await expectForbidden(harness.send('addDomain', input, { actor: developer }), 'domains:write');
    await expectHidden(
      harness.send('addDomain', input, { actor: person() }),
      harness.send('addDomain', { ...input, agentId: newId('agent') }),
    );
  });

  it.each([
    'co.uk',
    'localhost',
    '10.0.0.1',
    'example.com.',
    'https://example.com',
    'one',
    '',
    'x'.repeat(300),
  ])('refused: %p is no domain that anybody can prove', async (domain) => {
    const input = { organizationId, agentId: await newAgent(), domain };
    expect(await wrongFields(harness.send('addDomain', input))).toEqual(['domain']);
  });
});

describe('removeDomain', () => {
  it('accepted: final, also once it is gone; refused: foreign, unknown', async () => {
    const agentId = await newAgent();
    const { domain } = await newDomain(agentId);
    const input = { organizationId, agentId, domainId: domain.id };
    await expectForbidden(harness.send('removeDomain', input, { actor: developer }), 'domains:write');
    await expectHidden(
      harness.send('removeDomain', input, { actor: person() }),
      harness.send('removeDomain', { ...input, agentId: await newAgent() }),
      harness.send('removeDomain', { ...input, domainId: newId('domain') }),
    );
    await expectFinal(harness, 'removeDomain', input);
    harness.asked.splice(0);
    const { position } = await harness.send('removeDomain', input);
    expect(harness.asked).toMatchObject([{ need: 'final', position }]);
    // What is gone is hidden as well from whoever may not see it.
    await expectHidden(harness.send('removeDomain', input, { actor: person() }));
    expect(await typesOf(agentId)).toEqual(['AgentCreated', 'AgentDomainAdded', 'AgentDomainRemoved']);
  });

  it('repeated: one event', async () => {
    const agentId = await newAgent();
    const { domain } = await newDomain(agentId);
    await expectRepeatable(harness, 'removeDomain', { organizationId, agentId, domainId: domain.id });
  });
});

/** A domain, and what a look for its proof comes to. */
async function watched() {
  const agentId = await newAgent();
  const { domain } = await newDomain(agentId);
  const input = { organizationId, agentId, domainId: domain.id, challenge: domain.challenge };
  return { agentId, domain, input };
}

describe('recordDomainCheck', () => {
  const found = { result: 'found', method: 'dns' } as const;
  const missing = { result: 'missing' } as const;

  it('found: verified, visible; then missing: stale with seven days of grace; found again: verified', async () => {
    const { agentId, input } = await watched();
    const actor = systemActor;
    harness.asked.splice(0);
    const first = await expectRepeatable(harness, 'recordDomainCheck', { ...input, ...found }, { actor });
    expect(first.domain).toMatchObject({ state: 'verified', method: 'dns' });
    const stale = await harness.send('recordDomainCheck', { ...input, ...missing }, { actor });
    expect(stale.domain.state).toBe('stale');
    const graceMs = Date.parse(stale.domain.graceEndsAt!) - Date.now();
    expect(Math.abs(graceMs - 7 * DAY_MS)).toBeLessThan(60_000);
    // Missing again within the grace writes nothing.
    await harness.send('recordDomainCheck', { ...input, ...missing }, { actor });
    const again = await harness.send('recordDomainCheck', { ...input, ...found, method: 'file' }, { actor });
    expect(again.domain).toMatchObject({ state: 'verified', method: 'file' });
    expect(again.domain).not.toHaveProperty('graceEndsAt');
    expect(harness.asked.map(({ need }) => need)).toEqual(harness.asked.map(() => 'visible'));
    expect((await typesOf(agentId)).slice(2)).toEqual([
      'AgentDomainVerified',
      'AgentDomainStale',
      'AgentDomainVerified',
    ]);
  });

  it('missing after the grace: lapsed, final when answered, also after a retry', async () => {
    const { agentId, input, domain } = await watched();
    await harness.write(
      'agent',
      agentId,
      { type: 'AgentDomainVerified', data: { domainId: domain.id, method: 'dns' } },
      {
        type: 'AgentDomainStale',
        data: { domainId: domain.id, graceEndsAt: new Date(Date.now() - 1).toISOString() },
      },
    );
    const check = { ...input, ...missing };
    const output = await expectFinal(harness, 'recordDomainCheck', check, { actor: systemActor });
    expect(output.domain.state).toBe('lapsed');
    expect((await typesOf(agentId)).at(-1)).toBe('AgentDomainLapsed');
  });

  it('missing where nothing was proven writes nothing, and waits for nothing final', async () => {
    const { agentId, input } = await watched();
    harness.asked.splice(0);
    const check = { ...input, ...missing };
    const { domain } = await harness.send('recordDomainCheck', check, { actor: systemActor });
    expect(domain.state).toBe('pending');
    expect(harness.asked).toMatchObject([{ need: 'visible' }]);
    expect(await typesOf(agentId)).toHaveLength(2);
  });

  it('refused: to people and keys, for an older challenge, without a method, unknown', async () => {
    const { input } = await watched();
    const check = { ...input, ...found };
    for (const actor of [harness.owner, keyActor(newId('key'))])
      await expectForbidden(harness.send('recordDomainCheck', check, { actor }));
    const actor = systemActor;
    const old = { ...check, challenge: 'mcpstack-verify=old' };
    expect(await codeOf(harness.send('recordDomainCheck', old, { actor }))).toBe('conflict');
    const without = { ...input, result: 'found' as const };
    expect(await wrongFields(harness.send('recordDomainCheck', without, { actor }))).toEqual(['method']);
    const perhaps = { ...check, result: 'perhaps' } as never;
    expect(await wrongFields(harness.send('recordDomainCheck', perhaps, { actor }))).toEqual(['result']);
    await expectHidden(
      harness.send('recordDomainCheck', { ...check, domainId: newId('domain') }, { actor }),
      harness.send('recordDomainCheck', { ...check, agentId: newId('agent') }, { actor }),
      harness.send('recordDomainCheck', { ...check, organizationId: newId('organization') }, { actor }),
    );
  });
});

describe('contestDomain', () => {
  const later = () => new Date(Date.now() + 1_000).toISOString();

  async function verified() {
    const { agentId, input, domain } = await watched();
    const check = { ...input, result: 'found', method: 'dns' } as const;
    await harness.send('recordDomainCheck', check, { actor: systemActor });
    return { agentId, domain, input: { organizationId, agentId, domainId: domain.id } };
  }

  it('accepted: pending with a new challenge, final when answered, the same after a retry', async () => {
    const { agentId, domain, input } = await verified();
    const contest = { ...input, provenAt: later() };
    const output = await expectFinal(harness, 'contestDomain', contest, { actor: systemActor });
    expect(output.domain).toMatchObject({ state: 'pending', contestedAt: expect.any(String) as string });
    expect(output.domain.challenge).toMatch(CHALLENGE);
    expect(output.domain.challenge).not.toBe(domain.challenge);
    const contested = (await harness.events(`agent-${agentId}`)).at(-1)!;
    expect(contested.data.challenge).toBe(output.domain.challenge);
  });

  it('repeated: one event, one challenge', async () => {
    const { agentId, input } = await verified();
    const contest = { ...input, provenAt: later() };
    await expectRepeatable(harness, 'contestDomain', contest, { actor: systemActor });
    expect((await typesOf(agentId)).filter((type) => type === 'AgentDomainContested')).toHaveLength(1);
  });

  it('a domain that was proven later than the other’s is left alone', async () => {
    const { agentId, input } = await verified();
    const contest = { ...input, provenAt: new Date(Date.now() - DAY_MS).toISOString() };
    const { domain } = await harness.send('contestDomain', contest, { actor: systemActor });
    expect(domain.state).toBe('verified');
    expect(await typesOf(agentId)).toHaveLength(3);
  });

  it('refused: to people and keys, unknown, at a time that is none', async () => {
    const { input } = await verified();
    const contest = { ...input, provenAt: later() };
    for (const actor of [harness.owner, keyActor(newId('key'))])
      await expectForbidden(harness.send('contestDomain', contest, { actor }));
    const actor = systemActor;
    await expectHidden(
      harness.send('contestDomain', { ...contest, domainId: newId('domain') }, { actor }),
      harness.send('contestDomain', { ...contest, organizationId: newId('organization') }, { actor }),
    );
    const never = { ...contest, provenAt: '2027-02-30T00:00:00Z' };
    expect(await wrongFields(harness.send('contestDomain', never, { actor }))).toEqual(['provenAt']);
  });
});
