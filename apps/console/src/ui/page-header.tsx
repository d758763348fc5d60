/** The head of a page: its name is the tab's title, and where a screen reader starts after the way here. */
import { Box, Group, Text, Title } from '@mantine/core';
import { useEffect, useRef, type ReactNode } from 'react';

interface PageHeaderProps {
  title: string;
  /** What else stands in the heading, such as a state. */
  beside?: ReactNode;
  description?: ReactNode;
  actions?: ReactNode;
}

/** Whether the reader came to this page from another one of ours. */
let hasShownPage = false;

export function PageHeader({ title, beside, description, actions }: PageHeaderProps) {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    document.title = `${title} · MCPStack Keys`;
  }, [title]);
  useEffect(() => {
    // Not where the browser has just begun, nor away from what the reader is in.
    if (hasShownPage && document.activeElement === document.body) heading.current?.focus();
    hasShownPage = true;
  }, []);
  return (
    <Group justify="space-between" align="flex-start" mb="lg" gap="md">
      <Box maw={680} miw={0}>
        <Group gap="sm">
          <Title order={1} size="h2" ref={heading} tabIndex={-1} style={{ overflowWrap: 'anywhere' }}>
            <bdi>{title}</bdi>
          </Title>
          {beside}
        </Group>
        {description !== undefined && (
          <Text c="dimmed" mt={4}>
            {description}
          </Text>
        )}
      </Box>
      {actions !== undefined && <Group gap="xs">{actions}</Group>}
    </Group>
  );
}
