/** Takes away from a key what it does not need: what is taken away never comes back. */
import { Alert, Group, NativeSelect, Text, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { ROLE_PERMISSIONS, ROLES, type Role } from '@mcpstack/contracts';
import { useState } from 'react';
import { problemOf, type Schema } from '../../api/client.ts';
import { useAction } from '../../api/use-action.ts';
import { FormDialog } from '../../ui/form-dialog.tsx';
import { dateText, lastDate } from './expiry.ts';
import { titled } from './role-sentences.ts';
import { TermsFields } from './terms-fields.tsx';
import { changesIn, fieldErrors, TERMS, termsRules, valuesOf, type TermsValues } from './terms.ts';
import { useUpdateKey } from './use-update-key.ts';
import type { ApiKey } from './use-key.ts';

export function NarrowKey({ apiKey, onClose }: { apiKey: ApiKey; onClose: () => void }) {
  const update = useUpdateKey(apiKey);
  const [role, setRole] = useState<Role>(apiKey.role);
  const [lastDay, setLastDay] = useState('');
  const [nowMs] = useState(() => Date.now());
  const form = useForm<TermsValues>({ initialValues: valuesOf(apiKey), validate: termsRules });
  const changes: Schema<'UpdateKeyBody'> = {
    ...(role !== apiKey.role && { role }),
    ...(lastDay !== '' && { expiresAt: new Date(`${lastDay}T23:59:59`).toISOString() }),
    ...changesIn(form.getValues(), apiKey),
  };
  const isChanged = Object.keys(changes).length > 0;
  const action = useAction(async () => {
    try {
      await update(changes);
    } catch (error) {
      form.setErrors(fieldErrors(problemOf(error).errors, TERMS));
      throw error;
    }
  });
  const choose = (next: Role) => {
    setRole(next);
    const kept = form.getValues().permissions.filter((one) => ROLE_PERMISSIONS[next].includes(one));
    form.setFieldValue('permissions', kept);
  };
  return (
    <FormDialog
      title={`Narrow ${apiKey.name}`}
      confirm="Narrow key"
      size="xl"
      action={action}
      isDisabled={!isChanged}
      isDestructive
      onSubmit={form.onSubmit(() => void action.run().then((isDone) => isDone && onClose()))}
      onClose={onClose}
    >
      <Alert color="yellow" title="What is taken away never comes back">
        <Text size="sm">
          Whatever uses the key has less from then on, everywhere. For more, make a new key.
        </Text>
      </Alert>
      <Group grow align="flex-start" preventGrowOverflow={false}>
        <NativeSelect
          label="Role"
          miw={200}
          data={ROLES.slice(ROLES.indexOf(apiKey.role)).map((one) => ({
            value: one,
            label: titled(one),
          }))}
          value={role}
          onChange={({ currentTarget }) => choose(currentTarget.value as Role)}
        />
        <TextInput
          type="date"
          label={apiKey.expiresAt === undefined ? 'Last day' : 'An earlier last day'}
          miw={200}
          min={dateText(nowMs)}
          max={
            apiKey.expiresAt === undefined
              ? lastDate({ onMakerLoss: 'list' }, nowMs)
              : dateText(Date.parse(apiKey.expiresAt))
          }
          value={lastDay}
          onChange={({ currentTarget }) => setLastDay(currentTarget.value)}
        />
      </Group>
      <TermsFields form={form} role={role} narrowed={apiKey} />
    </FormDialog>
  );
}
