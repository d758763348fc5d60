/** A new organization: whoever makes it is its owner. */
import { Anchor, Button, Paper, Stack, Text, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useQueryClient } from '@tanstack/react-query';
import { Link, useLocation } from 'wouter';
import { api } from '../../api/client.ts';
import { useAction } from '../../api/use-action.ts';
import { pathTo } from '../../shell/paths.ts';
import { PageHeader } from '../../ui/page-header.tsx';
import { ProblemAlert } from '../../ui/problem-alert.tsx';

export default function NewOrganizationPage() {
  const client = useQueryClient();
  const [, go] = useLocation();
  const form = useForm({
    initialValues: { name: '' },
    validate: { name: (value) => (value.trim() === '' ? 'A name, so that people know it' : null) },
  });
  const create = useAction(async (name: string) => {
    const { data } = await api.POST('/api/v1/organizations', { body: { name } });
    await client.invalidateQueries({ queryKey: ['organizations'] });
    go(pathTo(data.id, 'api-keys'));
  });
  return (
    <>
      <PageHeader
        title="New organization"
        description="It has keys, agents and members of its own; you are its owner."
      />
      <Paper withBorder p="lg" maw={560}>
        <form onSubmit={form.onSubmit(({ name }) => void create.run(name.trim()))} noValidate>
          <Stack>
            <TextInput
              label="Name"
              description="Seen by its members, and kept in the log for ever: put no person's data into it."
              required
              {...form.getInputProps('name')}
              error={form.errors['name'] ?? create.problem?.errors[0]?.message}
            />
            <ProblemAlert problem={create.problem} />
            <Text size="sm" c="dimmed">
              Somebody has invited you into theirs?{' '}
              <Anchor component={Link} href="/invitation" inherit underline="always">
                Accept the invitation
              </Anchor>{' '}
              instead.
            </Text>
            <Button type="submit" loading={create.isBusy} style={{ alignSelf: 'flex-start' }}>
              Create organization
            </Button>
          </Stack>
        </form>
      </Paper>
    </>
  );
}
