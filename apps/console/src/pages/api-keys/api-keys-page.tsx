/** API Keys: the page of the two kinds of credentials. */
import { Anchor, Box, Button, Group, Stack, Text, Title } from '@mantine/core';
import { IconPlus } from '@tabler/icons-react';
import { Link } from 'wouter';
import { useHere } from '../../api/organization.tsx';
import { pathTo } from '../../shell/paths.ts';
import { PageHeader } from '../../ui/page-header.tsx';
import { PublicKeyList } from '../public-keys/public-key-list.tsx';
import { KeyList } from './key-list.tsx';

export default function ApiKeysPage() {
  const { orgId, can } = useHere();
  const mayWrite = can('api-keys:write');
  return (
    <>
      <PageHeader
        title="API Keys"
        description="Service account keys are secrets for pipelines, scripts and backends. Public keys are for agents that are embedded in web pages."
      />
      <Stack gap="xl">
        <Box component="section" aria-labelledby="service-keys">
          <Group justify="space-between" mb="sm">
            <Box>
              <Title order={2} size="h3" id="service-keys">
                Service account keys
              </Title>
              <Text c="dimmed" size="sm">
                Each has a role of the organization. Its secret is shown once, when it is made.
              </Text>
            </Box>
            {mayWrite && (
              <Button
                component={Link}
                href={pathTo(orgId, 'api-keys', 'new')}
                leftSection={<IconPlus size={16} aria-hidden />}
              >
                Create service key
              </Button>
            )}
          </Group>
          <KeyList />
        </Box>
        <Box component="section" aria-labelledby="public-keys">
          <Group justify="space-between" mb="sm">
            <Box>
              <Title order={2} size="h3" id="public-keys">
                Public keys
              </Title>
              <Text c="dimmed" size="sm">
                For browsers: bound to one agent and to exact origins. First verify the domain in the
                agent&apos;s{' '}
                <Anchor component={Link} href={pathTo(orgId, 'agents')} inherit underline="always">
                  Embed tab
                </Anchor>
                .
              </Text>
            </Box>
            {mayWrite && (
              <Button
                component={Link}
                href={pathTo(orgId, 'public-keys', 'new')}
                leftSection={<IconPlus size={16} aria-hidden />}
                variant="default"
              >
                Create public key
              </Button>
            )}
          </Group>
          <PublicKeyList />
        </Box>
      </Stack>
    </>
  );
}
