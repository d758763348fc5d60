/** Invites somebody, and shows the token that is handed on to them, once. */
import { Button, Group, Modal, Radio, Select, Stack, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useState } from 'react';
import { api, ApiProblem, type Schema } from '../../api/client.ts';
import type { Role } from '../../api/me.ts';
import { useHere } from '../../api/organization.tsx';
import { useChanged } from '../../api/resources.ts';
import { useAction } from '../../api/use-action.ts';
import { ProblemAlert } from '../../ui/problem-alert.tsx';
import { SecretBox } from '../../ui/secret.ts';
import { SecretDialog, type SecretUse } from '../../ui/secret-dialog.tsx';
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
  const [made, setMade] = useState<{ email: string; box: SecretBox }>();
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
    const expiresAt = new Date(Date.now() + lifeMs).toISOString();
    const { data } = await api.POST('/api/v1/organizations/{orgId}/invitations', {
      params: { path: { orgId } },
      body: { email: email.trim(), role, expiresAt },
    });
    setMade(takeToken(data, email.trim()));
    await changed('invitations');
  });
  if (made)
    return (
      <SecretDialog
        box={made.box}
        title={`Invitation of ${made.email} into ${organization.name}`}
        variable="MCPSTACK_INVITATION"
        uses={USES}
        advice="Hand it to the person whom you invite, and to nobody else: whoever shows it becomes the member. Nobody can show it again. If it is lost, invite again."
        onClose={onClose}
      />
    );
  const errorOf = (field: string) => invite.problem?.errors.find((one) => one.field === field)?.message;
  return (
    <Modal opened onClose={() => !invite.isBusy && onClose()} title="Invite somebody" centered>
      <form onSubmit={form.onSubmit((values) => void invite.run(values))} noValidate>
        <Stack>
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
          <ProblemAlert problem={invite.problem} />
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose} disabled={invite.isBusy}>
              Cancel
            </Button>
            <Button type="submit" loading={invite.isBusy}>
              Make the invitation
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}

/** The token goes from the answer into the box, and stays nowhere else. */
function takeToken({ token }: Schema<'CreatedInvitationAnswer'>, email: string) {
  if (token === undefined)
    throw new ApiProblem({
      code: 'conflict',
      detail: 'The invitation was made, and its token was shown before. Revoke it, and invite again.',
    });
  return { email, box: new SecretBox(token) };
}

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
