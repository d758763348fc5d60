/** Embed: the domains under which pages may embed the agent, and how each is proven. */
import { Alert, List, Skeleton, Stack, Text } from '@mantine/core';
import { useHere } from '../../api/organization.tsx';
import { EmptyState } from '../../ui/empty-state.tsx';
import { MissingPermission } from '../../ui/missing-permission.tsx';
import { ProblemAlert } from '../../ui/problem-alert.tsx';
import { AddDomain } from './add-domain.tsx';
import { DomainCard } from './domain-card.tsx';
import { useDomains } from './use-agents.ts';

export function EmbedTab({ agentId }: { agentId: string }) {
  const { can } = useHere();
  const { data: domains, problem } = useDomains(agentId);
  const mayWrite = can('domains:write');
  return (
    <Stack gap="lg">
      <Text c="dimmed" size="sm" maw={640}>
        Pages embed this agent with a public key, under domains that you have shown to be yours. Subdomains
        are covered: verify <code>example.com</code> for <code>https://app.example.com</code>.
      </Text>
      {mayWrite && <AddDomain agentId={agentId} />}
      <ProblemAlert problem={problem} />
      {!domains && !problem && <Skeleton height={120} />}
      {domains?.length === 0 && <NoDomains mayWrite={mayWrite} />}
      {domains?.map((domain) => (
        <DomainCard key={domain.id} domain={domain} />
      ))}
      {!mayWrite && <MissingPermission permission="domains:write" to="verify domains" />}
    </Stack>
  );
}

function NoDomains({ mayWrite }: { mayWrite: boolean }) {
  if (!mayWrite) return <Alert color="gray" title="No domain is verified for this agent yet" />;
  return (
    <EmptyState title="No domains yet">
      <List type="ordered">
        <List.Item>Add the domain of your pages above.</List.Item>
        <List.Item>Publish the record, or the file, that is shown for it.</List.Item>
        <List.Item>Have it checked, and create a public key for your pages.</List.Item>
      </List>
    </EmptyState>
  );
}
