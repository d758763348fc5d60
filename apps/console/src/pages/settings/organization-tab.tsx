/** The organization itself: its name and id, and stopping all of it. */
import { Box, Button, Group, Paper, Skeleton, Stack, Text, TextInput, Title } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { api } from '../../api/client.ts';
import { useHere } from '../../api/organization.tsx';
import { keyOf, useThing } from '../../api/resources.ts';
import { useAction } from '../../api/use-action.ts';
import { ConfirmDialog } from '../../ui/confirm-dialog.tsx';
import { CopyValue } from '../../ui/copy.tsx';
import { MissingPermission } from '../../ui/missing-permission.tsx';
import { ProblemAlert } from '../../ui/problem-alert.tsx';
import { StateBadge } from '../../ui/state-badge.tsx';
import { When } from '../../ui/when.tsx';
import { keysInForce, KeysNamed } from '../members/keys-at-stake.tsx';

export function OrganizationTab() {
  const { organization, can } = useHere();
  return (
    <Stack gap="lg" maw={640}>
      <Paper withBorder p="lg">
        <Stack>
          <Group gap="xl">
            <Box>
              <Text size="sm" c="dimmed">
                State
              </Text>
              <StateBadge state={organization.state} />
            </Box>
            <Box>
              <Text size="sm" c="dimmed">
                Made
              </Text>
              <When at={organization.createdAt} />
            </Box>
            <Box>
              <Text size="sm" c="dimmed">
                You are
              </Text>
              <Text size="sm">{organization.role}</Text>
            </Box>
          </Group>
          <Box miw={0}>
            <Text size="sm" c="dimmed">
              Id, for <code>--org</code> and <code>MCPSTACK_ORG_ID</code>
            </Text>
            <CopyValue value={organization.id} label="the organization's id" />
          </Box>
        </Stack>
      </Paper>
      {can('organization:write') ? (
        <>
          {organization.state === 'active' && <Rename />}
          <StateChange />
        </>
      ) : (
        <MissingPermission permission="organization:write" to="rename or suspend the organization" />
      )}
    </Stack>
  );
}

function Rename() {
  const { orgId, organization } = useHere();
  const client = useQueryClient();
  const form = useForm({ initialValues: { name: organization.name } });
  const rename = useAction(async (name: string) => {
    const { data } = await api.PATCH('/api/v1/organizations/{orgId}', {
      params: { path: { orgId } },
      body: { name },
    });
    form.setInitialValues({ name: data.name });
    form.setValues({ name: data.name });
    await client.invalidateQueries({ queryKey: ['organizations'] });
  });
  return (
    <Paper withBorder p="lg">
      <form onSubmit={form.onSubmit(({ name }) => void rename.run(name.trim()))} noValidate>
        <Stack>
          <TextInput
            label="Name"
            description="Seen by its members, and kept in the log for ever: put no person's data into it."
            {...form.getInputProps('name')}
            error={rename.problem?.errors[0]?.message}
          />
          <ProblemAlert problem={rename.problem} />
          <Button
            type="submit"
            loading={rename.isBusy}
            disabled={!form.isDirty()}
            style={{ alignSelf: 'flex-start' }}
          >
            Rename the organization
          </Button>
        </Stack>
      </form>
    </Paper>
  );
}

function StateChange() {
  const { orgId, organization } = useHere();
  const client = useQueryClient();
  const [isOpen, setOpen] = useState(false);
  const isActive = organization.state === 'active';
  const change = useAction(async () => {
    const to = isActive ? 'suspend' : 'resume';
    await api.POST(`/api/v1/organizations/{orgId}/${to}`, { params: { path: { orgId } } });
    await Promise.all([
      client.invalidateQueries({ queryKey: ['organizations'] }),
      client.invalidateQueries({ queryKey: ['org', orgId] }),
    ]);
  });
  const verb = isActive ? 'Suspend' : 'Resume';
  return (
    <Paper withBorder p="lg">
      <Title order={2} size="h4">
        {isActive ? 'Stop all of it' : 'It is stopped'}
      </Title>
      <Text size="sm" mt="xs" mb="md">
        {isActive
          ? 'Suspended, none of its keys is accepted anywhere, and its members can only read. It can be resumed.'
          : 'Resumed, its keys and members have again what they had.'}
      </Text>
      <Button
        variant={isActive ? 'outline' : 'filled'}
        {...(isActive && { color: 'red' })}
        onClick={() => setOpen(true)}
      >
        {verb} the organization{isActive && '…'}
      </Button>
      <ConfirmDialog
        isOpen={isOpen}
        title={`${verb} ${organization.name}?`}
        confirm={`${verb} organization`}
        action={change}
        onClose={() => setOpen(false)}
        isHarmless={!isActive}
      >
        {isActive ? (
          <Stack gap="sm">
            <Text size="sm">
              Every service key and every public key of it is refused at once, in all services that ask. Its
              members, you too, can only read, but an owner can resume it. Webhooks go on.
            </Text>
            {isOpen && <KeysInForce />}
          </Stack>
        ) : (
          <Text size="sm">Every key that was in force works again at once.</Text>
        )}
      </ConfirmDialog>
    </Paper>
  );
}

function KeysInForce() {
  const { orgId } = useHere();
  const keys = useThing(keyOf(orgId, 'api-keys', 'in-force'), () => keysInForce(orgId));
  if (keys.problem) return <ProblemAlert problem={keys.problem} />;
  if (!keys.data) return <Skeleton height={40} role="status" aria-label="Looking for keys" />;
  const active = keys.data.keys.filter(({ state }) => state === 'active');
  if (active.length === 0 && keys.data.isAll) return <Text size="sm">No service key is in force now.</Text>;
  return (
    <>
      <Text size="sm" fw={600}>
        Service keys that stop:
      </Text>
      <KeysNamed keys={active} isAll={keys.data.isAll} />
    </>
  );
}
