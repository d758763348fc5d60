/** Rate limits, or quotas: one row for each. */
import { ActionIcon, Button, Fieldset, Group, NativeSelect, NumberInput, TextInput } from '@mantine/core';
import type { UseFormReturnType } from '@mantine/form';
import { IconPlus, IconTrash } from '@tabler/icons-react';
import type { TermsValues } from './terms.ts';

interface BoundFieldsProps {
  form: UseFormReturnType<TermsValues>;
  kind: 'limits' | 'quotas';
  /** Those that the key has: they stay, over the same time, and get no higher. */
  fixed: readonly { name: string; limit: number }[];
}

const MOST = 10;
const HIGHEST = 1_000_000_000;
const INTERVALS = ['hour', 'day', 'week', 'month'].map((value) => ({ value, label: `a ${value}` }));
const WINDOWS = [
  { value: '1000', label: 'a second' },
  { value: '10000', label: 'in 10 seconds' },
  { value: '60000', label: 'a minute' },
  { value: '3600000', label: 'an hour' },
  { value: '86400000', label: 'a day' },
];
const NEW = {
  limits: { name: 'requests', limit: 100, windowMs: '60000' },
  quotas: { name: 'monthly', limit: 10_000, interval: 'month' },
};
const WORDS = {
  limits: { legend: 'Rate limits', add: 'Add a rate limit', one: 'rate limit', time: 'windowMs' },
  quotas: { legend: 'Quotas', add: 'Add a quota', one: 'quota', time: 'interval' },
} as const;

export function BoundFields({ form, kind, fixed }: BoundFieldsProps) {
  const rows = form.getValues()[kind];
  const { legend, add, one, time } = WORDS[kind];
  return (
    <Fieldset legend={legend} variant="default">
      {rows.map((row, index) => {
        const old = index < fixed.length ? fixed[index] : undefined;
        return (
          <Group key={`${kind}${index}`} align="flex-start" gap="xs" mb="xs">
            <TextInput
              label="Name"
              flex="1 1 120px"
              readOnly={old !== undefined}
              {...form.getInputProps(`${kind}.${index}.name`)}
            />
            <NumberInput
              label={old ? `At most (now ${old.limit.toLocaleString('en')})` : 'At most'}
              flex="1 1 120px"
              min={1}
              max={old?.limit ?? HIGHEST}
              allowDecimal={false}
              thousandSeparator=","
              {...form.getInputProps(`${kind}.${index}.limit`)}
            />
            <NativeSelect
              label="Time"
              flex="1 1 120px"
              data={timesOf(row)}
              disabled={old !== undefined}
              {...form.getInputProps(`${kind}.${index}.${time}`)}
            />
            {!old && (
              <ActionIcon
                variant="subtle"
                color="red"
                mt={28}
                aria-label={`Remove the ${one} ${row.name}`}
                onClick={() => form.removeListItem(kind, index)}
              >
                <IconTrash size={16} aria-hidden />
              </ActionIcon>
            )}
          </Group>
        );
      })}
      {rows.length < MOST && (
        <Button
          variant="default"
          size="xs"
          leftSection={<IconPlus size={14} aria-hidden />}
          onClick={() => form.insertListItem(kind, { ...NEW[kind] })}
        >
          {add}
        </Button>
      )}
    </Fieldset>
  );
}

/** Through the API a window may be of any length. */
function timesOf(row: TermsValues['limits'][number] | TermsValues['quotas'][number]) {
  if ('interval' in row) return INTERVALS;
  const { windowMs } = row;
  if (WINDOWS.some(({ value }) => value === windowMs)) return WINDOWS;
  return [...WINDOWS, { value: windowMs, label: `in ${Number(windowMs) / 1_000} seconds` }];
}
