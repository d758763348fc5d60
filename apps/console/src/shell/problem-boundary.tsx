/** What is shown instead of a page that failed: also when its script cannot be read, because a newer one is served. */
import { Button, Stack, Text, Title } from '@mantine/core';
import { Component, type ReactNode } from 'react';

export class ProblemBoundary extends Component<{ children: ReactNode }, { hasFailed: boolean }> {
  override state = { hasFailed: false };

  static getDerivedStateFromError(): { hasFailed: boolean } {
    return { hasFailed: true };
  }

  override render() {
    if (!this.state.hasFailed) return this.props.children;
    return (
      <Stack align="flex-start" role="alert">
        <Title order={1} size="h2">
          This page could not be shown
        </Title>
        <Text>The console may have been renewed since it was opened, or the service cannot be reached.</Text>
        <Button onClick={() => location.reload()}>Reload the page</Button>
      </Stack>
    );
  }
}
