/** What can be done about a key that is in force. */
import { Button, Group, Text } from '@mantine/core';
import { useState } from 'react';
import { api } from '../../api/client.ts';
import { useHere } from '../../api/organization.tsx';
import { useChanged } from '../../api/resources.ts';
import { useAction, type Action } from '../../api/use-action.ts';
import { ConfirmDialog } from '../../ui/confirm-dialog.tsx';
import { EditKey } from './edit-key.tsx';
import { LastUse } from './last-use.tsx';
import { NarrowKey } from './narrow-key.tsx';
import { RevokeKey } from './revoke-key.tsx';
import { RotateKey } from './rotate-key.tsx';
import type { ApiKey } from './use-key.ts';

type Dialog = 'rotate' | 'edit' | 'narrow' | 'suspend' | 'resume' | 'revoke';

export function KeyActions({ apiKey }: { apiKey: ApiKey }) {
  const { can } = useHere();
  const [open, setOpen] = useState<Dialog>();
  const close = () => setOpen(undefined);
  const isSuspended = apiKey.state === 'suspended';
  // The new secret gives all that the key holds.
  const mayRotate = apiKey.permissions.every(can);
  return (
    <>
      <Group gap="xs" role="group" aria-label="What can be done">
        {mayRotate && <Button onClick={() => setOpen('rotate')}>Rotate secret</Button>}
        <Button variant="default" onClick={() => setOpen('edit')}>
          Edit name and tags
        </Button>
        <Button variant="default" onClick={() => setOpen('narrow')}>
          Narrow
        </Button>
        <Button variant="default" onClick={() => setOpen(isSuspended ? 'resume' : 'suspend')}>
          {isSuspended ? 'Resume' : 'Suspend'}
        </Button>
        <Button color="red" variant="outline" onClick={() => setOpen('revoke')}>
          Revoke
        </Button>
      </Group>
      {open === 'rotate' && <RotateKey apiKey={apiKey} onClose={close} />}
      {open === 'edit' && <EditKey apiKey={apiKey} onClose={close} />}
      {open === 'narrow' && <NarrowKey apiKey={apiKey} onClose={close} />}
      {open === 'revoke' && <RevokeKey apiKey={apiKey} onClose={close} />}
      <StateDialogs apiKey={apiKey} open={open} onClose={close} />
    </>
  );
}

interface StateDialogsProps {
  apiKey: ApiKey;
  open: Dialog | undefined;
  onClose: () => void;
}

function StateDialogs({ apiKey, open, onClose }: StateDialogsProps) {
  const { suspend, resume } = useStateActions(apiKey);
  const { name } = apiKey;
  return (
    <>
      <ConfirmDialog
        isOpen={open === 'suspend'}
        title={`Suspend ${name}?`}
        confirm="Suspend key"
        action={suspend}
        onClose={onClose}
        isHarmless
      >
        <Text size="sm">
          Whatever uses it is refused until somebody resumes the key. It was <LastUse apiKey={apiKey} />.
        </Text>
      </ConfirmDialog>
      <ConfirmDialog
        isOpen={open === 'resume'}
        title={`Resume ${name}?`}
        confirm="Resume key"
        action={resume}
        onClose={onClose}
        isHarmless
      >
        <Text size="sm">Whatever holds its secret can use it again, as before.</Text>
      </ConfirmDialog>
    </>
  );
}

function useStateActions({ id }: ApiKey): Record<'suspend' | 'resume', Action<[]>> {
  const { orgId } = useHere();
  const changed = useChanged(orgId);
  const params = { path: { orgId, keyId: id } };
  return {
    suspend: useAction(async () => {
      await api.POST('/api/v1/organizations/{orgId}/api-keys/{keyId}/suspend', { params });
      await changed('api-keys', 'events');
    }),
    resume: useAction(async () => {
      await api.POST('/api/v1/organizations/{orgId}/api-keys/{keyId}/resume', { params });
      await changed('api-keys', 'events');
    }),
  };
}
