/** Asks before a public key is revoked, from its page or from the list: what stops are the pages that use it. */
import { Text } from '@mantine/core';
import { api } from '../../api/client.ts';
import { useHere } from '../../api/organization.tsx';
import { useChanged } from '../../api/resources.ts';
import { useAction } from '../../api/use-action.ts';
import { ConfirmDialog } from '../../ui/confirm-dialog.tsx';
import type { PublicKey } from './public-key.ts';
import { WhatStops } from './what-stops.tsx';

export function RevokePublicKey({ publicKey, onClose }: { publicKey: PublicKey; onClose: () => void }) {
  const { orgId } = useHere();
  const changed = useChanged(orgId);
  const revoke = useAction(async () => {
    await api.DELETE('/api/v1/organizations/{orgId}/public-keys/{keyId}', {
      params: { path: { orgId, keyId: publicKey.id } },
    });
    await changed('public-keys', 'events');
  });
  return (
    <ConfirmDialog
      isOpen
      title={`Revoke ${publicKey.name}?`}
      confirm="Revoke public key"
      action={revoke}
      onClose={onClose}
    >
      <WhatStops publicKey={publicKey} />
      <Text size="sm">This is for good: the pages then need a new key.</Text>
    </ConfirmDialog>
  );
}
