/** Before anything can be shown. */
import { Button, Center, Loader, Stack, Text, Title } from '@mantine/core';
import type { ApiProblem } from '../api/client.ts';
import { ProblemAlert } from '../ui/problem-alert.tsx';

export function Starting() {
  return (
    <Center mih="100dvh">
      <Loader aria-label="Loading" />
    </Center>
  );
}

export function PageLoading() {
  return (
    <Center mih="40dvh">
      <Loader aria-label="Loading the page" />
    </Center>
  );
}

export function Unreachable({ problem, retry }: { problem: ApiProblem; retry: () => void }) {
  return (
    <Center mih="100dvh" p="md" component="main">
      <Stack maw={480}>
        <Title order={1} size="h2">
          The service does not answer as it should
        </Title>
        <Text>Nothing was changed. This page tries again when you ask it to.</Text>
        <ProblemAlert problem={problem} />
        <Button onClick={retry} style={{ alignSelf: 'flex-start' }}>
          Try again
        </Button>
      </Stack>
    </Center>
  );
}
