import { Badge } from '@mantine/core';

/** A word and a color; the word alone says it all. */
const COLORS: Readonly<Record<string, string>> = {
  active: 'teal',
  verified: 'teal',
  accepted: 'teal',
  delivered: 'teal',
  pending: 'yellow',
  stale: 'orange',
  suspended: 'orange',
  disabled: 'orange',
  expired: 'gray',
  lapsed: 'red',
  contested: 'red',
  revoked: 'red',
  failed: 'red',
};

export function StateBadge({ state }: { state: string }) {
  return (
    <Badge variant="dot" color={COLORS[state] ?? 'gray'} tt="capitalize" radius="sm" fw={500}>
      {state}
    </Badge>
  );
}
