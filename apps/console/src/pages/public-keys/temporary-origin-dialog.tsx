/** Allows a public key at one more origin, for a preview or a visit, for at most seven days. */
import { Select, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { api } from '../../api/client.ts';
import { useHere } from '../../api/organization.tsx';
import { useChanged } from '../../api/resources.ts';
import { useAction } from '../../api/use-action.ts';
import { useFieldErrors } from '../../api/use-field-errors.ts';
import { FormDialog } from '../../ui/form-dialog.tsx';
import { originProblem } from './origins.ts';
import type { PublicKey } from './public-key.ts';

const HOUR_MS = 3_600_000;
/** The longest is a minute less than the API's own limit: clocks differ. */
const HOURS = [
  { value: '1', label: 'An hour' },
  { value: '8', label: 'Eight hours' },
  { value: '24', label: 'A day' },
  { value: '72', label: 'Three days' },
  { value: String(7 * 24 - 1 / 60), label: 'Seven days' },
];
const TYPING_MS = 500;

interface TemporaryOriginDialogProps {
  publicKey: PublicKey;
  domains: readonly string[] | undefined;
  onClose: () => void;
}

export function TemporaryOriginDialog({ publicKey, domains, onClose }: TemporaryOriginDialogProps) {
  const { orgId } = useHere();
  const changed = useChanged(orgId);
  const { id: keyId, development } = publicKey;
  const form = useForm({
    initialValues: { origin: '', hours: '24' },
    validateInputOnBlur: true,
    validateInputOnChange: ['origin'],
    validateDebounce: TYPING_MS,
    validate: { origin: (origin) => originProblem(origin, { domains, development }) ?? null },
  });
  const add = useAction(async ({ origin, hours }: { origin: string; hours: string }) => {
    const expiresAt = new Date(Date.now() + Number(hours) * HOUR_MS).toISOString();
    await api.POST('/api/v1/organizations/{orgId}/public-keys/{keyId}/temporary-origins', {
      params: { path: { orgId, keyId } },
      body: { origin, expiresAt },
    });
    await changed('public-keys', 'events');
  });
  useFieldErrors(form, add.problem, TYPING_MS);
  return (
    <FormDialog
      title="Allow one more origin for a while"
      confirm="Allow origin"
      action={add}
      onSubmit={form.onSubmit((values) => void add.run(values).then((isDone) => isDone && onClose()))}
      onClose={onClose}
    >
      <TextInput
        {...form.getInputProps('origin')}
        label="Origin"
        description="Scheme, host and port; of a preview, for instance."
        placeholder={`https://preview.${domains?.[0] ?? 'example.com'}`}
        required
        inputMode="url"
        autoComplete="off"
        spellCheck={false}
        data-autofocus
      />
      <Select {...form.getInputProps('hours')} label="For" data={HOURS} allowDeselect={false} />
    </FormDialog>
  );
}
