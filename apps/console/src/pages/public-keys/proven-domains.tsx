/** Under which domains pages may embed the agent; where there are none, how to get there. */
import { Alert, Anchor, Group, Skeleton, Text } from '@mantine/core';
import { IconWorldExclamation } from '@tabler/icons-react';
import { Link } from 'wouter';
import type { ApiProblem } from '../../api/client.ts';
import { useHere } from '../../api/organization.tsx';
import { pathTo } from '../../shell/paths.ts';
import { ProblemAlert } from '../../ui/problem-alert.tsx';
import { isInForce, type Domain } from '../agents/use-agents.ts';

interface ProvenDomainsProps {
  agentId: string;
  domains: readonly Domain[] | undefined;
  problem: ApiProblem | undefined;
  /** Whether the key needs none. */
  development: boolean;
}

export function ProvenDomains({ agentId, domains, problem, development }: ProvenDomainsProps) {
  const { orgId } = useHere();
  if (!domains) return problem ? <ProblemAlert problem={problem} /> : <Skeleton height={22} width="50%" />;
  const proven = domains.filter(isInForce);
  const embedTab = (
    <Anchor component={Link} href={pathTo(orgId, 'agents', agentId, 'embed')} inherit underline="always">
      Embed tab
    </Anchor>
  );
  if (proven.length > 0)
    return (
      <Text size="sm" component="div">
        <Group gap={4}>
          Verified for this agent:
          {proven.map(({ id, domain }) => (
            <code key={id}>{domain}</code>
          ))}
        </Group>
        <Text size="sm" c="dimmed">
          Another one is verified in the agent&apos;s {embedTab}.
        </Text>
      </Text>
    );
  if (development)
    return (
      <Text size="sm" c="dimmed">
        No domain of this agent is verified: the key can be used from localhost only.
      </Text>
    );
  return (
    <Alert
      color="yellow"
      icon={<IconWorldExclamation aria-hidden />}
      title="No domain of this agent is verified"
    >
      <Text size="sm">
        Public keys work on pages under a verified domain of the agent. Verify the pages&apos; domain in the
        agent&apos;s {embedTab} first, or make a development key for localhost.
        {domains.length > 0 && ` Waiting there: ${domains.map(({ domain }) => domain).join(', ')}.`}
      </Text>
    </Alert>
  );
}
