/** Before the login: what this is, and the way in. */
import { Anchor, Button, Center, Group, Paper, Stack, Text, Title } from '@mantine/core';
import { Logo } from './logo.tsx';
import { loginPath } from './paths.ts';

export function SignIn() {
  return (
    <Center mih="100dvh" p="md" component="main">
      <Paper withBorder shadow="sm" radius="lg" p="xl" maw={420} w="100%">
        <Stack>
          <Logo />
          <Title order={1} size="h2">
            Log in to MCPStack Keys
          </Title>
          <Text c="dimmed">
            Issue, check and revoke the API keys and service accounts of your organization.
          </Text>
          <Button component="a" href={loginPath()} size="md" fullWidth>
            Log in
          </Button>
          <Group justify="space-between">
            <Anchor href="/api/docs" size="sm">
              API reference
            </Anchor>
            <Anchor href="/auth/device" size="sm">
              Let a device in
            </Anchor>
          </Group>
        </Stack>
      </Paper>
    </Center>
  );
}
