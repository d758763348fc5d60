/** Invites somebody, and shows the token that is handed on to them, once. */
import { Radio, Select, Stack, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useState } from 'react';
import { api, ApiProblem, type Schema } from '../../api/client.ts';
import type { Role } from '../../api/me.ts';
import { useHere } from '../../api/organization.tsx';
import { useChanged } from '../../api/resources.ts';
import { useAction } from '../../api/use-action.ts';
import { FormDialog } from '../../ui/form-dialog.tsx';
import type { SecretUse } from '../../ui/secret-dialog.tsx';
import { showSecret } from '../../ui/shown-secrets.tsx';
import { ROLE_WORDS, useRolesToGive } from './roles.ts';

interface InviteFields {
  email: string;
  role: Role;
  days: string;
}

const DAYS = ['1', '3', '7', '14', '30'];
const DAY_MS = 86_400_000;
const LONGEST_MS = 30 * DAY_MS;

export function InviteDialog({ onClose }: { onClose: () => void }) {
  const { orgId, organization } = useHere();
  const changed = useChanged(orgId);
  const roles = useRolesToGive();
  // The same again within the same dialog is the same invitation.
  const [beganMs] = useState(() => Date.now());
  const form = useForm<InviteFields>({
    initialValues: { email: '', role: 'developer', days: '7' },
    validate: {
      email: (value) =>
        /^[^\s@]+@[^\s@]+$/.test(value.trim()) ? null : 'An address such as ada@example.com',
    },
  });
  const invite = useAction(async ({ email, role, days }: InviteFields) => {
    // The longest less a minute: the clocks of two machines differ.
    const lifeMs = Math.min(Number(days) * DAY_MS, LONGEST_MS - 60_000);
    const expiresAt = new Date(beganMs + lifeMs).toISOString();
    const { data } = await api.POST('/api/v1/organizations/{orgId}/invitations', {
      params: { path: { orgId } },
      body: { email: email.trim(), role, expiresAt },
    });
    showSecret({
      secret: tokenIn(data),
      title: `Invitation of ${email.trim()} into ${organization.name}`,
      variable: 'MCPSTACK_INVITATION',
      uses: USES,
      advice: ADVICE,
    });
    onClose();
    await changed('invitations');
  });
  const errorOf = (field: string) => invite.problem?.errors.find((one) => one.field === field)?.message;
  return (
    <FormDialog
      title="Invite somebody"
      confirm="Make the invitation"
      action={invite}
      onSubmit={form.onSubmit((values) => void invite.run(values))}
      onClose={onClose}
    >
      <TextInput
        label="E-mail"
        description="Whom the invitation is for. No message is sent: you hand the token on."
        type="email"
        autoComplete="off"
        required
        data-autofocus
        {...form.getInputProps('email')}
        error={form.errors['email'] ?? errorOf('email')}
      />
      <Radio.Group label="Role" {...form.getInputProps('role')}>
        <Stack gap="xs" mt="xs">
          {roles.map((one) => (
            <Radio key={one} value={one} label={one} description={ROLE_WORDS[one]} />
          ))}
        </Stack>
      </Radio.Group>
      <Select
        label="Can be accepted for"
        data={DAYS.map((value) => ({ value, label: value === '1' ? '1 day' : `${value} days` }))}
        allowDeselect={false}
        {...form.getInputProps('days')}
      />
    </FormDialog>
  );
}

function tokenIn({ token }: Schema<'CreatedInvitationAnswer'>): string {
  if (token !== undefined) return token;
  throw new ApiProblem({
    code: 'conflict',
    detail: 'The invitation was made, and its token was shown before. Revoke it, and invite again.',
  });
}

const ADVICE =
  'Hand it to the person whom you invite, and to nobody else: whoever shows it becomes the member. Nobody can show it again. If it is lost, invite again.';

const USES: readonly SecretUse[] = [
  {
    title: 'In the console',
    lines: () =>
      [
        `Send them the token, and this address:`,
        `${location.origin}/invitation`,
        `There they log in and paste it.`,
      ].join('\n'),
  },
  {
    title: 'On a command line',
    lines: () =>
      [`mcpstack auth login --api-url ${location.origin}`, `mcpstack invitations accept`].join('\n'),
  },
];
