/** The agents of the organization, as other pages need them: their names, and what can be chosen. */
import { api, type Schema } from '../../api/client.ts';
import { useHere } from '../../api/organization.tsx';
import { keyOf, useThing } from '../../api/resources.ts';

export type Agent = Schema<'AgentAnswer'>;
export type Domain = Schema<'DomainAnswer'>;

/** Beyond this many, an agent is found on its own page. */
const MOST_PAGES = 5;

/** The newest agents, up to 500. */
export function useAgents() {
  const { orgId } = useHere();
  return useThing(keyOf(orgId, 'agents', 'all'), async () => {
    const agents: Agent[] = [];
    let cursor: string | undefined;
    for (let page = 0; page < MOST_PAGES; page += 1) {
      const query = { limit: 100, ...(cursor !== undefined && { cursor }) };
      const { data } = await api.GET('/api/v1/organizations/{orgId}/agents', {
        params: { path: { orgId }, query },
      });
      agents.push(...data.data);
      cursor = data.nextCursor;
      if (cursor === undefined) break;
    }
    return agents;
  });
}

export function useAgent(agentId: string | undefined) {
  const { orgId } = useHere();
  return useThing(
    keyOf(orgId, 'agents', agentId),
    async () =>
      (
        await api.GET('/api/v1/organizations/{orgId}/agents/{agentId}', {
          params: { path: { orgId, agentId: agentId! } },
        })
      ).data,
    { enabled: agentId !== undefined },
  );
}

export function useDomains(agentId: string | undefined) {
  const { orgId } = useHere();
  return useThing(
    keyOf(orgId, 'domains', agentId),
    async () =>
      (
        await api.GET('/api/v1/organizations/{orgId}/agents/{agentId}/domains', {
          params: { path: { orgId, agentId: agentId! } },
        })
      ).data.data,
    { enabled: agentId !== undefined },
  );
}

/** Whether origins under the domain work, as the API told it last; a grace that is over is over. */
export const isInForce = ({ state, graceEndsAt }: Domain): boolean =>
  state === 'verified' ||
  (state === 'stale' && graceEndsAt !== undefined && Date.parse(graceEndsAt) > Date.now());
