/** The fields that say which service keys are listed. */
import { Button, Group, NativeSelect, TextInput } from '@mantine/core';
import { useState } from 'react';
import { useRoles } from '../../api/me.ts';
import { ENVIRONMENT, TAG, type KeyFilter, type StateChoice } from './key-filter.ts';

const STATE_NAMES: readonly { value: StateChoice; label: string }[] = [
  { value: 'in-force', label: 'Active and suspended' },
  { value: 'active', label: 'Active' },
  { value: 'suspended', label: 'Suspended' },
  { value: 'expired', label: 'Expired' },
  { value: 'revoked', label: 'Revoked' },
  { value: 'all', label: 'All' },
];
const UNUSED_DAYS = [7, 30, 90, 180, 365];

interface KeyFiltersProps {
  filter: KeyFilter;
  set: (name: string, value: string) => void;
  clear: () => void;
  isNarrowed: boolean;
}

export function KeyFilters({ filter, set, clear, isNarrowed }: KeyFiltersProps) {
  const roles = useRoles();
  const { state, role, tag, environment, createdBy, unusedForDays } = filter;
  // An address may hold any number of days.
  const days = [...new Set([...UNUSED_DAYS, ...(unusedForDays === undefined ? [] : [unusedForDays])])];
  return (
    <Group gap="xs" align="flex-end" mb="sm" role="group" aria-label="Which service account keys are listed">
      <NativeSelect
        size="xs"
        label="State"
        data={STATE_NAMES}
        value={state}
        onChange={({ currentTarget: { value } }) => set('state', value === 'in-force' ? '' : value)}
      />
      <NativeSelect
        size="xs"
        label="Role"
        data={[{ value: '', label: 'Any' }, ...(roles.data?.roles.map((one) => one.role) ?? [])]}
        value={role ?? ''}
        onChange={({ currentTarget: { value } }) => set('role', value)}
      />
      <Word
        label="Environment"
        value={environment}
        shape={ENVIRONMENT}
        onChange={(value) => set('environment', value)}
      />
      <Word label="Tag" value={tag} shape={TAG} onChange={(value) => set('tag', value)} />
      <NativeSelect
        size="xs"
        label="Not used for"
        data={[
          { value: '', label: 'Any time' },
          ...days.map((count) => ({ value: String(count), label: count === 1 ? '1 day' : `${count} days` })),
        ]}
        value={unusedForDays === undefined ? '' : String(unusedForDays)}
        onChange={({ currentTarget: { value } }) => set('unused', value)}
      />
      {(isNarrowed || state !== 'in-force') && (
        <Button size="xs" variant="subtle" onClick={clear}>
          {createdBy === undefined ? 'Clear the filters' : `Clear the filters (made by ${createdBy})`}
        </Button>
      )}
    </Group>
  );
}

interface WordProps {
  label: string;
  value: string | undefined;
  shape: RegExp;
  onChange: (value: string) => void;
}

/** Asked for when it is whole: with Enter, or on the way to another field. */
function Word({ label, value = '', shape, onChange }: WordProps) {
  const [typed, setTyped] = useState(value);
  // The address may change without this field.
  const [before, setBefore] = useState(value);
  if (before !== value) {
    setBefore(value);
    setTyped(value);
  }
  const isWrong = typed !== '' && !shape.test(typed);
  const apply = () => {
    if (!isWrong && typed !== value) onChange(typed);
  };
  return (
    <TextInput
      size="xs"
      w={132}
      label={label}
      placeholder="Any"
      value={typed}
      error={isWrong && 'Small letters, digits and dashes'}
      onChange={({ currentTarget }) => setTyped(currentTarget.value.trim())}
      onBlur={apply}
      onKeyDown={({ key }) => key === 'Enter' && apply()}
    />
  );
}
