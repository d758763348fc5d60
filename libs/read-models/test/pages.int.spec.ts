/** Pages of every list: a cursor is good for its own list alone, and a page reads no more than it shows. */
import { newId } from '@mcpstack/contracts';
import { streamName } from '@mcpstack/domain';
import { BadCursorError, type KeyFilter, type Page, type PageRequest, type Reading } from '../src/index.ts';
import { digestOf } from './log.ts';
import { client, log, models, organizationId, publish } from './published-log.ts';

type List = (page: PageRequest) => Promise<Reading<Page<unknown>>>;
const lists = (organization: string, agentId: string): Record<string, List> => ({
  keys: (page) => models.listKeys(organization, page),
  publicKeys: (page) => models.listPublicKeys(organization, page),
  publicKeysOfAgent: (page) => models.listPublicKeys(organization, { ...page, agentId }),
  members: (page) => models.listMembers(organization, page),
  invitations: (page) => models.listInvitations(organization, page),
  agents: (page) => models.listAgents(organization, page),
  servers: (page) => models.listServers(organization, page),
  domains: (page) => models.listDomains(page),
});

/** An organization in which every list has so many items; its agent has public keys and domains. */
async function publishLists(count: number): Promise<string> {
  const agent = log.createAgent(organizationId);
  const stream = streamName('organization', organizationId);
  for (let n = 0; n < count; n += 1) {
    log.createAgent(organizationId);
    log.createKey(organizationId);
    log.createPublicKey(organizationId, agent.id);
    const [serverId, invitationId, domainId] = [newId('server'), newId('invitation'), newId('domain')];
    log.append(streamName('server', serverId), 'ServerCreated', { serverId, organizationId, name: 's' });
    const credential = { digest: digestOf(invitationId), pepperVersion: 1 };
    const invited = { invitationId, role: 'viewer', profileId: newId('user'), credential };
    log.append(stream, 'MemberInvited', { ...invited, expiresAt: log.timeAfter(0) });
    log.append(stream, 'InvitationAccepted', { invitationId, userId: newId('user'), role: 'viewer' });
    log.append(agent.stream, 'AgentDomainAdded', { domainId, domain: `d${n}.example`, challenge: 'c' });
  }
  await publish();
  return agent.id;
}

it('cursors of another list, of another organization, or made up are refused by every list', async () => {
  const agentId = await publishLists(2);
  const ours = lists(organizationId, agentId);
  const cursors = new Map<string, string>();
  for (const [name, list] of Object.entries(ours))
    cursors.set(name, (await list({ limit: 1 })).value.nextCursor!);
  expect(new Set(cursors.values()).size).toBe(8);
  const madeUp = ['', 'eHg', '+inf', 'a'.repeat(49), Buffer.from('k1').toString('base64url')];
  for (const [name, list] of Object.entries(ours)) {
    for (const [other, cursor] of cursors) {
      if (other === name) expect((await list({ cursor, limit: 1 })).value.items).toHaveLength(1);
      else await expect(list({ cursor })).rejects.toThrow(BadCursorError);
    }
    for (const cursor of madeUp) await expect(list({ cursor })).rejects.toThrow(BadCursorError);
    await expect(list({ limit: 0 })).rejects.toThrow(RangeError);
    await expect(list({ limit: 201 })).rejects.toThrow(RangeError);
  }
  for (const [name, list] of Object.entries(lists(newId('organization'), agentId)))
    if (name !== 'domains')
      await expect(list({ cursor: cursors.get(name)! })).rejects.toThrow(BadCursorError);
});

describe('a page', () => {
  /** Records and parts of records that are read, beyond what every read script looks at to prove itself. */
  async function readBy(ask: () => Promise<unknown>): Promise<number> {
    await client.configResetStat();
    await ask();
    const stats = await client.info('commandstats');
    const calls = (name: string) =>
      Number(new RegExp(`^cmdstat_${name}:calls=(\\d+)`, 'm').exec(stats)?.[1] ?? 0);
    return calls('hmget') + calls('hget') - 2 * calls('evalsha');
  }
  const ITEMS = 20;
  /** Of an item that is shown and the one that tells whether another page follows: two records each, and one for all. */
  const NEEDED = 5;

  it('reads no more than it shows, whatever the list', async () => {
    const agentId = await publishLists(ITEMS);
    for (const [name, list] of Object.entries(lists(organizationId, agentId))) {
      const read = await readBy(async () => expect((await list({ limit: 1 })).value.items).toHaveLength(1));
      expect([name, read > 0 && read <= NEEDED]).toEqual([name, true]);
    }
  });

  it('with a filter likewise, where that asks for nothing or finds what it wants at once', async () => {
    await publishLists(ITEMS);
    const read = (filter: KeyFilter) => readBy(() => models.listKeys(organizationId, { limit: 1, filter }));
    expect(await read({})).toBeLessThanOrEqual(NEEDED);
    expect(await read({ state: 'active' })).toBeLessThanOrEqual(NEEDED);
    // The control: this one must look at all, and that shows.
    expect(await read({ tag: 'none' })).toBeGreaterThanOrEqual(2 * ITEMS);
  });
});
