/** What is asked about agents, domains and servers, and that nobody learns of what is another's. */
import { newId } from '@mcpstack/contracts';
import { streamName } from '@mcpstack/domain';
import { all, DAY_MS, ids, log, models, organizationId, publish } from './published-log.ts';

describe('agents, domains, servers', () => {
  it('agents in force are listed, removed ones still answered', async () => {
    const agents = Array.from({ length: 5 }, () => log.createAgent(organizationId));
    log.append(agents[2]!.stream, 'AgentRemoved', {});
    log.append(agents[3]!.stream, 'AgentRenamed', { name: 'Renamed' });
    await publish();
    const listed = await all((page) => models.listAgents(organizationId, page));
    expect(ids(listed)).toEqual([4, 3, 1, 0].map((n) => agents[n]!.id));
    expect(listed[1]).toMatchObject({ name: 'Renamed', revision: '1' });
    expect(listed[0]).not.toHaveProperty('domains');
    const removed = (await models.getAgent(organizationId, agents[2]!.id)).value;
    expect(removed).toMatchObject({ state: 'removed', domains: [] });
    expect((await models.getAgent(newId('organization'), agents[0]!.id)).value).toBeUndefined();
  });

  it('domains of all organizations, and who holds a name', async () => {
    const add = (agent: { stream: string }, domain: string) => {
      const domainId = newId('domain');
      log.append(agent.stream, 'AgentDomainAdded', { domainId, domain, challenge: 'c' });
      return domainId;
    };
    const verify = (agent: { stream: string }, domainId: string) =>
      log.append(agent.stream, 'AgentDomainVerified', { domainId, method: 'file' });
    const [ours, theirs, gone] = [
      log.createAgent(organizationId),
      log.createAgent(log.createOrganization().id),
      log.createAgent(organizationId),
    ];
    const held = add(ours, 'example.com');
    const pending = add(ours, 'example.org');
    const stale = add(theirs, 'example.com');
    const ofRemoved = add(gone, 'example.com');
    const removed = add(ours, 'example.net');
    verify(ours, held);
    verify(theirs, stale);
    verify(gone, ofRemoved);
    log.append(theirs.stream, 'AgentDomainStale', { domainId: stale, graceEndsAt: log.timeAfter(DAY_MS) });
    log.append(gone.stream, 'AgentRemoved', {});
    log.append(ours.stream, 'AgentDomainRemoved', { domainId: removed });
    await publish();
    const domains = await all((page) => models.listDomains(page));
    expect(ids(domains)).toEqual([held, pending, stale, ofRemoved]);
    expect(domains.map(({ agentState }) => agentState)).toEqual(['active', 'active', 'active', 'removed']);
    const holders = async (name: string) => (await models.listHoldersOf(name)).value;
    expect(await holders('example.com')).toMatchObject([
      { id: held, organizationId, agentId: ours.id, state: 'verified' },
      { id: stale, agentId: theirs.id, state: 'stale' },
    ]);
    expect(await holders('example.org')).toEqual([]);
    log.append(ours.stream, 'AgentDomainContested', { domainId: held, challenge: 'd' });
    log.append(theirs.stream, 'AgentDomainLapsed', { domainId: stale });
    await publish();
    expect(await holders('example.com')).toEqual([]);
  });

  it('servers in force are listed, removed ones still answered', async () => {
    const servers = Array.from({ length: 4 }, () => {
      const id = newId('server');
      log.append(streamName('server', id), 'ServerCreated', { serverId: id, organizationId, name: 'mcp' });
      return id;
    });
    log.append(streamName('server', servers[1]!), 'ServerRemoved', {});
    log.append(streamName('server', servers[2]!), 'ServerUrlChanged', { url: 'https://mcp.example.com' });
    await publish();
    const listed = await all((page) => models.listServers(organizationId, page));
    expect(ids(listed)).toEqual([3, 2, 0].map((n) => servers[n]));
    expect(listed[1]).toMatchObject({ url: 'https://mcp.example.com', revision: '1', state: 'active' });
    expect((await models.getServer(organizationId, servers[1]!)).value).toMatchObject({ state: 'removed' });
    expect((await models.getServer(newId('organization'), servers[0]!)).value).toBeUndefined();
  });
});
