/** Asks before an agent is removed, and names the public keys that end with it. */
import { Code, List, Loader, Text } from '@mantine/core';
import { useLocation } from 'wouter';
import { api } from '../../api/client.ts';
import { useHere } from '../../api/organization.tsx';
import { keyOf, useChanged, usePages } from '../../api/resources.ts';
import { useAction } from '../../api/use-action.ts';
import { pathTo } from '../../shell/paths.ts';
import { ConfirmDialog } from '../../ui/confirm-dialog.tsx';
import { ProblemAlert } from '../../ui/problem-alert.tsx';
import { When } from '../../ui/when.tsx';
import { isLiving, type PublicKey } from '../public-keys/public-key.ts';
import type { Agent } from './use-agents.ts';

/** As many are named; the others are counted. */
const MOST_NAMED = 8;

export function RemoveAgent({ agent, onClose }: { agent: Agent; onClose: () => void }) {
  const { orgId } = useHere();
  const [, navigate] = useLocation();
  const changed = useChanged(orgId);
  const remove = useAction(async () => {
    await api.DELETE('/api/v1/organizations/{orgId}/agents/{agentId}', {
      params: { path: { orgId, agentId: agent.id } },
    });
    navigate(pathTo(orgId, 'agents'));
    void changed('agents', 'domains', 'public-keys');
  });
  return (
    <ConfirmDialog
      isOpen
      title={`Remove ${agent.name}?`}
      confirm="Remove agent"
      action={remove}
      onClose={onClose}
    >
      <KeysAtStake agentId={agent.id} />
      <Text size="sm">
        Its domains go as well, and nothing of it can be brought back. Service keys that are limited to it
        alone reach nothing any more.
      </Text>
    </ConfirmDialog>
  );
}

function KeysAtStake({ agentId }: { agentId: string }) {
  const { orgId } = useHere();
  const { items, problem, hasMore } = usePages<PublicKey>(
    keyOf(orgId, 'public-keys', 'at-stake', agentId),
    (page) =>
      api.GET('/api/v1/organizations/{orgId}/public-keys', {
        params: { path: { orgId }, query: { ...page, limit: 100, agentId } },
      }),
  );
  if (!items) return problem ? <ProblemAlert problem={problem} /> : <Loader size="sm" aria-label="Looking" />;
  const living = items.filter(isLiving);
  if (living.length === 0 && !hasMore) return <Text size="sm">No public key of it works now.</Text>;
  const named = living.slice(0, MOST_NAMED);
  return (
    <>
      <Text size="sm">Its public keys are revoked, and the pages that use them are refused:</Text>
      <List size="sm">
        {named.map(({ id, name, origins, lastUsedAt }) => (
          <List.Item key={id} style={{ overflowWrap: 'anywhere' }}>
            <bdi>{name}</bdi> at <Code>{origins[0]?.origin}</Code>
            {origins.length > 1 && ` and ${origins.length - 1} more`}, last used <When at={lastUsedAt} />
          </List.Item>
        ))}
        {(living.length > named.length || hasMore) && (
          <List.Item>
            and {living.length - named.length}
            {hasMore && ' or more'} others
          </List.Item>
        )}
      </List>
    </>
  );
}
