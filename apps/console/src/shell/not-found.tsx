/** An address that leads nowhere, or to what the reader may not see: the same answer for both. */
import { Anchor, Stack, Text } from '@mantine/core';
import { Link } from 'wouter';
import { PageHeader } from '../ui/page-header.tsx';

export function NotFound({ what }: { what: string }) {
  return (
    <Stack align="flex-start">
      <PageHeader title={`There is no such ${what}`} />
      <Text>It never was, it has been removed, or you are not a member where it is.</Text>
      <Anchor component={Link} href="/">
        Go to your API keys
      </Anchor>
    </Stack>
  );
}
