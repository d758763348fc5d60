/** Asks before a domain is removed, and names the public keys whose pages stop with it. */
import { Text } from '@mantine/core';
import { api } from '../../api/client.ts';
import { useHere } from '../../api/organization.tsx';
import { useChanged } from '../../api/resources.ts';
import { useAction } from '../../api/use-action.ts';
import { ConfirmDialog } from '../../ui/confirm-dialog.tsx';
import { hostOf, isUnder } from '../public-keys/origins.ts';
import { KeysAtStake } from './keys-at-stake.tsx';
import { isInForce, useDomains, type Domain } from './use-agents.ts';

export function RemoveDomain({ domain, onClose }: { domain: Domain; onClose: () => void }) {
  const { orgId } = useHere();
  const changed = useChanged(orgId);
  const domains = useDomains(domain.agentId);
  const remove = useAction(async () => {
    await api.DELETE('/api/v1/organizations/{orgId}/agents/{agentId}/domains/{domainId}', {
      params: { path: { orgId, agentId: domain.agentId, domainId: domain.id } },
    });
    await changed('domains');
  });
  const left = domains.data?.filter((other) => other.id !== domain.id && isInForce(other)) ?? [];
  const isRefused = (origin: string) => {
    const host = hostOf(origin);
    if (host === undefined || !isUnder(host, domain.domain)) return false;
    return !left.some((other) => isUnder(host, other.domain));
  };
  return (
    <ConfirmDialog
      isOpen
      title={`Remove ${domain.domain}?`}
      confirm="Remove domain"
      action={remove}
      onClose={onClose}
    >
      {isInForce(domain) ? (
        <KeysAtStake
          agentId={domain.agentId}
          isRefused={isRefused}
          some="From then on the agent is refused in the pages of these public keys:"
          none="No public key works under it alone, so no page stops."
        />
      ) : (
        <Text size="sm">No page under it works now, so none stops.</Text>
      )}
      <Text size="sm">Added again, it gets another value to publish.</Text>
    </ConfirmDialog>
  );
}
