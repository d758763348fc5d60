/** When something ends: never, after a while, or at a time that the reader chooses. */
import { Group, Select, TextInput } from '@mantine/core';
import type { ReactNode } from 'react';

export interface Expiry {
  /** `never`, `at`, or for how many hours. */
  choice: string;
  /** With `at`: local time, as the browser's field gives it, `2030-01-31T12:00`. */
  at: string;
}

export const NEVER: Expiry = { choice: 'never', at: '' };

const AT = { value: 'at', label: 'At a time of your choice' };
export const LONG_EXPIRIES: readonly { value: string; label: string }[] = [
  { value: 'never', label: 'Never' },
  { value: String(7 * 24), label: 'In 7 days' },
  { value: String(30 * 24), label: 'In 30 days' },
  { value: String(90 * 24), label: 'In 90 days' },
  { value: String(365 * 24), label: 'In a year' },
  AT,
];

/** As the API takes it; `undefined` for never, and for what is no time. */
export function expiresAtOf({ choice, at }: Expiry, nowMs = Date.now()): string | undefined {
  if (choice === 'never') return undefined;
  const ms = choice === 'at' ? Date.parse(at) : nowMs + Number(choice) * 3_600_000;
  return Number.isNaN(ms) ? undefined : new Date(ms).toISOString();
}

/** What is wrong with it, as a sentence. */
export function expiryProblem(expiry: Expiry, nowMs = Date.now()): string | undefined {
  if (expiry.choice !== 'at') return undefined;
  const at = expiresAtOf(expiry);
  if (at === undefined) return 'Choose a day and a time.';
  return Date.parse(at) <= nowMs ? 'Choose a time in the future.' : undefined;
}

interface ExpiryFieldProps {
  value: Expiry;
  onChange: (expiry: Expiry) => void;
  error?: ReactNode;
  label?: string;
  choices?: readonly { value: string; label: string }[];
}

export function ExpiryField(props: ExpiryFieldProps) {
  const { value, onChange, error, label = 'Expires', choices = LONG_EXPIRIES } = props;
  const isAt = value.choice === 'at';
  return (
    <Group align="flex-start" gap="sm">
      <Select
        label={label}
        data={choices}
        value={value.choice}
        onChange={(choice) => choice !== null && onChange({ ...value, choice })}
        allowDeselect={false}
        checkIconPosition="right"
        error={!isAt && error}
      />
      {isAt && (
        <TextInput
          type="datetime-local"
          label="Day and time"
          description="In your time zone."
          inputWrapperOrder={['label', 'input', 'description', 'error']}
          value={value.at}
          onChange={({ currentTarget }) => onChange({ ...value, at: currentTarget.value })}
          error={error}
        />
      )}
    </Group>
  );
}
