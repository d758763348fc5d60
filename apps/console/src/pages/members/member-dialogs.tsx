/** Taking a member's rights away, for a while or for good, and leaving oneself. */
import { Stack, Text } from '@mantine/core';
import { api } from '../../api/client.ts';
import { useHere } from '../../api/organization.tsx';
import { useChanged } from '../../api/resources.ts';
import { useAction } from '../../api/use-action.ts';
import { lastOrganization } from '../../shell/paths.ts';
import { ConfirmDialog } from '../../ui/confirm-dialog.tsx';
import { KeysAtStake } from './keys-at-stake.tsx';
import { nameOf, type Member } from './member-list.tsx';
import type { Outcome } from './members-page.tsx';

interface MemberDialogProps {
  member: Member;
  onClose: () => void;
  onDone: (outcome: Outcome) => void;
}

export function MemberStateDialog(props: MemberDialogProps & { to: 'suspend' | 'resume' }) {
  const { member, to, onClose, onDone } = props;
  const { orgId } = useHere();
  const changed = useChanged(orgId);
  const name = nameOf(member);
  const change = useAction(async () => {
    const path = { orgId, userId: member.userId };
    const { data } = await api.POST(`/api/v1/organizations/{orgId}/members/{userId}/${to}`, {
      params: { path },
    });
    onDone({
      text: `${to === 'suspend' ? 'Suspended' : 'Resumed'} ${name}`,
      revokedKeyIds: data.revokedKeyIds,
    });
    await changed('members', 'api-keys');
  });
  return (
    <ConfirmDialog
      isOpen
      title={`${to === 'suspend' ? 'Suspend' : 'Resume'} ${name}?`}
      confirm={to === 'suspend' ? 'Suspend member' : 'Resume member'}
      action={change}
      onClose={onClose}
      isHarmless={to === 'resume'}
    >
      {to === 'suspend' ? (
        <Stack gap="sm">
          <Text size="sm">
            They can do nothing in this organization until somebody resumes them, in no browser and on no
            device.
          </Text>
          <KeysAtStake userId={member.userId} />
        </Stack>
      ) : (
        <Text size="sm">
          They are {member.role} again. Keys that ended when they were suspended stay ended.
        </Text>
      )}
    </ConfirmDialog>
  );
}

export function RemoveMemberDialog({ member, onClose, onDone }: MemberDialogProps) {
  const { orgId } = useHere();
  const changed = useChanged(orgId);
  const name = nameOf(member);
  const remove = useAction(async () => {
    const path = { orgId, userId: member.userId };
    await api.DELETE('/api/v1/organizations/{orgId}/members/{userId}', { params: { path } });
    onDone({ text: `Removed ${name}`, revokedKeyIds: [] });
    await changed('members', 'api-keys');
  });
  return (
    <ConfirmDialog isOpen title={`Remove ${name}?`} confirm="Remove member" action={remove} onClose={onClose}>
      <Stack gap="sm">
        <Text size="sm">
          Nothing of theirs works in this organization any more once this is answered, in no browser and on no
          device. To come back they need another invitation.
        </Text>
        <KeysAtStake userId={member.userId} />
      </Stack>
    </ConfirmDialog>
  );
}

export function LeaveDialog({ member, onClose }: { member: Member; onClose: () => void }) {
  const { orgId, organization } = useHere();
  const leave = useAction(async () => {
    const path = { orgId, userId: member.userId };
    await api.DELETE('/api/v1/organizations/{orgId}/members/{userId}', { params: { path } });
    lastOrganization.set('');
    // As a fresh page: nothing of the organization stays in memory.
    location.assign('/');
  });
  return (
    <ConfirmDialog
      isOpen
      title={`Leave ${organization.name}?`}
      confirm="Leave the organization"
      action={leave}
      onClose={onClose}
    >
      <Stack gap="sm">
        <Text size="sm">
          You can do nothing here any more, and cannot come back without another invitation.
        </Text>
        <KeysAtStake userId={member.userId} />
      </Stack>
    </ConfirmDialog>
  );
}
