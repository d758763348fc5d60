/** Questions about the domains of all organizations, for whoever looks after their proofs. Parts of agents' folds. */
import type { AgentDomain } from '@mcpstack/contracts';
import { agentDomain, isHeld, type AgentFold } from './agents.ts';
import type { Reply } from './connection.ts';
import { names } from './namespace.ts';
import { pageOf } from './page.ts';
import { READ_SCRIPTS } from './read-scripts.ts';
import { MAX_PAGE_SIZE, type ReadModels, type WatchedDomain } from './reading.ts';
import { listable, type Row } from './row.ts';
import type { TrustedReader } from './trusted-reader.ts';

export function domainReads(reader: TrustedReader): Pick<ReadModels, 'listDomains' | 'listHoldersOf'> {
  return {
    listDomains: async (request = {}) => {
      const list = { name: names.domains, order: 'oldest' } as const;
      return pageOf(list, request, (bound, count) =>
        reader.read(READ_SCRIPTS.listDomains, [list.name, list.order, bound, `${count}`], domainsIn),
      );
    },
    listHoldersOf: async (domain) => {
      const args = [names.holdersOf(domain), 'oldest', '-inf', `${MAX_PAGE_SIZE}`];
      return reader.read(READ_SCRIPTS.listDomains, args, (reply) =>
        domainsIn(reply).flatMap(({ item }) => (item && isHeld(item) ? [held(item)] : [])),
      );
    },
  };
}

function held({ agentState: _, ...domain }: WatchedDomain): AgentDomain {
  return domain;
}

function domainsIn(reply: Reply | undefined): { score: string; item: WatchedDomain | undefined }[] {
  const [rows, agentRows] = reply as unknown as [[score: string, member: string][], [id: string, Row][]];
  const agents = new Map(agentRows.map(([id, row]) => [id, listable<AgentFold>(row)?.data]));
  return rows.map(([score, member]) => {
    const [agentId = '', domainId = ''] = member.split('/');
    const agent = agents.get(agentId);
    const domain = agent?.domains[domainId];
    return {
      score,
      item: agent && domain && { ...agentDomain(agent, domain), agentState: agent.status },
    };
  });
}
