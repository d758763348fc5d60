import { Radio, Stack, Text } from '@mantine/core';
import { useState } from 'react';
import { api } from '../../api/client.ts';
import { useHere } from '../../api/organization.tsx';
import { useChanged } from '../../api/resources.ts';
import { useAction } from '../../api/use-action.ts';
import type { Role } from '../../api/me.ts';
import { FormDialog, submitting } from '../../ui/form-dialog.tsx';
import { KeysAtStake } from './keys-at-stake.tsx';
import { nameOf, type Member } from './member-list.tsx';
import type { Outcome } from './members-page.tsx';
import { isLess, ROLE_WORDS, useRolesToGive } from './roles.ts';

interface ChangeRoleDialogProps {
  member: Member;
  onClose: () => void;
  onDone: (outcome: Outcome) => void;
}

export function ChangeRoleDialog({ member, onClose, onDone }: ChangeRoleDialogProps) {
  const { orgId, userId } = useHere();
  const changed = useChanged(orgId);
  const roles = useRolesToGive();
  const [role, setRole] = useState<Role>(member.role);
  const name = nameOf(member);
  const isLower = isLess(role, member.role);
  const change = useAction(async () => {
    const path = { orgId, userId: member.userId };
    const { data } = await api.PATCH('/api/v1/organizations/{orgId}/members/{userId}', {
      params: { path },
      body: { role },
    });
    onDone({ text: `${name} is now ${role}`, revokedKeyIds: data.revokedKeyIds });
    await changed('members', 'api-keys');
    onClose();
  });
  return (
    <FormDialog
      title={`Change the role of ${name}`}
      confirm="Change the role"
      action={change}
      isDisabled={role === member.role}
      isDestructive={isLower}
      onSubmit={submitting(() => void change.run())}
      onClose={onClose}
    >
      <Radio.Group label="Role" value={role} onChange={(value) => setRole(value)}>
        <Stack gap="xs" mt="xs">
          {roles.map((one) => (
            <Radio
              key={one}
              value={one}
              label={one === member.role ? `${one} (now)` : one}
              description={ROLE_WORDS[one]}
            />
          ))}
        </Stack>
      </Radio.Group>
      {isLower && (
        <Stack gap="sm">
          <Text size="sm">
            {member.userId === userId
              ? 'You lose rights that only somebody else can give you back.'
              : 'They lose the rights of the higher role at once, also on pages that are open.'}
          </Text>
          <KeysAtStake userId={member.userId} becomes={role} />
        </Stack>
      )}
    </FormDialog>
  );
}
