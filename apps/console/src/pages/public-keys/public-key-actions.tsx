/** What can be done with a public key that is not over: rename, suspend, resume, revoke. */
import { Button, Text } from '@mantine/core';
import { useState } from 'react';
import { api } from '../../api/client.ts';
import { useHere } from '../../api/organization.tsx';
import { useChanged } from '../../api/resources.ts';
import { useAction } from '../../api/use-action.ts';
import { ConfirmDialog } from '../../ui/confirm-dialog.tsx';
import { NameDialog } from '../../ui/name-dialog.tsx';
import { ProblemAlert } from '../../ui/problem-alert.tsx';
import type { PublicKey } from './public-key.ts';
import { WhatStops } from './what-stops.tsx';

type Dialog = 'rename' | 'suspend' | 'revoke';

export function PublicKeyActions({ publicKey: key }: { publicKey: PublicKey }) {
  const { orgId } = useHere();
  const changed = useChanged(orgId);
  const [dialog, setDialog] = useState<Dialog>();
  const params = { path: { orgId, keyId: key.id } };
  const close = () => setDialog(undefined);

  const suspend = useAction(async () => {
    await api.POST('/api/v1/organizations/{orgId}/public-keys/{keyId}/suspend', { params });
    await changed('public-keys');
  });
  const resume = useAction(async () => {
    await api.POST('/api/v1/organizations/{orgId}/public-keys/{keyId}/resume', { params });
    await changed('public-keys');
  });
  const revoke = useAction(async () => {
    await api.DELETE('/api/v1/organizations/{orgId}/public-keys/{keyId}', { params });
    await changed('public-keys');
  });
  const rename = async (name: string) => {
    await api.PATCH('/api/v1/organizations/{orgId}/public-keys/{keyId}', { params, body: { name } });
    await changed('public-keys');
  };

  return (
    <>
      <Button variant="default" onClick={() => setDialog('rename')}>
        Rename
      </Button>
      {key.state === 'suspended' ? (
        <Button variant="default" loading={resume.isBusy} onClick={() => void resume.run()}>
          Resume
        </Button>
      ) : (
        <Button variant="default" onClick={() => setDialog('suspend')}>
          Suspend
        </Button>
      )}
      <Button color="red" variant="outline" onClick={() => setDialog('revoke')}>
        Revoke
      </Button>
      <ProblemAlert problem={resume.problem} />
      {dialog === 'rename' && (
        <NameDialog
          title="Rename the public key"
          name={key.name}
          confirm="Rename"
          save={rename}
          onClose={close}
        />
      )}
      <ConfirmDialog
        isOpen={dialog === 'suspend'}
        title={`Suspend ${key.name}?`}
        confirm="Suspend public key"
        action={suspend}
        onClose={close}
      >
        <WhatStops publicKey={key} />
        <Text size="sm">Resuming it lets them go on, with the same value.</Text>
      </ConfirmDialog>
      <ConfirmDialog
        isOpen={dialog === 'revoke'}
        title={`Revoke ${key.name}?`}
        confirm="Revoke public key"
        action={revoke}
        onClose={close}
      >
        <WhatStops publicKey={key} />
        <Text size="sm">This is for good: the pages then need a new key.</Text>
      </ConfirmDialog>
    </>
  );
}
