/** What the organization demands of its keys: each rule, and what it does. */
import {
  Alert,
  Button,
  Checkbox,
  Fieldset,
  Group,
  NumberInput,
  Paper,
  Radio,
  Skeleton,
  Stack,
  Text,
} from '@mantine/core';
import { useForm } from '@mantine/form';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { api, ApiProblem, type Schema } from '../../api/client.ts';
import type { Role } from '../../api/me.ts';
import { useHere } from '../../api/organization.tsx';
import { keyOf, useChanged, useThing } from '../../api/resources.ts';
import { useAction } from '../../api/use-action.ts';
import { MissingPermission } from '../../ui/missing-permission.tsx';
import { ProblemAlert } from '../../ui/problem-alert.tsx';
import { ROLE_WORDS } from '../members/roles.ts';

type Policy = Schema<'PolicyAnswer'>;
interface Fields {
  /** Empty where there is no such rule. */
  longestKeyLifeDays: number | string;
  expiryRequired: boolean;
  /** None is the same as all: there is no such rule. */
  allowedKeyRoles: string[];
  onMakerLoss: Policy['onMakerLoss'];
}

const ROLES = Object.keys(ROLE_WORDS);

export function PolicyTab() {
  const { orgId } = useHere();
  const policy = useThing(keyOf(orgId, 'organization', 'policy'), () => read(orgId));
  if (policy.problem && !policy.data) return <ProblemAlert problem={policy.problem} />;
  if (!policy.data) return <Skeleton height={240} maw={640} />;
  return <PolicyForm known={policy.data} />;
}

const read = async (orgId: string): Promise<Policy> =>
  (await api.GET('/api/v1/organizations/{orgId}/policy', { params: { path: { orgId } } })).data;

function PolicyForm({ known }: { known: Policy }) {
  const { orgId, can } = useHere();
  const client = useQueryClient();
  const changed = useChanged(orgId);
  const mayWrite = can('organization:write');
  /** What the fields began with. */
  const [base, setBase] = useState(known);
  const [isSaved, setSaved] = useState(false);
  const form = useForm<Fields>({ initialValues: fieldsOf(known) });
  const isElsewhere = !isSame(known, base);
  const begin = (policy: Policy) => {
    setBase(policy);
    form.setInitialValues(fieldsOf(policy));
    form.setValues(fieldsOf(policy));
  };
  // Nothing was typed: what somebody else has set is simply shown.
  if (isElsewhere && !form.isDirty()) begin(known);
  const save = useAction(async (fields: Fields) => {
    setSaved(false);
    const { data: now, etag } = await api.GET('/api/v1/organizations/{orgId}/policy', {
      params: { path: { orgId } },
    });
    if (!isSame(now, base)) {
      await changed('organization');
      throw new ApiProblem({
        code: 'precondition-failed',
        detail: 'Choose first whether to go on with yours.',
      });
    }
    const { data } = await api.PUT('/api/v1/organizations/{orgId}/policy', {
      params: { path: { orgId }, header: etag === undefined ? {} : { 'If-Match': etag } },
      body: policyOf(fields),
    });
    // First what is known, or the fields would follow the old policy back.
    client.setQueryData(keyOf(orgId, 'organization', 'policy'), data);
    begin(data);
    setSaved(true);
    await changed('organization');
  });
  const errorOf = (field: string) => save.problem?.errors.find((one) => one.field === field)?.message;
  return (
    <Stack maw={640}>
      {!mayWrite && <MissingPermission permission="organization:write" to="change the policy" />}
      <Text size="sm" c="dimmed">
        The first three rules are asked when a key is made or imported; keys that are there already stay as
        they are.
      </Text>
      <form onSubmit={form.onSubmit((fields) => void save.run(fields))} noValidate>
        <Fieldset variant="unstyled" disabled={!mayWrite}>
          <Paper p="lg" withBorder>
            <Stack gap="lg">
              <NumberInput
                label="Longest life of a new key, in days"
                description="A new key has to expire within so many days. Empty: it may live for ever."
                min={1}
                max={3650}
                allowDecimal={false}
                allowNegative={false}
                w={280}
                {...form.getInputProps('longestKeyLifeDays')}
                error={errorOf('longestKeyLifeDays')}
              />
              <Checkbox
                label="A new key must expire"
                description="Whoever makes one says when. A longest life demands this anyway."
                {...form.getInputProps('expiryRequired', { type: 'checkbox' })}
              />
              <Checkbox.Group
                label="Roles that a new key may have"
                description="None chosen: every role that its maker may give."
                {...form.getInputProps('allowedKeyRoles')}
                error={errorOf('allowedKeyRoles')}
              >
                <Group mt="xs">
                  {ROLES.map((role) => (
                    <Checkbox key={role} value={role} label={role} />
                  ))}
                </Group>
              </Checkbox.Group>
              <Radio.Group
                label="When the member who made a key is demoted, suspended or removed"
                {...form.getInputProps('onMakerLoss')}
              >
                <Stack gap="xs" mt="xs">
                  <Radio
                    value="revoke"
                    label="Revoke the keys that hold more than the member still does"
                    description="Before the change is answered, also what was made with these keys. Best where people come and go."
                  />
                  <Radio
                    value="list"
                    label="Leave them, and mark them"
                    description="Pipelines go on. A key of an admin, still in the hands of somebody who was demoted, can promote them again."
                  />
                </Stack>
              </Radio.Group>
              {isElsewhere && (
                <Alert color="yellow" title="Somebody has changed the policy meanwhile">
                  <Group>
                    <Button size="compact-sm" variant="default" onClick={() => begin(known)}>
                      Show what is there now
                    </Button>
                    <Button size="compact-sm" variant="default" onClick={() => setBase(known)}>
                      Go on with mine
                    </Button>
                  </Group>
                </Alert>
              )}
              <ProblemAlert problem={save.problem} />
              {mayWrite && (
                <Group>
                  <Button type="submit" loading={save.isBusy} disabled={!form.isDirty()}>
                    Save policy
                  </Button>
                  <Text size="sm" role="status">
                    {isSaved && !form.isDirty() && 'Saved. It holds for keys that are made from now on.'}
                  </Text>
                </Group>
              )}
            </Stack>
          </Paper>
        </Fieldset>
      </form>
    </Stack>
  );
}

function fieldsOf({ longestKeyLifeDays, expiryRequired, allowedKeyRoles, onMakerLoss }: Policy): Fields {
  return {
    longestKeyLifeDays: longestKeyLifeDays ?? '',
    expiryRequired: expiryRequired ?? false,
    allowedKeyRoles: ROLES.filter((role) => allowedKeyRoles?.includes(role as Role)),
    onMakerLoss,
  };
}

function policyOf({ longestKeyLifeDays, expiryRequired, allowedKeyRoles, onMakerLoss }: Fields): Policy {
  return {
    ...(longestKeyLifeDays !== '' && { longestKeyLifeDays: Number(longestKeyLifeDays) }),
    ...(expiryRequired && { expiryRequired }),
    ...(allowedKeyRoles.length > 0 && { allowedKeyRoles: allowedKeyRoles as Role[] }),
    onMakerLoss,
  };
}

const isSame = (one: Policy, other: Policy): boolean =>
  JSON.stringify(fieldsOf(one)) === JSON.stringify(fieldsOf(other));
