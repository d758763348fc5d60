/** Where nothing is yet: what it is for, and the first step. */
import { Paper, Stack, Text, Title } from '@mantine/core';
import type { ReactNode } from 'react';

export function EmptyState(props: { title: string; children: ReactNode; action?: ReactNode }) {
  return (
    <Paper withBorder p="xl" radius="md">
      <Stack align="flex-start" gap="sm" maw={560}>
        <Title order={3} size="h4">
          {props.title}
        </Title>
        <Text c="dimmed" component="div">
          {props.children}
        </Text>
        {props.action}
      </Stack>
    </Paper>
  );
}
