/** Where a login beside an open page leads: the other tab goes on, and this one has done its work. */
import { Anchor, Stack, Text } from '@mantine/core';
import { useEffect } from 'react';
import { Link } from 'wouter';
import { session } from '../../api/session.ts';
import { PageHeader } from '../../ui/page-header.tsx';

export default function SignedInPage() {
  useEffect(() => {
    session.begun();
    window.close();
  }, []);
  return (
    <Stack component="main" p="md" align="flex-start">
      <PageHeader title="You are logged in again" />
      <Text>Go on in the other tab. You can close this one.</Text>
      <Anchor component={Link} href="/">
        Or open your API keys here
      </Anchor>
    </Stack>
  );
}
