import { Button, Checkbox, Group, Stack, TextInput } from '@mantine/core';
import { FORM_INDEX, useForm, type FormErrors } from '@mantine/form';
import { useState } from 'react';
import { Link, useLocation, useSearch } from 'wouter';
import { api } from '../../api/client.ts';
import { useHere } from '../../api/organization.tsx';
import { useChanged } from '../../api/resources.ts';
import { useAction } from '../../api/use-action.ts';
import { useFieldErrors } from '../../api/use-field-errors.ts';
import { pathTo } from '../../shell/paths.ts';
import { expiresAtOf, ExpiryField, expiryProblem, NEVER } from './expiry-field.tsx';
import { ProblemAlert } from '../../ui/problem-alert.tsx';
import { isInForce, useDomains } from '../agents/use-agents.ts';
import { AgentField } from './agent-field.tsx';
import { OriginsField } from './origins-field.tsx';
import { originProblem } from './origins.ts';
import { ProvenDomains } from './proven-domains.tsx';

/** The rest of a word may still be on its way. */
const TYPING_MS = 500;

/** What the page of the new key is told by the way here. */
export interface JustCreated {
  isNew: true;
}

interface Values {
  name: string;
  origins: string[];
  development: boolean;
  expiry: typeof NEVER;
}

export function CreatePublicKeyForm() {
  const { orgId } = useHere();
  const [, navigate] = useLocation();
  const asked = new URLSearchParams(useSearch()).get('agent');
  const changed = useChanged(orgId);
  const [agentId, setAgentId] = useState(asked);
  const domains = useDomains(agentId ?? undefined);
  const proven = domains.data?.filter(isInForce).map(({ domain }) => domain);
  const form = useForm<Values>({
    initialValues: { name: '', origins: [''], development: false, expiry: NEVER },
    validateInputOnBlur: true,
    validateInputOnChange: [`origins.${FORM_INDEX}`],
    validateDebounce: TYPING_MS,
    validate: (values) => errorsOf(values, { agentId, proven }),
  });
  const create = useAction(async ({ name, origins, development, expiry }: Values) => {
    const expiresAt = expiresAtOf(expiry);
    const { data: key } = await api.POST('/api/v1/organizations/{orgId}/public-keys', {
      params: { path: { orgId } },
      body: { name: name.trim(), agentId: agentId!, origins, development, ...(expiresAt && { expiresAt }) },
    });
    void changed('public-keys', 'events');
    const state: JustCreated = { isNew: true };
    navigate(pathTo(orgId, 'public-keys', key.id), { replace: true, state });
  });
  useFieldErrors(form, create.problem, TYPING_MS);
  /** What was wrong under other circumstances may be right now. */
  const lookAgain = () => form.values.origins.forEach((_, index) => form.clearFieldError(`origins.${index}`));

  return (
    <form
      noValidate
      onSubmit={form.onSubmit((values) => void create.run(values))}
      aria-label="Create public key"
    >
      <Stack maw={620}>
        <AgentField
          agentId={agentId}
          onChange={(id) => {
            setAgentId(id);
            form.clearFieldError('agentId');
            lookAgain();
          }}
          error={form.errors['agentId']}
        />
        {agentId !== null && (
          <ProvenDomains
            agentId={agentId}
            domains={domains.data}
            problem={domains.problem}
            development={form.values.development}
          />
        )}
        <TextInput
          {...form.getInputProps('name')}
          label="Name"
          description="For people, such as the site that it is for."
          placeholder="our-shop"
          required
          maxLength={100}
          autoComplete="off"
        />
        <OriginsField
          origins={form.values.origins}
          inputOf={(index) => form.getInputProps(`origins.${index}`)}
          onAdd={() => form.insertListItem('origins', '')}
          onRemove={(index) => form.removeListItem('origins', index)}
          placeholder={
            form.values.development ? 'http://localhost:3000' : `https://app.${proven?.[0] ?? 'example.com'}`
          }
        />
        <Checkbox
          {...form.getInputProps('development', { type: 'checkbox' })}
          onChange={({ currentTarget }) => {
            form.setFieldValue('development', currentTarget.checked);
            lookAgain();
          }}
          label="Development key"
          description="It may also be used from localhost and 127.0.0.1, where no domain is needed."
        />
        <ExpiryField
          value={form.values.expiry}
          onChange={(expiry) => {
            form.setFieldValue('expiry', expiry);
            form.clearFieldError('expiresAt');
          }}
          error={form.errors['expiresAt']}
        />
        <ProblemAlert problem={create.problem} />
        <Group>
          <Button type="submit" loading={create.isBusy}>
            Create public key
          </Button>
          <Button component={Link} href={pathTo(orgId, 'api-keys')} variant="default">
            Cancel
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

function errorsOf(
  { name, origins, development, expiry }: Values,
  { agentId, proven }: { agentId: string | null; proven: readonly string[] | undefined },
): FormErrors {
  const errors: FormErrors = {};
  if (agentId === null) errors['agentId'] = 'Choose the agent that the pages embed.';
  if (name.trim() === '') errors['name'] = 'Give it a name.';
  const expiresAt = expiryProblem(expiry);
  if (expiresAt !== undefined) errors['expiresAt'] = expiresAt;
  origins.forEach((origin, index) => {
    const problem =
      originProblem(origin, { domains: proven, development }) ??
      (origins.indexOf(origin) < index ? 'This one stands in the list already.' : undefined);
    if (problem !== undefined) errors[`origins.${index}`] = problem;
  });
  return errors;
}
