import { Button, Text } from '@mantine/core';
import { useState } from 'react';
import { api, type Schema } from '../../api/client.ts';
import { useHere } from '../../api/organization.tsx';
import { keyOf, useChanged, usePages } from '../../api/resources.ts';
import { useAction } from '../../api/use-action.ts';
import { ConfirmDialog } from '../../ui/confirm-dialog.tsx';
import { EmptyState } from '../../ui/empty-state.tsx';
import { Listing, type Column } from '../../ui/listing.tsx';
import { Name } from '../../ui/name.tsx';
import { StateBadge } from '../../ui/state-badge.tsx';
import { When } from '../../ui/when.tsx';

type Invitation = Schema<'InvitationAnswer'>;

/** The address is kept while the invitation is open, and no longer. */
const whoOf = ({ email, id }: Invitation): string => email ?? id;
const stateOf = ({ state, expiresAt }: Invitation): string =>
  state === 'pending' && Date.parse(expiresAt) <= Date.now() ? 'expired' : state;

export function InvitationList() {
  const { orgId, can } = useHere();
  const [revoking, setRevoking] = useState<Invitation>();
  const pages = usePages<Invitation>(keyOf(orgId, 'invitations', 'list'), (page) =>
    api.GET('/api/v1/organizations/{orgId}/invitations', {
      params: { path: { orgId }, query: { ...page, limit: 50 } },
    }),
  );
  const mayRevoke = ({ role, state }: Invitation) =>
    state === 'pending' && can('members:write') && (role !== 'owner' || can('owners:write'));
  const columns: readonly Column<Invitation>[] = [
    {
      title: 'E-mail',
      width: '34%',
      cell: (one) => (
        <Name size="sm" {...(one.email === undefined ? { ff: 'monospace', c: 'dimmed' } : { fw: 500 })}>
          {whoOf(one)}
        </Name>
      ),
    },
    { title: 'Role', cell: ({ role }) => <Text size="sm">{role}</Text> },
    { title: 'State', cell: (one) => <StateBadge state={stateOf(one)} /> },
    {
      title: 'Expires',
      cell: ({ state, expiresAt }) => <When at={state === 'pending' ? expiresAt : undefined} none="—" />,
    },
    { title: 'Made', cell: ({ createdAt }) => <When at={createdAt} /> },
    {
      title: 'Actions',
      width: '120px',
      cell: (one) =>
        mayRevoke(one) && (
          <Button
            size="compact-sm"
            variant="default"
            onClick={() => setRevoking(one)}
            aria-label={`Revoke the invitation of ${whoOf(one)}`}
          >
            Revoke
          </Button>
        ),
    },
  ];
  return (
    <>
      <Listing
        caption="Invitations"
        pages={pages}
        columns={columns}
        idOf={({ id }) => id}
        empty={
          <EmptyState title="No invitations yet">
            Invite somebody with their address and a role. You are given a token, once, to hand on to them.
          </EmptyState>
        }
      />
      {revoking && <RevokeDialog invitation={revoking} onClose={() => setRevoking(undefined)} />}
    </>
  );
}

function RevokeDialog({ invitation, onClose }: { invitation: Invitation; onClose: () => void }) {
  const { orgId } = useHere();
  const changed = useChanged(orgId);
  const revoke = useAction(async () => {
    const path = { orgId, invitationId: invitation.id };
    await api.DELETE('/api/v1/organizations/{orgId}/invitations/{invitationId}', { params: { path } });
    await changed('invitations');
  });
  return (
    <ConfirmDialog
      isOpen
      title={`Revoke the invitation of ${whoOf(invitation)}?`}
      confirm="Revoke invitation"
      action={revoke}
      onClose={onClose}
    >
      <Text size="sm">
        Its token ends: nobody becomes {invitation.role} with it any more. The address is erased from the log.
      </Text>
    </ConfirmDialog>
  );
}
