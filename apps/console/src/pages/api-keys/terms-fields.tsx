/** The fields of what limits a key: for a new one, and for one that is to be narrowed. */
import { Checkbox, Code, MultiSelect, SimpleGrid, Stack, Textarea } from '@mantine/core';
import type { UseFormReturnType } from '@mantine/form';
import { ROLE_PERMISSIONS, type Role } from '@mcpstack/contracts';
import { api, type Schema } from '../../api/client.ts';
import { useHere } from '../../api/organization.tsx';
import { keyOf, useThing } from '../../api/resources.ts';
import { BoundFields } from './bound-fields.tsx';
import type { TermsValues } from './terms.ts';

interface TermsFieldsProps {
  form: UseFormReturnType<TermsValues>;
  role: Role;
  /** The key that is narrowed: nothing beyond it is offered. */
  narrowed?: Schema<'ApiKeyAnswer'>;
}

/** Where there are more, they are scoped through the API. */
const MOST_OFFERED = 100;

export function TermsFields({ form, role, narrowed }: TermsFieldsProps) {
  const held = narrowed?.permissions;
  const permissions = ROLE_PERMISSIONS[role].filter((one) => held?.includes(one) ?? true);
  return (
    <Stack>
      <Checkbox.Group
        label="Permissions"
        description="All that the role may do, or less."
        {...form.getInputProps('permissions')}
      >
        <SimpleGrid cols={{ base: 1, xs: 2, md: 3 }} spacing="xs" my="xs">
          {permissions.map((permission) => (
            <Checkbox key={permission} value={permission} label={<Code>{permission}</Code>} />
          ))}
        </SimpleGrid>
      </Checkbox.Group>
      <ScopeField form={form} kind="agents" narrowed={narrowed} />
      <ScopeField form={form} kind="servers" narrowed={narrowed} />
      <Textarea
        label="Allowed IP addresses"
        description="One address or CIDR block a line, such as 203.0.113.0/24. Empty: any address."
        autosize
        minRows={2}
        maxRows={8}
        spellCheck={false}
        {...form.getInputProps('allowedIps')}
      />
      <BoundFields form={form} kind="limits" fixed={narrowed?.limits ?? []} />
      <BoundFields form={form} kind="quotas" fixed={narrowed?.quotas ?? []} />
    </Stack>
  );
}

interface ScopeFieldProps {
  form: UseFormReturnType<TermsValues>;
  kind: 'agents' | 'servers';
  narrowed: Schema<'ApiKeyAnswer'> | undefined;
}

function ScopeField({ form, kind, narrowed }: ScopeFieldProps) {
  const { orgId, can } = useHere();
  const { data = [] } = useThing(
    keyOf(orgId, kind, 'offered'),
    async () => {
      const params = { path: { orgId }, query: { limit: MOST_OFFERED } };
      const answer =
        kind === 'agents'
          ? await api.GET('/api/v1/organizations/{orgId}/agents', { params })
          : await api.GET('/api/v1/organizations/{orgId}/servers', { params });
      return answer.data.data.map(({ id, name }) => ({ value: id, label: name }));
    },
    { enabled: can(`${kind}:read`) },
  );
  const had = narrowed?.scope?.[kind];
  // What was removed meanwhile stays nameable, by its id.
  const offered = had
    ? had.map((id) => data.find(({ value }) => value === id) ?? { value: id, label: id })
    : data;
  return (
    <MultiSelect
      label={kind === 'agents' ? 'Only these agents' : 'Only these servers'}
      description={offered.length === 0 ? `There are no ${kind} yet.` : `None chosen: all ${kind}.`}
      data={offered}
      disabled={offered.length === 0}
      searchable
      clearable={!had}
      nothingFoundMessage="Nothing has this name"
      {...form.getInputProps(kind)}
    />
  );
}
