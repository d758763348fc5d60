/** Which agent a public key is for. */
import { Anchor, Select } from '@mantine/core';
import type { ReactNode } from 'react';
import { Link } from 'wouter';
import { useHere } from '../../api/organization.tsx';
import { pathTo } from '../../shell/paths.ts';
import { EmptyState } from '../../ui/empty-state.tsx';
import { ProblemAlert } from '../../ui/problem-alert.tsx';
import { useAgent, useAgents, type Agent } from '../agents/use-agents.ts';

interface AgentFieldProps {
  agentId: string | null;
  onChange: (agentId: string | null) => void;
  error: ReactNode;
}

export function AgentField({ agentId, onChange, error }: AgentFieldProps) {
  const { orgId } = useHere();
  const { data: agents = [], problem, isLoading } = useAgents();
  // One that the list does not reach is known by its own page, which led here.
  const chosen = useAgent(agentId ?? undefined);
  const all = chosen.data && !agents.some(({ id }) => id === agentId) ? [chosen.data, ...agents] : agents;
  if (problem) return <ProblemAlert problem={problem} />;
  if (!isLoading && all.length === 0)
    return (
      <EmptyState
        title="First an agent"
        action={
          <Anchor component={Link} href={pathTo(orgId, 'agents')} underline="always">
            Go to the agents
          </Anchor>
        }
      >
        A public key is for one agent, and this organization has none yet.
      </EmptyState>
    );
  return (
    <Select
      label="Agent"
      description="The key embeds this one alone."
      placeholder="Choose an agent"
      required
      searchable
      limit={100}
      nothingFoundMessage="No agent is called so"
      data={optionsOf(all)}
      value={agentId}
      onChange={onChange}
      error={error}
    />
  );
}

/** Agents may have the same name: then their ids tell them apart. */
function optionsOf(agents: readonly Agent[]): { value: string; label: string }[] {
  return agents.map(({ id, name }) => ({
    value: id,
    label: agents.some((other) => other.id !== id && other.name === name) ? `${name} (${id})` : name,
  }));
}
