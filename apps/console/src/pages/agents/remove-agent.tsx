/** Asks before an agent is removed, and names the public keys that end with it. */
import { Text } from '@mantine/core';
import { useLocation } from 'wouter';
import { api } from '../../api/client.ts';
import { useHere } from '../../api/organization.tsx';
import { useChanged } from '../../api/resources.ts';
import { useAction } from '../../api/use-action.ts';
import { pathTo } from '../../shell/paths.ts';
import { ConfirmDialog } from '../../ui/confirm-dialog.tsx';
import { KeysAtStake } from './keys-at-stake.tsx';
import type { Agent } from './use-agents.ts';

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
      <KeysAtStake
        agentId={agent.id}
        some="Its public keys are revoked, and the pages that use them are refused:"
        none="No public key of it works now."
      />
      <Text size="sm">
        Its domains go as well, and nothing of it can be brought back. Service keys that are limited to it
        alone reach nothing any more.
      </Text>
    </ConfirmDialog>
  );
}
