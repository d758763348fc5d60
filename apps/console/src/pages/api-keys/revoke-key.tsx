/** Asks before a service key is revoked, from its page or from the list: what stops is what used it last. */
import { Text } from '@mantine/core';
import { api } from '../../api/client.ts';
import { useHere } from '../../api/organization.tsx';
import { useChanged } from '../../api/resources.ts';
import { useAction } from '../../api/use-action.ts';
import { ConfirmDialog } from '../../ui/confirm-dialog.tsx';
import { LastUse } from './last-use.tsx';
import type { ApiKey } from './use-key.ts';

export function RevokeKey({ apiKey, onClose }: { apiKey: ApiKey; onClose: () => void }) {
  const { orgId } = useHere();
  const changed = useChanged(orgId);
  const revoke = useAction(async () => {
    await api.DELETE('/api/v1/organizations/{orgId}/api-keys/{keyId}', {
      params: { path: { orgId, keyId: apiKey.id } },
    });
    await changed('api-keys', 'events');
  });
  return (
    <ConfirmDialog
      isOpen
      title={`Revoke ${apiKey.name}?`}
      confirm="Revoke key"
      action={revoke}
      onClose={onClose}
    >
      <Text size="sm">
        Whatever uses it is refused from then on, everywhere and for good. It was <LastUse apiKey={apiKey} />.
      </Text>
    </ConfirmDialog>
  );
}
