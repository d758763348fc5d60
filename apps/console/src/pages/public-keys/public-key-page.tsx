/** One public key: its value and snippet, where it may be used, how it was used, its history, and its end. */
import { Alert, Anchor, Box, Code, Group, Stack, Text, Title } from '@mantine/core';
import { IconCheck } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import { Link } from 'wouter';
import { useHistoryState } from 'wouter/use-browser-location';
import { useHere } from '../../api/organization.tsx';
import { NotFound } from '../../shell/not-found.tsx';
import { pathTo } from '../../shell/paths.ts';
import { PageLoading } from '../../shell/starting.tsx';
import { Actor } from '../../ui/actor.tsx';
import { CopyValue } from '../../ui/copy.tsx';
import { Facts } from '../../ui/facts.tsx';
import { PageHeader } from '../../ui/page-header.tsx';
import { ProblemAlert } from '../../ui/problem-alert.tsx';
import { StateBadge } from '../../ui/state-badge.tsx';
import { When } from '../../ui/when.tsx';
import { useAgent } from '../agents/use-agents.ts';
import { KeyHistory } from '../api-keys/key-history.tsx';
import type { JustCreated } from './create-public-key-form.tsx';
import { EmbedSnippet } from './embed-snippet.tsx';
import { KeyOrigins } from './key-origins.tsx';
import { KeyUse } from './key-use.tsx';
import { isLiving, usePublicKey, type PublicKey } from './public-key.ts';
import { PublicKeyActions } from './public-key-actions.tsx';

export default function PublicKeyPage({ keyId }: { keyId: string }) {
  const { can } = useHere();
  const { data: key, problem } = usePublicKey(keyId);
  const isNew = useHistoryState<Partial<JustCreated> | null>()?.isNew === true;
  if (!key && problem?.code === 'not-found') return <NotFound what="public key" />;
  if (!key) return problem ? <ProblemAlert problem={problem} /> : <PageLoading />;
  return (
    <>
      <PageHeader
        title={key.name}
        beside={<StateBadge state={key.state} />}
        actions={can('api-keys:write') && isLiving(key) && <PublicKeyActions publicKey={key} />}
      />
      <Stack gap="xl">
        <ProblemAlert problem={problem} />
        {isNew && isLiving(key) && (
          <Alert color="teal" icon={<IconCheck aria-hidden />} title="The public key works" role="status">
            Paste the snippet into your page. The value and the snippet stay here: you can come back for them.
          </Alert>
        )}
        <Ended publicKey={key} />
        {isLiving(key) && (
          <>
            <Section id="value" title="Value">
              <Stack gap="xs">
                <CopyValue value={key.value} label="the public key" />
                <Text size="sm" c="dimmed">
                  It is no secret: everybody who opens the page can read it, and it works at the origins below
                  alone.
                </Text>
              </Stack>
            </Section>
            <Section id="snippet" title="Embed snippet">
              <EmbedSnippet publicKey={key} />
            </Section>
          </>
        )}
        <Section id="origins" title="Allowed origins">
          <KeyOrigins publicKey={key} />
        </Section>
        <Section id="use" title="Use">
          <KeyUse keyId={keyId} />
        </Section>
        <Section id="about" title="About">
          <About publicKey={key} />
        </Section>
        <Section id="history" title="History">
          <KeyHistory keyId={keyId} />
        </Section>
      </Stack>
    </>
  );
}

function Section({ id, title, children }: { id: string; title: string; children: ReactNode }) {
  return (
    <Box component="section" aria-labelledby={id}>
      <Title order={2} size="h4" id={id} mb="xs">
        {title}
      </Title>
      {children}
    </Box>
  );
}

const REASONS: Readonly<Record<NonNullable<PublicKey['revocationReason']>, string>> = {
  requested: 'Somebody asked for it.',
  'maker-lost-rights': 'Whoever made it lost the right to.',
  'reported-leak': 'It was reported as leaked.',
  'ended-by-holder': 'Its holder ended it.',
};

function Ended({
  publicKey: { state, revokedAt, revocationReason, expiresAt, suspendedAt },
}: {
  publicKey: PublicKey;
}) {
  if (state === 'active') return null;
  return (
    <Alert color={state === 'suspended' ? 'orange' : 'gray'} title={`The pages that use it are refused`}>
      <Text size="sm" component="div">
        {state === 'suspended' && (
          <>
            It is suspended since <When at={suspendedAt} />, until somebody resumes it.
          </>
        )}
        {state === 'expired' && (
          <>
            It expired <When at={expiresAt} />. Make a new one for the same pages.
          </>
        )}
        {state === 'revoked' && revokedAt === undefined && 'It ended with its agent, which was removed.'}
        {state === 'revoked' && revokedAt !== undefined && (
          <>
            It was revoked <When at={revokedAt} />, for good. {revocationReason && REASONS[revocationReason]}
          </>
        )}
      </Text>
    </Alert>
  );
}

function About({ publicKey: key }: { publicKey: PublicKey }) {
  return (
    <Facts
      facts={[
        ['Agent', <AgentOf key="agent" agentId={key.agentId} />],
        [
          'Kind',
          key.development ? 'Development key: also from localhost' : 'For pages under verified domains',
        ],
        ['Expires', <When key="expires" at={key.expiresAt} />],
        [
          'Created',
          <Group key="created" gap={6}>
            <When at={key.createdAt} /> by <Actor actor={key.createdBy} />
          </Group>,
        ],
        ['Id', <CopyValue key="id" value={key.id} label="the key's id" />],
      ]}
    />
  );
}

function AgentOf({ agentId }: { agentId: string }) {
  const { orgId } = useHere();
  const { data: agent } = useAgent(agentId);
  if (!agent) return <Code>{agentId}</Code>;
  return (
    <Anchor component={Link} href={pathTo(orgId, 'agents', agentId)} size="sm">
      <bdi>{agent.name}</bdi>
    </Anchor>
  );
}
