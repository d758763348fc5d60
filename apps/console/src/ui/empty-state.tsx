/** Where nothing is yet: what it is for, and the first step. */
import { Paper, Stack, Text } from '@mantine/core';
import type { ReactNode } from 'react';

export function EmptyState(props: { title: string; children: ReactNode; action?: ReactNode }) {
  return (
    <Paper withBorder p="xl" radius="md">
      <Stack align="flex-start" gap="sm" maw={560}>
        {/* No heading: it stands under headings of every level. */}
        <Text fz="h4" fw={650}>
          {props.title}
        </Text>
        <Text c="dimmed" component="div">
          {props.children}
        </Text>
        {props.action}
      </Stack>
    </Paper>
  );
}
