/** One service key: what it is, what it may do, how it is used, and what can be done about it. */
import { Alert, Anchor, Box, Group, Stack, Text, Title } from '@mantine/core';
import type { ReactNode } from 'react';
import { Link } from 'wouter';
import { useHere } from '../../api/organization.tsx';
import { NotFound } from '../../shell/not-found.tsx';
import { pathTo } from '../../shell/paths.ts';
import { PageLoading } from '../../shell/starting.tsx';
import { PageHeader } from '../../ui/page-header.tsx';
import { ProblemAlert } from '../../ui/problem-alert.tsx';
import { StateBadge } from '../../ui/state-badge.tsx';
import { When } from '../../ui/when.tsx';
import { ExplainKey } from './explain-key.tsx';
import { KeyActions } from './key-actions.tsx';
import { KeyFacts } from './key-facts.tsx';
import { KeyHistory } from './key-history.tsx';
import { KeyMarks } from './key-marks.tsx';
import { KeyUsage } from './key-usage.tsx';
import { isInForce, useKey } from './use-key.ts';

export default function KeyPage({ keyId }: { keyId: string }) {
  const { orgId, can } = useHere();
  const { data: apiKey, problem } = useKey(keyId);
  if (!apiKey && problem?.code === 'not-found') return <NotFound what="service key" />;
  if (!apiKey) return problem ? <ProblemAlert problem={problem} /> : <PageLoading />;
  return (
    <>
      <Anchor component={Link} href={pathTo(orgId, 'api-keys')} size="sm">
        API Keys
      </Anchor>
      <PageHeader
        title={apiKey.name}
        beside={
          <Group gap="xs">
            <StateBadge state={apiKey.state} />
            <KeyMarks apiKey={apiKey} />
          </Group>
        }
      />
      <Stack gap="xl">
        {can('api-keys:write') && isInForce(apiKey) && <KeyActions apiKey={apiKey} />}
        {apiKey.exposedAt !== undefined && isInForce(apiKey) && (
          <Alert color="red" title="A web page has sent its secret">
            <Text size="sm">
              Everybody who opened that page can read it, last <When at={apiKey.exposedAt} />. Rotate the key
              now, and let the page use a public key instead.
            </Text>
          </Alert>
        )}
        <ProblemAlert problem={problem} />
        <Section title="What it is">
          <KeyFacts apiKey={apiKey} />
        </Section>
        <Section title="Use">
          <KeyUsage keyId={keyId} />
        </Section>
        {can('api-keys:explain') && (
          <Section title="Why is it refused?">
            <ExplainKey key={apiKey.revision} keyId={keyId} />
          </Section>
        )}
        <Section title="History">
          <KeyHistory keyId={keyId} />
        </Section>
      </Stack>
    </>
  );
}

function Section({ title, children }: { title: string; children: ReactNode }) {
  return (
    <Box component="section" aria-label={title}>
      <Title order={2} size="h3" mb="sm">
        {title}
      </Title>
      {children}
    </Box>
  );
}
