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
import { RevokePublicKey } from './revoke-public-key.tsx';
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
    await changed('public-keys', 'events');
  });
  const resume = useAction(async () => {
    await api.POST('/api/v1/organizations/{orgId}/public-keys/{keyId}/resume', { params });
    await changed('public-keys', 'events');
  });
  const rename = async (name: string) => {
    await api.PATCH('/api/v1/organizations/{orgId}/public-keys/{keyId}', { params, body: { name } });
    await changed('public-keys', 'events');
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
      {dialog === 'revoke' && <RevokePublicKey publicKey={key} onClose={close} />}
    </>
  );
}
