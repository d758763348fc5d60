import { Button, Group, Stack, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { api } from '../../api/client.ts';
import { useHere } from '../../api/organization.tsx';
import { useChanged } from '../../api/resources.ts';
import { useAction } from '../../api/use-action.ts';
import { useFieldErrors } from '../../api/use-field-errors.ts';
import { ProblemAlert } from '../../ui/problem-alert.tsx';
import { domainProblem } from './domain-words.ts';

export function AddDomain({ agentId }: { agentId: string }) {
  const { orgId } = useHere();
  const changed = useChanged(orgId);
  const form = useForm({
    initialValues: { domain: '' },
    validate: { domain: (domain) => domainProblem(domain.trim()) ?? null },
  });
  const add = useAction(async (domain: string) => {
    await api.POST('/api/v1/organizations/{orgId}/agents/{agentId}/domains', {
      params: { path: { orgId, agentId } },
      body: { domain },
    });
    await changed('domains');
    form.reset();
  });
  useFieldErrors(form, add.problem);
  return (
    <form
      noValidate
      onSubmit={form.onSubmit(({ domain }) => void add.run(domain.trim()))}
      aria-label="Add a domain"
    >
      <Stack gap="sm" maw={560}>
        <Group align="flex-end" gap="sm">
          <TextInput
            {...form.getInputProps('domain')}
            label="Domain of your pages"
            placeholder="example.com"
            inputMode="url"
            autoComplete="off"
            autoCapitalize="off"
            spellCheck={false}
            flex="1 1 220px"
            inputWrapperOrder={['label', 'error', 'input']}
          />
          <Button type="submit" loading={add.isBusy}>
            Add domain
          </Button>
        </Group>
        <ProblemAlert problem={add.problem} />
      </Stack>
    </form>
  );
}
