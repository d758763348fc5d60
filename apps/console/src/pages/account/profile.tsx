/** The reader's name and address: changed, or erased. */
import { Box, Button, Group, List, Paper, Skeleton, Stack, Text, TextInput, Title } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { api, type Schema } from '../../api/client.ts';
import { useThing } from '../../api/resources.ts';
import { useAction } from '../../api/use-action.ts';
import { ConfirmDialog } from '../../ui/confirm-dialog.tsx';
import { ProblemAlert } from '../../ui/problem-alert.tsx';

const KEY = ['me', 'profile'];

export function Profile() {
  const profile = useThing(KEY, async () => (await api.GET('/api/v1/me/profile')).data);
  return (
    <Box component="section" aria-labelledby="profile">
      <Title order={2} size="h3" id="profile">
        Profile
      </Title>
      <Text c="dimmed" size="sm" mb="sm">
        Shown to the members of your organizations.
      </Text>
      <Paper withBorder p="lg" maw={560}>
        {profile.data ? (
          <ProfileForm profile={profile.data} />
        ) : (
          <>
            <ProblemAlert problem={profile.problem} />
            {!profile.problem && <Skeleton height={120} />}
          </>
        )}
      </Paper>
    </Box>
  );
}

function ProfileForm({ profile }: { profile: Schema<'ProfileAnswer'> }) {
  const client = useQueryClient();
  const [isErasing, setErasing] = useState(false);
  const [said, setSaid] = useState('');
  const { name = '', email = '' } = profile;
  const form = useForm({ initialValues: { name, email } });
  const save = useAction(async (values: { name: string; email: string }) => {
    setSaid('');
    const body = { name: values.name.trim(), email: values.email.trim() };
    const { data } = await api.PATCH('/api/v1/me/profile', { body });
    form.resetDirty(values);
    client.setQueryData(KEY, data);
    setSaid('Saved.');
    await client.invalidateQueries({ queryKey: ['org'] });
  });
  const erase = useAction(async () => {
    await api.DELETE('/api/v1/me/profile');
    form.setInitialValues({ name: '', email: '' });
    form.reset();
    client.setQueryData(KEY, { userId: profile.userId });
    setSaid('Erased.');
    await client.invalidateQueries({ queryKey: ['org'] });
  });
  const errorOf = (field: string) => save.problem?.errors.find((one) => one.field === field)?.message;
  return (
    <form onSubmit={form.onSubmit((values) => void save.run(values))} noValidate>
      <Stack>
        <TextInput label="Name" autoComplete="name" {...form.getInputProps('name')} error={errorOf('name')} />
        <TextInput
          label="E-mail"
          type="email"
          autoComplete="email"
          {...form.getInputProps('email')}
          error={errorOf('email')}
        />
        <ProblemAlert problem={save.problem} />
        <Group>
          <Button type="submit" loading={save.isBusy} disabled={!form.isDirty()}>
            Save profile
          </Button>
          {(name !== '' || email !== '') && (
            <Button variant="default" onClick={() => setErasing(true)}>
              Erase…
            </Button>
          )}
          <Text size="sm" role="status">
            {form.isDirty() ? '' : said}
          </Text>
        </Group>
      </Stack>
      <ConfirmDialog
        isOpen={isErasing}
        title="Erase your name and address?"
        confirm="Erase my profile"
        action={erase}
        onClose={() => setErasing(false)}
      >
        <List size="sm" spacing="xs">
          <List.Item>
            Your name and address, and all that they ever were here, are removed from the event log. Nobody is
            shown them any more, and nobody can bring them back.
          </List.Item>
          <List.Item>
            Your next login does not fill them in again, though your provider tells them: only you do, here.
          </List.Item>
          <List.Item>
            Your memberships, sessions and keys stay. Members see your id <code>{profile.userId}</code>{' '}
            instead.
          </List.Item>
          <List.Item>
            Your identity provider has an account of its own; backups keep what was in them for as long as
            they are kept.
          </List.Item>
        </List>
      </ConfirmDialog>
    </form>
  );
}
