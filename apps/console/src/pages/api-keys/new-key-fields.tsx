/** The fields of a new key that everybody looks at. */
import { Group, Radio, Stack, TagsInput, Text, TextInput } from '@mantine/core';
import type { UseFormReturnType } from '@mantine/form';
import type { Role } from '@mcpstack/contracts';
import { useState } from 'react';
import { dateProblem, dateText, expiresAtOf, expiryChoices, lastDate } from './expiry.ts';
import type { NewKeyValues, Policy } from './new-key.ts';
import { ROLE_SENTENCES, titled } from './role-sentences.ts';

interface FieldsProps {
  form: UseFormReturnType<NewKeyValues>;
  /** What of it is offered now. */
  chosen: NewKeyValues;
  policy: Policy;
}

interface RoleFieldProps extends FieldsProps {
  roles: readonly Role[];
  onRole: (role: Role) => void;
}

export function RoleField({ form, chosen, policy, roles, onRole }: RoleFieldProps) {
  return (
    <Radio.Group
      label="Role"
      description={policy.allowedKeyRoles && 'Those that the policy of the organization allows.'}
      {...form.getInputProps('role')}
      value={chosen.role}
      onChange={(value) => onRole(value as Role)}
    >
      <Stack gap="xs" mt="xs">
        {roles.map((one) => (
          <Radio key={one} value={one} label={titled(one)} description={ROLE_SENTENCES[one]} />
        ))}
      </Stack>
    </Radio.Group>
  );
}

export function ExpiryField({ form, chosen, policy }: FieldsProps) {
  const [nowMs] = useState(() => Date.now());
  const { expiry, date } = chosen;
  const last = lastDate(policy, nowMs);
  const isOpen = expiry === 'date' && dateProblem(date, last, nowMs) !== null;
  const ends = isOpen ? undefined : expiresAtOf(expiry, date, policy, nowMs);
  return (
    <Stack gap="xs">
      <Radio.Group
        label="Expires"
        description={ruleOf(policy)}
        {...form.getInputProps('expiry')}
        value={expiry}
      >
        <Group gap="md" mt="xs">
          {expiryChoices(policy).map(({ value, label }) => (
            <Radio key={value} value={value} label={label} />
          ))}
        </Group>
      </Radio.Group>
      {expiry === 'date' && (
        <TextInput
          type="date"
          label="Last day"
          min={dateText(nowMs)}
          max={last}
          maw={220}
          {...form.getInputProps('date')}
        />
      )}
      <Text size="sm" c="dimmed" role="status">
        {ends !== undefined &&
          `It stops working on ${new Date(ends).toLocaleDateString(undefined, { dateStyle: 'full' })}.`}
        {expiry === 'never' && 'It works until somebody revokes it.'}
      </Text>
    </Stack>
  );
}

export function LabelFields({ form }: Pick<FieldsProps, 'form'>) {
  return (
    <Group grow align="flex-start" preventGrowOverflow={false}>
      <TextInput
        label="Environment"
        description="It cannot be changed later."
        placeholder="production"
        miw={200}
        {...form.getInputProps('environment')}
      />
      <TagsInput
        label="Tags"
        description="Press Enter after each."
        placeholder="team:payments"
        miw={200}
        maxTags={20}
        splitChars={[',', ' ']}
        acceptValueOnBlur
        {...form.getInputProps('tags')}
      />
    </Group>
  );
}

function ruleOf({ longestKeyLifeDays, expiryRequired }: Policy): string | undefined {
  if (longestKeyLifeDays !== undefined)
    return `The policy of the organization lets a key live ${longestKeyLifeDays} days at most.`;
  return expiryRequired ? 'The policy of the organization wants every key to expire.' : undefined;
}
