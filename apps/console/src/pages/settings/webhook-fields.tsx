/** What is said of a webhook when it is made or changed: name, address, events. */
import { MultiSelect, Radio, Stack, TextInput } from '@mantine/core';
import type { UseFormReturnType } from '@mantine/form';
import type { AuditEventType } from '@mcpstack/contracts';
import type { ApiProblem, Schema } from '../../api/client.ts';
import { TYPE_OPTIONS } from '../events/event-words.ts';

export type Webhook = Schema<'WebhookAnswer'>;

export interface WebhookValues {
  name: string;
  url: string;
  which: 'all' | 'some';
  types: string[];
}

const ALL = '*';

export const NEW_WEBHOOK: WebhookValues = { name: '', url: '', which: 'all', types: [] };

export const VALIDATE = {
  url: (value: string) =>
    /^https?:\/\/./.test(value.trim()) ? null : 'An address such as https://siem.example.com/hooks',
  types: (value: string[], { which }: WebhookValues) =>
    which === 'some' && value.length === 0 ? 'Choose at least one, or everything' : null,
};

export const valuesOf = ({ name = '', url, eventTypes }: Webhook): WebhookValues => {
  const isAll = eventTypes.includes(ALL);
  return { name, url, which: isAll ? 'all' : 'some', types: isAll ? [] : [...eventTypes] };
};

export const bodyOf = ({ name, url, which, types }: WebhookValues) => ({
  ...(name.trim() !== '' && { name: name.trim() }),
  url: url.trim(),
  eventTypes: which === 'all' ? [ALL as '*'] : (types as AuditEventType[]),
});

/** How many kinds of events a webhook is told of. */
export const typesText = ({ eventTypes }: Webhook): string =>
  eventTypes.includes(ALL) ? 'everything' : eventTypes.length === 1 ? '1 type' : `${eventTypes.length} types`;

interface WebhookFieldsProps {
  form: UseFormReturnType<WebhookValues>;
  problem: ApiProblem | undefined;
}

export function WebhookFields({ form, problem }: WebhookFieldsProps) {
  const errorOf = (field: string) => problem?.errors.find((one) => one.field === field)?.message;
  return (
    <>
      <TextInput
        label="Name"
        description="Such as siem; commands take it instead of the id."
        {...form.getInputProps('name')}
        error={form.errors['name'] ?? errorOf('name')}
      />
      <TextInput
        label="Address"
        description="https, of the public internet. It may hold a secret: only admins see it."
        placeholder="https://"
        required
        type="url"
        {...form.getInputProps('url')}
        error={form.errors['url'] ?? errorOf('url')}
      />
      <Radio.Group label="Events" {...form.getInputProps('which')}>
        <Stack gap="xs" mt="xs">
          <Radio value="all" label="Everything" description="Also types that are added later." />
          <Radio value="some" label="Only some types" />
        </Stack>
      </Radio.Group>
      {form.values.which === 'some' && (
        <MultiSelect
          label="Types"
          data={TYPE_OPTIONS}
          searchable
          clearable
          clearButtonProps={{ 'aria-label': 'Choose none' }}
          {...form.getInputProps('types')}
          error={form.errors['types'] ?? errorOf('eventTypes')}
        />
      )}
    </>
  );
}
