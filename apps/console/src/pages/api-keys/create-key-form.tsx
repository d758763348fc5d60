/** What a new service key is to be. */
import { Accordion, Alert, Button, Group, Stack, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { ROLE_PERMISSIONS, type Role } from '@mcpstack/contracts';
import { useState, type FormEvent } from 'react';
import { problemOf, type Schema } from '../../api/client.ts';
import { useHere } from '../../api/organization.tsx';
import { useAction } from '../../api/use-action.ts';
import { ProblemAlert } from '../../ui/problem-alert.tsx';
import { ExpiryField, LabelFields, RoleField } from './new-key-fields.tsx';
import {
  bodyOf,
  fitting,
  newKey,
  newKeyRules,
  rolesToGive,
  roleToSuggest,
  type NewKeyValues,
  type Policy,
} from './new-key.ts';
import { TermsFields } from './terms-fields.tsx';
import { fieldErrors, TERMS, termsRules, valuesOf, type TermsValues } from './terms.ts';

interface CreateKeyFormProps {
  policy: Policy;
  create: (values: unknown, make: () => Schema<'CreateKeyBody'>) => Promise<void>;
}

export function CreateKeyForm({ policy, create }: CreateKeyFormProps) {
  const here = useHere();
  const roles = rolesToGive(here, policy);
  const role = roleToSuggest(roles);
  if (!role)
    return (
      <Alert color="gray" title="There is no role that you could give a key">
        The policy of the organization allows keys of the roles {policy.allowedKeyRoles?.join(', ')} only, and
        yours, {here.organization.role}, is less.
      </Alert>
    );
  return <Fields policy={policy} create={create} roles={roles} role={role} />;
}

function Fields(props: CreateKeyFormProps & { roles: readonly Role[]; role: Role }) {
  const { policy, create, roles } = props;
  const [isAdvanced, setAdvanced] = useState(false);
  const form = useForm<NewKeyValues>({
    initialValues: newKey(props.role, policy),
    validate: newKeyRules(policy),
  });
  const chosen = fitting(form.getValues(), roles, policy);
  const { role } = chosen;
  const terms = useForm<TermsValues>({
    initialValues: valuesOf({ permissions: [...ROLE_PERMISSIONS[role]] }),
    validate: termsRules,
  });
  const action = useAction(async () => {
    const limits = terms.getValues();
    try {
      await create([chosen, limits], () => bodyOf(chosen, limits, policy));
    } catch (error) {
      const { errors } = problemOf(error);
      form.setErrors(fieldErrors(errors, ['name', 'role', 'environment', 'tags']));
      const ofTerms = fieldErrors(errors, TERMS);
      terms.setErrors(ofTerms);
      if (Object.keys(ofTerms).length > 0) setAdvanced(true);
      throw error;
    }
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const [own, ofTerms] = [form.validate(), terms.validate()];
    if (ofTerms.hasErrors) setAdvanced(true);
    if (!own.hasErrors && !ofTerms.hasErrors) void action.run();
  };
  return (
    <form onSubmit={submit} noValidate>
      <Stack gap="lg">
        <TextInput
          label="Name"
          description="Where it is used, such as ci-smoke-prod."
          withAsterisk
          autoComplete="off"
          {...form.getInputProps('name')}
        />
        <RoleField
          form={form}
          chosen={chosen}
          policy={policy}
          roles={roles}
          onRole={(one) => {
            form.setFieldValue('role', one);
            terms.setFieldValue('permissions', [...ROLE_PERMISSIONS[one]]);
          }}
        />
        <ExpiryField form={form} chosen={chosen} policy={policy} />
        <LabelFields form={form} />
        <Accordion
          variant="contained"
          value={isAdvanced ? 'advanced' : null}
          onChange={(value) => setAdvanced(value === 'advanced')}
        >
          <Accordion.Item value="advanced">
            <Accordion.Control>
              Advanced: fewer permissions, agents, servers, addresses, limits
            </Accordion.Control>
            <Accordion.Panel>
              <TermsFields form={terms} role={role} />
            </Accordion.Panel>
          </Accordion.Item>
        </Accordion>
        <ProblemAlert problem={action.problem} />
        <Group>
          <Button type="submit" loading={action.isBusy}>
            Create service key
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
