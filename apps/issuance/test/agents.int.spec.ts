/** Commands on agents: accepted, refused, repeated; a removal is final when it is answered. */
import { newId, type Actor } from '@mcpstack/contracts';
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

let harness: Harness;
let organizationId: string;
let developer: Actor;
let viewer: Actor;
beforeAll(async () => {
  harness = await Harness.start();
  organizationId = harness.organizationId;
  [developer, viewer] = [await harness.addMember('developer'), await harness.addMember('viewer')];
});
afterAll(() => harness.stop());
beforeEach(() => {
  harness.confirm = () => ({ confirmed: true });
  harness.asked.splice(0);
});

const codeOf = async (sent: Promise<unknown>) => (await problemOf(sent)).code;
const typesOf = async (agentId: string) => (await harness.events(`agent-${agentId}`)).map(({ type }) => type);
const newAgent = async () => (await harness.send('createAgent', { organizationId, name: 'agent' })).agent.id;

describe('createAgent', () => {
  it('accepted and repeated: the agent, one event', async () => {
    const input = { organizationId, name: 'Support' };
    const { agent, position } = await expectRepeatable(harness, 'createAgent', input, { actor: developer });
    expect(agent).toEqual({
      id: expect.stringMatching(/^agent_[0-9A-Za-z]{22}$/) as string,
      organizationId,
      name: 'Support',
      state: 'active',
      createdAt: expect.any(String) as string,
      createdBy: developer,
      revision: '0',
    });
    expect(harness.asked[0]).toMatchObject({ need: 'visible', position });
    expect(await typesOf(agent.id)).toEqual(['AgentCreated']);
  });

  it('refused: without the permission, by a key with a scope, foreign, unknown, without a name', async () => {
    const input = { organizationId, name: 'No' };
    await expectForbidden(harness.send('createAgent', input, { actor: viewer }), 'agents:write');
    const scope = { agents: [await newAgent()] };
    const { key } = await harness.createKey({}, { role: 'developer', scope });
    await expectForbidden(harness.send('createAgent', input, { actor: keyActor(key.id) }));
    await expectHidden(
      harness.send('createAgent', input, { actor: person() }),
      harness.send('createAgent', input, { actor: systemActor }),
      harness.send('createAgent', { ...input, organizationId: newId('organization') }),
    );
    expect(await wrongFields(harness.send('createAgent', { ...input, name: '' }))).toEqual(['name']);
  });
});

describe('renameAgent', () => {
  it('accepted and repeated; with a stale revision precondition-failed', async () => {
    const agentId = await newAgent();
    const input = { organizationId, agentId, name: 'Renamed', ifRevision: '0' };
    const { agent } = await expectRepeatable(harness, 'renameAgent', input);
    expect(agent).toMatchObject({ name: 'Renamed', revision: '1' });
    expect(await codeOf(harness.send('renameAgent', { ...input, name: 'Other' }))).toBe(
      'precondition-failed',
    );
    expect(await typesOf(agentId)).toEqual(['AgentCreated', 'AgentRenamed']);
  });

  it('refused: without the permission, foreign, unknown, beyond a key’s scope, removed', async () => {
    const agentId = await newAgent();
    const input = { organizationId, agentId, name: 'No' };
    await expectForbidden(harness.send('renameAgent', input, { actor: viewer }), 'agents:write');
    const foreign = await harness.createOrganization('Foreign', harness.owner.id);
    const scope = { agents: [await newAgent()] };
    const { key } = await harness.createKey({}, { role: 'developer', scope });
    await expectHidden(
      harness.send('renameAgent', input, { actor: person() }),
      harness.send('renameAgent', { ...input, agentId: newId('agent') }),
      harness.send('renameAgent', { ...input, organizationId: foreign }),
      harness.send('renameAgent', input, { actor: keyActor(key.id) }),
    );
    await harness.send('renameAgent', { ...input, agentId: scope.agents[0]! }, { actor: keyActor(key.id) });
    await harness.send('removeAgent', { organizationId, agentId });
    expect(await codeOf(harness.send('renameAgent', input))).toBe('conflict');
  });
});

describe('removeAgent', () => {
  it('accepted: final, also when it was removed already; one event', async () => {
    const agentId = await newAgent();
    await expectFinal(harness, 'removeAgent', { organizationId, agentId });
    await expectFinal(harness, 'removeAgent', { organizationId, agentId });
    expect(await typesOf(agentId)).toEqual(['AgentCreated', 'AgentRemoved']);
    await expectRepeatable(harness, 'removeAgent', { organizationId, agentId: await newAgent() });
  });

  it('refused: without the permission, foreign, unknown', async () => {
    const agentId = await newAgent();
    const input = { organizationId, agentId };
    await expectForbidden(harness.send('removeAgent', input, { actor: viewer }), 'agents:write');
    await expectHidden(
      harness.send('removeAgent', input, { actor: person() }),
      harness.send('removeAgent', { ...input, agentId: newId('agent') }),
    );
    expect(await typesOf(agentId)).toEqual(['AgentCreated']);
  });
});
