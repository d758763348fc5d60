/** The public keys of an agent. */
import { Button, Group, Text } from '@mantine/core';
import { IconPlus } from '@tabler/icons-react';
import { Link } from 'wouter';
import { useHere } from '../../api/organization.tsx';
import { pathTo } from '../../shell/paths.ts';
import { EmptyState } from '../../ui/empty-state.tsx';
import { PublicKeyList } from '../public-keys/public-key-list.tsx';
import { isInForce, useDomains } from './use-agents.ts';

export function AgentKeys({ agentId }: { agentId: string }) {
  const { orgId, can } = useHere();
  const domains = useDomains(agentId);
  const isReady = domains.data?.some(isInForce) === true;
  return (
    <>
      <Group justify="space-between" mb="sm">
        <Text c="dimmed" size="sm" maw={560}>
          For browsers: each is bound to this agent and to exact origins.
        </Text>
        {can('api-keys:write') && <CreatePublicKey agentId={agentId} />}
      </Group>
      <PublicKeyList
        agentId={agentId}
        empty={
          <EmptyState
            title="No public keys yet"
            action={
              !isReady && (
                <Button component={Link} href={pathTo(orgId, 'agents', agentId, 'embed')} variant="default">
                  Go to the Embed tab
                </Button>
              )
            }
          >
            {isReady
              ? 'A page that embeds this agent needs one, for its exact origin.'
              : 'First verify the domain of the pages in the Embed tab; then make a public key for their origin.'}
          </EmptyState>
        }
      />
    </>
  );
}

export function CreatePublicKey({ agentId, isMain = true }: { agentId: string; isMain?: boolean }) {
  const { orgId } = useHere();
  return (
    <Button
      component={Link}
      href={`${pathTo(orgId, 'public-keys', 'new')}?agent=${encodeURIComponent(agentId)}`}
      leftSection={<IconPlus size={16} aria-hidden />}
      variant={isMain ? 'filled' : 'default'}
    >
      Create public key
    </Button>
  );
}
